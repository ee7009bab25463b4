"""What a JPEG makes of a picture."""

import cv2
import numpy as np

__all__ = ["through_jpeg"]


def through_jpeg(picture: np.ndarray, quality: int, *options: int) -> np.ndarray:
    """A picture (H, W, 3) uint8 RGB, compressed and decompressed.

    Args:
        quality: 0 to 100.
        options: more of OpenCV's parameters for JPEGs, each followed by its value.
    """
    pixels = np.ascontiguousarray(picture[..., ::-1])  # OpenCV's order is BGR
    encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality, *options])[1]
    return cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB)
