"""Tyres: flat, or off the rim."""

import numpy as np

from training.synthetic_bikes.damage.wheels import axle_of
from training.synthetic_bikes.damage.wreck import Damage, Wreck

__all__ = ["tyre_flat", "tyre_off_rim"]

TYRE = ("tyre", "knob")


def tyre_flat(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The tyre is squashed between rim and floor, and bulges to both sides.

    The axle goes down in both twins, else the whole bike would differ: the sound tyre then stands that little deeper.
    """
    tyre, radius = wreck.bike.design.tyre_radius, wreck.bike.design.wheel_radius
    lost = tyre * (0.75 + 0.70 * severity)  # the rim's edge is 1.75 tyre radii above the floor
    axle = axle_of(wreck, part)
    affected = wreck.find(part, TYRE)

    def squash(points: np.ndarray) -> np.ndarray:
        flat, local = points.copy(), points - axle
        below = np.clip((lost - points[:, 2]) / lost, 0, 1)  # 0 at the new floor's height, 1 at the old floor
        flat[:, 2] = np.maximum(points[:, 2], lost + 0.06 * tyre)
        # What was pressed out goes sideways, most where the tyre is lowest, and a little all around: it is slack.
        near = np.exp(-((local[:, 0] / (1.3 * np.sqrt(2 * radius * lost))) ** 2)) * (local[:, 2] < 0)
        height = np.clip(points[:, 2] / (1.75 * tyre), 0, 1)
        bulge = (0.35 + 0.75 * severity) * near * np.sin(np.pi * np.clip(height * 0.8 + 0.2, 0, 1))
        flat[:, 1] = axle[1] + local[:, 1] * (1 + bulge + 0.5 * below * near)
        return flat

    wreck.move(affected, squash)
    return Damage("tyre_flat", part, severity, affected, sink=(part, lost))


def tyre_off_rim(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The tyre has come off the rim over an arc and hangs beside it."""
    design, axle = wreck.bike.design, axle_of(wreck, part)
    middle = np.pi / 2 + rng.uniform(-1.0, 1.0)
    half = 0.45 + 0.75 * severity
    side, outward = rng.choice([-1.0, 1.0]), rng.uniform(0.5, 1.0)
    affected = wreck.find(part, TYRE)

    def pull(points: np.ndarray) -> np.ndarray:
        local = points - axle
        radius, angle = np.hypot(local[:, 0], local[:, 2]), np.arctan2(local[:, 2], local[:, 0])
        turn = (angle - middle + np.pi) % (2 * np.pi) - np.pi
        share = np.clip(1 - np.abs(turn) / half, 0, 1)
        share = share * share * (3 - 2 * share)
        # It bows away from the rim on one side of the arc and hangs inwards on the other.
        radius = radius + share * (0.045 + 0.035 * severity) * outward * np.cos(turn / half * 2.6 + 0.6)
        y = local[:, 1] + side * share * (2.4 * design.tyre_radius + 0.022)
        return axle + np.stack([radius * np.cos(angle), y, radius * np.sin(angle)], axis=1)

    wreck.move(affected, pull)
    return Damage("tyre_off_rim", part, severity, affected)
