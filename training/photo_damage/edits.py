"""Break the bike: each edit changes the bike's layer and says which pixels are the defect.

An edit takes the layers, the parts and a random generator, and returns a `Damage`, or None where the photo does
not show what it needs. `EDITS` lists them by the name that `metadata.jsonl` carries.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from training.photo_damage.layers import Layers
from training.photo_damage.parts import TUBE_WIDTH, Parts, box_mask, ellipse_mask, line_mask
from training.photo_damage.sources import load_picture
from training.photo_damage.warps import bend_across, buckle_wheel, move, smooth_noise

__all__ = ["EDITS", "Damage", "Material"]

CHANGE = 0.06  # a pixel that differs by this much of the value range, in any channel, has visibly changed


@dataclass
class Damage:
    """The broken layers, the defect's mask (H, W) bool, its kind and part, and a severity in (0, 1]."""

    layers: Layers
    mask: np.ndarray
    kind: str
    part: str
    severity: float


@dataclass
class Material:
    """Pictures to paint with: files of rust, and of everyday textures."""

    rust: list[Path]
    textures: list[Path]


def wheel_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    part = str(rng.choice(["front_wheel", "rear_wheel"]))
    split = _split_wheel(layers.alpha, parts, part)
    if split is None:
        return None
    wheel, rest = split
    hull = ellipse_mask(layers.alpha.shape, parts.wheel(part), scale=1.03)
    return Damage(replace(layers, alpha=rest), hull, "wheel_missing", part, 1.0)


