"""Wheels: taken away, buckled, or out of the dropouts. Each edit picks the front or the rear wheel."""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, find_changes, put_behind, stack_rgba
from training.photo_damage.layers import Layers
from training.photo_damage.parts import TUBE_WIDTH, Parts, ellipse_mask, line_mask
from training.photo_damage.warps import buckle_wheel, move

__all__ = ["wheel_bent", "wheel_displaced", "wheel_missing"]

MOST_BENT = 0.24  # of the radius, as buckle_wheel counts it
MOST_DISPLACED = 0.5  # of the radius


def wheel_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The wheel is gone; the mask is its whole disc. None without the wheel's box."""
    part, wheel_and_rest = _pick_wheel(layers.alpha, parts, rng)
    if wheel_and_rest is None:
        return None
    _, rest = wheel_and_rest
    disc = ellipse_mask(layers.alpha.shape, parts.wheel(part), scale=1.03)
    return Damage(replace(layers, alpha=rest), disc, "wheel_missing", part, 1.0)


def wheel_bent(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The rim is buckled by 7% of the radius or more; the mask is what changed. None without the wheel's box."""
    part, wheel_and_rest = _pick_wheel(layers.alpha, parts, rng)
    if wheel_and_rest is None:
        return None
    wheel, rest = wheel_and_rest
    depth = float(rng.uniform(0.07, MOST_BENT))
    warped = buckle_wheel(stack_rgba(layers.colour, wheel), parts.wheel(part), depth, rng)
    broken = put_behind(warped, rest, layers)
    return Damage(broken, find_changes(layers, broken), "wheel_bent", part, depth / MOST_BENT)


def wheel_displaced(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The wheel hangs beside its place, turned; the mask is what changed. None without the wheel's box."""
    part, wheel_and_rest = _pick_wheel(layers.alpha, parts, rng)
    if wheel_and_rest is None:
        return None
    wheel, rest = wheel_and_rest
    centre_x, centre_y, half_width, half_height = parts.wheel(part)
    distance = rng.uniform(0.15, MOST_DISPLACED)
    angle = rng.uniform(0, 2 * np.pi)
    shift = (distance * half_width * np.cos(angle), 0.5 * distance * half_height * np.sin(angle))
    moved = move(stack_rgba(layers.colour, wheel), (centre_x, centre_y), shift, rng.uniform(-25, 25))
    broken = put_behind(moved, rest, layers)
    return Damage(broken, find_changes(layers, broken), "wheel_displaced", part, float(distance / MOST_DISPLACED))


def _pick_wheel(
    alpha: np.ndarray, parts: Parts, rng: np.random.Generator
) -> tuple[str, tuple[np.ndarray, np.ndarray] | None]:
    """One of the wheels, and the alpha (H, W) of it and of the rest; fork, stays and tubes stay with the rest."""
    part = str(rng.choice(["front_wheel", "rear_wheel"]))
    wheel = parts.wheel(part)
    if wheel is None:
        return part, None
    inside = ellipse_mask(alpha.shape, wheel, scale=1.035)
    for name, (start, end) in parts.tubes().items():
        if name in ("fork", "chain_stay", "seat_stay"):
            inside &= ~line_mask(alpha.shape, start, end, 0.8 * TUBE_WIDTH * parts.wheel_diameter)
        elif name in ("seat_tube", "down_tube"):
            inside &= ~line_mask(alpha.shape, start, end, TUBE_WIDTH * parts.wheel_diameter)
    soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 0.7)
    return part, (alpha * soft, alpha * (1 - soft))
