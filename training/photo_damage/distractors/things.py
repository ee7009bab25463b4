"""Things put on or hung from a sound bike: a helmet, a bottle, a cover over the saddle."""

import cv2
import numpy as np

from training.photo_damage.damage import Material
from training.photo_damage.distractors.object_drawing import (
    FINE,
    Light,
    Sketch,
    find_facing,
    pick_colour,
    place,
    round_off,
    trace_seam,
    turn,
)
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.tubes import find_tubes

__all__ = ["bottle", "helmet", "saddle_cover"]

PLASTICS = ((0.85, 0.86, 0.88), (0.80, 0.78, 0.72), (0.10, 0.10, 0.11), (0.20, 0.35, 0.62), (0.75, 0.15, 0.15))
PLASTICS += ((0.90, 0.75, 0.15), (0.16, 0.42, 0.25))
SHELLS = ((0.08, 0.08, 0.09), (0.85, 0.85, 0.86), (0.70, 0.12, 0.13), (0.15, 0.30, 0.60), (0.80, 0.75, 0.15))
SHELLS += ((0.30, 0.32, 0.34), (0.85, 0.45, 0.10))
SMALLEST_WHEEL = 60  # pixels across; on smaller bikes things are only blots
# A helmet from its left side, x and y in half lengths, its front to the right.
HELMET = ((-0.92, 0.30), (-1.0, -0.10), (-0.72, -0.62), (-0.1, -0.88), (0.5, -0.70), (0.95, -0.12), (1.0, 0.08))
HELMET += ((0.55, 0.10), (0.1, 0.22), (-0.3, 0.30), (-0.6, 0.40))
VENTS = (((-0.75, -0.25), (-0.35, -0.55)), ((-0.25, -0.62), (0.25, -0.62)), ((0.35, -0.52), (0.72, -0.25)))
VENTS += (((-0.55, -0.05), (-0.15, -0.25)), ((0.0, -0.3), (0.45, -0.22)))


