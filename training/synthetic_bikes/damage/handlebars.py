"""The handlebar: turned, bent, broken off at one side; grips torn."""

import numpy as np

from training.synthetic_bikes.damage.wreck import Damage, Wreck
from training.synthetic_bikes.geometry import rotation_about

__all__ = ["grips_torn", "handlebar_bent", "handlebar_broken", "handlebar_turned"]


def handlebar_turned(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Twisted on the steerer out of line with the wheel, or round in its clamp."""
    if _is_held(wreck):
        return None
    affected, down = wreck.find(part), wreck.bike.layout.steerer
    pivot = wreck.bike.layout.head_top - down * 0.03
    rotation = rotation_about(down, rng.choice([-1, 1]) * np.radians(30 + 60 * severity))
    if rng.random() < 0.4:  # in the clamp: the whole bar tips forwards or back
        affected &= ~wreck.find(part, ("stem", "steerer"))
        clamp = wreck.bike.points[wreck.bike.points_of(wreck.find(part, ("bar_clamp",)))]
        pivot = clamp.mean(axis=0)
        rotation = rotation_about(np.array([0, 1.0, 0]), rng.choice([-1, 1]) * np.radians(40 + 70 * severity))
    wreck.move(affected, lambda points: (points - pivot) @ rotation.T + pivot)
    return Damage("handlebar_turned", part, severity, affected)


def handlebar_bent(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """One half is bent up, down, forward or back in a bow, with its grip and lever."""
    if _is_held(wreck):
        return None
    side = rng.choice([-1.0, 1.0])
    bar = wreck.bike.points[wreck.bike.points_of(wreck.find(part, ("bar",)))]
    middle, reach = bar[np.abs(bar[:, 1]) < 0.03].mean(axis=0), np.abs(bar[:, 1]).max()
    hinge = rotation_about(np.array([0, 1.0, 0]), rng.uniform(0, 2 * np.pi)) @ np.array([1.0, 0, 0])
    most = np.radians(30 + 60 * severity) * rng.choice([-1.0, 1.0])
    start = 0.12 * reach
    affected = wreck.find(part) & ~wreck.find(part, ("stem", "steerer", "bar_clamp"))
    affected &= (wreck.bike.points[wreck.bike.triangles][:, :, 1] * side).max(axis=1) > start

    def bow(points: np.ndarray) -> np.ndarray:
        out = np.clip(side * points[:, 1] - start, 0, None)
        turn = most * np.clip(out / (reach - start), 0, 1.2)
        # Each slice is turned by its own angle, about the middle of an arc of that length.
        half = turn / 2
        across = np.cross(hinge, [0.0, side, 0.0])
        arc = np.outer(out * (np.cos(half) - 1), [0.0, side, 0.0]) + np.outer(out * np.sin(half), across)
        local = points - middle
        flat = local - np.outer(local @ np.array([0.0, side, 0.0]), [0.0, side, 0.0])
        lift = np.outer(flat @ across, across)
        swung = np.outer(-(flat @ across) * np.sin(turn), [0.0, side, 0.0]) + (np.cos(turn) - 1)[:, None] * lift
        return points + arc + np.where((out > 0)[:, None], swung, 0)

    wreck.move(affected, bow)
    return Damage("handlebar_bent", part, severity, affected)


def handlebar_broken(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """One side has broken off, with its grip and lever, and left a ragged end."""
    if _is_held(wreck):
        return None
    side = rng.choice([-1.0, 1.0])
    names = ("bar", "grip", "hood", "brake_lever", "brake_cable", "shifter", "bell")
    pieces = wreck.find(part, names)
    reach = np.abs(wreck.bike.points[wreck.bike.points_of(pieces)][:, 1]).max()
    cut = reach * (0.75 - 0.45 * severity)
    fine = wreck.refine(pieces & wreck.bike.triangles_of(part, ("bar",)), 0.012)
    pieces = wreck.pad(pieces) & ~wreck.hidden_before | fine
    middles = wreck.bike.points[wreck.bike.triangles].mean(axis=1)
    ragged = 0.008 * np.sin(9e2 * middles[:, 0]) + 0.008 * np.sin(11e2 * middles[:, 2])
    gone = pieces & (side * middles[:, 1] > cut + ragged)
    cables = wreck.find(part, (f"{'left' if side > 0 else 'right'}_brake_cable",)) & pieces
    wreck.hide(gone | cables)
    return Damage("handlebar_broken", part, severity, gone | cables, gone=[gone & ~cables])


def grips_torn(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """A grip is torn off, or half of it, down to the bare bar. None where tape is the bar's only skin."""
    side = str(rng.choice(["left", "right"]))
    grip = wreck.find(part, (f"{side}_grip",))
    if not grip.any() or wreck.bike.design.handlebar == "drop":
        return None
    fine = wreck.refine(grip, 0.010)
    middles = wreck.bike.points[wreck.bike.triangles].mean(axis=1)
    along = np.abs(middles[:, 1]) + 0.3 * np.abs(middles[:, 0] - middles[fine][:, 0].mean())
    low, high = along[fine].min(), along[fine].max()
    ragged = 0.010 * np.sin(7e2 * middles[:, 2]) + 0.006 * np.sin(16e2 * middles[:, 0])
    gone = fine & (along + ragged > high - (high - low) * (0.35 + 0.65 * severity))
    wreck.hide(gone)
    return Damage("grips_torn", part, severity, gone)


def _is_held(wreck: Wreck) -> bool:
    """Whether a basket, which stands on the axle too, keeps the bar where it is."""
    return bool(wreck.find("handlebar", ("front_basket",)).any())
