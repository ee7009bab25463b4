"""Paint in one colour or two, stickers, and the bike's word."""

from dataclasses import replace

import numpy as np

from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.names import is_called
from training.synthetic_bikes.shapes import Mesh

__all__ = ["LIVERIES", "PALE_PAINTS", "draw_livery", "with_second_paint"]

# What bears the second paint. `panel` is a band around the down tube and the top tube, see `decals.py`.
LIVERIES: dict[str, tuple[str, ...]] = {
    "plain": (),
    "fork": ("fork", "fork_crown", "fork_end"),
    "head": ("head_tube", "fork_crown"),
    "panel": (),
    "rear": ("chainstay", "seatstay", "dropout", "rocker"),
    "tubes": ("down_tube", "fork", "fork_crown", "fork_end"),
}
PAINTS = ("red", "navy", "teal", "black", "black", "cream", "green", "orange", "silver", "sky", "burgundy", "white",
          "grey", "yellow")  # fmt: skip
CHILD_PAINTS = ("red", "pink", "sky", "yellow", "lime", "purple", "orange", "white", "teal")
PALE_PAINTS = ("cream", "silver", "sky", "orange", "white", "yellow", "lime", "pink")
WORDS = ("ROAM", "URBANE", "TRAIL", "SWIFT", "METEOR", "FJORD", "LUNA", "NOMAD", "KITE", "OAKEN")
TWO_TONE_SHARE = 0.4
STICKER_SHARE = 0.35


def draw_livery(design: BikeDesign, rng: np.random.Generator) -> dict:
    """Values for fields of the design."""
    paints = CHILD_PAINTS if design.bike_type == "kids" else PAINTS
    paint = str(rng.choice(paints))
    second = str(rng.choice([name for name in sorted(set(paints)) if name != paint]))
    livery = str(rng.choice(sorted(set(LIVERIES) - {"plain"})))
    if rng.random() > TWO_TONE_SHARE:
        livery = design.livery
    stickers = tuple(int(seed) for seed in rng.integers(2**31, size=rng.integers(1, 5)))
    return {
        "paint": paint,
        "second_paint": second,
        "livery": livery,
        "decal": "black" if (second if livery == "tubes" else paint) in PALE_PAINTS else "white",
        "word": str(rng.choice(WORDS)),
        "stickers": stickers if rng.random() < STICKER_SHARE else (),
    }


def with_second_paint(meshes: list[Mesh], design: BikeDesign) -> list[Mesh]:
    """The pieces that the livery names, and those made of "second_paint", in the design's second paint."""
    names = LIVERIES[design.livery]

    def is_second(mesh: Mesh) -> bool:
        by_livery = mesh.material == "paint" and any(is_called(mesh.name, name) for name in names)
        return by_livery or mesh.material == "second_paint"

    return [replace(mesh, material=f"{design.second_paint}_paint") if is_second(mesh) else mesh for mesh in meshes]
