"""Locks on a sound bike: a cable coiled round a tube or looped through a wheel, a U-lock hung on a tube."""

import numpy as np

from training.photo_damage.damage import Material
from training.photo_damage.distractors.object_drawing import (
    Light,
    Sketch,
    find_facing,
    pick_colour,
    place,
    place_behind,
    turn,
)
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.tubes import Tube, find_tubes

__all__ = ["lock"]

CABLES = ((0.06, 0.06, 0.07), (0.07, 0.07, 0.07), (0.12, 0.22, 0.50), (0.12, 0.35, 0.20), (0.55, 0.10, 0.12))
CABLES += ((0.30, 0.30, 0.32), (0.70, 0.45, 0.10))
SMALLEST_WHEEL = 60  # pixels across; on smaller bikes a lock is only a blot


def lock(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A cable coiled round a tube or looped through a wheel, or a U-lock on a tube. None where no tube is seen."""
    if parts.wheel_diameter < SMALLEST_WHEEL:
        return None
    way = rng.integers(3)
    if way == 0:
        return _loop_through_wheel(layers, parts, rng)
    names = (("seat_post", "seat_tube", "top_tube"), ("top_tube", "seat_tube", "down_tube"))[way - 1]
    tubes = find_tubes(layers.alpha, parts, names)
    if not tubes:
        return None
    tube = tubes[rng.integers(len(tubes))]
    return (_coil_around if way == 1 else _hang_u_lock)(layers, tube, parts.wheel_diameter, rng)


def _loop_through_wheel(layers: Layers, parts: Parts, rng: np.random.Generator) -> Layers | None:
    """A cable or chain that goes through a wheel and round the frame: its far half behind the bike."""
    part, near = (("rear_wheel", "seat_tube"), ("front_wheel", "down_tube"))[rng.integers(2)]
    wheel, tubes = parts.wheel(part), parts.tubes()
    if wheel is None or near not in tubes or find_facing(parts) is None:
        return None
    start, end = (np.array(point) for point in tubes[near])
    anchor = start + rng.uniform(0.3, 0.6) * (end - start)
    hub = np.array(wheel[:2])
    through = hub + (anchor - hub) * 0.55 * max(wheel[2:]) / max(np.linalg.norm(anchor - hub), 1)
    light, size = Light.measure(layers, rng), parts.wheel_diameter
    colour, width = pick_colour(CABLES, rng), rng.uniform(0.018, 0.028) * size
    reach, half = (anchor - through) / 2, rng.uniform(0.6, 1.1)
    middle, drop = (anchor + through) / 2, np.array([0, rng.uniform(0.08, 0.16) * size])
    angles = np.linspace(0, np.pi, 30)
    wobble = 0.01 * size * np.cumsum(rng.normal(0, 0.3, (30, 2)), axis=0) * np.sin(angles)[:, None]
    bow = np.outer(np.cos(angles), 1.12 * reach)
    back = middle + bow - half * np.outer(np.sin(angles), drop) + wobble
    front = middle + bow + 1.6 * np.outer(np.sin(angles), drop) + wobble
    for line, put in ((back, place_behind), (front, lambda piece, on: place(piece, on, 0.02 * size))):
        sketch = Sketch(layers.alpha.shape, line, colour, margin=2 * width)
        sketch.strands([line], width, colour)
        if put is not place_behind:
            _add_barrel(sketch, line[12], line[16], 2.1 * width, light)
        layers = put(sketch.render(light, rng), layers)
    return layers


def _coil_around(layers: Layers, tube: Tube, size: float, rng: np.random.Generator) -> Layers:
    """A cable lock wound up and hung on a tube: several loops, nearly one over another."""
    light = Light.measure(layers, rng)
    colour, width = pick_colour(CABLES, rng), rng.uniform(0.014, 0.022) * size
    hang = tube.start + rng.uniform(0.3, 0.6) * (tube.end - tube.start)
    wide, tall = rng.uniform(0.07, 0.11) * size, rng.uniform(0.12, 0.16) * size
    angles = np.linspace(0, 2 * np.pi, 40)
    loops = []
    for _ in range(rng.integers(3, 6)):
        squeeze, shift = rng.uniform(0.8, 1.15, 2), rng.normal(0, 0.012, 2) * size
        oval = np.column_stack([np.sin(angles) * wide, (0.85 - np.cos(angles)) * tall]) * squeeze
        loops.append(hang + shift + oval @ turn(rng.normal(0, 8)).T)
    sketch = Sketch(layers.alpha.shape, np.vstack(loops), colour, margin=2 * width)
    for loop in loops:
        sketch.strands([loop], width, colour)
    _add_barrel(sketch, loops[0][14], loops[0][18], 2.2 * width, light)
    return place(sketch.render(light, rng), layers, 0.015 * size)


def _hang_u_lock(layers: Layers, tube: Tube, size: float, rng: np.random.Generator) -> Layers:
    """A U-lock on a tube: the shackle over it, the crossbar below."""
    light = Light.measure(layers, rng)
    thick, half, tall = rng.uniform(0.022, 0.03) * size, rng.uniform(0.06, 0.085) * size, rng.uniform(0.24, 0.34) * size
    hang = tube.start + rng.uniform(0.3, 0.7) * (tube.end - tube.start)
    angles = np.linspace(np.pi, 2 * np.pi, 16)
    arch = np.column_stack([half * np.cos(angles), half * np.sin(angles)])
    shackle = np.vstack([[(-half, tall)], arch, [(half, tall)]])
    leaning = turn(rng.normal(0, 12)).T
    colour = pick_colour(CABLES[:2] + CABLES[5:6], rng)
    bar = np.array([(-1.5 * half, tall), (1.5 * half, tall)])
    shackle, bar = (hang + (line - (0, 0.3 * half)) @ leaning for line in (shackle, bar))
    sketch = Sketch(layers.alpha.shape, np.vstack([shackle, bar]), colour, margin=2 * thick)
    sketch.strands([shackle], thick, colour)
    sketch.strands([bar], 1.7 * thick, 0.8 * pick_colour(CABLES, rng) + 0.02)
    return place(sketch.render(light, rng), layers, 0.02 * size)


def _add_barrel(sketch: Sketch, start: np.ndarray, end: np.ndarray, width: float, light: Light) -> None:
    """The lock of a cable lock: a short black cylinder."""
    barrel = sketch.stroke([start, end], width)
    sketch.cover(barrel, (0.09, 0.09, 0.10))
    sketch.inflate(barrel, 0.5 * width, light)
