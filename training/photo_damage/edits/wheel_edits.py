"""Wheels: taken away, one or both, or out of the dropouts."""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material
from training.photo_damage.edits.ground_shadows import lift_ground_shadow
from training.photo_damage.edits.wheel_layers import (
    WHEELS,
    WheelLayer,
    find_wheel_changes,
    pick_wheel,
    put_wheel_back,
    take_wheel,
)
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts, ellipse_mask

__all__ = ["both_wheels_missing", "wheel_displaced", "wheel_missing"]

MASK_SCALE = 1.03  # of a missing wheel's disc
GONE = 0.15  # of alpha: what lost more was there
MOST_DISPLACED = 0.45  # of the radius


def wheel_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The wheel is gone, at times with its shadow; the mask is its whole disc. None where it cannot be told apart."""
    wheel = pick_wheel(layers, parts, rng)
    if wheel is None:
        return None
    broken, mask = _take_away(layers, parts, wheel, is_shadow_lifted=rng.random() < 0.5)
    return Damage(broken, mask, "wheel_missing", wheel.part, 1.0)


def both_wheels_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Both wheels are gone; the mask is both discs. None where either cannot be told apart."""
    is_shadow_lifted = rng.random() < 0.5
    broken, mask = layers, np.zeros(layers.alpha.shape, bool)
    for part in WHEELS:
        wheel = take_wheel(broken, parts, part)
        if wheel is None:
            return None
        broken, disc = _take_away(broken, parts, wheel, is_shadow_lifted)
        mask |= disc
    return Damage(broken, mask, "both_wheels_missing", str(rng.choice(WHEELS)), 1.0)


def wheel_displaced(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The wheel is out of the dropouts: beside its place, leaning, or turned; the mask is what changed.

    None where the wheel cannot be told apart.
    """
    wheel = pick_wheel(layers, parts, rng)
    if wheel is None:
        return None
    distance = float(rng.uniform(0.12, MOST_DISPLACED))
    way = str(rng.choice(["shifted", "leaning", "turned"]))
    # A loose wheel stays on the ground: sideways more than up or down.
    shift = np.array([rng.choice([-1, 1]) * distance, rng.uniform(-0.6, 0.2) * distance])
    turned = float(rng.uniform(-0.6, 0.6))
    squeeze, axis = 1.0, 0.0
    if way == "leaning":  # seen foreshortened across an upright or slanting axis
        squeeze, axis = float(rng.uniform(0.35, 0.8)), float(rng.normal(0, 0.5))
    elif way == "turned":  # lying half way down
        squeeze, axis = float(rng.uniform(0.4, 0.8)), np.pi / 2 + float(rng.normal(0, 0.4))
        shift[1] = 1 - squeeze - rng.uniform(0, 0.1)
    rgba = wheel.sample(wheel.rgba, *_lean(*wheel.unit(), shift, squeeze, axis, turned))
    broken = put_wheel_back(layers, wheel, rgba, np.ones(wheel.rest.shape, bool))
    severity = max(distance / MOST_DISPLACED, 1 - squeeze)
    return Damage(broken, find_wheel_changes(layers, broken, wheel), "wheel_displaced", wheel.part, severity)


def _lean(
    u: np.ndarray, v: np.ndarray, shift: np.ndarray, squeeze: float, axis: float, turned: float
) -> tuple[np.ndarray, np.ndarray]:
    """Where the points u, v of a disc come from that was turned, squeezed along `axis` (radians), and shifted."""
    u, v = u - np.float32(shift[0]), v - np.float32(shift[1])
    along, across = np.cos(axis) * u + np.sin(axis) * v, np.cos(axis) * v - np.sin(axis) * u
    along = along / squeeze
    angle = axis + turned
    return np.cos(angle) * along - np.sin(angle) * across, np.sin(angle) * along + np.cos(angle) * across


def _take_away(layers: Layers, parts: Parts, wheel: WheelLayer, is_shadow_lifted: bool) -> tuple[Layers, np.ndarray]:
    """The layers without the wheel, and the mask (H, W) bool of its disc and of what went with it."""
    alpha = layers.alpha.copy()
    alpha[wheel.box] = wheel.rest
    mask = ellipse_mask(alpha.shape, parts.wheel(wheel.part), MASK_SCALE)
    gone = cv2.morphologyEx((layers.alpha - alpha > GONE).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    broken = replace(layers, alpha=alpha)
    if is_shadow_lifted:
        broken = lift_ground_shadow(broken, parts.wheel(wheel.part))
    return broken, mask | gone.astype(bool)
