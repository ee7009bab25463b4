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

__all__ = ["break_structure"]

WAYS = ("moved", "warped", "gone", "coloured")
MOST_SHIFTED, MOST_TURNED = 0.25, 40.0  # of half the canvas's sides, either way; degrees
LARGEST_WARP, WARP_CELL = 0.12, 32  # of half the canvas's sides; pixels between independent displacements
VISIBLE = 0.08  # of the value range, in one channel: what changed by less is no anomaly
PART_SHARE = 0.4  # of the regions are a part of the bike, where the parts are known; the others are blobs on it
SMALLEST_CELL = 16  # pixels: what breaks is larger than a speck
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
    count, _, height, width = clean.shape
    region = _draw_regions(parts, generator)
    way = torch.randint(len(WAYS), (count, 1, 1, 1), generator=generator).to(clean.device)
    other = F.grid_sample(clean, _draw_grid(way, height, width, generator), padding_mode="border", align_corners=False)
    other = torch.where(way == WAYS.index("gone"), fill_from_outside(clean, parts > 0), other)
    other = torch.where(way == WAYS.index("coloured"), _recolour(clean, generator), other)
    change = (other - clean).abs().amax(dim=1, keepdim=True) * region
    mask = (change > VISIBLE).float()
    mask = -F.max_pool2d(-F.max_pool2d(mask, 5, 1, 2), 5, 1, 2)  # closed: a defect has no pinholes
    mask = mask * (mask.sum(dim=(1, 2, 3), keepdim=True) >= FEWEST_PIXELS)
    return torch.where((mask > 0) & (region > 0), other, clean), mask * region


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
    """(B, 1, H, W), 0 or 1: one part of each bike, or blobs on and close around it."""
    count, _, height, width = parts.shape
    bike = F.max_pool2d((parts > 0).float(), 9, stride=1, padding=4)
    blobs = perlin_masks(count, height, width, generator, SMALLEST_CELL).to(parts.device) * bike
    regions = []
    for photo_parts, photo_blobs in zip(parts, blobs, strict=True):
        ids = photo_parts[(photo_parts > 0) & (photo_parts < 255)].unique()
        whole_part, which = torch.rand(2, generator=generator).tolist()
        if whole_part < PART_SHARE and len(ids) > 1:
            part = (photo_parts == ids[int(which * len(ids))]).float()
            photo_blobs = F.max_pool2d(part, 7, stride=1, padding=3)
        regions.append(photo_blobs)
    return torch.stack(regions)


def _draw_grid(way: Tensor, height: int, width: int, generator: torch.Generator) -> Tensor:
    """(B, H, W, 2), where `grid_sample` takes each pixel from: the photo moved, or bent."""
    count, device = len(way), way.device
    turn, shift_x, shift_y = (2 * torch.rand(3, count, generator=generator) - 1).to(device)
    angle = math.radians(MOST_TURNED) * turn
    aspect = height / width
    matrices = torch.zeros(count, 2, 3, device=device)
    matrices[:, 0, 0], matrices[:, 0, 1] = angle.cos(), -angle.sin() * aspect
    matrices[:, 1, 0], matrices[:, 1, 1] = angle.sin() / aspect, angle.cos()
    matrices[:, 0, 2], matrices[:, 1, 2] = MOST_SHIFTED * shift_x, MOST_SHIFTED * shift_y
    moved = F.affine_grid(matrices, (count, 1, height, width), align_corners=False)
    unmoved = F.affine_grid(torch.eye(2, 3, device=device).expand(count, 2, 3), (count, 1, height, width), False)
    cells = max(2, height // WARP_CELL), max(2, width // WARP_CELL)
    pull = LARGEST_WARP * torch.randn(count, 2, *cells, generator=generator).to(device)
    bent = F.interpolate(pull, (height, width), mode="bicubic", align_corners=False).permute(0, 2, 3, 1)
    return torch.where(way == WAYS.index("moved"), moved, unmoved + bent)


def _recolour(clean: Tensor, generator: torch.Generator) -> Tensor:
    """Another contrast, brightness and tint, which scorched, faded or repainted parts have."""
    contrast, light = torch.rand(2, len(clean), 1, 1, 1, generator=generator).to(clean.device)
    tint = torch.rand(len(clean), 3, 1, 1, generator=generator).to(clean.device)
    grey = clean.mean(dim=1, keepdim=True)
    return (grey + (0.2 + 1.6 * contrast) * (clean - grey) + 0.8 * (tint - 0.5) + 0.6 * (light - 0.5)).clamp(0, 1)
