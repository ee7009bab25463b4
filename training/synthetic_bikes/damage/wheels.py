"""Wheels out of shape or out of place: buckled, oval, dented, crushed, displaced."""

from collections.abc import Callable

import numpy as np

from training.synthetic_bikes.damage.wreck import Damage, Wreck
from training.synthetic_bikes.geometry import rotation_about

__all__ = ["axle_of", "wheel_buckled", "wheel_crushed", "wheel_dented", "wheel_displaced", "wheel_oval"]

FLOOR = 0.001  # metres; nothing is pushed below


def axle_of(wreck: Wreck, part: str) -> np.ndarray:
    """(3,) the middle of the wheel's axle."""
    return wreck.bike.layout.front_axle if part == "front_wheel" else wreck.bike.layout.rear_axle


def wheel_buckled(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The rim waves out of its plane, with two crests, like a crisp, or three."""
    crests, start, sign = int(rng.choice([2, 2, 3])), rng.uniform(0, 2 * np.pi), rng.choice([-1.0, 1.0])

    def wave(share: np.ndarray, angle: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        push = sign * (0.10 + 0.16 * severity) * share**2 * np.cos(crests * (angle - start))
        # The rim is as long as before: where it goes far sideways it comes nearer to the hub.
        return share - 0.9 * push**2 * share, angle, y + push * _radius(wreck)

    return _bend(wreck, "wheel_buckled", part, severity, wave)


def wheel_oval(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The rim is an oval, or an egg."""
    start, egg = rng.uniform(-0.7, 0.7) + np.pi / 2, rng.choice([0.0, 0.5])

    def squash(share: np.ndarray, angle: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        turn = angle - start
        change = -np.cos(2 * turn) - egg * np.cos(turn) - 0.25
        return share * (1 + (0.06 + 0.11 * severity) * share * change), angle, y

    return _bend(wreck, "wheel_oval", part, severity, squash)


def wheel_dented(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """A section of the rim is smashed in towards the hub, as by a kerb; its spokes are slack."""
    struck, wide = _free_angle(part, rng), rng.uniform(0.22, 0.42)
    sideways = rng.normal(0, 0.10)

    def dent(share: np.ndarray, angle: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        turn = np.abs(_wrap(angle - struck))
        inward = np.clip(1 - turn / wide, 0, 1) - 0.15 * np.exp(-(((turn - 1.35 * wide) / (0.4 * wide)) ** 2))
        depth = (0.12 + 0.26 * severity) * share**3 * inward
        return share - depth, angle, y + sideways * depth * _radius(wreck) * 2

    return _bend(wreck, "wheel_dented", part, severity, dent)


def wheel_crushed(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """A side of the wheel is folded over, as if a car had driven over it."""
    axle, radius = axle_of(wreck, part), _radius(wreck)
    towards = _free_angle(part, rng)
    out = np.array([np.cos(towards), 0, np.sin(towards)])
    chord = np.array([-out[2], 0, out[0]])
    sign, hinge, soft = rng.choice([-1.0, 1.0]), rng.uniform(0.30, 0.5) * radius, 0.10 * radius

    def fold(points: np.ndarray) -> np.ndarray:
        local = points - axle
        beyond = local @ out - hinge
        angle = sign * np.radians(35 + 70 * severity) * np.clip(beyond / soft, 0, 1)
        # Turned about the chord: what was straight out goes sideways.
        reach = np.maximum(beyond, 0)
        flat = points - np.outer(reach, out)
        side = local[:, 1]
        turned = flat + np.outer(reach * np.cos(angle) - side * np.sin(angle) * (beyond > 0), out)
        turned[:, 1] += reach * np.sin(angle) - np.where(beyond > 0, side * (1 - np.cos(angle)), 0)
        turned += np.outer(0.02 * np.sin(6 * (local @ chord) / radius) * np.clip(beyond / soft, 0, 1), out)
        return _above_floor(turned)

    return _move(wreck, "wheel_crushed", part, severity, fold)


def wheel_displaced(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The wheel is out of the dropouts: it has slipped away, leaning and turned."""
    axle, away = axle_of(wreck, part), 1.0 if part == "front_wheel" else -1.0
    lean = rotation_about(np.array([1.0, 0, 0]), rng.choice([-1, 1]) * np.radians(3 + 9 * severity))
    turn = rotation_about(np.array([0, 0, 1.0]), rng.choice([-1, 1]) * np.radians(4 + 16 * severity))
    shift = np.array([away * (0.035 + 0.07 * severity), rng.normal(0, 0.01), 0])
    wheel = wreck.find(part)
    if not wheel.any():
        return None
    placed = (wreck.bike.points[wreck.bike.points_of(wheel)] - axle) @ (turn @ lean).T + axle
    shift[2] = FLOOR - placed[:, 2].min()  # it stands on the floor still
    wreck.move(wheel, lambda points: (points - axle) @ (turn @ lean).T + axle + shift)
    return Damage("wheel_displaced", part, severity, wheel, placed=[wheel])


def _bend(
    wreck: Wreck,
    kind: str,
    part: str,
    severity: float,
    change: Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]],
) -> Damage | None:
    """Move the wheel's points in polar coordinates: share of the radius, angle, sideways (K,) each."""
    axle, radius = axle_of(wreck, part), _radius(wreck)

    def bend(points: np.ndarray) -> np.ndarray:
        local = points - axle
        share = np.hypot(local[:, 0], local[:, 2]) / radius
        share, angle, y = change(share, np.arctan2(local[:, 2], local[:, 0]), local[:, 1])
        around = np.stack([share * radius * np.cos(angle), y, share * radius * np.sin(angle)], axis=1)
        return _above_floor(axle + around)

    return _move(wreck, kind, part, severity, bend)


def _move(
    wreck: Wreck, kind: str, part: str, severity: float, change: Callable[[np.ndarray], np.ndarray]
) -> Damage | None:
    affected = wreck.find(part)
    if not affected.any():
        return None
    wreck.move(affected, change)
    return Damage(kind, part, severity, affected, is_hull=True)


def _above_floor(points: np.ndarray) -> np.ndarray:
    points[:, 2] = np.maximum(points[:, 2], FLOOR)
    return points


def _free_angle(part: str, rng: np.random.Generator) -> float:
    """Away from fork and stays, and from the ground: ahead of the front wheel, behind the rear one."""
    ahead = rng.uniform(-0.25, 0.75)
    return ahead if part == "front_wheel" else np.pi - ahead


def _radius(wreck: Wreck) -> float:
    return wreck.bike.design.wheel_radius


def _wrap(angle: np.ndarray) -> np.ndarray:
    return (angle + np.pi) % (2 * np.pi) - np.pi
