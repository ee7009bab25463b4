"""Loose strands: a chain or a cable that hangs from one end."""

import numpy as np

from training.synthetic_bikes.shapes import Mesh, box, smooth_path, sweep

__all__ = ["cable_strand", "chain_strand"]

LINK = 0.0127  # metres; half-inch pitch


def cable_strand(corners: np.ndarray, part: str, name: str) -> Mesh:
    """A cable in its black housing along the corners (N, 3)."""
    path = _above_floor(smooth_path(corners, 48), 0.003)
    return sweep(path, 0.0028, sides=8, up=(0.3, 0.9, 0.2)).tagged(part, "black_plastic", name)


def chain_strand(corners: np.ndarray) -> list[Mesh]:
    """Links along the corners (N, 3), inner and outer in turn."""
    path = _above_floor(smooth_path(corners, 96), 0.005)
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    meshes = []
    for index, at in enumerate(np.arange(0, steps[-1] - LINK, LINK)):
        here, there = (np.array([np.interp(s, steps, path[:, axis]) for axis in range(3)]) for s in (at, at + LINK))
        ahead = (there - here) / np.linalg.norm(there - here)
        side = np.array([0.0, 1.0, 0.0]) - ahead * ahead[1]
        side /= np.linalg.norm(side) + 1e-9
        rotation = np.stack([ahead, side, np.cross(ahead, side)], axis=1)
        width, height = ((0.0075, 0.0085), (0.0055, 0.0072))[index % 2]
        link = box((here + there) / 2, (LINK, width, height), rotation)
        meshes.append(link.tagged("drivetrain", "chain", "chain"))
    return meshes


def _above_floor(path: np.ndarray, height: float) -> np.ndarray:
    return np.column_stack([path[:, :2], np.maximum(path[:, 2], height)])
