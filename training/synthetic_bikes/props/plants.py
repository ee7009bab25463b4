"""Blades of grass about the wheels, and weeds at the foot of a wall: what hides where a tyre meets the ground."""

import numpy as np

from training.synthetic_bikes.materials import Material
from training.synthetic_bikes.props.stage import Piece
from training.synthetic_bikes.shapes import Mesh

__all__ = ["lawn", "weeds"]

SHADES = 5  # of green in one meadow


def lawn(rng: np.random.Generator, albedo: np.ndarray) -> list[Piece]:
    """Blades over the ground that is near, in greens about the ground's own albedo (3,), linear RGB."""
    tall, count = rng.uniform(0.025, 0.085), 9000
    roots = np.column_stack([rng.uniform(-2.0, 2.0, count), rng.uniform(-1.6, 1.4, count)])
    clumps = rng.uniform(-2.0, 2.0, (60, 2))  # left standing by the mower
    nearest = np.min(np.linalg.norm(roots[:, None] - clumps[None], axis=2), axis=1)
    return _blades(rng, roots, tall * (1 + 0.8 * np.exp(-nearest / 0.08)), albedo)


def weeds(rng: np.random.Generator, long: float = 4.0) -> list[Piece]:
    """Tufts along x, as they grow in the crease between pavement and wall."""
    count = int(rng.integers(3, 14))
    middles = np.column_stack([rng.uniform(-long / 2, long / 2, count), rng.normal(0, 0.015, count)])
    sizes = rng.uniform(0.3, 1.0, len(middles))
    tufts = np.repeat(np.arange(len(middles)), rng.integers(8, 40, len(middles)))
    roots = middles[tufts] + rng.normal(0, 0.03, (len(tufts), 2)) * [1.0, 0.4]
    green = np.array([0.075, 0.11, 0.03]) * rng.uniform(0.6, 1.4)
    return _blades(rng, roots, 0.16 * sizes[tufts] * rng.uniform(0.3, 1.0, len(tufts)), green)


def _blades(rng: np.random.Generator, roots: np.ndarray, tall: np.ndarray, albedo: np.ndarray) -> list[Piece]:
    """One triangle a blade, roots (K, 2) on the ground, tall (K,) metres, bent by the wind and by feet."""
    count = len(roots)
    heights = tall * rng.uniform(0.5, 1.25, count)
    around, turned = rng.uniform(0, 2 * np.pi, (2, count))
    foot = np.column_stack([roots, np.zeros(count)])
    half = (
        0.5
        * rng.uniform(0.002, 0.005, count)[:, None]
        * np.column_stack([np.cos(turned), np.sin(turned), np.zeros(count)])
    )
    bent = (heights * rng.uniform(0.1, 1.0, count))[:, None] * np.column_stack([np.cos(around), np.sin(around)])
    tip = foot + np.column_stack([bent, heights])
    # Light passes through blades: their normals are the meadow's, a little askew.
    normals = np.column_stack([rng.normal(0, 0.35, (count, 2)), np.ones(count)])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    shades = rng.integers(SHADES, size=count)
    pieces = []
    for shade, light in enumerate(np.linspace(0.55, 1.5, SHADES)):
        mine = shades == shade
        points = np.stack([foot - half, foot + half, tip], axis=1)[mine].reshape(-1, 3)
        colour = np.clip(albedo * light * rng.uniform(0.9, 1.1, 3), 0.002, 0.9) ** (1 / 2.2)
        mesh = Mesh(
            points, np.repeat(normals[mine], 3, axis=0), np.zeros((len(points), 2)),
            np.arange(len(points)).reshape(-1, 3),
        )  # fmt: skip
        pieces.append(Piece(mesh, Material(tuple(colour), roughness=0.75), is_plant=True))
    return pieces
