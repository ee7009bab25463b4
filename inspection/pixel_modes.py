"""Any way Pillow holds an image, to 8-bit RGB."""

import cv2
import numpy as np
from PIL import Image

__all__ = ["to_rgb_array"]

CONVERTIBLE_MODES = frozenset({"1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", "HSV"})
STRIP_ROWS = 256


def to_rgb_array(image: Image.Image) -> np.ndarray:
    """Copy an image's pixels as (H, W, 3) uint8 RGB, transparency laid on white.

    Args:
        image: of any mode; gray integers of more than 8 bits are taken as 16, floats as [0, 1].

    Returns:
        (H, W, 3) uint8, RGB, in an array of its own.

    Raises:
        ValueError: gray values outside their range, or a mode without one reading as RGB (such as LAB). The
            message continues a sentence that starts with the image's name.
    """
    if image.mode.startswith("I") or image.mode == "F":
        return cv2.cvtColor(_gray_to_uint8(image), cv2.COLOR_GRAY2RGB)
    if image.has_transparency_data:
        return _copy_pixels(_laid_on_white(image.convert("RGBA")))
    if image.mode not in CONVERTIBLE_MODES:
        raise ValueError(f"is stored as {image.mode}: export it as RGB")
    return _copy_pixels(image if image.mode == "RGB" else image.convert("RGB"))


def _gray_to_uint8(image: Image.Image) -> np.ndarray:
    values = np.asarray(image)  # (H, W)
    white = 1.0 if image.mode == "F" else 65535
    low, high = values.min(), values.max()
    if not (low >= 0 and high <= white):  # so written, NaN is refused too
        raise ValueError(f"holds gray values from {low} to {high}, not 0 to {white}: export it with 8 bits")
    return np.rint(values * np.float32(255 / white)).astype(np.uint8)


def _laid_on_white(image: Image.Image) -> Image.Image:
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image)
    return canvas


def _copy_pixels(image: Image.Image) -> np.ndarray:
    """By strips: np.asarray on the whole would hold it in memory once more."""
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, STRIP_ROWS):
        bottom = min(top + STRIP_ROWS, image.height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return pixels
