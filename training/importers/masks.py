"""Masks from what annotations hold: boxes, polygons, and run lengths as COCO writes them.

A pixel is inside where its middle is. COCO's own library, pycocotools, is not used: a list of run lengths that is too
short it decodes into whatever was in memory, and OpenCV grows polygons by half a pixel a side, which makes a scratch
of eight pixels twice as large.
"""

from collections.abc import Sequence

import numpy as np

__all__ = ["draw_box", "draw_polygon", "draw_run_lengths", "read_run_lengths"]

OVERSHOOT = 0.01  # of the longer side: how far outlines may reach over the photo's edge, as hands and rounding do
BITS, MORE, SIGN = 0x1F, 0x20, 0x10  # of a character of COCO's compressed run lengths, less "0"


def draw_box(box: Sequence[float], shape: tuple[int, int]) -> np.ndarray:
    """The inside of a box; at least one pixel.

    Args:
        box: x0, y0, x1, y1 in pixels of the photo.
        shape: height and width of the photo.

    Returns:
        (H, W) uint8, 1 inside.

    Raises:
        ValueError: the box is empty or reaches out of the photo.

    >>> draw_box((1, 0, 3, 1), (2, 4)).tolist()
    [[0, 1, 1, 0], [0, 0, 0, 0]]
    """
    x0, y0, x1, y1 = _check_points(np.reshape(box, (2, 2)), shape, "box").ravel()
    if x1 <= x0 or y1 <= y0:
        raise ValueError(f"box is empty, {x1 - x0:g}x{y1 - y0:g}")
    mask = np.zeros(shape, np.uint8)
    columns, rows = _first_inside(np.array([x0, x1])), _first_inside(np.array([y0, y1]))
    left, top = min(max(0, columns[0]), shape[1] - 1), min(max(0, rows[0]), shape[0] - 1)
    mask[top : max(top + 1, rows[1]), left : max(left + 1, columns[1])] = 1
    return mask


def draw_polygon(corners: Sequence[float], shape: tuple[int, int]) -> np.ndarray:
    """The inside of a polygon; where it overlaps itself, inside and outside take turns.

    Args:
        corners: x, y, x, y, ... in pixels of the photo, three corners or more.
        shape: height and width of the photo.

    Returns:
        (H, W) uint8, 1 inside.

    Raises:
        ValueError: there are fewer corners, or it reaches out of the photo.

    >>> draw_polygon([0, 0, 3, 0, 0, 3], (3, 3)).tolist()
    [[1, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    if len(corners) < 6 or len(corners) % 2:
        raise ValueError(f"polygon has {len(corners)} numbers: three corners are x, y, x, y, x, y")
    points = _check_points(np.reshape(corners, (-1, 2)), shape, "polygon")
    # Along each row, what lies right of an edge changes sides; a row's changes, summed up from the left, tell where.
    changes = np.zeros((shape[0], shape[1] + 1), np.int32)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        start, end = np.clip(_first_inside(np.sort([y0, y1])), 0, shape[0])
        rows = np.arange(start, end)
        if len(rows):
            crossings = x0 + (rows + 0.5 - y0) * (x1 - x0) / (y1 - y0)
            changes[rows, np.clip(_first_inside(crossings), 0, shape[1])] += 1
    return (changes.cumsum(axis=1)[:, :-1] % 2).astype(np.uint8)


def draw_run_lengths(counts: Sequence[int], shape: tuple[int, int]) -> np.ndarray:
    """A mask from its run lengths, down one column after the other: pixels outside, inside, outside, ...

    Args:
        counts: the run lengths, that of the pixels outside first.
        shape: height and width of the photo.

    Returns:
        (H, W) uint8, 1 inside.

    Raises:
        ValueError: a run is negative, or together they are not as many as the photo has pixels.

    >>> draw_run_lengths([1, 2, 3], (2, 3)).tolist()
    [[0, 1, 0], [1, 0, 0]]
    """
    runs = np.asarray(counts)
    if runs.ndim != 1 or runs.dtype.kind not in "iu" or (runs < 0).any():
        raise ValueError("run lengths are not whole numbers from 0 up")
    if runs.sum() != shape[0] * shape[1]:
        raise ValueError(f"run lengths are for {runs.sum()} pixels, not the photo's {shape[1]}x{shape[0]}")
    inside = np.repeat(np.arange(len(runs)) % 2, runs).astype(np.uint8)
    return np.ascontiguousarray(inside.reshape(shape[::-1]).T)


def read_run_lengths(text: str) -> list[int]:
    """The run lengths in COCO's compressed string.

    Five bits a character, lowest first, with a sign; from the third run on, what is kept is the difference to the run
    before the last, `rleFrString` in https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.c.

    Raises:
        ValueError: the string is cut off, or holds a character that these strings do not have.

    >>> read_run_lengths("01400000")
    [0, 1, 4, 1, 4, 1, 4, 1]
    """
    runs: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - ord("0")
        if not 0 <= bits <= (BITS | MORE):
            raise ValueError(f"run lengths have the character {character!r}, which COCO does not write")
        value |= (bits & BITS) << shift
        shift += 5
        if bits & MORE:
            continue
        if bits & SIGN:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    if shift:
        raise ValueError("run lengths are cut off")
    return runs


def _check_points(points: np.ndarray, shape: tuple[int, int], what: str) -> np.ndarray:
    """(N, 2) float, x and y, all of them on the photo or next to it."""
    points = np.asarray(points, float)
    beyond = OVERSHOOT * max(shape)
    if not np.isfinite(points).all() or (points < -beyond).any() or (points > np.array(shape[::-1]) + beyond).any():
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        raise ValueError(
            f"{what} from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}) is outside of the photo's {shape[1]}x{shape[0]}"
        )
    return points


def _first_inside(coordinates: np.ndarray) -> np.ndarray:
    """The first pixels whose middles are not left of, or above, these coordinates."""
    return np.ceil(coordinates - 0.5).astype(int)
