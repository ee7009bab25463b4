"""Ways to change a photo that change no bike, each with what it does to a map of the photo."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from training.jpeg import through_jpeg
from training.views import bike_box

__all__ = ["CHANGES", "Change", "crop_to_bike"]

DEGREES, LIGHT, QUALITY = 10, 0.3, 40
CROP_MARGIN = 0.05  # of the bike's longer side, left around it

Picture = Callable[[np.ndarray], np.ndarray]


def _leave(image: np.ndarray) -> np.ndarray:
    return image


@dataclass(frozen=True)
class Change:
    """A change of a photo (H, W, 3) uint8 RGB; and of a map (H, W) uint8 of it, where the change moves pixels."""

    name: str
    of_photo: Picture
    of_map: Picture = _leave


def crop_to_bike(bike_mask: np.ndarray | None) -> Change:
    """Cut down to the bike (H, W) bool and a little around it; nothing is cut where there is none."""
    box = None if bike_mask is None else bike_box(bike_mask.astype(np.uint8), CROP_MARGIN)
    if box is None:
        return Change("cropped", _leave)
    x0, y0, x1, y1 = box

    def cut(image: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(image[y0:y1, x0:x1])

    return Change("cropped", cut, cut)


def _scale(factor: float) -> Picture:
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return lambda image: cv2.resize(image, None, fx=factor, fy=factor, interpolation=interpolation)


def _mirror(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image[:, ::-1])


def _turn(degrees: float, border: int) -> Picture:
    """About the middle, onto a canvas that holds all of it."""

    def turn(image: np.ndarray) -> np.ndarray:
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        cosine, sine = np.abs(matrix[0, :2])
        size = round(width * cosine + height * sine), round(width * sine + height * cosine)
        matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
        return cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border)

    return turn


def _turning(degrees: float) -> Change:
    # The corners show the photo's edges mirrored, as something must be there; a mark is not mirrored into them.
    turns = (_turn(degrees, border) for border in (cv2.BORDER_REFLECT, cv2.BORDER_CONSTANT))
    return Change(f"turned by {degrees} degrees", *turns)


def _expose(gain: float) -> Picture:
    return lambda image: (gain * image.astype(np.float32) + 0.5).clip(0, 255).astype(np.uint8)


def _compress(image: np.ndarray) -> np.ndarray:
    return through_jpeg(image, QUALITY)


CHANGES = [
    Change(f"JPEG of quality {QUALITY}", _compress),
    Change("half the size", _scale(0.5), _scale(0.5)),
    Change("twice the size", _scale(2.0), _scale(2.0)),
    Change("mirrored", _mirror, _mirror),
    _turning(DEGREES),
    _turning(-DEGREES),
    Change(f"{LIGHT:.0%} darker", _expose(1 - LIGHT)),
    Change(f"{LIGHT:.0%} brighter", _expose(1 + LIGHT)),
]
