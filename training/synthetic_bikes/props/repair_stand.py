"""A mechanic's stand: it holds a bike by its seat tube, off the ground."""

import numpy as np

from training.synthetic_bikes.materials import MATERIALS, Material
from training.synthetic_bikes.props.stage import Piece
from training.synthetic_bikes.shapes import box, straight

__all__ = ["repair_stand"]

PAINTS = (
    MATERIALS["aluminium"],
    Material((0.09, 0.09, 0.10), roughness=0.4, coat=0.6),
    Material((0.10, 0.25, 0.60), roughness=0.4, coat=0.8),
    Material((0.70, 0.10, 0.09), roughness=0.4, coat=0.8),
)
BEHIND = 0.27  # metres from the clamp to the mast


def repair_stand(rng: np.random.Generator, height: float) -> list[Piece]:
    """The jaws stand over the origin at that height, metres; the mast away from the camera, on three or four legs."""
    paint, rubber = PAINTS[rng.integers(len(PAINTS))], MATERIALS["rubber"]
    mast = np.array([0.0, BEHIND, 0.0])
    jaws = np.array([0.0, 0.0, height])
    pieces = [Piece(box(jaws + [x, 0.012, 0.0], (0.022, 0.085, 0.10)), rubber) for x in (-0.032, 0.032)]
    pieces.append(Piece(box(jaws + [0.0, 0.062, 0.0], (0.086, 0.024, 0.075)), paint))
    pieces.append(Piece(straight(jaws + [0.0, 0.06, 0.0], jaws + mast, 0.017), paint))
    pieces.append(Piece(straight(mast + [0.0, 0.0, 0.04], mast + [0.0, 0.0, height + 0.09], 0.021), paint))
    pieces.append(Piece(straight(mast + [0.0, 0.0, 0.04], mast + [0.0, 0.0, 0.55 * height], 0.027), paint))
    start, legs = rng.uniform(0, 2 * np.pi), int(rng.integers(3, 5))
    for index in range(legs):
        angle = start + 2 * np.pi * index / legs
        foot = mast + 0.48 * np.array([np.cos(angle), np.sin(angle), 0.0]) + [0.0, 0.0, 0.015]
        pieces.append(Piece(straight(mast + [0.0, 0.0, 0.34], foot, 0.014), paint))
        pieces.append(Piece(straight(foot - [0.0, 0.0, 0.013], foot + [0.0, 0.0, 0.02], 0.019), rubber))
    return pieces
