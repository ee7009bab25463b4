"""Anomalies made of the photo itself: a piece moved, warped, gone, or of another colour.

Textures look like dirt and rust; a bent rim or a missing saddle looks like bike, or like what is behind it. In place
of DRAEM's texture, the same masks take the photo turned and shifted, the photo bent, its own background, or its own
colours changed (compare NSA, Schlüter et al., ECCV 2022, https://arxiv.org/abs/2109.15222, and CutPaste, Li et al.,
CVPR 2021). Runs on the device of the photos.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from training.anomalies import perlin_masks
from training.dilation import close, dilate

__all__ = ["break_structure"]

WAYS = ("moved", "warped", "gone", "coloured")
MOST_SHIFTED, MOST_TURNED = 0.25, 40.0  # of half the canvas's sides, either way; degrees
LARGEST_WARP, WARP_CELL = 0.12, 32  # of half the canvas's sides; pixels between independent displacements
VISIBLE = 0.08  # of the value range, in one channel: what changed by less is no anomaly
PART_SHARE = 0.4  # of the regions are a part of the bike, where the parts are known; the others are blobs on it
SMALLEST_CELL = 16  # pixels: what breaks is larger than a speck
BLOB_REACH, PART_REACH = 4, 3  # pixels around the bike, or a part of it, that break with it
UNKNOWN = 255
FEWEST_PIXELS = 12  # of a region that shows


def break_structure(clean: Tensor, parts: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Break every photo in one random way and place; where nothing would show, it stays as it is.

    Args:
        clean: (B, 3, H, W) in [0, 1].
        parts: (B, 1, H, W) int, part ids, 0 background; any other number is bike.
        generator: on the CPU; the same state gives the same anomalies on every device.

    Returns:
        Photos (B, 3, H, W) in [0, 1], and masks (B, 1, H, W), 0 or 1, on what visibly changed.
    """
    count = len(clean)
    region = _draw_regions(parts, generator)  # (B, 1, H, W) bool
    way = torch.randint(len(WAYS), (count,), generator=generator)
    other = clean.clone()
    for number, change in enumerate((_move, _warp, _remove, _recolour)):  # each is drawn for those that it befalls
        chosen = (way == number).nonzero()[:, 0].to(clean.device)
        if len(chosen):
            other[chosen] = change(clean[chosen], parts[chosen], generator)
    changed = ((other - clean).abs().amax(dim=1, keepdim=True) > VISIBLE) & region
    mask = close(changed, 2) & region  # a defect has no pinholes
    mask &= (mask.flatten(1).sum(dim=1) >= FEWEST_PIXELS).view(-1, 1, 1, 1)
    mask = mask.to(clean.dtype)
    return torch.lerp(clean, other, mask), mask


def fill_from_outside(image: Tensor, hole: Tensor) -> Tensor:
    """The place without the bike, blurred: each hole filled from what is around it, coarse to fine.

    Args:
        image: (B, 3, H, W).
        hole: (B, 1, H, W) bool.

    Source: Gortler et al., "The Lumigraph", SIGGRAPH 1996, section 3.4 (pull-push).
    """
    known = (~hole).to(image.dtype)
    if min(image.shape[-2:]) <= 2:
        mean = (image * known).sum(dim=(2, 3), keepdim=True) / known.sum(dim=(2, 3), keepdim=True).clamp(min=1)
        return torch.where(hole, mean, image)
    weight = F.avg_pool2d(known, 2, ceil_mode=True)
    half = F.avg_pool2d(image * known, 2, ceil_mode=True) / weight.clamp(min=1e-6)
    coarse = fill_from_outside(half, weight < 1e-3)
    return torch.where(hole, F.interpolate(coarse, image.shape[-2:], mode="bilinear", align_corners=False), image)


def _draw_regions(parts: Tensor, generator: torch.Generator) -> Tensor:
    """(B, 1, H, W) bool: one part of each bike, or blobs on and close around it."""
    count, _, height, width = parts.shape
    blobs = perlin_masks(count, height, width, generator, SMALLEST_CELL).to(parts.device)
    regions = blobs & dilate(parts > 0, BLOB_REACH)
    for index, (whole_part, which) in enumerate(torch.rand(count, 2, generator=generator).tolist()):
        if whole_part >= PART_SHARE:
            continue
        ids = 1 + parts[index].flatten().bincount(minlength=UNKNOWN)[1:UNKNOWN].nonzero()[:, 0]  # unique() would sort
        if len(ids) > 1:
            regions[index] = dilate(parts[index] == ids[int(which * len(ids))], PART_REACH)
    return regions


def _move(clean: Tensor, parts: Tensor, generator: torch.Generator) -> Tensor:
    """The photo shifted and turned."""
    turn, shift_x, shift_y = (2 * torch.rand(3, len(clean), 1, 1, generator=generator) - 1).to(clean.device)
    x, y = _axes(clean)
    aspect = clean.shape[-2] / clean.shape[-1]
    angle = math.radians(MOST_TURNED) * turn
    column = x * angle.cos() - y * angle.sin() * aspect + MOST_SHIFTED * shift_x
    row = x * angle.sin() / aspect + y * angle.cos() + MOST_SHIFTED * shift_y
    return F.grid_sample(
        clean, torch.stack([column, row], dim=1).movedim(1, -1), padding_mode="border", align_corners=False
    )


def _warp(clean: Tensor, parts: Tensor, generator: torch.Generator) -> Tensor:
    """The photo bent."""
    height, width = clean.shape[-2:]
    x, y = _axes(clean)
    cells = max(2, height // WARP_CELL), max(2, width // WARP_CELL)
    pull = LARGEST_WARP * torch.randn(len(clean), 2, *cells, generator=generator).to(clean.device)
    pull = F.interpolate(pull, (-(-height // 4), -(-width // 4)), mode="bicubic", align_corners=False)
    column, row = F.interpolate(pull, (height, width), mode="bilinear", align_corners=False).unbind(dim=1)
    return F.grid_sample(
        clean, torch.stack([x + column, y + row], dim=1).movedim(1, -1), padding_mode="border", align_corners=False
    )


def _remove(clean: Tensor, parts: Tensor, generator: torch.Generator) -> Tensor:
    """The place without the bike."""
    return fill_from_outside(clean, parts > 0)


def _recolour(clean: Tensor, parts: Tensor, generator: torch.Generator) -> Tensor:
    """Another contrast, brightness and tint, which scorched, faded or repainted parts have."""
    contrast, light = torch.rand(2, len(clean), 1, 1, 1, generator=generator).to(clean.device)
    tint = torch.rand(len(clean), 3, 1, 1, generator=generator).to(clean.device)
    grey = clean.mean(dim=1, keepdim=True)
    return (grey + (0.2 + 1.6 * contrast) * (clean - grey) + 0.8 * (tint - 0.5) + 0.6 * (light - 0.5)).clamp(0, 1)


def _axes(clean: Tensor) -> tuple[Tensor, Tensor]:
    """x (1, 1, W) and y (1, H, 1), from -1 to 1 as `grid_sample` counts."""
    height, width = clean.shape[-2:]
    y, x = (((torch.arange(n, device=clean.device) + 0.5) / n * 2 - 1) for n in (height, width))
    return x.view(1, 1, -1), y.view(1, -1, 1)
