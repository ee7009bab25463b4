"""Masks grown and closed, a batch at a time on their device; torch's max pooling takes ten times as long on a CPU."""

from torch import Tensor
from torch.nn import functional as F

from inspection.bike import REACH

__all__ = ["close", "dilate", "grow_bikes"]


def dilate(mask: Tensor, reach: int) -> Tensor:
    """The mask (..., H, W) bool grown by a square of 2 * reach + 1 pixels.

    By doubling: a window of 4 is two windows of 2, and so on (compare van Herk, Pattern Recognition Letters 1992).

    >>> import torch
    >>> dilate(torch.tensor([[0, 0, 0, 1, 0]], dtype=torch.bool), 1).int().tolist()
    [[0, 0, 1, 1, 1]]
    """
    window = 2 * reach + 1
    grown = F.pad(mask, (reach, reach, reach, reach))
    for axis in (-2, -1):
        width = 1
        while width < window:
            step = min(width, window - width)
            length = grown.shape[axis] - step
            grown = grown.narrow(axis, 0, length) | grown.narrow(axis, step, length)
            width += step
    return grown


def close(mask: Tensor, reach: int) -> Tensor:
    """The mask (..., H, W) bool with holes and clefts of up to 2 * reach pixels filled."""
    return ~dilate(~dilate(mask, reach), reach)


def grow_bikes(bikes: Tensor) -> Tensor:
    """Bikes (B, H, W) bool, each about as long as its canvas, grown as the inspector's mask reaches out of a bike."""
    return dilate(bikes, max(1, round(REACH * max(bikes.shape[-2:]))))
