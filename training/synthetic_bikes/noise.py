"""Smooth random patterns: over pictures (2D) and through space (3D), as sums of ever finer random grids."""

from functools import lru_cache

import cv2
import numpy as np

from training.synthetic_bikes.sampling import sample

__all__ = ["Pattern", "noise_2d", "noise_3d"]

LATTICE = 32  # cells of a 3D grid before it repeats
TABLE_CELLS, TABLE_PIXELS = 128, 8  # of the table that patterns look up


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


class Pattern:
    """Noise over an endless plane, worked out only where it is looked at.

    Octaves finer than what a pixel covers fade out, so that far ground does not flicker. It repeats after 128 cells.
    """

    def __init__(self, rng: np.random.Generator, cell: float, octaves: int = 3, stretch: float = 1.0):
        """
        Args:
            cell: metres between the coarsest random values.
            stretch: how many times longer than wide, along y.
        """
        self._cell, self._octaves, self._stretch = cell, octaves, stretch
        self._shifts = rng.uniform(0, TABLE_CELLS, (octaves, 2))
        self._turn = 0.0 if stretch != 1.0 else rng.uniform(0, 2 * np.pi)

    def __call__(self, x: np.ndarray, y: np.ndarray, footprint: np.ndarray | float = 0.0) -> np.ndarray:
        """(K,) float32, of about zero mean and unit deviation where nothing fades, at x, y (K,) metres.

        Args:
            footprint: metres that a pixel covers there, (K,) or one.
        """
        cosine, sine = np.cos(self._turn), np.sin(self._turn)
        across, along = x * cosine - y * sine, (x * sine + y * cosine) / self._stretch
        total, power = np.zeros(len(x), np.float32), 0.0
        for octave, (shift_x, shift_y) in enumerate(self._shifts):
            cell = self._cell / 2**octave
            place = [(across / cell + shift_x) % TABLE_CELLS, (along / cell + shift_y) % TABLE_CELLS]
            value = sample(_table(), *(each * TABLE_PIXELS for each in place), cv2.BORDER_WRAP)
            total += value * (np.clip(cell / np.maximum(footprint, 1e-6) - 0.7, 0, 1) / 2**octave)
            power += 0.25**octave
        return total / np.float32(np.sqrt(power))


@lru_cache(maxsize=1)
def _table() -> np.ndarray:
    """Smooth random values that repeat seamlessly, TABLE_PIXELS a cell."""
    grid = np.random.default_rng(0).standard_normal((TABLE_CELLS, TABLE_CELLS)).astype(np.float32)
    wide = np.pad(grid, 4, mode="wrap")
    fine = cv2.resize(wide, None, fx=TABLE_PIXELS, fy=TABLE_PIXELS, interpolation=cv2.INTER_CUBIC)
    margin = 4 * TABLE_PIXELS
    fine = fine[margin:-margin, margin:-margin]
    return np.ascontiguousarray((fine - fine.mean()) / fine.std())
