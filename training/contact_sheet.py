"""Many small pictures on one sheet, each with a title: the way to look at a data set."""

from collections.abc import Sequence

import cv2
import numpy as np

__all__ = ["draw_contact_sheet", "outline"]

TITLE_HEIGHT = 18  # pixels
OUTLINE_COLOUR = (255, 0, 200)  # magenta: the colour that bikes and streets have least of
FONT = cv2.FONT_HERSHEY_SIMPLEX, 0.42
BACKGROUND, TEXT_COLOUR = 245, (20, 20, 20)


def draw_contact_sheet(pictures: Sequence[tuple[np.ndarray, str]], across: int, tile_wh: tuple[int, int]) -> np.ndarray:
    """Pictures in rows, each fitted into a tile under its title.

    Args:
        pictures: (h, w, 3) uint8 RGB, and a title, in the order to show.
        across: tiles in a row.
        tile_wh: width and height of a tile in pixels, without the title.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ValueError: there are no pictures.
    """
    if not pictures:
        raise ValueError("there are no pictures to show on a sheet")
    tiles = [_draw_tile(picture, title, tile_wh) for picture, title in pictures]
    tiles += [np.full_like(tiles[0], BACKGROUND)] * (-len(tiles) % across)
    return np.vstack([np.hstack(tiles[start : start + across]) for start in range(0, len(tiles), across)])


def outline(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A copy of the picture (H, W, 3) uint8 RGB with the edge of the mask (H, W), above 0 inside, drawn on it."""
    contours, _ = cv2.findContours((mask > 0).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    thickness = max(1, round(max(picture.shape[:2]) / 400))
    return cv2.drawContours(np.ascontiguousarray(picture).copy(), contours, -1, OUTLINE_COLOUR, thickness)


def _draw_tile(picture: np.ndarray, title: str, tile_wh: tuple[int, int]) -> np.ndarray:
    width, height = tile_wh
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = max(1, round(scale * picture.shape[1])), max(1, round(scale * picture.shape[0]))
    tile = np.full((height + TITLE_HEIGHT, width, 3), BACKGROUND, np.uint8)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (width - size[0]) // 2, TITLE_HEIGHT + (height - size[1]) // 2
    tile[top : top + size[1], left : left + size[0]] = small
    return cv2.putText(tile, _shorten(title, width - 6), (3, TITLE_HEIGHT - 5), *FONT, TEXT_COLOUR, 1, cv2.LINE_AA)


def _shorten(title: str, width: int) -> str:
    """The title, or as much of it as is no wider than this many pixels."""
    kept = title
    while kept and cv2.getTextSize(kept, *FONT, 1)[0][0] > width:
        kept = kept.removesuffix("..")[:-1] + ".."
    return kept
