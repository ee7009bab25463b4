"""Take a photo apart: the bike as a layer with alpha, and the clean plate behind it.

Damage is drawn on the layer alone and the layer is put back over the plate, so an edit leaves no hole to fill
and no seam to learn from; an unedited layer put back the same way is the matching intact picture.
"""

from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ["Layers", "estimate_colour", "fill_smoothly", "grow_matte", "take_apart"]

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
        return cv2.blendLinear(self.colour, self.plate, self.alpha, 1 - self.alpha)  # many times as fast as NumPy


def take_apart(
    photo: np.ndarray, matte: np.ndarray, plate: np.ndarray | None = None, colour: np.ndarray | None = None
) -> Layers:
    """Split a photo into the bike and the place behind it.

    Args:
        photo: (H, W, 3) uint8 RGB.
        matte: (H, W) uint8, the bike's alpha times 255.
        plate: (H, W, 3) uint8 RGB, the place without the bike; without it the gap is filled smoothly, which is
            right for a studio's plain background only.
        colour: (H, W, 3) uint8 RGB, as `estimate_colour` gives it; without it, it is estimated, which takes most of
            the time.

    Raises:
        ValueError: the matte, the plate or the colour has another size than the photo.
    """
    for name, picture in (("matte", matte), ("plate", plate), ("colour", colour)):
        if picture is not None and picture.shape[:2] != photo.shape[:2]:
            raise ValueError(f"{name} is {picture.shape[:2]}, the photo is {photo.shape[:2]}: use one size for both")
    filled = fill_smoothly(_to_float(photo), known=~grow_matte(matte)) if plate is None else _to_float(plate)
    if colour is None:
        colour = estimate_colour(photo, matte)
    return Layers(_to_float(colour), _to_float(matte), filled)


def grow_matte(matte: np.ndarray) -> np.ndarray:
    """(H, W) bool: the matte (H, W) uint8 and PLATE_MARGIN pixels around it, which the plate does not take over."""
    return cv2.dilate(matte, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * PLATE_MARGIN + 1,) * 2)) > 5


def estimate_colour(photo: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """The bike's own colours (H, W, 3) uint8 RGB, freed of the background along the edge.

    Args:
        photo: (H, W, 3) uint8 RGB.
        matte: (H, W) uint8, the bike's alpha times 255.

    Source: Germer et al., "Fast Multi-Level Foreground Estimation", ICPR 2020, https://arxiv.org/abs/2006.14970.
    """
    from pymatting import estimate_foreground_ml  # its import takes seconds, and is not needed once colours are kept

    colour = estimate_foreground_ml(photo / 255.0, matte / 255.0)
    return np.round(255 * colour.clip(0, 1)).astype(np.uint8)


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


def _to_float(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.float32) / 255
