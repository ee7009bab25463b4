"""A crank arm that stands clear of tubes and wheel: found, and taken away."""

from dataclasses import dataclass

import cv2
import numpy as np

from training.photo_damage.damage import soften
from training.photo_damage.edits.drivetrain import Drivetrain, drop_fragments, put_instead, turn_about
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts, line_mask

__all__ = ["Crank", "find_crank", "remove_crank"]

ARM = 0.235  # wheels, length of a crank arm
ARM_HALF_WIDTH = 0.035  # wheels
REACH = 0.4  # wheels, beyond a pedal's outer edge: what goes on there is no crank
CLEAR = 0.07  # wheels; to both sides of an arm there is nothing
NEAR_TUBE = 24  # degrees


@dataclass
class Crank:
    """An arm's direction (2,), a unit vector in wheels; the mask (H, W) bool of arm and pedal off the chainring."""

    direction: np.ndarray
    mask: np.ndarray


def find_crank(alpha: np.ndarray, parts: Parts, drivetrain: Drivetrain) -> Crank | None:
    """The arm that stands out best from the bracket; None where none is clear of tubes and wheel."""
    blocked = _tube_angles(parts, drivetrain)
    from_radius = drivetrain.chainring + 0.01 if drivetrain.facing > 0 else 0.08
    if from_radius > 0.8 * ARM:
        return None
    best, best_score = None, 0.6
    for degrees in range(0, 360, 4):
        if any(abs((degrees - tube + 180) % 360 - 180) < NEAR_TUBE for tube in blocked):
            continue
        direction = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
        on_arm = _along(alpha, drivetrain, direction, from_radius, 0.0)
        beside = [_along(alpha, drivetrain, direction, from_radius + 0.02, side) for side in (-CLEAR, CLEAR)]
        score = np.quantile(on_arm, 0.15) - 0.7 * max(np.mean(side) for side in beside)
        if score > best_score:
            best, best_score = direction, score
    return None if best is None else _take_crank(alpha, parts, drivetrain, best, from_radius)


def remove_crank(
    layers: Layers, crank: Crank, drivetrain: Drivetrain, broken_halfway: bool, rng: np.random.Generator
) -> Layers:
    """The layers without the arm and its pedal; the chainring under it is shown as it looks elsewhere.

    Args:
        broken_halfway: a stub of the arm stays.
    """
    distance = drivetrain.distance(layers.alpha.shape, drivetrain.bracket)
    clear = np.zeros((*layers.alpha.shape, 4), np.float32)
    if broken_halfway:
        x, y = _offsets(layers.alpha.shape, drivetrain)
        ragged = rng.uniform(-0.5, 0.5) * (x * crank.direction[1] - y * crank.direction[0])
        gone = crank.mask & (distance + ragged > max(drivetrain.chainring + 0.02, rng.uniform(0.1, 0.17)))
        return drop_fragments(put_instead(layers, clear, soften(gone, 0.6)), gone)
    rebuilt = put_instead(layers, clear, soften(crank.mask, 0.6))
    if drivetrain.facing > 0:
        x, y = _offsets(layers.alpha.shape, drivetrain)
        across = np.abs(x * crank.direction[1] - y * crank.direction[0])
        ahead = x * crank.direction[0] + y * crank.direction[1] > 0
        over_ring = ahead & (across < ARM_HALF_WIDTH) & (distance < drivetrain.chainring + 0.012) & (distance > 0.035)
        # Turned, so that another stretch of chainring lies under the arm.
        turned = turn_about(layers, drivetrain, drivetrain.bracket, float(rng.choice([-1, 1]) * rng.uniform(60, 75)))
        rebuilt = put_instead(rebuilt, turned, soften(over_ring, 0.8))
    return drop_fragments(rebuilt, crank.mask)


def _take_crank(
    alpha: np.ndarray, parts: Parts, drivetrain: Drivetrain, direction: np.ndarray, from_radius: float
) -> Crank | None:
    """The arm's mask with the pedal at its end; None where it runs into the wheel or on past a pedal's reach."""
    shape = alpha.shape
    distance = drivetrain.distance(shape, drivetrain.bracket)
    x, y = _offsets(shape, drivetrain)
    along = x * direction[0] + y * direction[1]
    across = np.abs(x * direction[1] - y * direction[0])
    sector = (along > 0) & ((across < 1.3 * ARM_HALF_WIDTH) | ((along > 0.72 * ARM) & (across < 0.13)))
    region = sector & (alpha > 0.1) & (distance > from_radius) & (distance < REACH + 0.05)
    for name, ends in parts.tubes().items():
        if name in ("down_tube", "seat_tube"):
            region &= ~line_mask(shape, *ends, 0.08 * drivetrain.diameter)
    count, labels = cv2.connectedComponents(region.astype(np.uint8))
    at = np.round(drivetrain.bracket + 0.8 * ARM * direction * drivetrain.size - 0.5).astype(int)
    if not (0 <= at[0] < shape[1] and 0 <= at[1] < shape[0]) or labels[at[1], at[0]] == 0:
        return None
    mask = labels == labels[at[1], at[0]]
    touches_wheel = drivetrain.distance(shape, drivetrain.hub)[mask].min() < 0.51
    if touches_wheel or distance[mask].max() > REACH or distance[mask].max() < 0.85 * ARM:
        return None
    return Crank(direction, cv2.dilate(mask.astype(np.uint8), np.ones((5, 5))).astype(bool) & (distance > from_radius))


def _tube_angles(parts: Parts, drivetrain: Drivetrain) -> list[float]:
    """Directions in degrees, clockwise as seen, of tubes and stays from the bracket."""
    ends = [parts.points[name] for name in ("head_tube", "seat_tube_top") if name in parts.points] + [drivetrain.hub]
    offsets = [(np.array(end) - drivetrain.bracket) / drivetrain.size for end in ends]
    return [float(np.rad2deg(np.arctan2(y, x))) for x, y in offsets]


def _along(
    alpha: np.ndarray, drivetrain: Drivetrain, direction: np.ndarray, from_radius: float, beside: float
) -> np.ndarray:
    """(12,) alpha along a ray from the bracket out to the end of an arm, moved sideways by `beside` wheels."""
    radii = np.linspace(from_radius, ARM, 12)[:, None]
    offsets = radii * direction + beside * np.array([-direction[1], direction[0]])
    maps = (drivetrain.bracket + offsets * drivetrain.size - 0.5).astype(np.float32)
    return cv2.remap(alpha, maps[None, :, 0], maps[None, :, 1], cv2.INTER_LINEAR)[0]


def _offsets(shape: tuple[int, int], drivetrain: Drivetrain) -> tuple[np.ndarray, np.ndarray]:
    """(H, W) x and y of every pixel from the bracket, in wheels."""
    rows, columns = np.indices(shape, dtype=np.float32)
    x = (columns + 0.5 - drivetrain.bracket[0]) / drivetrain.size[0]
    return x, (rows + 0.5 - drivetrain.bracket[1]) / drivetrain.size[1]
