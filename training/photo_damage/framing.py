"""How a photo becomes the picture to work on: set upright, its bars cut off, unsqueezed, at most LONGEST_SIDE."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from training.photo_damage.parts import BOXED, POINTED

__all__ = ["LONGEST_SIDE", "PUBLISHED_ASPECT", "Framing", "find_framing"]

LONGEST_SIDE = 640  # pixels, of the pairs; what the models see is smaller, and 1280 would take four times as long
PUBLISHED_ASPECT = 4 / 3  # of photos that their publisher squeezed to a square
BAR_CHANGE = 5  # of 255: a row whose median differs less from the outermost rows belongs to the same bar
BAR_EDGE = 2  # pixels: where a bar ends, compression has mixed it with the photo


@dataclass(frozen=True)
class Framing:
    """Quarter turns anticlockwise, then a crop x0, y0, x1, y1 in pixels of the turned photo, then width and height."""

    turns: int
    crop: tuple[int, int, int, int]
    size: tuple[int, int]

    def apply(self, picture: np.ndarray) -> np.ndarray:
        """The photo, its matte or its plate, (H, W, ...) uint8 and as large as the photo, framed."""
        x0, y0, x1, y1 = self.crop
        turned = np.rot90(picture, self.turns)[y0:y1, x0:x1]
        return cv2.resize(np.ascontiguousarray(turned), self.size, interpolation=cv2.INTER_AREA)

    def move(self, annotation: Mapping[str, Any], photo_size: tuple[int, int]) -> dict[str, Any]:
        """The annotation with its boxes and points in thousandths of the framed picture.

        Args:
            annotation: as in `read_annotations`.
            photo_size: height and width of the photo as it lies, in pixels.
        """
        moved = dict(annotation)
        for name in (*BOXED, "bike", *POINTED):
            if annotation.get(name):
                corners = [self._move_point(*point, photo_size) for point in np.reshape(annotation[name], (-1, 2))]
                # Turned, a box's first corner is no longer the upper left one.
                ends = (np.min(corners, axis=0), np.max(corners, axis=0)) if len(corners) == 2 else corners
                moved[name] = np.concatenate(ends).tolist()
        return moved

    def _move_point(self, x: float, y: float, photo_size: tuple[int, int]) -> tuple[float, float]:
        for _ in range(self.turns):
            x, y = y, 1000 - x
        height, width = photo_size if self.turns % 2 == 0 else photo_size[::-1]
        x0, y0, x1, y1 = self.crop
        left, top = 1000 * x0 / width, 1000 * y0 / height
        return (x - left) * width / (x1 - x0), (y - top) * height / (y1 - y0)


def find_framing(photo: np.ndarray, annotation: Mapping[str, Any] | None) -> Framing:
    """How to frame a photo (H, W, 3) uint8, by its annotation's `rotate`, `bars` and `squeezed`."""
    annotation = annotation or {}
    turns = -int(annotation.get("rotate") or 0) // 90 % 4  # the annotation turns clockwise
    turned = np.rot90(photo, turns)
    height, width = turned.shape[:2]
    whole = Framing(turns, (0, 0, width, height), (width, height))
    crop = whole.crop
    if annotation.get("bars"):
        bike = whole.move(annotation, photo.shape[:2]).get("bike") or [0, 0, 1000, 1000]
        crop = _find_crop(turned, bike)
    crop_width, crop_height = crop[2] - crop[0], crop[3] - crop[1]
    if annotation.get("squeezed"):
        crop_height *= width / height / PUBLISHED_ASPECT
    scale = min(1.0, LONGEST_SIDE / max(crop_width, crop_height))
    return Framing(turns, crop, (round(crop_width * scale), round(crop_height * scale)))


def _find_crop(photo: np.ndarray, bike: list[float]) -> tuple[int, int, int, int]:
    """The photo less the bars at its edges, each plain or a smeared row; the bike's box is never cut."""
    height, width = photo.shape[:2]
    x0, x1 = (round(v * width / 1000) for v in bike[::2])
    y0, y1 = (round(v * height / 1000) for v in bike[1::2])
    top, bottom = _bar_depth(photo, y0), height - _bar_depth(photo[::-1], height - y1)
    between = photo[top:bottom].swapaxes(0, 1)
    left, right = _bar_depth(between, x0), width - _bar_depth(between[::-1], width - x1)
    return left, top, right, bottom


def _bar_depth(rows: np.ndarray, most: int) -> int:
    """How many of the first rows are like the outermost one, at most `most`."""
    if most <= 0:
        return 0
    is_other = np.median(np.abs(rows[:most] - rows[:3].mean(axis=0)), axis=(1, 2)) > BAR_CHANGE
    like = int(is_other.argmax()) if is_other.any() else most
    return min(most, like + BAR_EDGE) if like > BAR_EDGE else 0
