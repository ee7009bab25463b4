"""Baskets before the handlebar of a sound bike, of wire or wicker, empty or full."""

import numpy as np

from training.photo_damage.damage import Material
from training.photo_damage.distractors.object_drawing import (
    FINE,
    Light,
    Sketch,
    find_facing,
    pick_colour,
    place_behind,
    round_off,
)
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

__all__ = ["basket"]

WIRES = ((0.06, 0.06, 0.06), (0.10, 0.10, 0.10), (0.75, 0.75, 0.76), (0.88, 0.88, 0.86))
WICKERS = ((0.52, 0.36, 0.20), (0.40, 0.26, 0.14), (0.62, 0.47, 0.28))
LOADS = ((0.07, 0.07, 0.08), (0.22, 0.22, 0.24), (0.12, 0.17, 0.28), (0.50, 0.10, 0.10), (0.42, 0.33, 0.22))
LOADS += ((0.85, 0.86, 0.88), (0.80, 0.78, 0.72), (0.90, 0.75, 0.15), (0.16, 0.42, 0.25))
BLOOMS = ((0.85, 0.2, 0.25), (0.95, 0.85, 0.3), (0.95, 0.93, 0.9), (0.75, 0.4, 0.7))
SMALLEST_WHEEL = 60  # pixels across; on smaller bikes a basket is only a blot


