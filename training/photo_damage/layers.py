"""Take a photo apart: the bike as a layer with alpha, and the clean plate behind it.

Damage is drawn on the layer alone and the layer is put back over the plate, so an edit leaves no hole to fill
and no seam to learn from; an unedited layer put back the same way is the matching intact picture.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from pymatting import estimate_foreground_ml

__all__ = ["Layers", "fill_smoothly", "take_apart"]

PLATE_MARGIN = 9  # pixels the matte grows by before the plate is filled: hides the bike's soft edge


@dataclass
class Layers:
    """A photo in two layers, all (H, W, ...) and float32.

    colour: (H, W, 3) RGB in [0, 1], the bike's own colours, freed of the background along the edge;
    alpha: (H, W) in [0, 1]; plate: (H, W, 3) RGB in [0, 1], the place without the bike.
    """

    colour: np.ndarray
    alpha: np.ndarray
    plate: np.ndarray

    def put_together(self) -> np.ndarray:
        """The picture, (H, W, 3) RGB in [0, 1]."""
        alpha = self.alpha[..., None]
        return alpha * self.colour + (1 - alpha) * self.plate


def take_apart(photo: np.ndarray, matte: np.ndarray, plate: np.ndarray | None = None) -> Layers:
    """Split a photo into the bike and the place behind it.

    Args:
        photo: (H, W, 3) uint8 RGB.
        matte: (H, W) uint8, the bike's alpha times 255.
        plate: (H, W, 3) uint8 RGB, the place without the bike; without it the gap is filled smoothly, which is
            right for a studio's plain background only.

    Raises:
        ValueError: the matte or the plate has another size than the photo.
    """
    for name, picture in (("matte", matte), ("plate", plate)):
        if picture is not None and picture.shape[:2] != photo.shape[:2]:
            raise ValueError(f"{name} is {picture.shape[:2]}, the photo is {photo.shape[:2]}: use one size for both")
    alpha = matte.astype(np.float32) / 255
    image = photo.astype(np.float32) / 255
    if plate is None:
        grown = cv2.dilate(alpha, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * PLATE_MARGIN + 1,) * 2))
        filled = fill_smoothly(image, known=grown < 0.02)
    else:
        filled = plate.astype(np.float32) / 255
    colour = estimate_foreground_ml(image.astype(np.float64), alpha.astype(np.float64)).astype(np.float32)
    return Layers(colour.clip(0, 1), alpha, filled)


def fill_smoothly(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fill the unknown pixels from the known ones around them, coarse to fine.

    Args:
        image: (H, W, 3) float32.
        known: (H, W) bool.

    Returns:
        (H, W, 3) float32, equal to `image` where known.

    Source: Gortler et al., "The Lumigraph", SIGGRAPH 1996, section 3.4 (pull-push).
    """
    if known.all():
        return image.copy()
    weight = known.astype(np.float32)
    height, width = weight.shape
    if min(height, width) <= 2:
        mean = image[known].mean(axis=0) if known.any() else np.full(3, 0.5, np.float32)
        return np.where(known[..., None], image, mean.astype(np.float32))
    half_size = (max(1, width // 2), max(1, height // 2))
    half_weight = cv2.resize(weight, half_size, interpolation=cv2.INTER_AREA)
    half_sum = cv2.resize(image * weight[..., None], half_size, interpolation=cv2.INTER_AREA)
    half_image = half_sum / np.maximum(half_weight, 1e-6)[..., None]
    coarse = fill_smoothly(half_image.astype(np.float32), half_weight > 1e-3)
    upsampled = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.where(known[..., None], image, upsampled)
