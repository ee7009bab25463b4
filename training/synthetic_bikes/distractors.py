"""What a sound bike may carry or wear, by the name that `metadata.jsonl` carries: none of it is damage."""

import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.names import check_names, is_called
from training.synthetic_bikes.wear import Wear

__all__ = ["find_carried", "random_dirt"]

DIRT_SHARE = 0.5  # of the bikes are dirty or worn
# What bikes are built with, by the names of its pieces.
CARRIED = {
    "bag": ("pannier", "frame_bag", "saddle_bag", "basket_bag", "rack_crate"),
    "bottle": ("bottle",),
    "child_seat": ("child_seat",),
    "flowers": ("flowers",),
    "helmet": ("helmet",),
    "lock": ("frame_lock", "chain_lock"),
    "quick_release_lever": ("quick_release",),
    "saddle_cover": ("saddle_cover",),
}
# name: what the layer is called, and the pieces that it may be on, all if None
DIRT = {
    "mud": ("mud", None),
    "dust": ("dust", None),
    "worn": ("faded", ("tube", "fork", "chainstay", "seatstay", "mudguard")),
    "oil": ("oily", ("chain", "chainring", "cassette", "rear_derailleur")),
}


def find_carried(bike: Bike) -> list[str]:
    """The names of what the bike carries, sorted."""
    for names in CARRIED.values():
        check_names(names)
    return sorted(
        distractor
        for distractor, names in CARRIED.items()
        if any(is_called(piece, name) for piece in bike.names for name in names)
    )


def random_dirt(bike: Bike, rng: np.random.Generator) -> dict[str, Wear]:
    """None on half of the bikes, else one or two layers, by name; their triangles (M,) are the bike's."""
    if rng.random() >= DIRT_SHARE:
        return {}
    layers = {}
    for name in sorted(map(str, rng.choice(list(DIRT), rng.integers(1, 3), replace=False))):
        kind, pieces = DIRT[name]
        triangles = bike.triangles_of(names=pieces or ())
        if triangles.any():
            layers[name] = Wear(kind, triangles, float(rng.uniform(0.2, 1.0)), int(rng.integers(2**31)))
    return layers
