"""Rust and scratches: what time and kerbs lay over the bike's surface, fixed to it in three dimensions."""

from dataclasses import dataclass

import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.look import Look
from training.synthetic_bikes.noise import noise_3d
from training.synthetic_bikes.raster import Surface

__all__ = ["Wear", "lay_over"]


@dataclass
class Wear:
    """kind: "rust" or "scratches"; triangles (M,) bool: where it may be; severity in (0, 1]; seed of its pattern."""

    kind: str
    triangles: np.ndarray
    severity: float
    seed: int


def lay_over(wear: Wear, bike: Bike, surface: Surface, look: Look) -> np.ndarray:
    """Change the look; return the share (K,) of each visible point that is worn."""
    here = wear.triangles[surface.triangle]
    share = np.zeros(len(here))
    if here.any():
        share[here] = WEARS[wear.kind](wear, bike, surface, look, here)
    return share


def _rust(wear: Wear, bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Patches that eat from joints and undersides, with runs below them and pits within."""
    rng = np.random.default_rng([wear.seed, 2])
    points = surface.rest_point[here]
    patches, edge = noise_3d(points, 0.09, rng, 5), noise_3d(points, 0.014, rng, 4)
    runs = noise_3d(points * [1, 1, 0.16], 0.018, rng, 3)  # drawn out downwards
    # About half of the surface at severity 1, a tenth at 0.3.
    deep = patches + 0.5 * edge + 0.45 * runs - (1.35 - 1.2 * wear.severity)
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
    return share


def _scratches(wear: Wear, bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Scrapes along the tubes and chips beside them, down to bare metal."""
    rng = np.random.default_rng([wear.seed, 3])
    points, view = surface.rest_point[here], surface.view[here]
    seen = points[(surface.normal[here] * -view).sum(axis=1) > 0.5]
    seen = seen if len(seen) else points
    share = np.zeros(len(points))
    for _ in range(1 + round(2 * wear.severity)):
        center = seen[rng.integers(len(seen))]
        near = np.linalg.norm(points - center, axis=1) < 0.16
        spread = np.cov((points[near] - center).T) if near.sum() > 8 else np.eye(3)
        along = np.linalg.eigh(spread)[1][:, -1]  # the tube's own direction
        for _ in range(4 + round(8 * wear.severity)):
            start = center + rng.normal(0, 0.010, 3) + along * rng.normal(0, 0.05)
            direction = along + rng.normal(0, 0.14, 3)
            direction /= np.linalg.norm(direction)
            length, width = rng.uniform(0.03, 0.12), rng.uniform(0.0008, 0.0026)
            offset = points - start
            reach = offset @ direction
            away = np.linalg.norm(offset - reach[:, None] * direction, axis=1)
            taper = np.sqrt(np.clip(1 - (2 * reach / length - 1) ** 2, 0, 1))
            share = np.maximum(share, np.clip(1.5 - away / np.maximum(width * taper, 1e-6), 0, 1) * (taper > 0))
        chips = noise_3d(points, 0.010, rng, 3)
        close = np.linalg.norm(points - center, axis=1)
        share = np.maximum(share, np.clip((chips - 0.9 - 14 * np.clip(close - 0.02, 0, None)) / 0.2, 0, 1))
    full = np.zeros(len(here))
    full[here] = share
    look.blend(full, np.asarray((0.74, 0.73, 0.71)) ** 2.2, 0.55, 0.45, 0.0)
    return share


WEARS = {"rust": _rust, "scratches": _scratches}
