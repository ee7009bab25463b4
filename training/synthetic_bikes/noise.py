"""Smooth random patterns: over pictures (2D) and through space (3D), as sums of ever finer random grids."""

from functools import lru_cache

import cv2
import numba
import numpy as np

__all__ = ["Cells", "Pattern", "noise_2d", "noise_3d"]

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
    points = np.ascontiguousarray(points, float)
    for octave in range(octaves):
        grid = rng.standard_normal((LATTICE, LATTICE, LATTICE))
        _add_lattice(points, cell / 2**octave, rng.uniform(0, LATTICE, 3), grid, 1 / 2**octave, total)
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
        cosine, sine = np.float32(np.cos(self._turn)), np.float32(np.sin(self._turn))
        x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
        across, along = x * cosine - y * sine, (x * sine + y * cosine) / np.float32(self._stretch)
        wide = np.broadcast_to(np.asarray(footprint, np.float32), x.shape)
        total = np.zeros(len(x), np.float32)
        _add_octaves(across, along, wide, np.float32(self._cell), self._shifts, _table(), total)
        return total / np.float32(np.sqrt(sum(0.25**octave for octave in range(self._octaves))))


class Cells:
    """Stones of many shapes, side by side without end: places nearer to one middle than to any other (Worley, 1996)."""

    def __init__(self, rng: np.random.Generator, size: float, unevenness: float = 0.8):
        """
        Args:
            size: metres from stone to stone.
            unevenness: how far the middles stray from a square grid, 0 to 1.
        """
        self._size = np.float32(size)
        grid = 0.5 + unevenness * rng.uniform(-0.5, 0.5, (61, 67, 2))
        self._stones = np.concatenate([grid, rng.standard_normal((61, 67, 1))], axis=2).astype(np.float32)

    def __call__(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Metres to the middle of the nearest joint, and a number of its own for each stone, normal; (K,) each."""
        to_joint, tone = np.empty(len(x), np.float32), np.empty(len(x), np.float32)
        _find_stones(np.asarray(x, np.float32) / self._size, np.asarray(y, np.float32) / self._size, self._stones,
                     to_joint, tone)  # fmt: skip
        return to_joint * self._size, tone


@lru_cache(maxsize=1)
def _table() -> np.ndarray:
    """Smooth random values that repeat seamlessly, TABLE_PIXELS a cell."""
    grid = np.random.default_rng(0).standard_normal((TABLE_CELLS, TABLE_CELLS)).astype(np.float32)
    wide = np.pad(grid, 4, mode="wrap")
    fine = cv2.resize(wide, None, fx=TABLE_PIXELS, fy=TABLE_PIXELS, interpolation=cv2.INTER_CUBIC)
    margin = 4 * TABLE_PIXELS
    fine = fine[margin:-margin, margin:-margin]
    return np.ascontiguousarray((fine - fine.mean()) / fine.std())


@numba.njit(cache=True)
def _add_lattice(
    points: np.ndarray, cell: float, shift: np.ndarray, grid: np.ndarray, strength: float, total: np.ndarray
) -> None:
    """Add the grid's values at points / cell + shift, smooth between its corners."""
    corner, share = np.empty((3, 2), np.int64), np.empty(3)
    for index in range(len(points)):
        for axis in range(3):
            place = points[index, axis] / cell + shift[axis]
            low = np.floor(place)
            corner[axis, 0] = int(low) % LATTICE
            corner[axis, 1] = (corner[axis, 0] + 1) % LATTICE
            share[axis] = (place - low) ** 2 * (3 - 2 * (place - low))
        value = 0.0
        for i in range(2):
            for j in range(2):
                a, b = grid[corner[0, i], corner[1, j], corner[2, 0]], grid[corner[0, i], corner[1, j], corner[2, 1]]
                weight = (share[0] if i else 1 - share[0]) * (share[1] if j else 1 - share[1])
                value += weight * (a + share[2] * (b - a))
        total[index] += strength * value


@numba.njit(cache=True)
def _add_octaves(
    across: np.ndarray,
    along: np.ndarray,
    footprint: np.ndarray,
    cell: float,
    shifts: np.ndarray,
    table: np.ndarray,
    total: np.ndarray,
) -> None:
    """Add the table's values, bilinear, octave by octave; those finer than the footprint not."""
    size = len(table)
    for octave in range(len(shifts)):
        width, strength = cell / 2**octave, 0.5**octave
        scale = TABLE_PIXELS / width
        for index in range(len(across)):
            shown = min(max(width / max(footprint[index], np.float32(1e-6)) - 0.7, 0.0), 1.0)
            if shown <= 0:
                continue
            column = across[index] * scale + shifts[octave, 0] * TABLE_PIXELS
            row = along[index] * scale + shifts[octave, 1] * TABLE_PIXELS
            left, top = np.floor(column), np.floor(row)
            column, row = column - left, row - top
            i, j = int(top) % size, int(left) % size
            below, right = (i + 1) % size, (j + 1) % size
            upper = table[i, j] + column * (table[i, right] - table[i, j])
            lower = table[below, j] + column * (table[below, right] - table[below, j])
            total[index] += shown * strength * (upper + row * (lower - upper))


@numba.njit(cache=True)
def _find_stones(x: np.ndarray, y: np.ndarray, stones: np.ndarray, to_joint: np.ndarray, tone: np.ndarray) -> None:
    rows, columns = stones.shape[:2]
    for index in range(len(x)):
        left, top = int(np.floor(x[index])), int(np.floor(y[index]))
        nearest, second = np.float32(9.0), np.float32(9.0)
        for i in range(top - 1, top + 2):
            for j in range(left - 1, left + 2):
                stone = stones[i % rows, j % columns]
                away = (j + stone[0] - x[index]) ** 2 + (i + stone[1] - y[index]) ** 2
                if away < nearest:
                    nearest, second, tone[index] = away, nearest, stone[2]
                elif away < second:
                    second = away
        to_joint[index] = (np.sqrt(second) - np.sqrt(nearest)) / 2
