"""Rust as a layer on the bike: all over, in spots, or in streaks that run down."""

from typing import TYPE_CHECKING

import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.look import Look
from training.synthetic_bikes.noise import noise_3d
from training.synthetic_bikes.raster import Surface

if TYPE_CHECKING:
    from training.synthetic_bikes.wear import Wear

__all__ = ["rust", "rust_spots", "rust_streaks"]


def rust(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Patches that eat from joints and undersides, with runs below them and pits within."""
    rng = np.random.default_rng([wear.seed, 2])
    points = surface.rest_point[here]
    patches, edge = noise_3d(points, 0.09, rng, 5), noise_3d(points, 0.014, rng, 4)
    runs = noise_3d(points * [1, 1, 0.16], 0.018, rng, 3)  # drawn out downwards
    # About half of the surface at severity 1, a tenth at 0.3.
    return _paint(points, look, here, patches + 0.5 * edge + 0.45 * runs - (1.35 - 1.3 * wear.severity), rng)


def rust_spots(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Many separate spots, where chips have let the wet in."""
    rng = np.random.default_rng([wear.seed, 2])
    points = surface.rest_point[here]
    deep = (
        noise_3d(points, 0.022, rng, 2) + 0.25 * noise_3d(points, 0.006, rng, 2) + 0.4 * noise_3d(points, 0.2, rng, 1)
    )
    return _paint(points, look, here, 1.6 * (deep - (1.35 - 0.95 * wear.severity)), rng)


def rust_streaks(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Brown runs, as water leaves below joints and bolts."""
    rng = np.random.default_rng([wear.seed, 2])
    points = surface.rest_point[here]
    runs = noise_3d(points * [1, 1, 0.07], 0.014, rng, 3) + 0.5 * noise_3d(points, 0.10, rng, 2)
    return _paint(points, look, here, 1.3 * (runs - (1.2 - 1.0 * wear.severity)), rng)


def _paint(points: np.ndarray, look: Look, here: np.ndarray, deep: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Colour by how deep the rust has eaten (K,): none below 0; returns the share (K,) that is rust."""
    share = np.clip(deep / 0.5 + 0.5, 0, 1)
    grain, flow = noise_3d(points, 0.005, rng, 3), noise_3d(points, 0.04, rng, 3)
    # Thin rust is bright and warm, thick rust dark and dull; fine grain over both.
    age = np.clip(0.25 + 0.30 * deep + 0.10 * flow, 0, 1)[:, None]
    fresh, old = np.asarray((0.57, 0.36, 0.21)) ** 2.2, np.asarray((0.29, 0.19, 0.14)) ** 2.2
    rusty = (fresh + (old - fresh) * age) * np.exp(0.16 * grain)[:, None]
    colours, full, fringe = look.albedo.copy(), np.zeros(len(here)), np.zeros(len(here))
    colours[here], full[here] = rusty, share
    # Brown water has stained the paint around each patch.
    fringe[here] = 0.6 * np.clip(1 - np.abs(deep + 0.3) / 1.1, 0, 1)
    look.blend(fringe, look.albedo * [0.72, 0.55, 0.40], 0.0, 0.75, 0.0)
    look.blend(full, colours, 0.0, 0.95, 0.0)
    return np.maximum(share, fringe[here])
