"""Rust, from pictures of it: patches, speckles from the edges, streaks running down, whole parts eaten."""

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material
from training.photo_damage.edits.strokes import break_up, mix
from training.photo_damage.edits.surfaces import (
    SMALLEST,
    Surface,
    find_rubber,
    finish,
    pick_surface,
    read_light,
    roundness,
)
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.reading import load_picture
from training.photo_damage.warps import smooth_noise

__all__ = ["rust"]

MIDDLE = 0.7  # of a picture's sides is used: captions are at the edges
LIGHTNESS = (0.0, 0.3, 0.6, 0.85, 1.0)  # of rust, and its RGB colours in [0, 1]
COLOURS = ((0.16, 0.08, 0.05), (0.34, 0.17, 0.08), (0.56, 0.28, 0.11), (0.74, 0.41, 0.17), (0.84, 0.57, 0.33))
STAIN = np.array([0.78, 0.55, 0.36], np.float32)  # what rust water does to the paint it runs over, as a factor


def rust(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Rust on tubes, drivetrain, a rim or more; the mask is what changed. None where there is too little bike."""
    surface = pick_surface(layers, parts, rng)
    if surface is None:
        return None
    surface.where &= ~find_rubber(parts, surface.box)
    if surface.where.sum() < SMALLEST:
        return None
    severity = float(rng.uniform(0.3, 1.0))
    ways = (_grow_patches, _grow_speckles, _run_down, _eat_whole)
    covered, stained = ways[rng.integers(len(ways))](surface, severity, parts.wheel_diameter, rng)
    picture = _read_rust(material, surface.alpha.shape, rng)
    light = read_light(surface) * (0.65 + 0.45 * float(layers.plate.mean()))
    stains = (stained * surface.where)[..., None]
    colour = surface.colour * (1 - stains * (1 - STAIN)) + 0.18 * stains * STAIN  # dark paint turns brown as well
    on_bike = cv2.GaussianBlur(surface.where.astype(np.float32), (0, 0), 0.6)
    colour = mix(colour, covered * on_bike, (picture * light).clip(0, 1))
    return finish(layers, surface, colour, "rust", severity)


def _grow_patches(
    surface: Surface, severity: float, diameter: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Spots of all sizes with ragged edges, and a stain round each. Coverage and stain, (h, w) in [0, 1]."""
    field = smooth_noise(surface.alpha.shape, rng, rng.uniform(0.03, 0.12) * diameter)
    field += rng.uniform(0.25, 0.5) * _fine_noise(surface.alpha.shape, rng) + 1.5 * surface.density
    share = 0.3 + 0.4 * severity
    return break_up(field, share, surface.where), 0.7 * break_up(field, min(0.9, share + 0.15), surface.where)


def _grow_speckles(
    surface: Surface, severity: float, diameter: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pits and freckles, thicker along edges and joints."""
    field = _fine_noise(surface.alpha.shape, rng) + 0.5 * smooth_noise(surface.alpha.shape, rng, 0.1 * diameter)
    field += rng.uniform(0.5, 1.6) * (1 - roundness(surface.alpha)) + 1.5 * surface.density
    share = 0.3 + 0.4 * severity
    return break_up(field, share, surface.where), 0.5 * break_up(field, min(0.9, share + 0.25), surface.where)


def _run_down(
    surface: Surface, severity: float, diameter: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Spots that weep: streaks of rust water below each."""
    field = _fine_noise(surface.alpha.shape, rng) + smooth_noise(surface.alpha.shape, rng, 0.04 * diameter)
    spots = break_up(field + 1.5 * surface.density, 0.18 + 0.3 * severity, surface.where)
    length = max(6, round(rng.uniform(0.06, 0.2) * diameter))
    fading = np.zeros((2 * length + 1, 1), np.float32)
    fading[:length, 0] = np.linspace(0.1, 1, length)  # correlation: what is above a pixel runs down to it
    run = cv2.filter2D(spots * rng.uniform(0, 1, (1, spots.shape[1])).astype(np.float32), -1, fading * 4 / length)
    run = run.clip(0, 1)
    return np.maximum(spots, 0.55 * severity * run), run


def _eat_whole(
    surface: Surface, severity: float, diameter: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Nearly everything, with crumbs of the old surface left."""
    field = smooth_noise(surface.alpha.shape, rng, 0.08 * diameter) + 0.6 * _fine_noise(surface.alpha.shape, rng)
    covered = break_up(field + 1.5 * surface.density, 0.6 + 0.38 * severity, surface.where)
    return covered * rng.uniform(0.8, 1.0), np.ones_like(covered) * surface.density.clip(0, 0.9)


def _fine_noise(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(h, w) float32 of about unit deviation, with features of one to four pixels."""
    noise = rng.standard_normal(shape, np.float32)
    return 1.6 * cv2.GaussianBlur(noise, (0, 0), 0.8) + 2.2 * cv2.GaussianBlur(noise, (0, 0), 1.8)


def _read_rust(material: Material, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(h, w, 3) float32: rust with the grain of a picture, in its own colours where they are rust's."""
    picture = load_picture(material.rust[rng.integers(len(material.rust))])
    height, width = picture.shape[:2]
    top, left = round((1 - MIDDLE) / 2 * height), round((1 - MIDDLE) / 2 * width)
    tile = _tile(picture[top : height - top, left : width - left], shape, rng)
    lightness = tile.mean(axis=2)
    low, high = np.quantile(lightness[::3, ::3], (0.03, 0.97))
    level = ((lightness - low) / (high - low + 0.05)).clip(0, 1) * rng.uniform(0.75, 1.0)
    tinted = np.stack([np.interp(level, LIGHTNESS, channel) for channel in zip(*COLOURS, strict=True)], axis=2)
    red, _, blue = tile.reshape(-1, 3).mean(axis=0)
    own = 0.6 if red > 1.35 * blue else 0.15
    return (tinted + own * rng.random() * (tile - tinted)).astype(np.float32)


def _tile(picture: np.ndarray, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """The picture at a random scale and offset, mirrored as often as it takes to cover the shape."""
    scale = rng.uniform(0.3, 0.9)
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    indices = []
    for axis in (0, 1):
        size = small.shape[axis]
        place = (np.arange(shape[axis]) + rng.integers(2 * size)) % (2 * size)
        indices.append(np.minimum(place, 2 * size - 1 - place))
    return small[indices[0]][:, indices[1]]
