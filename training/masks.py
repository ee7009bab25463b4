"""Masks of defects and part ids from files; what would teach something else than its author meant is refused."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from modeling.configuration_bike_classifier import PART_NAMES

__all__ = ["UNKNOWN", "check_part_ids", "read_labels", "read_mask"]

UNKNOWN = 255
DEFECT = 128  # a mask's values from here on are the defect: in the middle of the edge that a brush or a resize softened
NEARLY_WHITE = 240  # as JPEG may leave the inside of a defect
# Pixels to either side of a defect's outline that may be gray: a soft brush, a resized mask, the blocks of a JPEG.
SOFT_EDGE = 8


def read_labels(path: Path | None, size: tuple[int, int]) -> np.ndarray:
    """Part ids (H, W) uint8; all unknown without a file.

    Raises:
        ValueError: the file is no picture, or of another size than its photo.
    """
    if path is None:
        return np.full(size, UNKNOWN, np.uint8)
    labels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if labels is None:
        raise ValueError(f"{path} is no picture: export it again, as PNG")
    if labels.shape != size:
        found, expected = (f"{width}x{height}" for height, width in (labels.shape, size))
        raise ValueError(f"{path} is {found} but its photo is {expected}: export it at the photo's size")
    return labels


def read_mask(path: Path, size: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8: 1 defect, 0 none. Edges may be gray, areas may not: who saves 0 and 1 means another thing.

    Raises:
        ValueError: the file is no picture, of another size than its photo, or gray where it should be 0 or 255.
    """
    values = read_labels(path, size)
    mask = (values >= DEFECT).astype(np.uint8)
    gray = (values > 0) & (values < NEARLY_WHITE)
    if gray.any() and mask.any():
        kernel = np.ones((2 * SOFT_EDGE + 1,) * 2, np.uint8)
        gray &= cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, kernel) == 0
    if gray.any():
        value = np.bincount(values[gray]).argmax()
        raise ValueError(
            f"{path} has the value {value} on {gray.sum()} pixels: save the defect as 255 and all else as 0, and "
            "resize masks by the nearest pixel"
        )
    return mask


def check_part_ids(path: Path, parts: np.ndarray, names: Sequence[str] = PART_NAMES) -> None:
    """Refuse ids that no part has.

    Args:
        parts: (H, W) uint8, as read from the file.
        names: of the parts, by id.

    Raises:
        ValueError: it names the file, the id and those that are known.
    """
    strange = np.unique(parts[(parts >= len(names)) & (parts != UNKNOWN)])
    if len(strange):
        known = ", ".join(f"{number} {name}" for number, name in enumerate(names))
        raise ValueError(f"{path} has the part id {strange[0]}: known are {known}, and {UNKNOWN} for not known")
