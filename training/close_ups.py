"""Close-ups of a photo: windows about its defect or a place on its bike, as large as the whole photo shows them.

Most of a damaged photo is sound, and a scratch is a few of its pixels. A window of half the sides shows the scratch as
large in a quarter of the time, with its surroundings alone to be told from. So small lesions are found in
mammograms (Shen et al., Scientific Reports 2019, https://www.nature.com/articles/s41598-019-48995-4): first patches,
then whole pictures. Their patches have a class; our windows have masks and parts, and no verdict.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch

from modeling import BikeImageProcessor
from modeling.letterbox import Box
from training.data import Photo
from training.masks import UNKNOWN
from training.views import scale_canvas

__all__ = ["CLOSE_UP_SCALE", "check_close_ups", "close_up", "close_up_window"]

CLOSE_UP_SCALE = 0.5  # of the canvas's sides
MAGNIFICATION = (0.7, 1.4)  # of what the canvas shows, against the size it has in the whole photo
OFF_CENTRE = 0.3  # of the window's sides: how far the chosen pixel may be from its middle


def check_close_ups(share: float, photos: Sequence[Photo]) -> None:
    """Refuse close-ups of defects that nobody has marked.

    Args:
        share: of the epochs that see close-ups.

    Raises:
        ValueError: there is no mask to learn from.
    """
    if share and not any(photo.mask for photo in photos if photo.split == "train"):
        raise ValueError(
            f"close_up_share is {share:g}, and no photo to learn from has a mask: put some into masks/damaged/, or "
            "leave close_up_share out"
        )


def close_up(processor: BikeImageProcessor) -> BikeImageProcessor:
    """The processor for windows of photos that `processor` would show whole."""
    return scale_canvas(processor, CLOSE_UP_SCALE)


def close_up_window(canvas_size: tuple[int, int], defect: np.ndarray, parts: np.ndarray) -> Box:
    """A random window, about a pixel of the defect; without one, of the bike; without one, anywhere. By torch's seed.

    Args:
        canvas_size: height, width of the canvas that the window is made for, CLOSE_UP_SCALE of the whole photo's.
        defect: (H, W) bool.
        parts: (H, W) uint8 part ids, 255 where not known.
    """
    photo_size = defect.shape
    whole = min(side / CLOSE_UP_SCALE / extent for side, extent in zip(canvas_size, photo_size, strict=True))
    smallest, largest = (math.log(limit) for limit in MAGNIFICATION)
    scale = whole * math.exp(smallest + (largest - smallest) * torch.rand(()).item())  # canvas pixels a photo pixel
    row, column = _choose_pixel(defect, (parts > 0) & (parts != UNKNOWN))
    y0, y1 = _span(row, canvas_size[0] / scale, photo_size[0])
    x0, x1 = _span(column, canvas_size[1] / scale, photo_size[1])
    return x0, y0, x1, y1


def _choose_pixel(*masks: np.ndarray) -> tuple[int, int]:
    """Row and column of a random pixel of the first mask that has any, else of a random pixel."""
    shape = masks[0].shape
    for mask in masks:
        if len(pixels := np.flatnonzero(mask)):
            return divmod(int(pixels[torch.randint(len(pixels), ()).item()]), shape[1])
    return tuple(torch.randint(side, ()).item() for side in shape)


def _span(centre: int, length: float, extent: int) -> tuple[int, int]:
    """Start and end of a window of that length near the centre, inside a side of the photo."""
    length = min(extent, max(1, round(length)))
    shift = OFF_CENTRE * (2 * torch.rand(()).item() - 1)
    start = min(max(0, round(centre - length * (0.5 + shift))), extent - length)
    return start, start + length
