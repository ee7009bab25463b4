"""Shadows that fall over a sound bike and the place behind it."""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import Material
from training.photo_damage.distractors.dirt import SMALLEST_BIKE, step
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.warps import smooth_noise

__all__ = ["cast_shadow"]

STUDIO_WHITE = 0.93  # the value of most of a plate in a studio


def cast_shadow(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """The shadow of leaves, a fence, a pole or a building falls over the bike and the place behind it alike."""
    if (layers.alpha > 0.5).sum() < SMALLEST_BIKE:
        return None
    ways = [_leaf_shadow, _leaf_shadow, _pole_shadow, _edge_shadow, _edge_shadow]
    if np.median(layers.plate) < STUDIO_WHITE:  # no fences stand in studios
        ways.append(_fence_shadow)
    draw = ways[rng.integers(len(ways))]
    # A far bike's photo shows wide ground, but leaves and poles are no finer there.
    shadow = draw(layers.alpha.shape, max(parts.wheel_diameter, 0.35 * max(layers.alpha.shape)), rng)
    strength = rng.uniform(0.25, 0.5)
    shade = np.array([1.0, 0.97, 0.90], np.float32) * strength  # the sky still lights what the sun does not
    # The bike stands before what is behind it: the same shadow meets it a little to the side.
    shift = np.float32([[1, 0, rng.uniform(-0.12, 0.12) * parts.wheel_diameter], [0, 1, 0]])
    nearer = cv2.warpAffine(shadow, shift, shadow.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    colour, plate = (
        picture * (1 - mask[..., None] * shade) for picture, mask in ((layers.colour, nearer), (layers.plate, shadow))
    )
    return replace(layers, colour=colour.astype(np.float32), plate=plate.astype(np.float32))


def _leaf_shadow(shape: tuple[int, int], size: float, rng: np.random.Generator) -> np.ndarray:
    """(H, W) in [0, 1]: dappled, the sun a soft round spot through every gap."""
    leaves = smooth_noise(shape, rng, rng.uniform(0.15, 0.35) * size)
    leaves += 0.6 * smooth_noise(shape, rng, rng.uniform(0.05, 0.1) * size)
    return cv2.GaussianBlur(step(leaves, rng.uniform(-0.5, 0.5), 0.5), (0, 0), 0.015 * size)


def _fence_shadow(shape: tuple[int, int], size: float, rng: np.random.Generator) -> np.ndarray:
    """(H, W) in [0, 1]: bars of one width at one distance."""
    period = rng.uniform(0.2, 0.4) * size
    wave = np.cos(2 * np.pi * (_across(shape, rng.uniform(-0.7, 0.7)) / period + rng.random()))
    ends = _across(shape, rng.uniform(0.5, 1.1) * rng.choice([-1, 1]))  # a fence is only so long
    reach = step(-np.abs(ends - np.quantile(ends, rng.uniform(0.3, 0.7))), -rng.uniform(0.5, 1.2) * size, 0.4 * size)
    return step(wave, rng.uniform(0.1, 0.6), rng.uniform(0.4, 0.8)) * reach


def _pole_shadow(shape: tuple[int, int], size: float, rng: np.random.Generator) -> np.ndarray:
    """(H, W) in [0, 1]: one or two stripes."""
    across = _across(shape, rng.uniform(-0.8, 0.8))
    shadow = np.zeros(shape, np.float32)
    for _ in range(rng.integers(1, 3)):
        away = np.abs(across - np.quantile(across, rng.uniform(0.2, 0.8)))
        shadow = np.maximum(shadow, step(-away, -rng.uniform(0.04, 0.12) * size, 0.02 * size))
    return shadow


def _edge_shadow(shape: tuple[int, int], size: float, rng: np.random.Generator) -> np.ndarray:
    """(H, W) in [0, 1]: all to one side of a straight edge."""
    across = _across(shape, rng.uniform(-1.3, 1.3)) * rng.choice([-1, 1])
    return step(across, np.quantile(across, rng.uniform(0.35, 0.65)), rng.uniform(0.02, 0.06) * size)


def _across(shape: tuple[int, int], slant: float) -> np.ndarray:
    """(H, W): pixels across lines that lean by `slant` radians from upright."""
    rows, columns = np.indices(shape, dtype=np.float32)
    return columns * np.float32(np.cos(slant)) + rows * np.float32(np.sin(slant))
