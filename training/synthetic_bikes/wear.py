"""Layers on the bike's surface, fixed to it in three dimensions: rust, scratches, soot, and plain dirt."""

from dataclasses import dataclass

import numpy as np

from training.synthetic_bikes.abrasion import crack, dent, flaked, scratches, torn
from training.synthetic_bikes.corrosion import rust, rust_spots, rust_streaks
from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.look import Look
from training.synthetic_bikes.raster import Surface
from training.synthetic_bikes.stains import burnt, dust, faded, mud, oily, sprayed

__all__ = ["Wear", "lay_over"]


@dataclass(frozen=True)
class Wear:
    """kind: a name in WEARS; triangles (M,) bool: where it may be; severity in (0, 1]; seed of its pattern.

    center (3,), metres, and axis (3,), unit vector along the tube: of the kinds that lie in one place.
    """

    kind: str
    triangles: np.ndarray
    severity: float
    seed: int
    center: np.ndarray | None = None
    axis: np.ndarray | None = None


def lay_over(wear: Wear, bike: Bike, surface: Surface, look: Look) -> np.ndarray:
    """Change the look; return the share (K,) of each visible point that is worn."""
    here = wear.triangles[surface.triangle]
    share = np.zeros(len(here))
    if here.any():
        share[here] = WEARS[wear.kind](wear, bike, surface, look, here)
    return share


WEARS = {
    each.__name__: each
    for each in (
        rust, rust_spots, rust_streaks, scratches, flaked, torn, dent, crack, burnt, sprayed, mud, dust, faded, oily,
    )
}  # fmt: skip
