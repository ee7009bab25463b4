"""How a flat surface is coloured and how rough it is, at any place of it: walls, grounds, or a picture of a texture."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from training.synthetic_bikes.noise import Pattern
from training.synthetic_bikes.sampling import sample

__all__ = ["Texture", "joints", "linear", "picture_texture", "stained"]

SLOPE_STEP = 0.003  # metres over which the slope of a relief is measured, at least

Place = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Texture:
    """albedo(x, y, footprint) -> (K, 3), linear RGB; relief(x, y, footprint) -> (K,), metres.

    x and y (K,): metres, across and up a wall, or across and away on the ground; footprint (K,): metres that a pixel
    covers there. gloss: strength of a thin mirroring layer, as of wet ground.
    """

    albedo: Place
    relief: Place
    gloss: float = 0.0

    def slopes(self, x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How much the relief rises along x and along y, (K,) each."""
        step = np.maximum(footprint, SLOPE_STEP)
        here = self.relief(x, y, footprint)
        return (self.relief(x + step, y, footprint) - here) / step, (self.relief(x, y + step, footprint) - here) / step


def picture_texture(path: Path, rng: np.random.Generator) -> Texture:
    """A photo of a texture, tiled by mirroring, some metres a tile.

    Raises:
        OSError: the file is missing or no picture.
    """
    with Image.open(path) as image:
        photo = np.asarray(image.convert("RGB").resize((256, 256), Image.Resampling.BOX))
    tile = linear(photo.astype(np.float32) / 255)
    tile = np.clip(tile * (rng.uniform(0.18, 0.38) / max(float(tile.mean()), 0.02)), 0.01, 0.9)
    tile = np.concatenate([tile, tile[:, ::-1]], axis=1)
    tile = np.ascontiguousarray(np.concatenate([tile, tile[::-1]], axis=0))
    blurred = [cv2.GaussianBlur(tile, (0, 0), 1.5 * 2**level) if level else tile for level in range(4)]
    grey = tile.mean(axis=2)
    size = rng.uniform(0.9, 2.2) / 256  # metres a pixel

    def at(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return x / size % 512, y / size % 512

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        level = np.clip(np.log2(np.maximum(footprint / size, 1)), 0, 3).round().astype(int)
        column, row = at(x, y)
        result = np.zeros((len(x), 3), np.float32)
        for number, each in enumerate(blurred):
            here = level == number
            result[here] = sample(each, column[here], row[here], cv2.BORDER_WRAP)
        return result

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.002 * sample(grey, *at(x, y), cv2.BORDER_WRAP)

    return Texture(albedo, relief)


def linear(colour: np.ndarray | tuple[float, float, float]) -> np.ndarray:
    """sRGB, 0 to 1, made linear."""
    return np.asarray(colour, np.float32) ** np.float32(2.2)


def joints(place: np.ndarray, size: float, width: float, footprint: np.ndarray) -> np.ndarray:
    """(K,): 0 on the lines that lie `size` metres apart and are `width` metres wide, 1 between them, soft as seen."""
    to_line = np.minimum(place % size, size - place % size) - width / 2
    soft = np.maximum(footprint, 0.002)
    shown = np.clip(to_line / soft + 0.5, 0, 1)
    # Where a pixel is wider than the line, it darkens by its share only.
    thin = np.clip(width / soft, 0, 1)
    return 1 - (1 - shown) * thin


def stained(rng: np.random.Generator, strength: float) -> Place:
    """(K, 1) factor about 1: the big soft stains, the wear and the damp that every old surface has."""
    wide, middle, spots = Pattern(rng, 1.6, 3), Pattern(rng, 0.35, 3), Pattern(rng, 0.12, 4)
    threshold = rng.uniform(1.2, 2.6)

    def factor(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        large, small = wide(x, y, footprint), middle(x, y, footprint)
        # Dirt gathers where it is dirty: in patches with frayed edges, never in lone spots.
        dark = np.clip((large + 0.7 * small + 0.5 * spots(x, y, footprint) - threshold) * 0.5, 0, 1)
        return (1 + strength * (0.7 * large + 0.4 * small) - 0.3 * dark)[:, None]

    return factor