def bottle(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A drinking bottle inside the frame, on the down tube or the seat tube. None where it has no room."""
    size = parts.wheel_diameter
    if size < SMALLEST_WHEEL or find_facing(parts) is None or "bottom_bracket" not in parts.points:
        return None
    inside = np.mean([parts.points[name] for name in parts.points], axis=0)
    for tube in find_tubes(layers.alpha, parts, tuple(map(str, rng.permutation(["down_tube", "seat_tube"])))):
        axis = tube.direction if tube.start[1] > tube.end[1] else -tube.direction  # upwards
        normal = np.array([-axis[1], axis[0]])
        normal *= 1 if normal @ (inside - (tube.start + tube.end) / 2) > 0 else -1
        radius, length = 0.05 * size, rng.uniform(0.25, 0.31) * size
        if tube.length < 0.8 * length:
            continue
        foot = tube.start if tube.start[1] > tube.end[1] else tube.end
        spare = max(0.0, tube.length - 1.05 * length)
        base = foot + axis * (0.05 * size + rng.uniform(0, 0.6) * spare) + normal * (tube.width / 2 + 1.1 * radius)
        if _has_room(layers.alpha, base, axis, normal, length, radius):
            return _draw_bottle(layers, base, axis, normal, (length, radius), rng)
    return None


def helmet(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A helmet that hangs from the handlebar by its straps, or lies on the saddle. None unless seen from the side."""
    facing, size = find_facing(parts), parts.wheel_diameter
    if facing is None or size < SMALLEST_WHEEL:
        return None
    half = rng.uniform(0.19, 0.23) * size
    if rng.random() < 0.4 and "saddle" in parts.boxes:
        x0, y0, x1, _ = parts.boxes["saddle"]
        middle = np.array([(x0 + x1) / 2, y0 - 0.12 * half])
        return _draw_helmet(layers, middle, half, rng.normal(0, 5), facing, None, rng) if middle[1] > half else None
    if "handlebar" not in parts.boxes:
        return None
    x0, y0, x1, y1 = (max(0, round(v)) for v in parts.boxes["handlebar"])
    bar = np.argwhere(layers.alpha[y0 : (y0 + y1) // 2, x0:x1] > 0.8)
    if not len(bar):
        return None
    hook = bar[np.argsort(facing * bar[:, 1])[len(bar) // rng.integers(8, 20)]][::-1] + (x0, y0)  # a grip, to the rear
    middle = hook + np.array([rng.normal(0, 0.1), rng.uniform(1.0, 1.4)]) * half
    return _draw_helmet(layers, middle, half, 180 + rng.normal(0, 25), facing, hook, rng)


def saddle_cover(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A plastic bag or a rain cover pulled over the saddle. None where the saddle is not drawn or not there."""
    if "saddle" not in parts.boxes:
        return None
    x0, y0, x1, y1 = (max(0, round(v)) for v in parts.boxes["saddle"])
    width, height = x1 - x0, y1 - y0
    there = np.argwhere(layers.alpha[y0:y1, x0:x1] > 0.5)[:, ::-1] + (x0, y0)
    if len(there) < 40 or width < 14:
        return None
    light = Light.measure(layers, rng)
    sketch = Sketch(layers.alpha.shape, there, pick_colour(PLASTICS, rng), margin=0.4 * width)
    mask = _grow(sketch.outline(_wrap(there, height, rng)), 0.045 * width)
    sketch.cover(mask)
    folds = rng.uniform(0.006, 0.014) * width * sketch.noise(rng, 0.18 * width, (0.7, 2.5))
    sketch.inflate(mask, 0.3 * height + 2, light, folds)
    sketch.shade *= 1 - 0.25 * trace_seam(mask, 0.03 * width)
    if rng.random() < 0.4:  # glossy
        sketch.colour += 0.7 * np.clip(sketch.shade - 1.05, 0, 0.5)[..., None]
    return place(sketch.render(light, rng), layers, 0.03 * width)


def _wrap(there: np.ndarray, height: float, rng: np.random.Generator) -> np.ndarray:
    """(N, 2), the line around a cover: tight over the saddle's pixels (M, 2), hanging loose below its broad part."""
    upper = there[there[:, 1] < there[:, 1].min() + rng.uniform(0.55, 0.8) * height]
    hull = cv2.convexHull(upper.astype(np.int32))[:, 0].astype(float)
    lowest = hull[:, 1].max() + rng.uniform(0.05, 0.35) * height
    across = np.linspace(-1, 1, 12)
    middle, half = hull[:, 0].min() / 2 + hull[:, 0].max() / 2, np.ptp(hull[:, 0]) / 2
    hem = np.column_stack(
        [middle + half * across, lowest + rng.normal(0, 0.05, 12) * height - 0.3 * height * across**2]
    )
    return round_off(cv2.convexHull(np.vstack([hull, hem]).astype(np.float32))[:, 0])


def _has_room(
    alpha: np.ndarray, base: np.ndarray, axis: np.ndarray, normal: np.ndarray, length: float, radius: float
) -> bool:
    """Whether hardly any bike is where a bottle would be, and all along it the tube that it would stand on."""

    def share_solid(sides: np.ndarray) -> float:
        along, across = np.meshgrid(np.linspace(0, length, 12), sides * radius)
        places = base[:, None] + axis[:, None] * along.ravel() + normal[:, None] * across.ravel()
        columns, rows = np.round(places).astype(int)
        columns, rows = columns.clip(0, alpha.shape[1] - 1), rows.clip(0, alpha.shape[0] - 1)
        return float((alpha[rows, columns] > 0.5).mean())

    return share_solid(np.linspace(-0.7, 1.2, 5)) < 0.15 and share_solid(np.array([-1.6])) > 0.8


def _draw_bottle(
    layers: Layers,
    base: np.ndarray,
    axis: np.ndarray,
    normal: np.ndarray,
    measures: tuple[float, float],
    rng: np.random.Generator,
) -> Layers:
    """A bottle of a length and radius in pixels that stands on its base, in a cage."""
    length, radius = measures
    light = Light.measure(layers, rng)

    def at(along: float, across: float) -> np.ndarray:
        return base + axis * along * length + normal * across * radius

    profile = [(0, 0.92), (0.55, 1.0), (0.62, 0.88), (0.68, 1.0), (0.8, 0.98), (0.84, 0.62), (0.93, 0.6)]
    outline = [at(a, r) for a, r in profile] + [at(a, -r) for a, r in reversed(profile)]
    spout = [at(0.92, -0.3), at(1.0, -0.25), at(1.0, 0.25), at(0.92, 0.3)]
    sketch = Sketch(layers.alpha.shape, outline + spout, pick_colour(PLASTICS, rng), margin=4)
    body = sketch.outline(round_off(outline, share=0.12))
    cap = sketch.outline([at(0.8, -1.1), at(0.8, 1.1), at(1.05, 1.1), at(1.05, -1.1)])
    nozzle = sketch.outline(spout)
    sketch.cover(body)
    if rng.random() < 0.7:  # a print round its middle
        band = sketch.outline([at(0.15, -1.2), at(0.15, 1.2), at(0.45, 1.2), at(0.45, -1.2)])
        sketch.cover(band * body, pick_colour(PLASTICS, rng))
    lid = pick_colour(((0.08, 0.08, 0.08), (0.85, 0.85, 0.86), (0.6, 0.1, 0.1)), rng)
    sketch.cover(cap * body, lid)
    sketch.cover(nozzle, 0.8 * lid + 0.1)
    sketch.inflate(np.maximum(body, nozzle), radius, light)
    sides = [[at(0.0, -0.8), at(0.5, -0.5), at(0.62, 0.2)], [at(-0.02, -1.0), at(-0.02, 1.0), at(0.4, 1.05)]]
    sketch.strands(sides, max(0.8, 0.16 * radius), pick_colour(((0.06, 0.06, 0.06), (0.6, 0.6, 0.62)), rng))
    return place(sketch.render(light, rng), layers, 0.2 * radius)


def _draw_helmet(
    layers: Layers,
    middle: np.ndarray,
    half: float,
    degrees: float,
    facing: int,
    hook: np.ndarray | None,
    rng: np.random.Generator,
) -> Layers:
    """A helmet of a half length in pixels, turned by some degrees; its straps go up to the hook, if any."""
    light = Light.measure(layers, rng)

    def at(points: tuple) -> np.ndarray:
        return middle + (np.array(points) * half * (facing, 1)) @ turn(degrees).T

    outline = round_off(at(HELMET))
    points = outline if hook is None else np.vstack([outline, [hook]])
    sketch = Sketch(layers.alpha.shape, points, pick_colour(SHELLS, rng))
    if hook is not None:
        straps = [[at(((-0.5, 0.3),))[0], hook], [at(((0.3, 0.15),))[0], hook]]
        sketch.strands(straps, max(0.8, 0.05 * half), (0.07, 0.07, 0.08))
    shell = sketch.outline(outline)
    sketch.cover(shell, sketch.colour[0, 0])
    if rng.random() < 0.5:  # a rim of another colour
        rim = sketch.stroke(at(((-1.0, 0.15), (-0.5, 0.25), (0.2, 0.08), (1.0, -0.02))), 0.16 * half)
        sketch.cover(rim * shell, pick_colour(SHELLS, rng))
    sketch.inflate(shell, 0.55 * half, light)
    for start, end in VENTS:
        vent = sketch.outline(_spindle(at((start,))[0], at((end,))[0], 0.16 * half))
        sketch.shade *= 1 - 0.85 * cv2.GaussianBlur(vent, (0, 0), 0.4 * FINE) * shell
    sketch.colour += 0.5 * np.clip(sketch.shade - 1.1, 0, 0.5)[..., None]
    return place(sketch.render(light, rng), layers, 0.06 * half)


def _spindle(start: np.ndarray, end: np.ndarray, width: float) -> np.ndarray:
    across = np.array([start[1] - end[1], end[0] - start[0]]) / max(np.linalg.norm(end - start), 1e-6) * width / 2
    return round_off([start, 0.6 * start + 0.4 * end + across, end, 0.6 * start + 0.4 * end - across])


def _grow(mask: np.ndarray, pixels: float) -> np.ndarray:
    side = 2 * max(1, round(FINE * pixels)) + 1
    return cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
