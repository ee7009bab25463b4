"""Smooth random patterns: over pictures (2D) and through space (3D), as sums of ever finer random grids."""

import cv2
import numpy as np

__all__ = ["noise_2d", "noise_3d"]

LATTICE = 32  # cells of a 3D grid before it repeats


def noise_2d(shape: tuple[int, int], cell: float, rng: np.random.Generator, octaves: int = 4) -> np.ndarray:
    """A pattern of about zero mean and unit deviation.

    Args:
        shape: height, width.
        cell: pixels between the coarsest random values.
        octaves: each halves the cell and the strength.

    Returns:
        (height, width) float32.
    """
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        size = max(cell / 2**octave, 1.0)
        grid = rng.standard_normal((int(shape[0] / size) + 3, int(shape[1] / size) + 3)).astype(np.float32)
        full = (max(int(grid.shape[1] * size), shape[1]), max(int(grid.shape[0] * size), shape[0]))
        total += cv2.resize(grid, full, interpolation=cv2.INTER_CUBIC)[: shape[0], : shape[1]] / 2**octave
    return (total - total.mean()) / (total.std() + 1e-6)


def noise_3d(points: np.ndarray, cell: float, rng: np.random.Generator, octaves: int = 4) -> np.ndarray:
    """The same through space: equal points have equal values, however they are drawn.

    Args:
        points: (K, 3), metres.
        cell: metres between the coarsest random values.

    Returns:
        (K,) of about zero mean and unit deviation over a large volume.
    """
    total, power = np.zeros(len(points)), 0.0
    for octave in range(octaves):
        grid = rng.standard_normal((LATTICE, LATTICE, LATTICE))
        place = points / (cell / 2**octave) + rng.uniform(0, LATTICE, 3)
        corner = np.floor(place).astype(int)
        share = place - corner
        share = share * share * (3 - 2 * share)
        value = np.zeros(len(points))
        for dx, dy, dz in np.ndindex(2, 2, 2):
            weight = np.prod(np.where([dx, dy, dz], share, 1 - share), axis=1)
            index = (corner + [dx, dy, dz]) % LATTICE
            value += weight * grid[index[:, 0], index[:, 1], index[:, 2]]
        total += value / 2**octave
        power += 0.25 / 4**octave
    return total / np.sqrt(power)