def wheel_bent(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    part = str(rng.choice(["front_wheel", "rear_wheel"]))
    split = _split_wheel(layers.alpha, parts, part)
    if split is None:
        return None
    wheel, rest = split
    severity = float(rng.uniform(0.07, 0.24))
    warped = buckle_wheel(_rgba(layers.colour, wheel), parts.wheel(part), severity, rng)
    broken = _over(layers, rest, warped)
    return Damage(broken, _changed(layers, broken), "wheel_bent", part, severity / 0.24)


def wheel_displaced(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    part = str(rng.choice(["front_wheel", "rear_wheel"]))
    split = _split_wheel(layers.alpha, parts, part)
    if split is None:
        return None
    wheel, rest = split
    centre_x, centre_y, half_width, half_height = parts.wheel(part)
    distance = rng.uniform(0.15, 0.5)
    angle = rng.uniform(0, 2 * np.pi)
    shift = (distance * half_width * np.cos(angle), 0.5 * distance * half_height * np.sin(angle))
    warped = move(_rgba(layers.colour, wheel), (centre_x, centre_y), shift, rng.uniform(-25, 25))
    broken = _over(layers, rest, warped)
    return Damage(broken, _changed(layers, broken), "wheel_displaced", part, float(distance / 0.5))


def saddle_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    return _part_missing(layers, parts, "saddle", rng)


def handlebar_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    return _part_missing(layers, parts, "handlebar", rng)


def drivetrain_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    if "drivetrain" not in parts.boxes or "bottom_bracket" not in parts.points:
        return None
    keep = np.zeros(layers.alpha.shape, bool)
    for name, (start, end) in parts.tubes().items():
        keep |= line_mask(keep.shape, start, end, 0.4 * TUBE_WIDTH * _length(parts)) & (name != "fork")
    rear_wheel = parts.wheel("rear_wheel")
    if rear_wheel is not None:  # spokes and tyre stay where they are
        keep |= ellipse_mask(keep.shape, rear_wheel)
    gone = box_mask(keep.shape, parts.boxes["drivetrain"]) & ~keep & (layers.alpha > 0.05)
    if gone.sum() < 0.002 * (layers.alpha > 0.5).sum():
        return None
    alpha = layers.alpha * (1 - _feather(gone))
    return Damage(replace(layers, alpha=alpha), _hull(gone), "drivetrain_missing", "drivetrain", 1.0)


def saddle_turned(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    return _part_turned(layers, parts, "saddle", rng, smallest=25, largest=100)


def handlebar_turned(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    return _part_turned(layers, parts, "handlebar", rng, smallest=30, largest=140)


def tube_cut(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    tube = _pick_tube(parts, rng)
    if tube is None:
        return None
    point, direction = tube
    gap = float(rng.uniform(0.03, 0.12)) * _length(parts)
    offset = np.array(direction) * gap / 2
    across = 1.6 * TUBE_WIDTH * _length(parts)
    normal = np.array([-direction[1], direction[0]]) * across / 2
    slant = np.array(direction) * rng.uniform(-0.5, 0.5) * gap
    corners = [point - offset - normal - slant, point + offset - normal - slant]
    corners += [point + offset + normal + slant, point - offset + normal + slant]
    gone = np.zeros(layers.alpha.shape, np.uint8)
    cv2.fillPoly(gone, [np.round(corners).astype(np.int32)], 1)
    mask = gone.astype(bool) & (layers.alpha > 0.3)
    if mask.sum() < 20:
        return None
    alpha = layers.alpha * (1 - _feather(gone.astype(bool), 0.6))
    return Damage(replace(layers, alpha=alpha), _hull(mask), "tube_cut", "frame", gap / (0.12 * _length(parts)))


def tube_bent(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    tube = _pick_tube(parts, rng)
    if tube is None:
        return None
    point, direction = tube
    depth = float(rng.uniform(0.05, 0.14)) * _length(parts) * rng.choice([-1, 1])
    warped = bend_across(_rgba(layers.colour, layers.alpha), point, direction, depth, reach=2.2 * abs(depth))
    broken = replace(layers, colour=warped[..., :3], alpha=warped[..., 3])
    return Damage(broken, _changed(layers, broken), "tube_bent", "frame", abs(depth) / (0.14 * _length(parts)))


def rust(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    region, part = _pick_region(layers.alpha, parts, rng)
    noise = smooth_noise(layers.alpha.shape, rng, scale=rng.uniform(0.01, 0.06) * max(layers.alpha.shape))
    spots = (noise > np.quantile(noise[region], rng.uniform(0.3, 0.7))) & region & (layers.alpha > 0.4)
    picture = _tile(load_picture(material.rust[rng.integers(len(material.rust))]), layers.alpha.shape, rng)
    light = 0.45 + 0.8 * layers.colour.mean(axis=2, keepdims=True)  # keep the tube's own light and shade
    return _painted(layers, spots, picture * light, float(rng.uniform(0.7, 1.0)), "rust", part)


def scorched_or_sprayed(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    region, part = _pick_region(layers.alpha, parts, rng)
    noise = smooth_noise(layers.alpha.shape, rng, scale=rng.uniform(0.03, 0.1) * max(layers.alpha.shape))
    blob = (noise > np.quantile(noise[region], rng.uniform(0.3, 0.6))) & region & (layers.alpha > 0.4)
    if rng.random() < 0.5:
        paint = np.broadcast_to(rng.uniform(0, 1, 3).astype(np.float32), layers.colour.shape)
    else:
        paint = _tile(load_picture(material.textures[rng.integers(len(material.textures))]), layers.alpha.shape, rng)
    return _painted(layers, blob, paint, float(rng.uniform(0.6, 1.0)), "scorched_or_sprayed", part)


def scratches(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    tube = _pick_tube(parts, rng)
    if tube is None:
        return None
    point, direction = tube
    length = _length(parts)
    strokes = np.zeros(layers.alpha.shape, np.uint8)
    for _ in range(rng.integers(2, 9)):
        start = point + rng.normal(0, 0.1, 2) * length
        heading = np.array(direction) + rng.normal(0, 0.4, 2)
        line = np.cumsum(
            [start] + [heading * length * 0.05 + rng.normal(0, 1.2, 2) for _ in range(rng.integers(2, 6))], axis=0
        )
        cv2.polylines(
            strokes, [np.round(line * 8).astype(np.int32)], False, 255, int(rng.integers(1, 4)), cv2.LINE_AA, 3
        )
    strength = strokes.astype(np.float32) / 255 * (layers.alpha > 0.5)
    metal = np.float32(rng.uniform(0.55, 0.95)) * np.ones(3, np.float32)
    if layers.colour[strength > 0].size and layers.colour[strength > 0].mean() > 0.6:
        metal *= 0.35  # bare metal on light paint reads dark
    colour = layers.colour + strength[..., None] * (metal - layers.colour)
    broken = replace(layers, colour=colour.astype(np.float32))
    return Damage(broken, _changed(layers, broken), "scratches", "frame", 0.5)


EDITS: dict[str, Callable[[Layers, Parts, Material, np.random.Generator], Damage | None]] = {
    edit.__name__: edit
    for edit in (
        wheel_missing,
        wheel_bent,
        wheel_displaced,
        saddle_missing,
        saddle_turned,
        handlebar_missing,
        handlebar_turned,
        drivetrain_missing,
        tube_cut,
        tube_bent,
        rust,
        scratches,
        scorched_or_sprayed,
    )
}


def _part_missing(layers: Layers, parts: Parts, part: str, rng: np.random.Generator) -> Damage | None:
    if part not in parts.boxes:
        return None
    gone = box_mask(layers.alpha.shape, parts.boxes[part]) & (layers.alpha > 0.02)
    if gone.sum() < 30:
        return None
    alpha = layers.alpha * (1 - _feather(cv2.dilate(gone.astype(np.uint8), np.ones((3, 3))).astype(bool)))
    if part == "saddle" and rng.random() < 0.4 and "seat_tube_top" in parts.points:  # the post goes with it
        x0, _, x1, y1 = parts.boxes["saddle"]
        post = line_mask(gone.shape, ((x0 + x1) / 2, y1), parts.points["seat_tube_top"], TUBE_WIDTH * _length(parts))
        gone |= post & (layers.alpha > 0.02)
        alpha = alpha * (1 - _feather(post, 0.6))
    return Damage(replace(layers, alpha=alpha), _hull(gone), f"{part}_missing", part, 1.0)


def _part_turned(
    layers: Layers, parts: Parts, part: str, rng: np.random.Generator, smallest: float, largest: float
) -> Damage | None:
    if part not in parts.boxes:
        return None
    inside = box_mask(layers.alpha.shape, parts.boxes[part])
    x0, y0, x1, y1 = parts.boxes[part]
    piece, rest = layers.alpha * inside, layers.alpha * ~inside
    if piece.sum() < 30:
        return None
    degrees = float(rng.uniform(smallest, largest)) * rng.choice([-1, 1])
    shift = rng.normal(0, 0.12, 2) * (x1 - x0)
    pivot = ((x0 + x1) / 2, y1 if part == "saddle" else (y0 + y1) / 2)
    broken = _over(layers, rest, move(_rgba(layers.colour, piece), pivot, shift, degrees))
    return Damage(broken, _changed(layers, broken), f"{part}_turned", part, abs(degrees) / largest)


def _painted(
    layers: Layers, spots: np.ndarray, paint: np.ndarray, opacity: float, kind: str, part: str
) -> Damage | None:
    if spots.sum() < 40:
        return None
    strength = cv2.GaussianBlur(spots.astype(np.float32), (0, 0), 1.0)[..., None] * opacity
    colour = (layers.colour + strength * (paint - layers.colour)).clip(0, 1).astype(np.float32)
    broken = replace(layers, colour=colour)
    return Damage(broken, _changed(layers, broken), kind, part, opacity)


def _split_wheel(alpha: np.ndarray, parts: Parts, part: str) -> tuple[np.ndarray, np.ndarray] | None:
    """The alpha of the wheel and of the rest; fork and stays stay with the rest."""
    wheel = parts.wheel(part)
    if wheel is None:
        return None
    inside = ellipse_mask(alpha.shape, wheel, scale=1.035)
    for name, (start, end) in parts.tubes().items():
        if name in ("fork", "chain_stay", "seat_stay"):
            inside &= ~line_mask(alpha.shape, start, end, 0.8 * TUBE_WIDTH * _length(parts))
        elif name in ("seat_tube", "down_tube"):
            inside &= ~line_mask(alpha.shape, start, end, TUBE_WIDTH * _length(parts))
    soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 0.7)
    return alpha * soft, alpha * (1 - soft)


def _pick_tube(parts: Parts, rng: np.random.Generator) -> tuple[np.ndarray, tuple[float, float]] | None:
    """A point along a random tube, away from its ends, and the tube's direction."""
    tubes = parts.tubes()
    if not tubes:
        return None
    start, end = (np.array(point) for point in tubes[str(rng.choice(sorted(tubes)))])
    length = float(np.hypot(*(end - start)))
    if length < 8:
        return None
    return start + rng.uniform(0.25, 0.75) * (end - start), tuple((end - start) / length)


def _pick_region(alpha: np.ndarray, parts: Parts, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """A part of the bike to paint on: a disc somewhere on it, a wheel, or the drivetrain."""
    rows, columns = np.nonzero(alpha > 0.6)
    if rng.random() < 0.35 and "drivetrain" in parts.boxes:
        return box_mask(alpha.shape, parts.boxes["drivetrain"]), "drivetrain"
    pick = rng.integers(len(rows))
    radius = rng.uniform(0.12, 0.5) * _length(parts)
    disc = ellipse_mask(alpha.shape, (columns[pick], rows[pick], radius, radius))
    for part in ("front_wheel", "rear_wheel"):
        wheel = parts.wheel(part)
        if wheel is not None and ellipse_mask(alpha.shape, wheel)[rows[pick], columns[pick]]:
            return disc, part
    return disc, "frame"


def _length(parts: Parts) -> float:
    """The larger wheel's diameter in pixels: the bike's yardstick."""
    sides = [2 * max(wheel[2:]) for part in ("front_wheel", "rear_wheel") if (wheel := parts.wheel(part))]
    return max(sides, default=150.0)


def _rgba(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return np.dstack([colour, alpha]).astype(np.float32)


def _over(layers: Layers, rest: np.ndarray, piece: np.ndarray) -> Layers:
    """The rest of the bike in front of a moved piece, as layers again."""
    behind = piece[..., 3] * (1 - rest)
    alpha = rest + behind
    colour = (rest[..., None] * layers.colour + behind[..., None] * piece[..., :3]) / np.maximum(alpha, 1e-4)[..., None]
    return replace(layers, colour=colour.astype(np.float32), alpha=alpha.astype(np.float32))


def _changed(before: Layers, after: Layers) -> np.ndarray:
    """(H, W) bool, the pixels that look different, with the gaps between them closed."""
    difference = np.abs(after.put_together() - before.put_together()).max(axis=2)
    changed = (cv2.GaussianBlur(difference, (0, 0), 1.0) > CHANGE).astype(np.uint8)
    side = max(3, round(0.012 * max(changed.shape)) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.morphologyEx(changed, cv2.MORPH_CLOSE, kernel).astype(bool)


def _hull(gone: np.ndarray) -> np.ndarray:
    """(H, W) bool, the convex hull of what is gone, grown a little: where the part should be."""
    points = cv2.findNonZero(gone.astype(np.uint8))
    hull = np.zeros(gone.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(points), 1)
    side = max(3, round(0.008 * max(gone.shape)) | 1)
    return cv2.dilate(hull, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))).astype(bool)


def _feather(mask: np.ndarray, sigma: float = 1.0) -> np.ndarray:
    return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)


def _tile(picture: np.ndarray, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """The picture at a random scale and offset, mirrored as often as it takes to cover the shape."""
    scale = rng.uniform(0.3, 1.0)
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = rng.integers(small.shape[0]), rng.integers(small.shape[1])
    rows = np.abs((np.arange(shape[0]) + top) % (2 * small.shape[0]) - small.shape[0] + 0.5).astype(int)
    columns = np.abs((np.arange(shape[1]) + left) % (2 * small.shape[1]) - small.shape[1] + 0.5).astype(int)
    return small[rows.clip(0, small.shape[0] - 1)][:, columns.clip(0, small.shape[1] - 1)]
