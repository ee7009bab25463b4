"""Read a picture at any list of places, between its pixels."""

import cv2
import numpy as np

__all__ = ["sample"]


def sample(picture: np.ndarray, column: np.ndarray, row: np.ndarray, border: int = cv2.BORDER_REPLICATE) -> np.ndarray:
    """Bilinear values (K,) or (K, C) of the picture (H, W) or (H, W, C) at columns and rows (K,).

    Args:
        border: what lies outside, as OpenCV's BORDER_*; constant means 0.
    """
    # OpenCV's maps must be shorter than 32768: fold the list into a square.
    count = len(column)
    side = int(np.ceil(np.sqrt(max(count, 1))))
    maps = [np.resize(each.astype(np.float32), (side, side)) for each in (column, row)]
    values = cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=border)
    return values.reshape(side * side, *picture.shape[2:])[:count]
