"""Parts that are gone, whole. The mask is where they were."""

import numpy as np

from training.synthetic_bikes.damage.wreck import Damage, Wreck

__all__ = [
    "both_wheels_missing", "chain_missing", "crank_missing", "drivetrain_missing", "handlebar_missing",
    "pedal_missing", "saddle_missing", "seat_post_missing", "wheel_missing",
]  # fmt: skip

WHEELS = ("front_wheel", "rear_wheel")
# Cables stay, hanging where they were, or hang from the frame: the hull of them would be half the bike's.
LOOSE = ("cable", "steerer")


def wheel_missing(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """A wheel is stolen, tyre, spokes, hub and all."""
    return _take(wreck, "wheel_missing", part, [wreck.find(part)])


def both_wheels_missing(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Both wheels are stolen: a frame is left."""
    return _take(wreck, "both_wheels_missing", part, [wreck.find(wheel) for wheel in WHEELS])


def saddle_missing(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The saddle is off its post, with its rails or without them."""
    names = ("saddle", "saddle_spring", "saddle_bag", "saddle_cover", "rail")
    return _take(wreck, "saddle_missing", part, [wreck.find(part, names)])


def seat_post_missing(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Saddle and post are pulled out of the frame."""
    return _take(wreck, "seat_post_missing", part, [wreck.find(part)])


def handlebar_missing(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Bar, grips and levers are gone, at times with the stem. Not where something hangs on it: that would go too."""
    if any(wreck.find(part, (name,)).any() for name in ("front_basket", "helmet")):
        return None
    gone = wreck.find(part) & ~wreck.find(part, LOOSE)
    if rng.random() < 0.5:
        gone &= ~wreck.find(part, ("stem", "bar_clamp"))
    cables = wreck.find(part, ("cable",))
    damage = _take(wreck, "handlebar_missing", part, [gone])
    wreck.hide(cables)
    damage.affected |= cables
    return damage


def pedal_missing(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """One pedal is unscrewed from its crank."""
    side = _near_side(rng)
    return _take(wreck, "pedal_missing", part, [wreck.find(part, (f"{side}_pedal",))])


def crank_missing(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """One crank arm is off, and its pedal with it."""
    side = _near_side(rng)
    return _take(wreck, "crank_missing", part, [wreck.find(part, (f"{side}_pedal", f"{side}_crank"))])


def chain_missing(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """No chain between chainring and sprocket. None behind a chain guard, where it would hardly show."""
    if wreck.find(names=("chain_guard",)).any():
        return None
    return _take(wreck, "chain_missing", part, [wreck.find(part, ("chain",))])


def drivetrain_missing(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Cranks, chainring and chain are gone, at times the derailleur too."""
    gone = wreck.find(part)
    if rng.random() < 0.5:
        gone &= ~wreck.find(part, ("cassette", "rear_derailleur"))
    return _take(wreck, "drivetrain_missing", part, [gone])


def _take(wreck: Wreck, kind: str, part: str, groups: list[np.ndarray]) -> Damage | None:
    affected = np.any(groups, axis=0)
    if not all(group.any() for group in groups):
        return None
    wreck.hide(affected)
    return Damage(kind, part, 1.0, affected, gone=groups)


def _near_side(rng: np.random.Generator) -> str:
    return str(rng.choice(["left", "right"]))
