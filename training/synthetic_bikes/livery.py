"""Paint in one colour or two, stickers, and words."""

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
# How many bikes of a hundred are painted so, as counted roughly at racks: most are dark or colourless.
PAINTS = {"black": 26, "white": 9, "grey": 13, "silver": 11, "navy": 10, "red": 10, "burgundy": 4, "green": 4,
          "teal": 3, "cream": 3, "sky": 3, "orange": 2, "yellow": 1, "lime": 1}  # fmt: skip
FINISHES = {"gloss": 0.42, "metallic": 0.25, "matt": 0.18, "worn": 0.15}
NEUTRAL_PAINTS = ("black", "black", "white", "grey", "silver")
CHILD_PAINTS = ("red", "pink", "sky", "yellow", "lime", "purple", "orange", "white", "teal")
PALE_PAINTS = ("cream", "silver", "sky", "orange", "white", "yellow", "lime", "pink")
WORDS = ("ROAM", "URBANE", "TRAIL", "SWIFT", "METEOR", "FJORD", "LUNA", "NOMAD", "KITE", "OAKEN")
TYRE_WORDS = ("GRIPTON", "ROLLMAX", "PAVEO", "TERRAX")
WORD_SHARE = 0.85
TWO_TONE_SHARE = 0.4
STICKER_SHARE = 0.35
BAND_SHARE = 0.3


def draw_livery(design: BikeDesign, rng: np.random.Generator) -> dict:
    """Values for fields of the design."""
    is_for_child = design.bike_type == "kids"
    paint = str(rng.choice(CHILD_PAINTS)) if is_for_child else _draw_of(PAINTS, rng)
    bright = rng.random() < (0.8 if is_for_child else 0.25)
    others = (CHILD_PAINTS if is_for_child else tuple(PAINTS)) if bright else NEUTRAL_PAINTS
    second = str(rng.choice([name for name in others if name != paint]))
    livery = str(rng.choice(sorted(set(LIVERIES) - {"plain"})))
    if rng.random() > TWO_TONE_SHARE:
        livery = design.livery
    stickers = tuple(int(seed) for seed in rng.integers(2**31, size=rng.integers(1, 5)))
    return {
        "paint": paint,
        "second_paint": second,
        "livery": livery,
        "decal": "black" if (second if livery in ("panel", "tubes") else paint) in PALE_PAINTS else "white",
        "word": str(rng.choice(WORDS)) if rng.random() < WORD_SHARE else "",
        "font": int(rng.integers(16)),
        "tyre_word": str(rng.choice(TYRE_WORDS)) if rng.random() < 0.6 else "",
        "rim_word": str(rng.choice(WORDS)) if _has_room_on_rim(design) and rng.random() < 0.6 else "",
        "finish": _draw_of(FINISHES, rng),
        "has_bands": bool(rng.random() < BAND_SHARE),
        "stickers": stickers if rng.random() < STICKER_SHARE else (),
    }


def _has_room_on_rim(design: BikeDesign) -> bool:
    return design.rim_depth > 0.03 or (design.rim == "black_rim" and design.tread == "knobbly")


def _draw_of(shares: dict[str, float], rng: np.random.Generator) -> str:
    weights = np.array(list(shares.values()), float)
    return str(rng.choice(list(shares), p=weights / weights.sum()))


def with_second_paint(meshes: list[Mesh], design: BikeDesign) -> list[Mesh]:
    """The pieces that the livery names, and those made of "second_paint", in the design's second paint."""
    names = LIVERIES[design.livery]

    def is_second(mesh: Mesh) -> bool:
        by_livery = mesh.material == "paint" and any(is_called(mesh.name, name) for name in names)
        return by_livery or mesh.material == "second_paint"

    return [replace(mesh, material=f"{design.second_paint}_paint") if is_second(mesh) else mesh for mesh in meshes]
