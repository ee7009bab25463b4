"""Synthetic anomalies for DRAEM: textures laid over photos in the shape of Perlin noise, a batch at a time.

Zavrtanik et al., ICCV 2021, https://arxiv.org/abs/2108.07610, section 3.3. Runs on the device of the photos.
Departures: noise for the whole batch in one go, at half the resolution, and mirrored where it is turned out of the
picture; half of the anomalies are kept to the bike, where those that matter are.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from training.dilation import dilate

__all__ = ["lay_anomalies", "perlin_masks", "perlin_noise"]

SMALLEST_CELL = 4  # pixels of a lattice cell's side: 2^6 cells a side at 256 pixels, as the authors' code
NOISE_THRESHOLD = 0.5  # as the authors' code
SPREAD = 0.306  # standard deviation of Perlin noise over many cells
MANY_CELLS = 64
BIKE_REACH = 2  # pixels around the bike that still count as on it
MAX_TRANSPARENCY = 0.8  # of the texture: beta of equation 5, drawn from [0, 0.8]


def lay_anomalies(clean: Tensor, textures: Tensor, bike: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Lay a texture over each photo.

    Args:
        clean: (B, 3, H, W) in [0, 1].
        textures: (B, 3, H, W) in [0, 1].
        bike: (B, 1, H, W) bool, where the bike is.
        generator: on the CPU; the same state gives the same anomalies on every device.

    Returns:
        Photos (B, 3, H, W) in [0, 1], and masks (B, 1, H, W), 0 or 1.
    """
    count, _, height, width = clean.shape
    mask = perlin_masks(count, height, width, generator).to(clean.device)  # (B, 1, H, W)
    near_bike = dilate(bike, BIKE_REACH)
    touches_bike = (mask & near_bike).view(torch.uint8).amax(dim=(1, 2, 3)) > 0  # any() takes ten times as long
    keep_to_bike = (_uniform(count, generator).to(clean.device) < 0.5) & touches_bike
    mask &= near_bike | ~keep_to_bike.view(-1, 1, 1, 1)
    opacity = 1 - (MAX_TRANSPARENCY * _uniform(count, generator)).to(clean.device).view(-1, 1, 1, 1)
    mask = mask.view(torch.uint8).to(clean.dtype)  # a third of the time that a bool takes
    return torch.lerp(clean, textures, mask * opacity), mask


def perlin_masks(
    count: int, height: int, width: int, generator: torch.Generator, smallest_cell: int = SMALLEST_CELL
) -> Tensor:
    """Blobs (count, 1, height, width) bool: Perlin noise of random scale and direction, above a threshold.

    Octaves and threshold as in the authors' code of DRAEM.

    Args:
        smallest_cell: pixels; blobs are about as large, or larger.
    """
    max_octave = int(math.log2(min(height, width) / smallest_cell))
    cells = 2.0 ** torch.randint(0, max_octave + 1, (count, 2, 1, 1), generator=generator)
    return (perlin_noise(cells, height, width, generator) > NOISE_THRESHOLD)[:, None]


def perlin_noise(cells: Tensor, height: int, width: int, generator: torch.Generator) -> Tensor:
    """Smooth noise (B, height, width) about 0, nearly always within [-1, 1], each turned by a random angle.

    A lattice's gradients spread over its cells by weights that are a product of one of the row and one of the column:
    so the noise of all pixels is a product of three matrices.

    Args:
        cells: (B, 2, 1, 1), lattice cells along the height and along the width.

    Source: Perlin, "An image synthesizer", SIGGRAPH 1985; the fading of "Improving noise", SIGGRAPH 2002.
    """
    count, rows, columns = len(cells), -(-height // 2), -(-width // 2)
    lattice = int(cells.max()) + 1
    angles = 2 * math.pi * torch.rand(count, lattice, lattice, generator=generator)  # of the gradients
    row_weight, row_slope = _spread(cells[:, 0], rows, lattice)
    column_weight, column_slope = _spread(cells[:, 1], columns, lattice)
    noise = row_slope @ angles.cos() @ column_weight.mT  # (B, rows, columns)
    noise.baddbmm_(row_weight @ angles.sin(), column_slope.mT)
    turn = math.pi * (_uniform(count, generator) - 0.5)  # up to 90 degrees either way
    noise = F.grid_sample(
        noise[:, None], _turned_grid(turn, rows, columns), padding_mode="reflection", align_corners=False
    )
    noise = F.interpolate(noise, (height, width), mode="bilinear", align_corners=False)[:, 0]
    # Fine noise loses contrast in both samplings; of coarse noise each picture keeps its own.
    is_fine = cells.prod(dim=1, keepdim=True)[:, 0] >= MANY_CELLS
    gain = torch.where(is_fine, SPREAD / noise[:, ::3, ::3].std(dim=(1, 2), keepdim=True).clamp(min=1e-3), math.sqrt(2))
    return noise.mul_(gain)


def _spread(cells: Tensor, pixels: int, lattice: int) -> tuple[Tensor, Tensor]:
    """How much of each lattice line's gradients a pixel gets, (B, pixels, lattice), and that times the way to it."""
    way = (torch.arange(pixels) + 0.5).view(1, -1, 1) / pixels * cells - torch.arange(lattice)
    near = way.abs().clamp(max=1)
    weight = 1 - near**3 * (near * (near * 6 - 15) + 10)
    return weight, weight * way


def _turned_grid(turn: Tensor, height: int, width: int) -> Tensor:
    """(B, height, width, 2) for `grid_sample`: the picture turned by so many radians (B,)."""
    cos, sin = turn.cos().view(-1, 1, 1), turn.sin().view(-1, 1, 1)
    y = ((torch.arange(height) + 0.5) / height * 2 - 1).view(1, -1, 1)
    x = ((torch.arange(width) + 0.5) / width * 2 - 1).view(1, 1, -1)
    return torch.stack([x * cos + y * sin, y * cos - x * sin], dim=1).movedim(1, -1)  # a quarter of the time of dim=-1


def _uniform(count: int, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator)
