"""Dirt and use on a sound bike, by the name that `metadata.jsonl` carries in `distractors`: none of it is damage."""

import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.wear import Wear

__all__ = ["DIRT", "random_dirt"]

DIRT_SHARE = 0.5  # of the bikes are dirty or worn
# name: what the layer is called, and the pieces that it may be on, all if None
DIRT = {
    "mud": ("mud", None),
    "dust": ("dust", None),
    "worn_paint": ("faded", ("tube", "fork", "chainstay", "seatstay", "mudguard")),
    "oil": ("oily", ("chain", "chainring", "cassette", "rear_derailleur")),
}


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
