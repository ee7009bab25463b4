"""The bike in other colours, part by part: a few hundred bikes stand for all that a user may own."""

import cv2
import numpy as np
import torch

from modeling.configuration_bike_classifier import PART_NAMES

__all__ = ["repaint"]

UNKNOWN = 255
PART_SHARE = 0.5  # of the parts get a new colour
GRAY_SHARE = 0.4  # of the colours are black, white or between, as those of real bikes
TEXTURE = (0.6, 1.2)  # how much of its own light and shade a part keeps
COVER = (0.4, 1.0)  # of the old colour
DARKEST, BRIGHTEST = 20, 235  # of 255: what is whiter than that is lost on a white ground
WHEELS = [PART_NAMES.index(name) for name in ("front_wheel", "rear_wheel")]
TYRE = 0.2  # of a wheel's radius: its label is the whole disc, and between the spokes lies the background


def repaint(image: np.ndarray, parts: np.ndarray, defect: np.ndarray) -> np.ndarray:
    """Give some of the bike's parts a new mean colour; light, shade, letters and damage stay on them.

    What is drawn does not depend on the photo, and the old colour is taken beside the defect: twins come out alike.

    Args:
        image: (H, W, 3) uint8 RGB.
        parts: (H, W) uint8 part ids, 0 background, 255 not known.
        defect: (H, W), above 0 on the defect of the photo or of its twin.

    Returns:
        (H, W, 3) uint8.
    """
    draws = torch.rand(UNKNOWN, 7).numpy()
    painted = image.astype(np.float32)
    for part in np.unique(parts):
        is_part = parts == part
        if part in WHEELS:
            is_part = _outer_ring(is_part)
        sound = is_part & (defect == 0)
        chosen, gray, texture, cover, *colour = draws[part % UNKNOWN]
        if part in (0, UNKNOWN) or chosen > PART_SHARE or not sound.any():
            continue
        target = np.interp(colour[:1] * 3 if gray < GRAY_SHARE else colour, (0, 1), (DARKEST, BRIGHTEST))
        new = np.float32(target) + (painted - image[sound].mean(axis=0)) * np.interp(texture, (0, 1), TEXTURE)
        # Soft at its rim, where the photo itself mixes bike and background.
        weight = cv2.GaussianBlur(is_part.astype(np.float32), (3, 3), 0)[..., None] * np.interp(cover, (0, 1), COVER)
        painted += weight * (new - painted)
    return painted.clip(0, 255).round().astype(np.uint8)


def _outer_ring(is_wheel: np.ndarray) -> np.ndarray:
    """(H, W) bool: the wheel less its middle, though a fork may cut it in two."""
    hull = cv2.convexHull(cv2.findNonZero(is_wheel.view(np.uint8)))
    filled = cv2.fillConvexPoly(np.zeros(is_wheel.shape, np.uint8), hull, 1)
    depth = cv2.distanceTransform(filled, cv2.DIST_L2, 3)
    return is_wheel & (depth <= TYRE * depth.max())