def basket(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A basket of wire or wicker before the handlebar, empty or full. None unless seen from the side."""
    facing, size = find_facing(parts), parts.wheel_diameter
    if facing is None or size < SMALLEST_WHEEL or "head_tube" not in parts.points or "handlebar" not in parts.boxes:
        return None
    head_x, head_y = parts.points["head_tube"]
    wheel = parts.wheel("front_wheel")
    wide, tall = rng.uniform(0.42, 0.55) * size, rng.uniform(0.28, 0.36) * size
    bottom = min(head_y + 0.1 * size, wheel[1] - wheel[3] - 0.03 * size)
    top = bottom - tall
    if top < 2 or not parts.boxes["handlebar"][1] - 0.2 * size < top < parts.boxes["handlebar"][3] + 0.1 * size:
        return None
    back = head_x + facing * 0.05 * size
    box = _slanted_box(back, back + facing * wide, top, bottom, 0.12 * facing * wide)
    light = Light.measure(layers, rng)
    is_full, draw = rng.random() < 0.6, _draw_wires if rng.random() < 0.65 else _draw_wicker
    layers = place_behind(draw(layers.alpha.shape, box, size, is_full, light, rng), layers)
    return _fill_basket(layers, box, size, light, rng) if is_full else layers


def _fill_basket(layers: Layers, box: np.ndarray, size: float, light: Light, rng: np.random.Generator) -> Layers:
    """A bag, a parcel or flowers that stick out of the basket."""
    low, high = box.min(axis=0), box.max(axis=0)
    middle, wide = (low[0] + high[0]) / 2, high[0] - low[0]
    sketch = Sketch(layers.alpha.shape, [low, high], pick_colour(LOADS, rng), margin=0.35 * size)
    if rng.random() < 0.35:
        stalk = np.array([0.2, 0.38, 0.13])
        for _ in range(rng.integers(20, 40)):
            spot = np.array([middle + rng.normal(0, 0.2) * wide, low[1] + rng.normal(-0.02, 0.05) * size])
            foot = middle + 0.7 * (spot[0] - middle), high[1]
            sketch.dab([foot, spot, spot + 0.008 * size, np.array(foot) + 0.008 * size], 0.8 * stalk)
            sketch.dab(_blob(spot + rng.normal(0, 0.03, 2) * size, 0.03 * size, rng), stalk * rng.uniform(0.7, 1.3))
            bloom = pick_colour(BLOOMS, rng)
            sketch.dab(_blob(spot, rng.uniform(0.015, 0.03) * size, rng), bloom)
            sketch.dab(_blob(spot, 0.007 * size, rng), 0.6 * bloom)
        sketch.shade *= 0.9 + 0.15 * sketch.noise(rng, 0.03 * size)
    else:
        rise = rng.uniform(0.0, 0.12) * size
        inner = [(low[0] + 0.12 * wide, low[1] - rise), (high[0] - 0.12 * wide, low[1] - 0.7 * rise)]
        inner += [(high[0] - 0.16 * wide, high[1]), (low[0] + 0.16 * wide, high[1])]
        mask = sketch.outline(round_off(np.array(inner) + rng.normal(0, 0.015, (4, 2)) * size, share=0.1))
        sketch.cover(mask)
        folds = rng.uniform(0.005, 0.012) * size * sketch.noise(rng, 0.15 * size)
        sketch.inflate(mask, 0.08 * size, light, folds)
    return place_behind(sketch.render(light, rng), layers)


def _draw_wires(
    shape: tuple[int, int], box: np.ndarray, size: float, is_full: bool, light: Light, rng: np.random.Generator
) -> np.ndarray:
    """(H, W, 4): a basket of welded wire between the four corners, seen through to its far side."""
    colour = np.array(pick_colour(WIRES, rng))
    sketch = Sketch(shape, box, colour)
    thin = max(0.7, 0.007 * size)
    upper, lower = box[:2], box[3:1:-1]
    upright, around = np.linspace(0, 1, rng.integers(9, 13)), np.linspace(0, 1, rng.integers(5, 8))
    sides = [(1.0, np.zeros(2))] if is_full else [(0.7, np.array([0.02, -0.02]) * size), (1.0, np.zeros(2))]
    for brightness, shift in sides:  # the far side first; a load hides it
        uprights = [(shift + _between(*upper, t), shift + _between(*lower, t)) for t in upright]
        rounds = [(shift + _between(upper[0], lower[0], t), shift + _between(upper[1], lower[1], t)) for t in around]
        wires = uprights + rounds
        sketch.strands(wires, thin, brightness * colour)
    sketch.strands([upper, lower], 2 * thin, colour)
    return sketch.render(light, rng)


def _draw_wicker(
    shape: tuple[int, int], box: np.ndarray, size: float, is_full: bool, light: Light, rng: np.random.Generator
) -> np.ndarray:
    """(H, W, 4): a woven basket between the four corners; nobody sees into it, so full or empty look the same."""
    sketch = Sketch(shape, box, pick_colour(WICKERS, rng))
    mask = sketch.outline(round_off(box, share=0.06))
    sketch.cover(mask)
    rows, columns = np.indices(sketch.alpha.shape, dtype=np.float32)
    pitch = FINE * rng.uniform(0.03, 0.04) * size
    phase = np.pi * np.floor(rows / (0.5 * pitch))
    weave = np.sin(2 * np.pi * columns / (1.6 * pitch) + phase) * 0.5 + np.abs(np.sin(2 * np.pi * rows / pitch))
    sketch.inflate(mask, 0.1 * size, light)
    sketch.shade *= 0.72 + 0.3 * weave + 0.06 * sketch.noise(rng, 0.02 * size)
    sketch.strands([box[:2]], 0.04 * size, 1.1 * sketch.colour[0, 0])
    return sketch.render(light, rng)


def _slanted_box(back: float, front: float, top: float, bottom: float, taper: float) -> np.ndarray:
    """(4, 2) corners: upper back, upper front, lower front, lower back; narrower by `taper` at its foot."""
    return np.array([(back, top), (front, top), (front - taper, bottom), (back + 0.3 * taper, bottom)], float)


def _between(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    return start + share * (end - start)


def _blob(centre: np.ndarray, radius: float, rng: np.random.Generator) -> np.ndarray:
    """(N, 2), the outline of an uneven round spot."""
    angles = np.linspace(0, 2 * np.pi, 9)[:-1]
    away = radius * rng.uniform(0.7, 1.3, 8)
    return round_off(centre + np.column_stack([np.cos(angles), np.sin(angles)]) * away[:, None])
