"""Where the bike is: from the classifier's part logits to a mask, a box and the name of each pixel's part.

All on a working grid, the photo scaled down, so that the cost does not grow with the photo.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from modeling.letterbox import Letterbox

__all__ = ["Bike", "find_bike", "scale_box", "working_size"]

Box = tuple[int, int, int, int]  # x0, y0, x1, y1; x1 and y1 exclusive

WORKING_SIDE = 1024  # pixels, the longer side at most: two to three times what the networks see
BIKE_MIN_PROBABILITY = 0.5
BIKE_MIN_AREA = 0.01  # of the photo: less is no bike
COMPONENT_MIN_AREA = 0.1  # of the largest component's: less is a sign or a bicycle far behind
REACH = 0.04  # of the bike's longer side: damage reaches out of where the bike should be, or is where it was
CROP_MARGIN = 0.06  # of the bike's longer side, around the box


@dataclass(frozen=True)
class Bike:
    """The bike in a photo, on the working grid.

    Attributes:
        mask: (h, w) bool, True on the bike and close around it.
        area: pixels of the bike alone, above 0.
        part_map: (h, w) uint8, the part id that fits each pixel best, from 1; means something on the mask.
        crop: x0, y0, x1, y1 in photo pixels, the bike with a margin.
    """

    mask: np.ndarray
    area: int
    part_map: np.ndarray
    crop: Box


def find_bike(part_logits: np.ndarray, letterbox: Letterbox) -> Bike | None:
    """Find the bike in a photo.

    Args:
        part_logits: (P, h, w) float32, the canvas at any scale; part 0 is the background.
        letterbox: how the photo came onto the canvas.

    Returns:
        The bike; None where there is none of at least BIKE_MIN_AREA.
    """
    grid = working_size(letterbox.photo_size)
    probabilities = _softmax(part_logits)
    core = letterbox.to_photo(1 - probabilities[0], size=grid) >= BIKE_MIN_PROBABILITY
    core = _large_components(core)
    if core.mean() < BIKE_MIN_AREA:
        return None
    x, y, width, height = cv2.boundingRect(core.view(np.uint8))
    box = scale_box((x, y, x + width, y + height), grid, letterbox.photo_size)
    # Also off the bike each pixel gets the part it is most like: there, what sticks out or is missing was once.
    part_ids = 1 + probabilities[1:].argmax(axis=0)
    return Bike(
        mask=_dilated(core, REACH * max(width, height)),
        area=int(np.count_nonzero(core)),
        part_map=letterbox.labels_to_photo(part_ids.astype(np.uint8), size=grid),
        crop=_grown(box, letterbox.photo_size),
    )


def working_size(photo_size: tuple[int, int]) -> tuple[int, int]:
    """Height, width of the photo scaled so that its longer side is at most WORKING_SIDE."""
    scale = min(1.0, WORKING_SIDE / max(photo_size))
    return max(1, round(photo_size[0] * scale)), max(1, round(photo_size[1] * scale))


def scale_box(box: Box, size: tuple[int, int], new_size: tuple[int, int]) -> Box:
    """A box on a grid of `size` (height, width), on one of `new_size`: all it touches, within the grid."""
    x0, y0, x1, y1 = box
    (height, width), (new_height, new_width) = size, new_size
    return (  # in whole numbers: no rounding error pushes a box over a pixel's edge
        x0 * new_width // width,
        y0 * new_height // height,
        min(new_width, -(-x1 * new_width // width)),
        min(new_height, -(-y1 * new_height // height)),
    )


def _softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=0))
    return exponentials / exponentials.sum(axis=0)


def _large_components(mask: np.ndarray) -> np.ndarray:
    """The mask less the components of under COMPONENT_MIN_AREA of the largest."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0  # all that is not in the mask
    return (areas >= max(1, COMPONENT_MIN_AREA * areas.max()))[labels]


def _dilated(mask: np.ndarray, reach: float) -> np.ndarray:
    side = 2 * round(reach) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.dilate(mask.view(np.uint8), kernel).view(bool)


def _grown(box: Box, photo_size: tuple[int, int]) -> Box:
    x0, y0, x1, y1 = box
    margin = round(CROP_MARGIN * max(x1 - x0, y1 - y0))
    height, width = photo_size
    return max(0, x0 - margin), max(0, y0 - margin), min(width, x1 + margin), min(height, y1 + margin)
