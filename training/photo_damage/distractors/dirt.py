"""What weather, roads and the sun leave on a sound bike: mud, dust, water, wear and reflections."""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import Material
from training.photo_damage.distractors.object_drawing import Light
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.tubes import Tube, find_tubes
from training.photo_damage.warps import smooth_noise

__all__ = ["SMALLEST_BIKE", "dust", "mud", "reflection", "step", "wet", "worn"]

SMALLEST_BIKE = 400  # pixels; on fewer nothing shows


def mud(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """Dull brown clods, spatter and a thin wash on all that is near the ground. None without a bike."""
    nearness = _nearness_to_ground(layers, parts, reach=rng.uniform(0.55, 1.0))
    if nearness is None:
        return None
    light = Light.measure(layers, rng)
    size, shape = parts.wheel_diameter, layers.alpha.shape
    clods = smooth_noise(shape, rng, max(2.0, rng.uniform(0.02, 0.05) * size))
    spatter = cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), max(0.7, 0.005 * size))
    spatter /= max(float(spatter.std()), 1e-6)
    amount = rng.uniform(0.6, 1.0)
    thick = step(clods, 2.2 - 2.9 * amount * nearness, 0.4) * np.sqrt(nearness)
    drops = step(spatter, 2.9 - 2.3 * amount * nearness, 0.3) * (nearness > 0.04)
    wash = 0.75 * amount * nearness * (0.8 + 0.2 * smooth_noise(shape, rng, 0.15 * size)).clip(0, 1)
    opacity = np.max([0.92 * thick, 0.85 * drops, wash], axis=0).clip(0, 0.94)
    brown = np.array([0.45, 0.39, 0.32]) * rng.uniform(0.75, 1.3) * rng.uniform(0.95, 1.05, 3)
    rough = 1 + 0.08 * cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), 0.8) + 0.06 * clods
    lit = (0.75 + 0.5 * cv2.GaussianBlur(layers.colour.mean(axis=2), (0, 0), 2.0)) * rough
    paint = light.black + brown * lit[..., None] * (light.white - light.black)
    return _mix(layers, paint, opacity)


