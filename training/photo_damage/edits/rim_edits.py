"""Rims out of shape: buckled, oval, dented, crushed, swirled. Each edit picks the front or the rear wheel."""

import numpy as np

from training.photo_damage.damage import Damage, Material
from training.photo_damage.edits.wheel_layers import WheelLayer, find_wheel_changes, pick_wheel, put_wheel_back
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.warps import buckle_disc, dent_disc, stretch_disc, swirl_disc

__all__ = ["wheel_buckled", "wheel_crushed", "wheel_dented", "wheel_oval", "wheel_swirled"]

DEEPEST_BUCKLE = 0.34  # radii
DEEPEST_OVAL = 0.26  # radii
DEEPEST_DENT = 0.45  # radii
STRONGEST_SWIRL = 2.2  # radians
MOVED = 0.008  # radii: points that move by more are drawn anew


def wheel_buckled(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The rim waves out of its plane, with two crests or three, at times half folded; the mask is what changed.

    None where no wheel can be told apart.
    """
    wheel = pick_wheel(layers, parts, rng)
    if wheel is None:
        return None
    depth = float(rng.uniform(0.1, DEEPEST_BUCKLE))
    u, v = wheel.unit()
    # A bike stands upright, so the eye looks along the ground at its rim: crests shift sideways more than up.
    heading = rng.normal(0, 0.35) if rng.random() < 0.7 else rng.uniform(0, np.pi)
    waves = int(rng.choice([2, 2, 3]))
    source = buckle_disc(u, v, depth if waves == 2 else 0.7 * depth, rng.uniform(0, 2 * np.pi), heading, waves)
    if rng.random() < 0.4:  # the spokes are drawn into an S
        source = swirl_disc(*source, rng.choice([-1, 1]) * rng.uniform(0.3, 0.9), (0.0, 0.0), 1.0)
    return _bend(layers, wheel, source, "wheel_buckled", depth / DEEPEST_BUCKLE)


def wheel_oval(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The rim is an oval, an egg or a rounded triangle; the mask is what changed. None as for `wheel_buckled`."""
    wheel = pick_wheel(layers, parts, rng)
    if wheel is None:
        return None
    depth = float(rng.uniform(0.08, DEEPEST_OVAL))
    corners = int(rng.choice([1, 2, 2, 3]))
    source = stretch_disc(*wheel.unit(), depth, rng.uniform(0, 2 * np.pi), corners)
    return _bend(layers, wheel, source, "wheel_oval", depth / DEEPEST_OVAL)


def wheel_dented(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """One to three flat spots, dents or sharp kinks in the rim; the mask is what changed.

    None as for `wheel_buckled`.
    """
    wheel = pick_wheel(layers, parts, rng)
    if wheel is None:
        return None
    count = int(rng.choice([1, 1, 2, 3]))
    deepest = 0.0
    source = wheel.unit()
    for angle in rng.uniform(0, 2 * np.pi) + np.arange(count) * rng.uniform(1.2, 2.2):
        form = str(rng.choice(["smooth", "flat", "kink"]))
        # Many dents, and flat spots, are shallower.
        depth = float(rng.uniform(0.1, DEEPEST_DENT / count**0.5 * (0.6 if form == "flat" else 1)))
        source = dent_disc(*source, depth, angle, rng.uniform(0.18, 0.6), form)
        deepest = max(deepest, depth)
    return _bend(layers, wheel, source, "wheel_dented", deepest / DEEPEST_DENT)


def wheel_crushed(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """A side of the wheel is folded over or away, or all of it squeezed, as if run over; the mask is what changed.

    None as for `wheel_buckled`.
    """
    wheel = pick_wheel(layers, parts, rng)
    if wheel is None:
        return None
    axis = float(rng.uniform(0, 2 * np.pi))  # the way to the side that gives
    fold = float(rng.uniform(0.0, 0.45))  # radii from the hub
    kept = float(rng.uniform(0.2, 0.55))  # of the length along the axis
    along, across = _turn(*wheel.unit(), axis)
    crease = fold + 0.06 * np.sin(3 * across + rng.uniform(0, 2 * np.pi))
    past = (along - crease) / kept
    across = across * (1 - 0.12 * (np.abs(along) - fold).clip(0, 1))
    front = None
    if rng.random() < 0.4:  # folded right over, before the rest
        front = wheel.sample(wheel.rgba, *_turn(crease - past, across, -axis))
        front[..., 3] *= past < 0
        front[..., :3] *= np.float32(rng.uniform(0.7, 1.0))
        squeezed = np.where(past > 0, 9, along)  # 9 radii away is nothing
    else:
        squeezed = np.where(past > 0, crease + past, along)
        if rng.random() < 0.35:  # from both sides
            other = (along + 2 * fold - crease) / kept
            squeezed = np.where(other < 0, crease - 2 * fold + other, squeezed)
    return _bend(layers, wheel, _turn(squeezed, across, -axis), "wheel_crushed", 1 - kept, front)


def wheel_swirled(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Spokes and rim are drawn into a whirl, about the hub or about a place at the rim; the mask is what changed.

    None as for `wheel_buckled`.
    """
    wheel = pick_wheel(layers, parts, rng)
    if wheel is None:
        return None
    turn = float(rng.uniform(0.7, STRONGEST_SWIRL))
    signed = turn * rng.choice([-1, 1])
    u, v = wheel.unit()
    if rng.random() < 0.35:
        source = swirl_disc(u, v, signed, tuple(rng.normal(0, 0.12, 2)), rng.uniform(0.8, 1.2))
    else:
        angle, distance = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 0.95)
        centre = distance * np.cos(angle), distance * np.sin(angle)
        source = swirl_disc(u, v, signed, centre, rng.uniform(0.35, 0.8))
    return _bend(layers, wheel, source, "wheel_swirled", turn / STRONGEST_SWIRL)


def _turn(u: np.ndarray, v: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """The points (u, v) along and across an axis at `angle` radians, clockwise from the right; back with -angle."""
    return np.cos(angle) * u + np.sin(angle) * v, np.cos(angle) * v - np.sin(angle) * u


def _bend(
    layers: Layers,
    wheel: WheelLayer,
    source: tuple[np.ndarray, np.ndarray],
    kind: str,
    severity: float,
    front: np.ndarray | None = None,
) -> Damage:
    """The wheel drawn anew from `source`, u and v (h, w) each, behind the rest; `front` (h, w, 4) before it."""
    u, v = wheel.unit()
    touched = np.hypot(source[0] - u, source[1] - v) > MOVED
    if front is not None:
        touched |= front[..., 3] > 0.02
    broken = put_wheel_back(layers, wheel, wheel.sample(wheel.rgba, *source), touched, front)
    return Damage(broken, find_wheel_changes(layers, broken, wheel), kind, wheel.part, float(severity))
