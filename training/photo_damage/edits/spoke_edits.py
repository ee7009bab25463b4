"""Spokes: gone, or broken and bent out of the wheel."""

import numpy as np

from training.photo_damage.damage import Damage, Material, draw_strand, soften
from training.photo_damage.edits.wheel_layers import WheelLayer, find_wheel_changes, pick_wheel, put_wheel_back
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

__all__ = ["spokes_broken", "spokes_missing"]

LEAST_CONTRAST = 0.18  # of the value range, of a bent spoke to the place behind it
STRANDS = 11  # at most


def spokes_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """All spokes, or a sector or several sectors of them, are gone; the hub stays.

    The mask is what changed. None where no wheel can be told apart.
    """
    wheel = pick_wheel(layers, parts, rng)
    if wheel is None:
        return None
    angle = wheel.polar()[1]
    way = str(rng.choice(["all", "sector", "sectors"]))
    first = rng.uniform(0, 2 * np.pi)
    if way == "all":
        gone, share = np.ones(angle.shape, bool), 1.0
    else:
        count = 1 if way == "sector" else int(rng.integers(2, 4))
        share = float(rng.uniform(0.25, 0.75))
        gone = (angle - first) % (2 * np.pi / count) < share * 2 * np.pi / count
    return _clear(layers, wheel, soften(gone, 0.7), None, "spokes_missing", share)


def spokes_broken(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Some spokes have snapped: gaps where they were, and strands bent out of place; the mask is what changed.

    None as for `spokes_missing`.
    """
    wheel = pick_wheel(layers, parts, rng)
    if wheel is None:
        return None
    radius, angle = wheel.polar()
    count = int(rng.integers(3, STRANDS + 1))
    half = rng.uniform(0.35, 1.2)
    middle = rng.uniform(0, 2 * np.pi)
    # The gap is ragged: each tenth of it ends elsewhere between hub and rim.
    place = ((angle - middle + np.pi) % (2 * np.pi) - np.pi) / half
    tenth = ((place + 1) * 5).clip(0, 9.99).astype(int)
    gone = (np.abs(place) < 1) & (radius > rng.uniform(wheel.hub, 0.6, 10)[tenth])
    strands = np.zeros((*radius.shape, 4), np.float32)
    colour = _spoke_colour(layers, wheel)
    for start in rng.uniform(middle - half, middle + half, count):
        points = wheel.pixels(_bent_spoke(wheel, start, rng))
        strand = _draw_nearby(radius.shape, points, max(0.9, 0.01 * wheel.radius), colour)
        strands = np.where(strand[..., 3:] > strands[..., 3:], strand, strands)
    return _clear(layers, wheel, soften(gone, 0.7), strands, "spokes_broken", count / STRANDS)


def _clear(
    layers: Layers, wheel: WheelLayer, gone: np.ndarray, front: np.ndarray | None, kind: str, severity: float
) -> Damage:
    """Take what is `gone` (h, w) in [0, 1] off between hub and rim, and put the strands (h, w, 4) before it."""
    radius, _ = wheel.polar()
    between = (radius > wheel.hub + 0.015) & (radius < wheel.rim)
    rgba = wheel.rgba.copy()
    rgba[..., 3] *= 1 - gone * between
    touched = between & (gone > 0.01)
    if front is not None:
        touched |= front[..., 3] > 0.02
    broken = put_wheel_back(layers, wheel, rgba, touched, front)
    return Damage(broken, find_wheel_changes(layers, broken, wheel), kind, wheel.part, float(severity))


def _bent_spoke(wheel: WheelLayer, angle: float, rng: np.random.Generator) -> np.ndarray:
    """(16, 2) points of the unit disc: a spoke that hangs on the rim or on the hub, bent and sagging."""
    from_rim = rng.random() < 0.6
    radius, towards = (wheel.rim, -1) if from_rim else (wheel.hub, 1)
    outward = np.array([np.cos(angle), np.sin(angle)])
    length = rng.uniform(0.3, 1.0) * (wheel.rim - wheel.hub)
    along = np.linspace(0, 1, 16)[:, None]
    bend = rng.normal(0, 0.5) * np.array([-outward[1], outward[0]]) + rng.uniform(0, 0.5) * np.array([0.0, 1.0])
    kink = rng.normal(0, 0.25, 2) * np.clip(along - rng.uniform(0.3, 0.7), 0, None)
    return radius * outward + length * (along * towards * outward + along**2 * bend + kink)


def _spoke_colour(layers: Layers, wheel: WheelLayer) -> np.ndarray:
    """(3,) RGB: the spokes' own, or brighter or darker steel where that would not show before the place."""
    radius, _ = wheel.polar()
    between = (radius > wheel.hub + 0.05) & (radius < wheel.rim - 0.03)
    spokes = between & (wheel.rgba[..., 3] > 0.4)
    place = np.median(layers.plate[wheel.box][between], axis=0) if between.any() else np.full(3, 0.5)
    colour = np.median(wheel.rgba[spokes][:, :3], axis=0) if spokes.any() else place
    if np.abs(colour - place).max() < LEAST_CONTRAST:
        colour = np.full(3, 0.15 if place.mean() > 0.45 else 0.6)
    return colour


def _draw_nearby(shape: tuple[int, int], points: np.ndarray, width: float, colour: np.ndarray) -> np.ndarray:
    """(h, w, 4): a strand, worked on in the box around it alone, for speed."""
    drawn = np.zeros((*shape, 4), np.float32)
    low = np.clip(np.floor(points.min(axis=0) - width - 2).astype(int), 0, None)
    high = np.minimum(np.ceil(points.max(axis=0) + width + 3).astype(int), (shape[1], shape[0]))
    if (high - low).min() < 2:
        return drawn
    box = slice(low[1], high[1]), slice(low[0], high[0])
    drawn[box] = draw_strand((high[1] - low[1], high[0] - low[0]), points - low, width, colour)
    return drawn
