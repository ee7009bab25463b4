"""What is stuck on or tied to a sound bike: decals, labels, bands of tape, price tags."""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import Material
from training.photo_damage.distractors.object_drawing import Light, Sketch, pick_colour, place
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.tubes import Tube, find_tubes

__all__ = ["price_tag", "stickers"]

PAPERS = ((0.92, 0.92, 0.90), (0.95, 0.93, 0.85), (0.90, 0.80, 0.20), (0.85, 0.15, 0.15), (0.12, 0.25, 0.55))
PAPERS += ((0.08, 0.08, 0.08), (0.15, 0.45, 0.25), (0.85, 0.45, 0.10), (0.55, 0.75, 0.85))
BANDS = ((0.92, 0.92, 0.92), (0.85, 0.55, 0.10), (0.80, 0.12, 0.12), (0.08, 0.08, 0.08), (0.75, 0.85, 0.15))
BANDS += ((0.10, 0.30, 0.60), (0.65, 0.65, 0.67))
LETTERS = "ABCDEFGHIKLMNOPRSTUVXZ0123456789"
LABEL_HEIGHT = 40  # pixels of a label before it is put on its tube
SMALLEST_WHEEL = 90  # pixels across; on smaller bikes small things cannot be told


def stickers(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """One to four decals, labels or bands of tape on the tubes. None where no tube is seen."""
    tubes = find_tubes(layers.alpha, parts)
    if not tubes:
        return None
    light = Light.measure(layers, rng)
    for _ in range(rng.integers(1, 5)):
        tube = tubes[rng.integers(len(tubes))]
        is_band = rng.random() < 0.45
        length = tube.width * (rng.uniform(0.5, 1.6) if is_band else rng.uniform(1.8, 4.5))
        if length > 0.8 * tube.length:
            continue
        label = _print_band(rng) if is_band else _print_label(max(1.0, length / (0.8 * tube.width)), rng)
        layers = _wrap_label(layers, tube, label, length, 1.04 if is_band else rng.uniform(0.6, 0.85), light, rng)
    return layers


def price_tag(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Layers | None:
    """A card on a string from the handlebar, the saddle or the top tube, as in shops. None where neither is drawn."""
    size = parts.wheel_diameter
    hooks = [parts.boxes[part] for part in ("handlebar", "saddle") if part in parts.boxes]
    if size < SMALLEST_WHEEL or not hooks:
        return None
    x0, y0, x1, y1 = (max(0, round(v)) for v in hooks[rng.integers(len(hooks))])
    solid = np.argwhere(layers.alpha[y0:y1, x0:x1] > 0.8)
    if not len(solid):
        return None
    hook = solid[rng.integers(len(solid))][::-1] + (x0, y0)
    light = Light.measure(layers, rng)
    wide, tall = rng.uniform(0.06, 0.11) * size, rng.uniform(0.06, 0.11) * size
    lean = np.deg2rad(rng.normal(0, 12))
    down, right = np.array([np.sin(lean), np.cos(lean)]), np.array([np.cos(lean), -np.sin(lean)])
    top = hook + rng.uniform(0.05, 0.14) * size * down
    corners = [top - right * wide / 2, top + right * wide / 2]
    corners += [corner + tall * down for corner in reversed(corners)]
    sketch = Sketch(layers.alpha.shape, [hook, *corners], PAPERS[0])
    sketch.strands([[hook, top]], max(0.7, 0.004 * size), rng.choice([0.15, 0.8]) * np.ones(3))
    sketch.stick(_print_label(wide / tall, rng, PAPERS[:3]), corners)
    sketch.shade[:] *= rng.uniform(0.85, 1.05)
    return place(sketch.render(light, rng), layers, 0.015 * size)


def _wrap_label(
    layers: Layers, tube: Tube, label: np.ndarray, length: float, share: float, light: Light, rng: np.random.Generator
) -> Layers:
    """The label (h, w, 3) on a tube, over a share of its width, shaded as round."""
    along = tube.direction if tube.direction[0] >= 0 else -tube.direction
    down = np.array([-along[1], along[0]]) * 0.5 * share * tube.width
    middle = tube.start + rng.uniform(0.2, 0.8) * (tube.end - tube.start)
    half = 0.5 * length * along
    corners = [middle - half - down, middle + half - down, middle + half + down, middle - half + down]
    across = np.linspace(-share, share, label.shape[0])[:, None, None]
    round_shade = (
        0.6
        + 0.45 * np.sqrt(np.clip(1 - (across + 0.25) ** 2 / 1.6, 0, 1))
        + 0.12 * np.exp(-((across + 0.4) ** 2) / 0.03)
    )
    sketch = Sketch(layers.alpha.shape, corners, label[0, 0])
    sketch.stick(label * round_shade, corners)
    piece = sketch.render(light, rng)
    colour = layers.colour + piece[..., 3:] * (piece[..., :3] - layers.colour)
    return replace(layers, colour=colour)


def _print_band(rng: np.random.Generator) -> np.ndarray:
    """(h, w, 3) in [0, 1]: tape of one colour, at times with a second stripe."""
    band = np.empty((LABEL_HEIGHT, LABEL_HEIGHT, 3), np.float32)
    band[:] = pick_colour(BANDS, rng)
    if rng.random() < 0.3:
        start = rng.integers(LABEL_HEIGHT // 2)
        band[:, start : start + LABEL_HEIGHT // 3] = pick_colour(BANDS, rng)
    return band


def _print_label(aspect: float, rng: np.random.Generator, papers: tuple = PAPERS) -> np.ndarray:
    """(h, w, 3) in [0, 1]: letters, small print or a bar code on paper, at times framed or striped."""
    height, width = LABEL_HEIGHT, max(8, round(aspect * LABEL_HEIGHT))
    paper, label = pick_colour(papers, rng), np.empty((height, width, 3), np.float32)
    label[:] = paper
    ink = np.full(3, 0.08) if paper.mean() > 0.45 else np.full(3, 0.92)
    accent = pick_colour(PAPERS, rng)
    if rng.random() < 0.4:
        label[: height // 4] = accent
    if rng.random() < 0.3:
        label[-height // 5 :] = accent
    way = rng.integers(3)
    if way == 0:
        text = "".join(rng.choice(list(LETTERS), rng.integers(3, 8)))
        (text_width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
        scale = min(0.85 * width / text_width, 1.1)
        spot = round(0.5 * (width - scale * text_width)), round(height / 2 + 11 * scale)
        letters = np.zeros((height, width), np.uint8)
        cv2.putText(letters, text, spot, cv2.FONT_HERSHEY_DUPLEX, scale, 255, max(1, round(2.5 * scale)), cv2.LINE_AA)
        label += letters[..., None] / np.float32(255) * (ink.astype(np.float32) - label)
    elif way == 1:
        for row in range(height // 4, height - 6, 7):
            end = round(width * rng.uniform(0.5, 0.9))
            cv2.line(label, (round(0.08 * width), row), (end, row), (0.5 * ink + 0.5 * paper).tolist(), 2)
    else:
        bars = np.repeat(rng.random(width // 2 + 1) < 0.5, 2)[:width]
        label[round(0.3 * height) : round(0.8 * height), bars] = ink
    return label
