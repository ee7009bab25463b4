"""Small fittings of a sound bike: quick-release levers, lamps and reflectors."""

import numpy as np

from training.photo_damage.damage import Material
from training.photo_damage.distractors.object_drawing import (
    Light,
    Sketch,
    find_facing,
    pick_colour,
    place,
    place_behind,
    round_off,
)
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.tubes import find_tubes

__all__ = ["lamps", "quick_release_lever", "spoke_reflectors"]

METALS = ((0.72, 0.72, 0.74), (0.55, 0.55, 0.57), (0.10, 0.10, 0.11))
REFLECTORS = ((0.90, 0.48, 0.08), (0.92, 0.60, 0.12), (0.88, 0.88, 0.86))
SMALLEST_WHEEL = 90  # pixels across; on smaller bikes small things cannot be told


def quick_release_lever(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A lever at one or both hubs, and at the seat clamp at times. None unless seen from the side."""
    size = parts.wheel_diameter
    if find_facing(parts) is None or size < SMALLEST_WHEEL:
        return None
    light, colour = Light.measure(layers, rng), pick_colour(METALS, rng)
    spots = [np.array(hub) for hub in (parts.front_hub, parts.rear_hub) if rng.random() < 0.8]
    if "seat_tube_top" in parts.points and rng.random() < 0.4:
        spots.append(np.array(parts.points["seat_tube_top"]))
    for spot in spots or [np.array(parts.front_hub)]:
        angle, bow = rng.uniform(0, 2 * np.pi), rng.uniform(-0.5, 0.5)
        away = np.linspace(0, rng.uniform(0.08, 0.11) * size, 8)
        turned = angle + bow * away / away[-1]
        line = spot + np.column_stack([away * np.cos(turned), away * np.sin(turned)])
        sketch = Sketch(layers.alpha.shape, line, colour)
        lever = np.maximum(sketch.stroke(line, 0.016 * size), sketch.stroke(line[4:], 0.026 * size))
        lever = np.maximum(lever, sketch.stroke([spot, spot + 0.1], 0.04 * size))
        sketch.cover(lever)
        sketch.inflate(lever, 0.01 * size, light)
        layers = place(sketch.render(light, rng), layers, 0.01 * size)
    return layers


def lamps(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A lamp before the head tube, a red one on the seat post, or both; lit or not. None unless seen from the side."""
    facing, size = find_facing(parts), parts.wheel_diameter
    if facing is None or size < SMALLEST_WHEEL:
        return None
    light, lit = Light.measure(layers, rng), rng.random() < 0.3
    posts = find_tubes(layers.alpha, parts, ("seat_post", "seat_tube"))
    lamped = None
    if posts and rng.random() < 0.75:
        post = posts[-1]
        top = post.start if post.start[1] < post.end[1] else post.end
        spot = top + np.array([-facing * (0.5 * post.width + 0.012 * size), 0.05 * size])
        lamped = _mount_lamp(
            layers, spot, -facing, np.array([0.018, 0.032]) * size, (0.80, 0.06, 0.06), lit, light, rng
        )
    if "head_tube" in parts.points and (lamped is None or rng.random() < 0.5):
        spot = np.array(parts.points["head_tube"]) + np.array([facing * 0.075, rng.uniform(-0.06, 0.02)]) * size
        half = rng.uniform(0.03, 0.045) * size * np.array([1.1, 0.9])
        lamped = _mount_lamp(lamped or layers, spot, facing, half, (0.93, 0.93, 0.90), lit, light, rng)
    return lamped


def spoke_reflectors(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """Amber plates between the spokes, or silver tubes on them. None where no wheel is drawn in full view."""
    size, facing = parts.wheel_diameter, find_facing(parts)
    if facing is None or size < SMALLEST_WHEEL:
        return None
    light, colour = Light.measure(layers, rng), pick_colour(REFLECTORS, rng)
    draw = _draw_plates if rng.random() < 0.6 else _draw_straws
    reflecting = None
    for part in ("front_wheel", "rear_wheel"):
        wheel = parts.wheel(part)
        sketch = Sketch(layers.alpha.shape, [wheel[:2]], colour, margin=0.8 * max(wheel[2:]))
        draw(sketch, wheel, layers.alpha, light, rng)
        if sketch.alpha.any():
            piece = sketch.render(light, rng)
            reflecting = place(piece, reflecting or layers, 0.005 * size)
    return reflecting


def _mount_lamp(
    layers: Layers,
    spot: np.ndarray,
    facing: int,
    half: np.ndarray,
    glass: tuple[float, float, float],
    lit: bool,
    light: Light,
    rng: np.random.Generator,
) -> Layers:
    """A lamp of half width and height in pixels, its glass to the side that it faces, behind the bar and the tubes."""
    corners = [(-1, -0.6), (1, -1), (1, 1), (-1, 0.6)]
    outline = round_off(spot + np.array(corners) * half * (facing, 1), share=0.15)
    sketch = Sketch(layers.alpha.shape, outline, (0.09, 0.09, 0.10))
    sketch.strands([[spot, spot - (3 * facing * half[0], 0)]], 0.4 * half[1], (0.08, 0.08, 0.08))
    body = sketch.outline(outline)
    sketch.cover(body, (0.10, 0.10, 0.11))
    lens = (
        sketch.outline(spot + np.array([(0.45, -1.2), (1.2, -1.2), (1.2, 1.2), (0.45, 1.2)]) * half * (facing, 1))
        * body
    )
    sketch.cover(lens, glass)
    sketch.inflate(body, 0.5 * half.min(), light)
    if lit:
        sketch.shade += lens * (1.3 - sketch.shade)
        sketch.colour += 0.5 * lens[..., None] * (1 - sketch.colour)
    return place_behind(sketch.render(light, rng), layers)


def _draw_plates(sketch: Sketch, wheel: tuple, alpha: np.ndarray, light: Light, rng: np.random.Generator) -> None:
    """One to three plates along the circle, where only spokes are behind them."""
    centre, axes = np.array(wheel[:2]), np.array(wheel[2:4])
    start, count = rng.uniform(0, 2 * np.pi), rng.integers(1, 4)
    for angle in start + 2 * np.pi * np.arange(count) / count:
        outward = np.array([np.cos(angle), np.sin(angle)])
        tangent = np.array([-outward[1], outward[0]])
        middle = rng.uniform(0.55, 0.65) * outward
        corners = [middle + u * 0.13 * tangent + v * 0.04 * outward for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        low, high = (
            np.round(f(centre + np.array(corners) * axes, axis=0)).astype(int).clip(0) for f in (np.min, np.max)
        )
        there = alpha[low[1] : high[1] + 1, low[0] : high[0] + 1]
        if not there.size or there.mean() > 0.5:
            continue
        mask = sketch.outline(round_off(centre + np.array(corners) * axes, share=0.15))
        sketch.cover(mask)
        sketch.inflate(mask, 0.02 * axes.min(), light)
        sketch.shade *= (
            1 - 0.25 * sketch.stroke(centre + np.array([corners[0], corners[2]]) * axes, 0.02 * axes.min()) * mask
        )


def _draw_straws(sketch: Sketch, wheel: tuple, alpha: np.ndarray, light: Light, rng: np.random.Generator) -> None:
    """A silver tube along every so many spokes."""
    centre, axes = np.array(wheel[:2]), np.array(wheel[2:4])
    angles = rng.uniform(0, 2 * np.pi) + 2 * np.pi * np.arange(rng.integers(6, 13)) / 12
    lines = []
    for angle in angles + rng.normal(0, 0.06, len(angles)):
        outward = np.array([np.cos(angle), np.sin(angle)])
        line = np.array([centre + share * outward * axes for share in (0.45, 0.8)])
        columns, rows = np.round(np.linspace(*line, 12)).astype(int).T.clip(0)
        if alpha[rows.clip(0, alpha.shape[0] - 1), columns.clip(0, alpha.shape[1] - 1)].mean() < 0.6:
            lines.append(line)
    sketch.strands(lines, max(0.8, 0.016 * axes.min()), 0.85 * np.ones(3))
