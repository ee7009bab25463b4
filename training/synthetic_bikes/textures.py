"""Walls and grounds, painted with noise: plaster, brick, planks; asphalt, slabs, grass.

Each painter takes (height, width) in pixels and a generator, and returns the albedo (H, W, 3), linear RGB, and the
relief (H, W) in metres. One pixel is PIXEL metres.
"""

from collections.abc import Callable

import cv2
import numpy as np

from training.synthetic_bikes.noise import noise_2d

__all__ = ["GROUNDS", "PIXEL", "WALLS"]

PIXEL = 0.003

Painted = tuple[np.ndarray, np.ndarray]


def plaster(shape: tuple[int, int], rng: np.random.Generator) -> Painted:
    tints = [(0.86, 0.80, 0.66), (0.78, 0.80, 0.80), (0.80, 0.66, 0.52), (0.66, 0.72, 0.70), (0.88, 0.86, 0.82)]
    albedo = _tint(shape, tints[rng.integers(len(tints))])
    stains, grain = noise_2d(shape, 260, rng, 5), noise_2d(shape, 5, rng, 2)
    down = cv2.resize(noise_2d((shape[0] // 24 + 1, shape[1]), 14, rng, 3), shape[::-1])  # rain streaks
    albedo *= (1 + 0.045 * stains + 0.03 * grain + 0.03 * down)[..., None]
    # Splashed and damp towards the foot (row 0 is the top).
    foot = np.clip((np.arange(shape[0]) - shape[0] * 0.82) / (shape[0] * 0.18), 0, 1)[:, None]
    albedo *= (1 - 0.35 * np.clip(foot**1.5 * (0.8 + 0.35 * noise_2d(shape, 90, rng)), 0, 1))[..., None]
    return albedo, 0.0004 * grain + 0.0005 * noise_2d(shape, 40, rng, 3)


def brick(shape: tuple[int, int], rng: np.random.Generator) -> Painted:
    tall, long, joint = round(0.071 / PIXEL), round(0.225 / PIXEL), 0.010 / PIXEL
    row = np.arange(shape[0]) // tall
    x = np.arange(shape[1])[None] + (row % 2)[:, None] * (long // 2)
    x = x + 1.2 * noise_2d(shape, 30, rng, 2)
    y = np.arange(shape[0])[:, None] + 1.2 * noise_2d(shape, 30, rng, 2)
    column = (x // long).astype(int)
    to_edge = np.minimum.reduce([x % long, long - x % long, y % tall, tall - y % tall])
    is_brick = np.clip((to_edge - joint / 2) / 1.2, 0, 1)
    each = rng.standard_normal((row.max() + 1, column.max() + 2, 3))[row[:, None], np.maximum(column, 0)]
    base = [(0.50, 0.31, 0.25), (0.58, 0.43, 0.34), (0.45, 0.35, 0.32)][rng.integers(3)]
    grain, stains = noise_2d(shape, 6, rng, 3), noise_2d(shape, 220, rng, 4)
    colour = _tint(shape, base) * (1 + 0.14 * each[..., :1] + 0.03 * each + 0.10 * grain[..., None])
    mortar = _tint(shape, (0.62, 0.58, 0.52)) * (1 + 0.08 * grain[..., None])
    albedo = mortar + (colour - mortar) * is_brick[..., None]
    return albedo * (1 + 0.06 * stains[..., None]), 0.004 * is_brick + 0.0006 * grain


def planks(shape: tuple[int, int], rng: np.random.Generator) -> Painted:
    wide = round(0.14 / PIXEL)
    index = np.arange(shape[1]) // wide
    to_edge = np.minimum(np.arange(shape[1]) % wide, wide - np.arange(shape[1]) % wide)
    each = rng.standard_normal(index.max() + 1)[index][None, :, None]
    tints = [(0.40, 0.27, 0.18), (0.32, 0.40, 0.44), (0.55, 0.50, 0.44), (0.23, 0.30, 0.26)]
    fibre = cv2.resize(noise_2d((shape[0] // 20 + 1, shape[1]), 4, rng, 3), shape[::-1])
    albedo = _tint(shape, tints[rng.integers(len(tints))])
    albedo *= 1 + 0.10 * each + (0.08 * fibre + 0.05 * noise_2d(shape, 200, rng))[..., None]
    groove = np.clip(to_edge / 2.0, 0, 1)[None, :]
    return albedo * (0.25 + 0.75 * groove)[..., None], 0.005 * groove + 0.0008 * fibre


def asphalt(shape: tuple[int, int], rng: np.random.Generator) -> Painted:
    stones, stains = noise_2d(shape, 3, rng, 2), noise_2d(shape, 300, rng, 5)
    albedo = _tint(shape, (0.46, 0.45, 0.44)) * (1 + 0.20 * stones + 0.08 * stains)[..., None]
    return _scatter_leaves(albedo, rng), 0.0009 * stones


def slabs(shape: tuple[int, int], rng: np.random.Generator) -> Painted:
    size = round(rng.choice([0.30, 0.40, 0.50]) / PIXEL)
    row, column = np.arange(shape[0]) // size, np.arange(shape[1]) // size
    edge_y = np.minimum(np.arange(shape[0]) % size, size - np.arange(shape[0]) % size)[:, None]
    edge_x = np.minimum(np.arange(shape[1]) % size, size - np.arange(shape[1]) % size)[None]
    to_edge = np.minimum(edge_y, edge_x) + 0.5 * noise_2d(shape, 8, rng, 2)
    each = rng.standard_normal((row.max() + 1, column.max() + 1))[row[:, None], column[None]]
    grain, stains = noise_2d(shape, 4, rng, 3), noise_2d(shape, 200, rng, 5)
    albedo = _tint(shape, (0.60, 0.585, 0.56)) * (1 + 0.06 * each + 0.07 * grain + 0.07 * stains)[..., None]
    joint = np.clip((to_edge - 0.6) / 1.5, 0, 1)
    albedo *= (0.40 + 0.60 * joint)[..., None]
    return _scatter_leaves(albedo, rng), 0.004 * joint + 0.0008 * grain


def grass(shape: tuple[int, int], rng: np.random.Generator) -> Painted:
    blades = cv2.resize(noise_2d((shape[0] // 4 + 1, shape[1]), 3, rng, 2), shape[::-1])
    patches, fine = noise_2d(shape, 160, rng, 5), noise_2d(shape, 4, rng, 2)
    shade = (1 + 0.30 * blades + 0.25 * fine)[..., None]
    green, dry = _tint(shape, (0.30, 0.36, 0.17)), _tint(shape, (0.46, 0.44, 0.27))
    share = np.clip(0.25 + 0.25 * patches, 0, 1)[..., None]
    albedo = np.clip((green + (dry - green) * share) * shade, 0.01, 1)
    return _scatter_leaves(albedo, rng), 0.003 * blades


WALLS: dict[str, Callable[..., Painted]] = {"plaster": plaster, "brick": brick, "planks": planks}
GROUNDS: dict[str, Callable[..., Painted]] = {"asphalt": asphalt, "slabs": slabs, "grass": grass}


def _tint(shape: tuple[int, int], colour: tuple[float, float, float]) -> np.ndarray:
    """One sRGB colour, made linear."""
    return np.ones((*shape, 1), np.float32) * (np.asarray(colour, np.float32) ** 2.2)


def _scatter_leaves(albedo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A few fallen leaves, 3 to 6 cm long."""
    albedo = np.ascontiguousarray(albedo, np.float32)
    for _ in range(rng.integers(0, 60)):
        place = (int(rng.uniform(0, albedo.shape[1])), int(rng.uniform(0, albedo.shape[0])))
        long = rng.uniform(0.012, 0.03) / PIXEL
        colour = np.array([(0.52, 0.38, 0.18), (0.40, 0.27, 0.15), (0.46, 0.43, 0.24)][rng.integers(3)]) ** 2.2
        colour = [float(c) for c in colour * rng.uniform(0.6, 1.2)]
        cv2.ellipse(
            albedo, place, (int(long) + 1, int(long * 0.5) + 1), rng.uniform(0, 180), 0, 360, colour, -1, cv2.LINE_AA
        )
    return albedo
