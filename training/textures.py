"""Textures drawn from noise, a batch at a time: anomalies to lay over photos where there is no folder of textures."""

import math

import torch
from torch import Tensor

from training.anomalies import perlin_noise

__all__ = ["draw_textures"]

WAVES = (2.0, 24.0)  # along the longer side: wood, marble, cloth
GRAIN = 0.06  # of the value range, standard deviation


def draw_textures(count: int, height: int, width: int, generator: torch.Generator) -> Tensor:
    """(count, 3, height, width) RGB in [0, 1]: bands of three random colours, bent by noise, with grain.

    Waves along a random direction, disturbed by Perlin noise, look like wood, marble or cloth, as the disturbance is
    small or large (Perlin, "An image synthesizer", SIGGRAPH 1985).

    Args:
        generator: on the CPU; the same state gives the same textures.
    """
    cells = 2.0 ** torch.randint(0, 5, (count, 2, 1, 1), generator=generator)
    noise = perlin_noise(cells, height, width, generator)

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, 1, 1, generator=generator)

    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    angle = uniform(0, math.pi)
    along = (x * angle.cos() + y * angle.sin()) / max(height, width)
    phase = 2 * math.pi * (uniform(*WAVES) * along + uniform(0.0, 4.0) * noise)
    low, middle, high = torch.rand(3, count, 3, 1, 1, generator=generator)
    bands = (0.5 + 0.5 * phase.sin())[:, None]
    patches = (noise[:, None] > 0.25).float()
    texture = torch.lerp(torch.lerp(low, high, bands), middle, patches)
    return (texture + GRAIN * torch.randn(count, 1, height, width, generator=generator)).clamp(0, 1)
