"""The fork: bent back or forwards by a crash, or snapped below its crown. The front wheel goes with it."""

import numpy as np

from training.synthetic_bikes.damage.wreck import Damage, Wreck
from training.synthetic_bikes.geometry import rotation_about

__all__ = ["fork_bent", "fork_snapped"]

LEGS = ("fork", "fork_end", "front_axle_nut", "front_quick_release", "stanchion", "front_brake", "fork_arch")
FLOOR = 0.001  # metres; the wheel stands on the floor still


def fork_bent(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The blades are pushed back towards the frame, or forwards, in a bow that begins below the crown."""
    layout = wreck.bike.layout
    reach = -(0.03 + 0.06 * severity) if rng.random() < 0.65 else 0.05 + 0.10 * severity
    sideways = rng.normal(0, 0.02) * severity
    length = float((layout.front_axle - layout.head_bottom) @ layout.steerer)

    def push(points: np.ndarray, is_wheel: bool) -> np.ndarray:
        share = np.clip((points - layout.head_bottom) @ layout.steerer / length, 0, 1)
        weight = np.ones(len(points)) if is_wheel else share**1.6
        return points + np.outer(weight, [reach, sideways, 0.0])

    legs, wheel = _legs(wreck), wreck.find("front_wheel")
    wreck.move(legs, lambda points: push(points, is_wheel=False))
    wreck.move(wheel, lambda points: push(points, is_wheel=True))
    return Damage("fork_bent", part, severity, legs | wheel, placed=[wheel] if wheel.any() else [])


def fork_snapped(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Both blades have torn off below the crown: the wheel has run ahead and leans, the ends of the blades with it."""
    layout = wreck.bike.layout
    length = float((layout.front_axle - layout.head_bottom) @ layout.steerer)
    legs, wheel = wreck.refine(_legs(wreck), 0.012), wreck.find("front_wheel")
    centers = wreck.bike.points[wreck.bike.triangles].mean(axis=1)
    along = (centers - layout.head_bottom) @ layout.steerer / length
    cut = rng.uniform(0.22, 0.45)
    gap = 0.02 + 0.05 * severity
    wander = 0.4 * np.sin(420 * centers[:, 0]) + 0.4 * np.sin(510 * centers[:, 1] + 1)
    wreck.hide(legs & (np.abs(along - cut) < gap / 2 * (1 + wander)))
    axle = layout.front_axle
    roll = rotation_about(np.array([1.0, 0, 0]), rng.choice([-1, 1]) * np.radians(4 + 10 * severity))
    turn = rotation_about(np.array([0, 1.0, 0]), -np.radians(rng.uniform(4, 22) * (0.4 + severity)))
    shift = np.array([0.05 + 0.09 * severity, rng.normal(0, 0.01), 0.0])
    moved = wheel | legs & (along > cut)
    standing = wreck.bike.points[wreck.bike.points_of(wheel)] if wheel.any() else axle[None]
    shift[2] = FLOOR - ((standing - axle) @ (roll @ turn).T + axle)[:, 2].min() if wheel.any() else 0.0
    wreck.move(moved, lambda points: (points - axle) @ (roll @ turn).T + axle + shift)
    return Damage("fork_snapped", part, severity, legs | wheel, placed=[wheel] if wheel.any() else [])


def _legs(wreck: Wreck) -> np.ndarray:
    """All below the crown but the wheel; a mudguard's strip and stays too."""
    return wreck.find("frame", LEGS) | wreck.find("frame", ("front_mudguard",))
