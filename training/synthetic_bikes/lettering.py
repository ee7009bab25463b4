"""What is printed on a bike: its word on tube and fork, the makers' on tyres and deep rims, bands, stripes."""

import cv2
import numpy as np

from training.synthetic_bikes.frame import down_tube_radius
from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.raster import Surface
from training.synthetic_bikes.sampling import sample

__all__ = ["ink_on"]

FONTS = (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX)
LARGEST_SHARE = 0.62  # of a tube's length that a word takes


def ink_on(bike: Bike, surface: Surface, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much of each visible point the bike's own ink covers (K,), and how much the pale ink on rubber and rims (K,).

    Args:
        names: (K,) of the piece that each point is on.
    """
    design, ink, pale = bike.design, np.zeros(len(names)), np.zeros(len(names))
    height = min(0.060, 1.35 * down_tube_radius(design))
    _print_along(bike, surface, names == "down_tube", design.word, height, ink)
    if design.has_bands:
        u, length = surface.uv[:, 0], design.seat_tube
        bands = (np.abs(u - 0.70 * length) < 0.022) | (np.abs(u - 0.78 * length) < 0.004)
        ink[(names == "seat_tube") & bands] = 1.0
    for part, axle in ((2, bike.layout.front_axle), (3, bike.layout.rear_axle)):
        here = np.flatnonzero(np.isin(names, ["tyre", "rim"]) & (bike.part_ids[surface.triangle] == part))
        pale[here] = _print_around(design, surface, here, axle, names[here] == "rim")
    return ink, pale


def _print_along(bike: Bike, surface: Surface, is_here: np.ndarray, word: str, height: float, ink: np.ndarray) -> None:
    """The word on both sides of a tube, read from left to right."""
    here = np.flatnonzero(is_here)
    if not len(here) or not word:
        return
    length = float(np.linalg.norm(bike.layout.head_bottom - bike.layout.bottom_bracket))
    picture = _draw_word(word, bike.design.font)
    pixel = min(height / picture.shape[0], LARGEST_SHARE * length / picture.shape[1])  # metres
    u, v = surface.uv[here, 0], surface.uv[here, 1]
    is_right = np.abs(v - 0.5) < 0.25
    start = (length - picture.shape[1] * pixel) * 0.45
    # From the right the tube rises to the head; from the left it falls from it.
    along = np.where(is_right, length - u, u) - start
    around = np.where(is_right, v - 0.5, (v + 0.5) % 1 - 0.5) * 2 * np.pi * down_tube_radius(bike.design)
    flips = _upward_sign(surface, here, around)
    row = picture.shape[0] / 2 - flips * around / pixel
    ink[here] = sample(picture, along / pixel, row, cv2.BORDER_CONSTANT)


def _upward_sign(surface: Surface, here: np.ndarray, around: np.ndarray) -> float:
    """Whether `around` the tube grows upwards in the world, +1, or downwards, -1."""
    lean = np.mean((around - around.mean()) * (surface.normal[here, 2] - surface.normal[here, 2].mean()))
    return 1.0 if lean >= 0 else -1.0


def _print_around(
    design: BikeDesign, surface: Surface, here: np.ndarray, axle: np.ndarray, is_rim: np.ndarray
) -> np.ndarray:
    """(K,) ink of words, their tops outwards, on both walls of a tyre and both sides of a deep rim; and a stripe."""
    local = surface.rest_point[here] - axle
    radius, angle = np.hypot(local[:, 0], local[:, 2]), np.arctan2(local[:, 2], local[:, 0])
    side = np.sign(local[:, 1])
    ink = np.zeros(len(here))
    if design.tyre_word:
        middle = design.wheel_radius - 1.05 * design.tyre_radius
        ink += ~is_rim * _ring(
            design.tyre_word, design.font, middle, 0.42 * design.tyre_radius, 2, radius, angle * side
        )
    if design.rim_word:
        middle = design.rim_radius - 0.5 * design.rim_depth
        ink += is_rim * _ring(design.rim_word, design.font, middle, 0.45 * design.rim_depth, 3, radius, angle * side)
    if design.has_tyre_stripes:
        stripe = np.abs(design.wheel_radius - radius - 1.25 * design.tyre_radius) < 0.0018
        ink = np.maximum(ink, 0.6 * (stripe & ~is_rim))
    return ink


def _ring(
    word: str, font: int, middle: float, height: float, count: int, radius: np.ndarray, angle: np.ndarray
) -> np.ndarray:
    """(K,) the word `count` times around a circle; angle: growing from left to right as one looks on."""
    picture = _draw_word(word, font)
    pixel = height / picture.shape[0]
    step = 2 * np.pi / count
    along = ((angle - 0.9) % step) * middle / pixel
    return sample(picture, along, picture.shape[0] / 2 - (radius - middle) / pixel, cv2.BORDER_CONSTANT)


def _draw_word(word: str, font: int) -> np.ndarray:
    """(H, W) float32 ink, bold; font: any whole number."""
    face, is_wide = FONTS[font % len(FONTS)], font // len(FONTS) % 2 == 0
    (width, height), _ = cv2.getTextSize(word, face, 2.2, 7)
    picture = np.zeros((height + 16, width + 20), np.uint8)
    cv2.putText(picture, word, (10, height + 8), face, 2.2, 255, 7, cv2.LINE_AA)
    if font // 8 % 2:  # slanted
        slant = np.float32([[1, -0.22, 0.22 * picture.shape[0]], [0, 1, 0]])
        picture = cv2.warpAffine(picture, slant, (picture.shape[1] + 20, picture.shape[0]))
    return cv2.resize(picture, None, fx=1.5 if is_wide else 1.1, fy=1.0).astype(np.float32) / 255