def dust(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A dull greyish veil, thickest low on the bike. None without a bike."""
    nearness = _nearness_to_ground(layers, parts, reach=rng.uniform(0.9, 1.6))
    if nearness is None:
        return None
    light = Light.measure(layers, rng)
    size, shape = parts.wheel_diameter, layers.alpha.shape
    patchy = 0.75 + 0.2 * smooth_noise(shape, rng, 0.25 * size) + 0.1 * smooth_noise(shape, rng, 0.03 * size)
    opacity = rng.uniform(0.4, 0.65) * np.sqrt(nearness) * patchy.clip(0.1, 1.2)
    beige = np.array([0.60, 0.56, 0.50]) * rng.uniform(0.8, 1.1) * rng.uniform(0.97, 1.03, 3)
    own = cv2.GaussianBlur(layers.colour.mean(axis=2), (0, 0), 1.5)
    paint = light.black + beige * (0.8 + 0.4 * own)[..., None] * (light.white - light.black)
    return _mix(layers, paint, opacity.clip(0, 0.8))


def wet(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """After rain: deeper colours, brighter gleams, and drops on all that is broad enough. None without a bike."""
    if (layers.alpha > 0.5).sum() < SMALLEST_BIKE:
        return None
    light = Light.measure(layers, rng)
    own = layers.colour
    grey = own.mean(axis=2, keepdims=True)
    deep = (grey + 1.25 * (own - grey)).clip(0, 1) ** rng.uniform(1.2, 1.5)
    gleam = np.clip(grey - cv2.GaussianBlur(grey[..., 0], (0, 0), 0.03 * parts.wheel_diameter)[..., None], 0, 1)
    colour = deep + rng.uniform(0.8, 1.4) * gleam * light.white
    broad = cv2.erode((layers.alpha > 0.9).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    spots = np.zeros(layers.alpha.shape, np.float32)
    rows, columns = np.nonzero(broad)
    if len(rows):
        share = rng.uniform(0.015, 0.04)
        picks = rng.integers(len(rows), size=int(share * len(rows)))
        spots[rows[picks], columns[picks]] = rng.uniform(0.4, 1.0, len(picks))
    drops = cv2.GaussianBlur(spots, (0, 0), max(0.6, 0.003 * parts.wheel_diameter))
    drops /= max(float(drops.max()), 1e-6)
    under = np.roll(drops, 1, axis=0)  # a drop is dark above its own shadow and bright where it catches the sky
    colour = colour * (1 - 0.5 * under[..., None]) + 0.55 * drops[..., None] * light.white
    return replace(layers, colour=colour.clip(0, 1).astype(np.float32))


def worn(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """Years of sun and gravel: faded paint and specks too small and faint to call damage. None without a bike."""
    solid = layers.alpha > 0.5
    if solid.sum() < SMALLEST_BIKE:
        return None
    grey = layers.colour.mean(axis=2, keepdims=True)
    patchy = (0.8 + 0.25 * smooth_noise(layers.alpha.shape, rng, 0.4 * parts.wheel_diameter)).clip(0.3, 1.2)
    fading = rng.uniform(0.2, 0.45) * patchy[..., None]
    colour = layers.colour + fading * (grey - layers.colour) + 0.12 * fading * (0.7 - grey)
    specks = (rng.random(layers.alpha.shape) < 0.012).astype(np.float32) * rng.uniform(-1, 1, layers.alpha.shape)
    colour = colour + 0.35 * cv2.GaussianBlur(specks.astype(np.float32), (0, 0), 0.7)[..., None]
    return replace(layers, colour=colour.clip(0, 1).astype(np.float32))


def reflection(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """Bright streaks along the tubes: sky, a window, a wheel's spokes seen in the paint. None without a plain tube."""
    tubes = find_tubes(layers.alpha, parts)
    if not tubes:
        return None
    light = Light.measure(layers, rng)
    strength = np.zeros(layers.alpha.shape, np.float32)
    for index in rng.permutation(len(tubes))[: rng.integers(2, 5)]:
        strength = np.maximum(strength, _streak(layers.alpha.shape, tubes[index], parts.wheel_diameter, rng))
    strength *= layers.alpha > 0.5
    if strength.max() < 0.3:
        return None
    tint = rng.uniform(0.85, 1.0, 3) * light.white
    return _mix(layers, tint, rng.uniform(0.4, 0.7) * strength)


def _streak(shape: tuple[int, int], tube: Tube, size: float, rng: np.random.Generator) -> np.ndarray:
    """(H, W) in [0, 1]: a gleam along part of a tube, to one side of its middle; broken where spokes are mirrored."""
    along = tube.direction
    normal = np.array([-along[1], along[0]]) * (-1 if along[0] > 0 else 1)  # to the upper side
    first, last = rng.uniform(0.05, 0.4), rng.uniform(0.6, 0.95)
    offset = rng.uniform(0.05, 0.25) * tube.width * normal
    ends = [tube.start + t * (tube.end - tube.start) + offset for t in (first, last)]
    width = max(1, round(rng.uniform(0.15, 0.3) * tube.width))
    line = np.zeros(shape, np.uint8)
    cv2.polylines(line, [np.round(np.array(ends) * 8).astype(np.int32)], False, 255, width, cv2.LINE_AA, shift=3)
    strength = cv2.GaussianBlur(line.astype(np.float32) / 255, (0, 0), max(0.7, 0.3 * width))
    if rng.random() < 0.4:
        rows, columns = np.indices(shape, dtype=np.float32)
        wave = np.sin((columns * along[0] + rows * along[1]) * 2 * np.pi / (rng.uniform(0.05, 0.1) * size))
        strength *= (0.6 + 0.4 * wave).astype(np.float32)
    return strength


def step(values: np.ndarray, threshold: np.ndarray | float, softness: float) -> np.ndarray:
    """float32 in [0, 1]: 0 below the threshold, 1 above, smooth over `softness` to either side."""
    ramp = np.clip((values - threshold) / (2 * softness) + 0.5, 0, 1)
    return (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)


def _nearness_to_ground(layers: Layers, parts: Parts, reach: float) -> np.ndarray | None:
    """(H, W) in [0, 1]: 1 where the wheels stand, 0 from `reach` wheel diameters up, more on what wheels throw at."""
    solid = layers.alpha > 0.5
    if solid.sum() < SMALLEST_BIKE:
        return None
    size = parts.wheel_diameter
    bottoms = [box[3] for name, box in parts.boxes.items() if name.endswith("wheel")]
    ground = max(bottoms, default=float(np.flatnonzero(solid.any(axis=1))[-1]))
    height = (ground - np.arange(layers.alpha.shape[0], dtype=np.float32)) / (reach * size)
    nearness = np.repeat(np.clip(1 - height, 0, 1)[:, None], layers.alpha.shape[1], axis=1)
    rows, columns = np.indices(layers.alpha.shape, dtype=np.float32)
    for part in ("front_wheel", "rear_wheel"):
        if (wheel := parts.wheel(part)) is not None:
            away = np.hypot((columns - wheel[0]) / max(wheel[2], 1), (rows - wheel[1]) / max(wheel[3], 1))
            nearness = np.maximum(nearness, 0.75 * np.exp(-(((away - 0.97) / 0.1) ** 2)) * (0.5 + 0.5 * nearness))
    return nearness.clip(0, 1)


def _mix(layers: Layers, paint: np.ndarray, opacity: np.ndarray) -> Layers:
    """The bike's colours, (H, W) `opacity` of them replaced by paint (H, W, 3) or (3,)."""
    colour = layers.colour + opacity[..., None] * (paint - layers.colour)
    return replace(layers, colour=colour.clip(0, 1).astype(np.float32))
