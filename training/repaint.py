"""The bike in other colours, part by part: a few hundred bikes stand for all that a user may own."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch

from training.masks import UNKNOWN

__all__ = ["repaint"]

PART_SHARE = 0.5  # of the parts get a new colour
GRAY_SHARE = 0.4  # of the colours are black, white or between, as those of real bikes
TEXTURE = (0.6, 1.2)  # how much of its own light and shade a part keeps
COVER = (0.4, 1.0)  # of the old colour
DARKEST, BRIGHTEST = 20, 235  # of 255: what is whiter than that is lost on a white ground
TYRE = 0.2  # of a wheel's radius: its label is the whole disc, and between the spokes lies the background
REACH = 3  # pixels around the defect


def repaint(image: np.ndarray, parts: np.ndarray, defect: np.ndarray, wheels: Sequence[int]) -> np.ndarray:
    """Give some of the bike's parts a new mean colour; light, shade and letters stay on them.

    A part that the defect touches keeps its colour: where it is gone, its label lies on the background. What is drawn
    does not depend on the photo, so that of twins the same parts get the same colours.

    Args:
        image: (H, W, 3) uint8 RGB.
        parts: (H, W) uint8 part ids, 0 background, 255 not known.
        defect: (H, W), above 0 on the defect of the photo or of its twin.
        wheels: part ids of wheels, of which the outer ring alone is painted.

    Returns:
        (H, W, 3) uint8.
    """
    draws = torch.rand(UNKNOWN, 7).tolist()
    touched = cv2.dilate((defect > 0).astype(np.uint8), np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)) > 0
    spared = {0, UNKNOWN, *np.unique(parts[touched]).tolist()}
    painted = image.copy()
    for part in np.unique(parts).tolist():
        if part in spared or draws[part][0] > PART_SHARE:
            continue
        x, y, width, height = cv2.boundingRect((parts == part).view(np.uint8))
        around = slice(max(0, y - 1), y + height + 1), slice(max(0, x - 1), x + width + 1)  # the rim is soft
        is_part = parts[around] == part
        if part in wheels:
            is_part = _outer_ring(is_part)
        painted[around] = _paint(painted[around], is_part, *draws[part][1:])
    return painted


def _paint(
    image: np.ndarray, is_part: np.ndarray, gray: float, texture: float, cover: float, *colour: float
) -> np.ndarray:
    """All numbers are in [0, 1), drawn."""
    target = np.interp(colour[:1] * 3 if gray < GRAY_SHARE else colour, (0, 1), (DARKEST, BRIGHTEST))
    contrast, cover = np.interp(texture, (0, 1), TEXTURE), np.interp(cover, (0, 1), COVER)
    old = image.astype(np.float32)
    new = (target + (old - old[is_part].mean(axis=0)) * contrast).astype(np.float32)
    # Soft at its rim, where the photo itself mixes bike and background.
    weight = cover * cv2.GaussianBlur(is_part.astype(np.float32), (3, 3), 0)[..., None]
    return (old + weight * (new - old)).clip(0, 255).round().astype(np.uint8)


def _outer_ring(is_wheel: np.ndarray) -> np.ndarray:
    """(H, W) bool: the wheel less its middle, though a fork may cut it in two."""
    hull = cv2.convexHull(cv2.findNonZero(is_wheel.astype(np.uint8)))
    filled = cv2.fillConvexPoly(np.zeros(is_wheel.shape, np.uint8), hull, 1)
    depth = cv2.distanceTransform(filled, cv2.DIST_L2, 3)
    return is_wheel & (depth <= TYRE * depth.max())
