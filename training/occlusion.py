"""Something stands in front of the bike: a post, a beam, a box."""

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["occlude"]

POST, BEAM, BOX = range(3)
THICKNESS = {POST: (0.02, 0.08), BEAM: (0.02, 0.08), BOX: (0.05, 0.25)}  # of the canvas's side
GRAIN = 6.0  # of 255, standard deviation
SHADING = 0.35  # a round post is this much darker at its edges than in its middle


def occlude(pictures: Sequence[Tensor], image_count: int, unknown: int, kept_share: float) -> list[Tensor]:
    """Put one thing in front of all of them, at the same place.

    Args:
        pictures: image_count images (3, H, W) uint8, then labels (H, W) uint8, and last the defect (H, W), above 0.
        unknown: what the labels become where they are hidden; the defect's mask becomes 0 there.
        kept_share: of the defect that must stay in sight, or nothing is put there.

    Source: compare Zhong et al., "Random Erasing Data Augmentation", AAAI 2020, https://arxiv.org/abs/1708.04896, whose
    rectangles of noise no camera has seen.
    """
    height, width = pictures[-1].shape[-2:]
    kind = int(torch.randint(3, ()))
    low, high = THICKNESS[kind]
    thick, long, top, left = torch.rand(4).tolist()
    box_height = height if kind == POST else round(height * (low + (high - low) * thick))
    box_width = width if kind == BEAM else round(width * (low + (high - low) * (thick if kind == POST else long)))
    y, x = round(top * (height - box_height)), round(left * (width - box_width))
    hidden = (..., slice(y, y + box_height), slice(x, x + box_width))
    defect = pictures[-1] > 0
    if defect[hidden].sum() > (1 - kept_share) * defect.sum():
        return list(pictures)
    surface = _draw_surface(box_height, box_width, across=kind != BEAM)
    occluded = [picture.clone() for picture in pictures]
    for image in occluded[:image_count]:
        image[hidden] = surface
    for labels in occluded[image_count:-1]:
        labels[hidden] = unknown
    occluded[-1][hidden] = 0
    return occluded


def _draw_surface(height: int, width: int, across: bool) -> Tensor:
    """(3, height, width) uint8: one colour, round to the eye, with grain."""
    colour = 255 * (0.15 + 0.75 * torch.rand(1, 1, 1) + 0.15 * (torch.rand(3, 1, 1) - 0.5))
    side = torch.linspace(-1, 1, width if across else height)
    shade = 1 - SHADING * (side - (torch.rand(()) - 0.5)) ** 2
    surface = colour * (shade.view(1, 1, -1) if across else shade.view(1, -1, 1))
    return (surface + GRAIN * torch.randn(3, height, width)).clamp(0, 255).byte()
