"""Saddle, handlebar and drivetrain: taken away or turned."""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, draw_hull, find_changes, put_behind, soften, stack_rgba
from training.photo_damage.layers import Layers
from training.photo_damage.parts import TUBE_WIDTH, Parts, box_mask, ellipse_mask, line_mask
from training.photo_damage.warps import move

__all__ = ["drivetrain_missing", "handlebar_missing", "handlebar_turned", "saddle_missing", "saddle_turned"]

SMALLEST_PART = 30  # pixels of the bike inside a part's box; with fewer there is nothing to edit


def saddle_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The saddle is gone, at times with its post; the mask is the hull of what is gone. None without its box."""
    return _part_missing(layers, parts, "saddle", rng)


def handlebar_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The handlebar is gone; the mask is the hull of what is gone. None without its box."""
    return _part_missing(layers, parts, "handlebar", rng)


def drivetrain_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Cranks, chainring and chain are gone; the mask is their hull.

    Frame tubes and the rear wheel stay. None without the drivetrain's box and the bottom bracket, or where next to
    nothing of the drivetrain is to be seen.
    """
    if "drivetrain" not in parts.boxes or "bottom_bracket" not in parts.points:
        return None
    stays = np.zeros(layers.alpha.shape, bool)
    for name, (start, end) in parts.tubes().items():
        if name != "fork":
            stays |= line_mask(stays.shape, start, end, 0.4 * TUBE_WIDTH * parts.wheel_diameter)
    rear_wheel = parts.wheel("rear_wheel")
    if rear_wheel is not None:  # spokes and tyre stay where they are
        stays |= ellipse_mask(stays.shape, rear_wheel)
    gone = box_mask(stays.shape, parts.boxes["drivetrain"]) & ~stays & (layers.alpha > 0.05)
    if gone.sum() < max(1, 0.002 * (layers.alpha > 0.5).sum()):
        return None
    alpha = layers.alpha * (1 - soften(gone))
    return Damage(replace(layers, alpha=alpha), draw_hull(gone), "drivetrain_missing", "drivetrain", 1.0)


def saddle_turned(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The saddle is tipped about its post by 25 to 100 degrees; the mask is what changed. None without its box."""
    return _part_turned(layers, parts, "saddle", rng, smallest=25, largest=100)


def handlebar_turned(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The handlebar is turned by 30 to 140 degrees; the mask is what changed. None without its box."""
    return _part_turned(layers, parts, "handlebar", rng, smallest=30, largest=140)


def _part_missing(layers: Layers, parts: Parts, part: str, rng: np.random.Generator) -> Damage | None:
    if part not in parts.boxes:
        return None
    gone = box_mask(layers.alpha.shape, parts.boxes[part]) & (layers.alpha > 0.02)
    if gone.sum() < SMALLEST_PART:
        return None
    alpha = layers.alpha * (1 - soften(cv2.dilate(gone.astype(np.uint8), np.ones((3, 3)))))
    if part == "saddle" and rng.random() < 0.4 and "seat_tube_top" in parts.points:  # the post goes with it
        x0, _, x1, y1 = parts.boxes["saddle"]
        width = TUBE_WIDTH * parts.wheel_diameter
        post = line_mask(gone.shape, ((x0 + x1) / 2, y1), parts.points["seat_tube_top"], width)
        gone |= post & (layers.alpha > 0.02)
        alpha = alpha * (1 - soften(post, 0.6))
    return Damage(replace(layers, alpha=alpha), draw_hull(gone), f"{part}_missing", part, 1.0)


def _part_turned(
    layers: Layers, parts: Parts, part: str, rng: np.random.Generator, smallest: float, largest: float
) -> Damage | None:
    """Turn what is inside the part's box, by an angle in degrees either way; a saddle about its lower edge."""
    if part not in parts.boxes:
        return None
    inside = box_mask(layers.alpha.shape, parts.boxes[part])
    x0, y0, x1, y1 = parts.boxes[part]
    piece, rest = layers.alpha * inside, layers.alpha * ~inside
    if piece.sum() < SMALLEST_PART:
        return None
    degrees = float(rng.uniform(smallest, largest)) * rng.choice([-1, 1])
    shift = rng.normal(0, 0.12, 2) * (x1 - x0)
    pivot = ((x0 + x1) / 2, y1 if part == "saddle" else (y0 + y1) / 2)
    broken = put_behind(move(stack_rgba(layers.colour, piece), pivot, shift, degrees), rest, layers)
    return Damage(broken, find_changes(layers, broken), f"{part}_turned", part, abs(degrees) / largest)
