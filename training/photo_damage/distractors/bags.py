"""Bags that a sound bike carries: in the frame, under the saddle, on a rack, before the handlebar."""

import cv2
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
    trace_seam,
)
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.reading import load_picture
from training.photo_damage.tubes import Tube, find_tubes

__all__ = ["bag"]

CLOTHS = ((0.07, 0.07, 0.08), (0.10, 0.10, 0.11), (0.22, 0.22, 0.24), (0.12, 0.17, 0.28), (0.50, 0.10, 0.10))
CLOTHS += ((0.28, 0.29, 0.18), (0.42, 0.33, 0.22), (0.75, 0.60, 0.12), (0.13, 0.30, 0.42))
WIRES = ((0.06, 0.06, 0.06), (0.10, 0.10, 0.10), (0.75, 0.75, 0.76), (0.88, 0.88, 0.86))
SMALLEST_WHEEL = 60  # pixels across; on smaller bikes things are only blots
HOLE_SHARE = 0.55  # of the main triangle must be open, for a bag to fit


def bag(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A bag in the frame, under the saddle, beside the rear wheel or before the handlebar. None where none fits."""
    if parts.wheel_diameter < SMALLEST_WHEEL:
        return None
    for index in rng.permutation(4):
        packed = (_frame_bag, _saddle_bag, _pannier, _handlebar_bag)[index](layers, parts, material, rng)
        if packed is not None:
            return packed
    return None


def _frame_bag(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """Fills the main triangle or its upper half, behind the tubes' front, with straps around the top tube."""
    names = ("head_tube", "seat_tube_top", "bottom_bracket")
    if any(name not in parts.points for name in names) or find_facing(parts) is None:
        return None
    head, seat, bracket = (np.array(parts.points[name]) for name in names)
    tubes = {tube.name: tube for tube in find_tubes(layers.alpha, parts, ("top_tube", "down_tube", "seat_tube"))}
    if "top_tube" not in tubes or len(tubes) < 2:
        return None
    depth = rng.choice([1.0, rng.uniform(0.4, 0.55)])
    outline = [head, seat, seat + depth * (bracket - seat), head + depth * 0.9 * (bracket - head)]
    _, labels = cv2.connectedComponents((layers.alpha < 0.5).astype(np.uint8), connectivity=4)
    border = np.unique(np.r_[labels[0], labels[-1], labels[:, 0], labels[:, -1], 0])
    is_hole = np.ones(labels.max() + 1, np.float32)
    is_hole[border] = 0
    holes = is_hole[labels]  # (H, W), 1 where the tubes close the picture off all round
    triangle = np.zeros(layers.alpha.shape, np.uint8)
    cv2.fillPoly(triangle, [np.round(outline).astype(np.int32)], 1)
    if holes[triangle > 0].mean() < HOLE_SHARE:
        return None
    light = Light.measure(layers, rng)
    sketch = Sketch(layers.alpha.shape, [head, seat, bracket], pick_colour(CLOTHS, rng))
    # Under the tubes' soft edges too, so that no gap shows between cloth and tube.
    mask = sketch.outline(outline) * sketch.take(cv2.dilate(holes, np.ones((5, 5), np.uint8)))
    _sew(sketch, mask, 0.06 * parts.wheel_diameter, light, material, rng)
    zip_line = [
        head + 0.12 * (bracket - head) + 0.1 * (seat - head),
        seat + 0.14 * (bracket - seat) + 0.06 * (head - seat),
    ]
    sketch.shade *= 1 - 0.45 * sketch.stroke(zip_line, 0.012 * parts.wheel_diameter) * (mask > 0.5)
    layers = place_behind(sketch.render(light, rng), layers)
    return _strap_around(layers, tubes["top_tube"], parts.wheel_diameter, light, rng)


def _strap_around(layers: Layers, tube: Tube, size: float, light: Light, rng: np.random.Generator) -> Layers:
    """Two to four straps of webbing across a tube."""
    across = np.array([-tube.direction[1], tube.direction[0]]) * (0.5 * tube.width + 0.006 * size)
    sketch = Sketch(layers.alpha.shape, [tube.start, tube.end], (0.08, 0.08, 0.09))
    for t in np.linspace(0.1, 0.9, rng.integers(2, 5)) + rng.uniform(-0.05, 0.05):
        middle = tube.start + t * (tube.end - tube.start)
        strap = sketch.stroke([middle - across, middle + across], 0.035 * size)
        sketch.cover(strap)
        sketch.inflate(strap, 0.5 * tube.width, light)
    return place(sketch.render(light, rng), layers, 0.01 * size)


def _saddle_bag(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A wedge under the saddle's rear, between rails and seat post."""
    facing = find_facing(parts)
    if facing is None or "saddle" not in parts.boxes:
        return None
    x0, y0, x1, y1 = parts.boxes["saddle"]
    wide, tall = x1 - x0, y1 - y0
    rear = x0 if facing > 0 else x1
    deep, stretch = rng.uniform(0.24, 0.4) * wide, rng.uniform(0.9, 1.15)
    corners = [(-0.06, y1 - 0.45 * tall), (0.5, y1 - 0.3 * tall), (0.42, y1 + 0.75 * deep), (0.02, y1 + deep)]
    outline = round_off([(rear + facing * x * wide * stretch, y) for x, y in corners], share=0.1)
    light = Light.measure(layers, rng)
    sketch = Sketch(layers.alpha.shape, outline, pick_colour(CLOTHS, rng))
    mask = sketch.outline(outline)
    _sew(sketch, mask, 0.1 * wide, light, material, rng)
    ends = [(rear + facing * x * wide, y1 + y * deep) for x, y in ((0.0, 0.55), (0.45, 0.42))]
    if rng.random() < 0.6:
        sketch.cover(sketch.stroke(ends, 0.05 * wide) * (mask > 0.5), rng.choice([0.6, 0.15]) * np.ones(3))
    return place_behind(sketch.render(light, rng), layers)


def _pannier(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A bag on a rack, beside the upper half of the rear wheel."""
    facing, wheel = find_facing(parts), parts.wheel("rear_wheel")
    if facing is None:
        return None
    x, y, half_width, radius = wheel
    top, bottom = y - rng.uniform(1.08, 1.18) * radius, y + rng.uniform(-0.1, 0.2) * radius
    back, front = x - facing * rng.uniform(0.7, 0.95) * half_width, x + facing * rng.uniform(0.12, 0.3) * half_width
    light = Light.measure(layers, rng)
    layers = _mount_rack(layers, parts, (back, top), light, rng)
    taper = facing * rng.uniform(0.0, 0.12) * half_width
    outline = round_off([(back, top), (front, top), (front - taper, bottom), (back + taper, bottom)], share=0.1)
    sketch = Sketch(layers.alpha.shape, outline, pick_colour(CLOTHS, rng))
    mask = sketch.outline(outline)
    _sew(sketch, mask, 0.16 * radius, light, material, rng)
    flap = top + rng.uniform(0.2, 0.4) * (bottom - top)
    sketch.shade *= 1 - 0.4 * cv2.GaussianBlur(sketch.stroke([(back, flap), (front, flap)], 0.03 * radius), (0, 0), 1.5)
    for t in [0.5] if rng.random() < 0.3 else [0.25, 0.75]:
        strap = back + t * (front - back)
        webbing = sketch.stroke([(strap, top), (strap, flap + 0.15 * radius)], 0.06 * radius)
        sketch.cover(webbing * (mask > 0.5), (0.06, 0.06, 0.06), 0.9)
        buckle = sketch.stroke([(strap, flap + 0.05 * radius), (strap, flap + 0.13 * radius)], 0.09 * radius)
        sketch.cover(buckle, (0.16, 0.16, 0.17))
    if rng.random() < 0.6:
        spot = np.array([(back + front) / 2, bottom - 0.3 * radius])
        sketch.cover(
            sketch.outline(spot + 0.1 * radius * np.array([(-1, 0.8), (1, 0.8), (0, -0.9)])), (0.75, 0.75, 0.76)
        )
    return place(sketch.render(light, rng), layers, 0.05 * radius)


def _mount_rack(
    layers: Layers, parts: Parts, end: tuple[float, float], light: Light, rng: np.random.Generator
) -> Layers:
    """A rack behind the bike: a rail from its rear end (x, y), in pixels, to the seat tube, and struts to the hub."""
    x, y, _, radius = parts.wheel("rear_wheel")
    back, top = end
    tubes = parts.tubes()
    (upper_x, upper_y), (lower_x, lower_y) = tubes.get("seat_tube") or tubes.get("seat_stay") or ((x, top), (x, y))
    share = np.clip((top - upper_y) / (lower_y - upper_y), 0, 1) if lower_y > upper_y else 0.0
    front = upper_x + share * (lower_x - upper_x), max(top, upper_y)
    colour = pick_colour(WIRES, rng)
    sketch = Sketch(layers.alpha.shape, [end, front, (x, y)], colour, margin=0.2 * radius)
    lean = parts.facing * 0.25 * radius
    sketch.strands([[(back, top), (x + lean, top), front], [(x - lean, top), (x, y)]], 0.03 * radius, colour)
    return place_behind(sketch.render(light, rng), layers)


def _handlebar_bag(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A small box or roll before the head tube, behind the bar."""
    facing, size = find_facing(parts), parts.wheel_diameter
    if facing is None or "head_tube" not in parts.points or "handlebar" not in parts.boxes:
        return None
    head_x, head_y = parts.points["head_tube"]
    wheel = parts.wheel("front_wheel")
    wide, tall = rng.uniform(0.2, 0.28) * size, rng.uniform(0.2, 0.28) * size
    bottom = min(head_y + 0.04 * size, wheel[1] - wheel[3] - 0.05 * size)
    back = head_x - facing * 0.02 * size
    if bottom - tall < parts.boxes["handlebar"][1] - 0.1 * size:
        return None
    outline = round_off(
        _slanted_box(back, back + facing * wide, bottom - tall, bottom, 0), share=rng.uniform(0.06, 0.2)
    )
    light = Light.measure(layers, rng)
    sketch = Sketch(layers.alpha.shape, outline, pick_colour(CLOTHS, rng))
    mask = sketch.outline(outline)
    _sew(sketch, mask, 0.3 * tall, light, material, rng)
    lid = bottom - 0.7 * tall
    sketch.shade *= 1 - 0.35 * sketch.stroke([(back, lid), (back + facing * wide, lid)], 0.012 * size)
    return place_behind(sketch.render(light, rng), layers)


def _sew(
    sketch: Sketch, mask: np.ndarray, roundness: float, light: Light, material: Material, rng: np.random.Generator
) -> None:
    """Turn the mask into a stuffed piece of cloth: cushion, folds, weave and a seam along its edge."""
    sketch.cover(mask)
    folds = rng.uniform(0.05, 0.16) * roundness * sketch.noise(rng, 2.5 * roundness, tuple(rng.uniform(0.6, 2, 2)))
    sketch.inflate(mask, roundness, light, folds)
    if material.textures:  # else of plain cloth
        weave = load_picture(material.textures[rng.integers(len(material.textures))]).mean(axis=2)
        weave = cv2.resize(weave, sketch.alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)
        sketch.shade *= 1 + rng.uniform(0.1, 0.3) * (weave - weave.mean())
    sketch.shade *= 1 - 0.2 * trace_seam(mask, 0.35 * roundness)
    sketch.colour += 0.03 * np.clip(sketch.shade, 0, 1.5)[..., None]  # black cloth is never quite black


def _slanted_box(back: float, front: float, top: float, bottom: float, taper: float) -> np.ndarray:
    """(4, 2) corners: upper back, upper front, lower front, lower back; narrower by `taper` at its foot."""
    return np.array([(back, top), (front, top), (front - taper, bottom), (back + 0.3 * taper, bottom)], float)
