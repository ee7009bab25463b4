"""The surface: rust, scratches, soot and paint. Colours change, the bike's outline does not."""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, find_changes
from training.photo_damage.frame_edits import pick_tube
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts, box_mask, ellipse_mask
from training.photo_damage.sources import load_picture
from training.photo_damage.warps import smooth_noise

__all__ = ["rust", "scorched_or_sprayed", "scratches"]

SMALLEST_SPOT = 40  # pixels to paint; fewer do not show


def rust(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Patches of real rust on one region; the mask is what changed. None where the region holds too little bike."""
    region, part = _pick_region(layers.alpha, parts, rng)
    if not region.any():
        return None
    noise = smooth_noise(layers.alpha.shape, rng, scale=rng.uniform(0.01, 0.06) * max(layers.alpha.shape))
    spots = (noise > np.quantile(noise[region], rng.uniform(0.3, 0.7))) & region & (layers.alpha > 0.4)
    picture = _tile(load_picture(material.rust[rng.integers(len(material.rust))]), layers.alpha.shape, rng)
    light = 0.65 + 0.6 * layers.colour.mean(axis=2, keepdims=True)  # keep the tube's own light and shade
    return _paint(layers, spots, picture * light, float(rng.uniform(0.7, 1.0)), "rust", part)


def scorched_or_sprayed(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Blobs of one colour or of a texture on one region; the mask is what changed. None as for `rust`."""
    region, part = _pick_region(layers.alpha, parts, rng)
    if not region.any():
        return None
    noise = smooth_noise(layers.alpha.shape, rng, scale=rng.uniform(0.03, 0.1) * max(layers.alpha.shape))
    blob = (noise > np.quantile(noise[region], rng.uniform(0.3, 0.6))) & region & (layers.alpha > 0.4)
    if rng.random() < 0.5:
        paint = np.broadcast_to(rng.uniform(0, 1, 3).astype(np.float32), layers.colour.shape)
    else:
        paint = _tile(load_picture(material.textures[rng.integers(len(material.textures))]), layers.alpha.shape, rng)
    return _paint(layers, blob, paint, float(rng.uniform(0.6, 1.0)), "scorched_or_sprayed", part)


def scratches(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """A few strokes along a tube, down to bare metal; the mask is what changed. None where no tube is known."""
    tube = pick_tube(parts, rng)
    if tube is None:
        return None
    point, direction = tube
    length = parts.wheel_diameter
    strokes = np.zeros(layers.alpha.shape, np.uint8)
    for _ in range(rng.integers(2, 9)):
        start = point + rng.normal(0, 0.1, 2) * length
        heading = np.array(direction) + rng.normal(0, 0.4, 2)
        steps = [heading * length * 0.05 + rng.normal(0, 1.2, 2) for _ in range(rng.integers(2, 6))]
        eighths = np.round(np.cumsum([start, *steps], axis=0) * 8).astype(np.int32)  # 3 fractional bits
        cv2.polylines(strokes, [eighths], False, 255, int(rng.integers(1, 4)), cv2.LINE_AA, shift=3)
    strength = strokes.astype(np.float32) / 255 * (layers.alpha > 0.5)
    metal = np.float32(rng.uniform(0.55, 0.95)) * np.ones(3, np.float32)
    if (strength > 0).any() and layers.colour[strength > 0].mean() > 0.6:
        metal *= 0.35  # bare metal on light paint reads dark
    colour = layers.colour + strength[..., None] * (metal - layers.colour)
    broken = replace(layers, colour=colour.astype(np.float32))
    return Damage(broken, find_changes(layers, broken), "scratches", "frame", 0.5)


def _pick_region(alpha: np.ndarray, parts: Parts, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """Where to paint (H, W) bool and which part that is: a disc somewhere on the bike, or the drivetrain's box."""
    rows, columns = np.nonzero(alpha > 0.6)
    if rng.random() < 0.35 and "drivetrain" in parts.boxes:
        return box_mask(alpha.shape, parts.boxes["drivetrain"]), "drivetrain"
    if not len(rows):
        return np.zeros(alpha.shape, bool), "frame"
    pick = rng.integers(len(rows))
    radius = rng.uniform(0.12, 0.5) * parts.wheel_diameter
    disc = ellipse_mask(alpha.shape, (columns[pick], rows[pick], radius, radius))
    for part in ("front_wheel", "rear_wheel"):
        wheel = parts.wheel(part)
        if wheel is not None and ellipse_mask(alpha.shape, wheel)[rows[pick], columns[pick]]:
            return disc, part
    return disc, "frame"


def _paint(layers: Layers, spots: np.ndarray, paint: np.ndarray, opacity: float, kind: str, part: str) -> Damage | None:
    """Lay `paint` (H, W, 3) over the spots (H, W) bool; the opacity, in (0, 1], is the severity."""
    if spots.sum() < SMALLEST_SPOT:
        return None
    strength = cv2.GaussianBlur(spots.astype(np.float32), (0, 0), 1.0)[..., None] * opacity
    colour = (layers.colour + strength * (paint - layers.colour)).clip(0, 1).astype(np.float32)
    broken = replace(layers, colour=colour)
    return Damage(broken, find_changes(layers, broken), kind, part, opacity)


def _tile(picture: np.ndarray, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """The picture at a random scale and offset, mirrored as often as it takes to cover the shape."""
    scale = rng.uniform(0.3, 1.0)
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = rng.integers(small.shape[0]), rng.integers(small.shape[1])
    rows = np.abs((np.arange(shape[0]) + top) % (2 * small.shape[0]) - small.shape[0] + 0.5).astype(int)
    columns = np.abs((np.arange(shape[1]) + left) % (2 * small.shape[1]) - small.shape[1] + 0.5).astype(int)
    return small[rows.clip(0, small.shape[0] - 1)][:, columns.clip(0, small.shape[1] - 1)]
