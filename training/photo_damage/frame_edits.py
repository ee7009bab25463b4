"""The frame's tubes: cut through, or bent."""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, draw_hull, find_changes, soften, stack_rgba
from training.photo_damage.layers import Layers
from training.photo_damage.parts import TUBE_WIDTH, Parts
from training.photo_damage.warps import bend_across

__all__ = ["pick_tube", "tube_bent", "tube_cut"]

WIDEST_GAP = 0.12  # of the wheel's diameter
DEEPEST_BEND = 0.14  # of the wheel's diameter
SHORTEST_TUBE = 8  # pixels


def tube_cut(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """A slanted piece of a tube is gone; the mask is its hull. None where no tube is known, or none is there."""
    tube = pick_tube(parts, rng)
    if tube is None:
        return None
    point, direction = tube
    gap = float(rng.uniform(0.03, WIDEST_GAP)) * parts.wheel_diameter
    offset = np.array(direction) * gap / 2
    across = 1.6 * TUBE_WIDTH * parts.wheel_diameter
    normal = np.array([-direction[1], direction[0]]) * across / 2
    slant = np.array(direction) * rng.uniform(-0.5, 0.5) * gap
    corners = [point - offset - normal - slant, point + offset - normal - slant]
    corners += [point + offset + normal + slant, point - offset + normal + slant]
    cut = np.zeros(layers.alpha.shape, np.uint8)
    cv2.fillPoly(cut, [np.round(corners).astype(np.int32)], 1)
    gone = cut.astype(bool) & (layers.alpha > 0.3)
    if gone.sum() < 20:
        return None
    alpha = layers.alpha * (1 - soften(cut, 0.6))
    severity = gap / (WIDEST_GAP * parts.wheel_diameter)
    return Damage(replace(layers, alpha=alpha), draw_hull(gone), "tube_cut", "frame", severity)


def tube_bent(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """A tube bulges to one side, and what is near it goes with it; the mask is what changed. None without tubes."""
    tube = pick_tube(parts, rng)
    if tube is None:
        return None
    point, direction = tube
    depth = float(rng.uniform(0.05, DEEPEST_BEND)) * parts.wheel_diameter * rng.choice([-1, 1])
    warped = bend_across(stack_rgba(layers.colour, layers.alpha), point, direction, depth, reach=2.2 * abs(depth))
    broken = replace(layers, colour=warped[..., :3], alpha=warped[..., 3])
    severity = abs(depth) / (DEEPEST_BEND * parts.wheel_diameter)
    return Damage(broken, find_changes(layers, broken), "tube_bent", "frame", severity)


def pick_tube(parts: Parts, rng: np.random.Generator) -> tuple[np.ndarray, tuple[float, float]] | None:
    """A point (2,) along a random tube, away from its ends, and the tube's unit direction; None without tubes."""
    tubes = parts.tubes()
    if not tubes:
        return None
    start, end = (np.array(point) for point in tubes[str(rng.choice(sorted(tubes)))])
    length = float(np.hypot(*(end - start)))
    if length < SHORTEST_TUBE:
        return None
    return start + rng.uniform(0.25, 0.75) * (end - start), tuple((end - start) / length)
