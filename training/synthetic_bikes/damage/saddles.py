"""The saddle: turned, hanging, or torn."""

import numpy as np

from training.synthetic_bikes.damage.wreck import Damage, Wreck
from training.synthetic_bikes.geometry import rotation_about
from training.synthetic_bikes.wear import Wear

__all__ = ["saddle_drooping", "saddle_torn", "saddle_turned"]


def saddle_turned(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Twisted about the post, up to pointing backwards, and tipped a little."""
    up = wreck.bike.layout.seat_direction
    twist = rotation_about(up, rng.choice([-1, 1]) * np.radians(30 + 130 * severity))
    tip = rotation_about(np.array([0, 1.0, 0]), rng.choice([-1, 1]) * np.radians(3 + 10 * severity))
    return _turn(wreck, "saddle_turned", part, severity, twist @ tip)


def saddle_drooping(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The clamp is broken: nose or tail hangs down, or the saddle hangs to one side."""
    nose = rotation_about(np.array([0, 1.0, 0]), rng.choice([-1, 1, 1]) * np.radians(25 + 50 * severity))
    side = rotation_about(np.array([1.0, 0, 0]), rng.normal(0, 0.35) * severity)
    return _turn(wreck, "saddle_drooping", part, severity, side @ nose)


def saddle_torn(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The cover is ripped open and the foam shows, swollen out of the tear."""
    affected = wreck.refine(wreck.find(part, ("saddle",)), 0.012)
    if not affected.any():
        return None
    return Damage(
        "saddle_torn", part, severity, affected, wear=Wear("torn", affected, severity, int(rng.integers(2**31)))
    )


def _turn(wreck: Wreck, kind: str, part: str, severity: float, rotation: np.ndarray) -> Damage | None:
    names = ("saddle", "rail", "saddle_clamp", "saddle_spring", "saddle_bag", "saddle_cover")
    affected = wreck.find(part, names)
    pivot = wreck.bike.layout.saddle - wreck.bike.layout.seat_direction * 0.05
    wreck.move(affected, lambda points: (points - pivot) @ rotation.T + pivot)
    return Damage(kind, part, severity, affected, placed=[affected])
