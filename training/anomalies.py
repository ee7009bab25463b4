"""Synthetic anomalies for DRAEM: textures laid over photos in the shape of Perlin noise, a batch at a time.

Zavrtanik et al., ICCV 2021, https://arxiv.org/abs/2108.07610, section 3.3. Runs on the device of the photos.
Departures: noise for the whole batch in one go, by hashing rotated lattice points, instead of one picture at a time;
half of the anomalies are kept to the bike, where those that matter are.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["lay_anomalies", "perlin_masks", "perlin_noise"]

LATTICE = 64  # gradients a side; the noise repeats beyond
SMALLEST_CELL = 4  # pixels of a lattice cell's side: 2^6 cells a side at 256 pixels, as the authors' code
NOISE_THRESHOLD = 0.5  # as the authors' code
MAX_TRANSPARENCY = 0.8  # of the texture: beta of equation 5, drawn from [0, 0.8]


def lay_anomalies(
    clean: Tensor, textures: Tensor, bike: Tensor, generator: torch.Generator, probability: float = 0.5
) -> tuple[Tensor, Tensor]:
    """Lay a texture over each photo, or, with the rest of the probability, leave it as it is.

    Args:
        clean: (B, 3, H, W) in [0, 1].
        textures: (B, 3, H, W) in [0, 1].
        bike: (B, 1, H, W) bool, where the bike is.
        generator: on the CPU; the same state gives the same anomalies on every device.
        probability: of an anomaly, in [0, 1]; 0 returns the photos untouched.

    Returns:
        Photos (B, 3, H, W) in [0, 1], and masks (B, 1, H, W), 0 or 1.
    """
    count, _, height, width = clean.shape
    mask = perlin_masks(count, height, width, generator).to(clean.device)  # (B, 1, H, W)
    on_bike = mask * F.max_pool2d(bike.float(), 5, stride=1, padding=2)
    keep_to_bike = (_uniform(count, generator).to(clean.device) < 0.5) & (on_bike.flatten(1).sum(1) > 0)
    mask = torch.where(keep_to_bike.view(-1, 1, 1, 1), on_bike, mask)
    has_anomaly = (_uniform(count, generator) < probability).to(clean.device).view(-1, 1, 1, 1)
    mask = mask * has_anomaly
    transparency = (MAX_TRANSPARENCY * _uniform(count, generator)).to(clean.device).view(-1, 1, 1, 1)
    anomalous = transparency * clean + (1 - transparency) * textures
    return torch.where(mask > 0, anomalous, clean), mask


def perlin_masks(
    count: int, height: int, width: int, generator: torch.Generator, smallest_cell: int = SMALLEST_CELL
) -> Tensor:
    """Blobs (count, 1, height, width), 0 or 1: Perlin noise of random scale and direction, above a threshold.

    Octaves and threshold as in the authors' code of DRAEM.

    Args:
        smallest_cell: pixels; blobs are about as large, or larger.
    """
    max_octave = int(math.log2(min(height, width) / smallest_cell))
    cells = 2.0 ** torch.randint(0, max_octave + 1, (count, 2, 1, 1), generator=generator)
    return (perlin_noise(cells, height, width, generator) > NOISE_THRESHOLD).float()[:, None]


def perlin_noise(cells: Tensor, height: int, width: int, generator: torch.Generator) -> Tensor:
    """Smooth noise (B, height, width) about 0, nearly always within [-1, 1], each turned by a random angle.

    Args:
        cells: (B, 2, 1, 1), lattice cells along the height and along the width.

    Source: Perlin, "An image synthesizer", SIGGRAPH 1985.
    """
    count = len(cells)
    angles = 2 * math.pi * torch.rand(count, LATTICE * LATTICE, generator=generator)
    turn = (math.pi * (_uniform(count, generator) - 0.5)).view(-1, 1, 1)  # up to 90 degrees either way
    y, x = torch.meshgrid(torch.arange(height) / height, torch.arange(width) / width, indexing="ij")
    row = (y * turn.cos() - x * turn.sin()) * cells[:, 0] + LATTICE  # (B, H, W), never negative
    column = (y * turn.sin() + x * turn.cos()) * cells[:, 1] + LATTICE
    cell_row, cell_column = row.floor(), column.floor()
    below, right = row - cell_row, column - cell_column  # within the cell, [0, 1)

    def corner(step_row: int, step_column: int) -> Tensor:
        """Product of a corner's gradient with the way from it."""
        index = ((cell_row + step_row) % LATTICE * LATTICE + (cell_column + step_column) % LATTICE).long()
        angle = angles.gather(1, index.flatten(1)).view_as(row)
        return angle.cos() * (below - step_row) + angle.sin() * (right - step_column)

    fade_row, fade_column = (t * t * t * (t * (t * 6 - 15) + 10) for t in (below, right))
    upper = torch.lerp(corner(0, 0), corner(0, 1), fade_column)
    lower = torch.lerp(corner(1, 0), corner(1, 1), fade_column)
    return math.sqrt(2) * torch.lerp(upper, lower, fade_row)


def _uniform(count: int, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator)
