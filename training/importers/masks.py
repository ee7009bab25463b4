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
    """The inside of a box x0, y0, x1, y1 in pixels, as `draw_polygon` draws it; a ValueError where it is empty.

    >>> draw_box((1, 0, 3, 1), (2, 4)).tolist()
    [[0, 1, 1, 0], [0, 0, 0, 0]]
    """
    x0, y0, x1, y1 = box
    if x1 <= x0 or y1 <= y0:
        raise ValueError(f"box is empty, {x1 - x0:g}x{y1 - y0:g}")
    return draw_polygon((x0, y0, x1, y0, x1, y1, x0, y1), shape)


def draw_polygon(corners: Sequence[float], shape: tuple[int, int]) -> np.ndarray:
    """The inside of a polygon; where it overlaps itself, inside and outside take turns.

    Args:
        corners: x, y, x, y, ... in pixels of the photo, three corners or more.
        shape: height and width of the photo.

    Returns:
        (H, W) uint8, 1 inside.

    Raises:
        ValueError: there are fewer corners, it reaches out of the photo, or covers none of it.

    >>> draw_polygon([0, 0, 3, 0, 0, 3], (3, 3)).tolist()
    [[1, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    if len(corners) < 6 or len(corners) % 2:
        raise ValueError(f"outline has {len(corners)} numbers: three corners are x, y, x, y, x, y")
    points = np.reshape(corners, (-1, 2)).astype(float)
    beyond = OVERSHOOT * max(shape)
    if not ((points >= -beyond) & (points <= np.array(shape[::-1]) + beyond)).all():  # nor where they are no numbers
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        size = f"{shape[1]}x{shape[0]}"
        raise ValueError(f"outline from ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}) reaches out of the photo's {size}")
    # Along each row, what lies right of an edge changes sides; a row's changes, summed up from the left, tell where.
    changes = np.zeros((shape[0], shape[1] + 1), np.int32)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        rows = np.arange(*np.clip(_first_inside(np.sort([y0, y1])), 0, shape[0]))
        if len(rows):
            crossings = x0 + (rows + 0.5 - y0) * (x1 - x0) / (y1 - y0)
            changes[rows, np.clip(_first_inside(crossings), 0, shape[1])] += 1
    mask = (changes.cumsum(axis=1)[:, :-1] % 2).astype(np.uint8)
    if not mask.any():
        raise ValueError("outline covers no pixel of the photo")
    return mask


def draw_run_lengths(counts: Sequence[int], shape: tuple[int, int]) -> np.ndarray:
    """A mask from its run lengths, down one column after the other: pixels outside, inside, outside, ...

    Args:
        counts: the run lengths, that of the pixels outside first.
        shape: height and width of the photo.

    Returns:
        (H, W) uint8, 1 inside.

    Raises:
        ValueError: a run is negative, none is inside, or together they are not as many as the photo has pixels.

    >>> draw_run_lengths([1, 2, 3], (2, 3)).tolist()
    [[0, 1, 0], [1, 0, 0]]
    """
    runs = np.asarray(counts)
    if runs.ndim != 1 or runs.dtype.kind not in "iu" or (runs < 0).any():
        raise ValueError("run lengths are not whole numbers from 0 up")
    if runs.sum() != shape[0] * shape[1]:
        raise ValueError(f"run lengths are for {runs.sum()} pixels, not the photo's {shape[1]}x{shape[0]}")
    if not runs[1::2].any():
        raise ValueError("run lengths cover no pixel")
    inside = np.repeat(np.arange(len(runs)) % 2, runs).astype(np.uint8)
    return np.ascontiguousarray(inside.reshape(shape[::-1]).T)


def read_run_lengths(text: str) -> list[int]:
    """The run lengths in COCO's compressed string.

    Five bits a character, lowest first, with a sign; from the fourth run on, what is kept is the difference to the run
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


def _first_inside(coordinates: np.ndarray) -> np.ndarray:
    """The first pixels whose middles are not left of, or above, these coordinates."""
    return np.ceil(coordinates - 0.5).astype(int)
