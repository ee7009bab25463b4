"""Spokes: missing, or broken and bent out of the wheel."""

import numpy as np

from training.synthetic_bikes.damage.wheels import axle_of
from training.synthetic_bikes.damage.wreck import Damage, Wreck

__all__ = ["spokes_broken", "spokes_missing"]


def spokes_missing(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """A run of neighbouring spokes is gone: a gap shows between rim and hub."""
    pieces = _pick_spokes(wreck, part, 0.25 + 0.35 * severity, rng)
    affected = np.isin(wreck.bike.piece, pieces)
    wreck.hide(affected)
    return Damage("spokes_missing", part, severity, affected, gone=[affected])


def spokes_broken(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Spokes have come off the rim and stick out of the wheel, bent."""
    axle = axle_of(wreck, part)
    pieces = _pick_spokes(wreck, part, 0.16 + 0.24 * severity, rng)
    for piece in pieces:
        spoke = wreck.bike.piece == piece
        start = wreck.bike.points[wreck.bike.points_of(spoke)]
        radius = np.linalg.norm(start - axle, axis=1)
        hub, length = start[radius.argmin()], float(np.ptp(radius))
        out = (start[radius.argmax()] - hub) / np.linalg.norm(start[radius.argmax()] - hub)
        side = np.cross(out, [0.0, 1.0, 0.0])
        around = rng.normal(0, 1.0) * side + rng.choice([-1, 1]) * 0.9 * np.array([0.0, 1.0, 0.0])
        hinge = np.cross(out, around / np.linalg.norm(around))
        lean, bow = np.radians(rng.uniform(10, 28 + 40 * severity)), np.radians(rng.uniform(20, 90))

        def bend(points: np.ndarray, hub=hub, out=out, hinge=hinge, lean=lean, bow=bow, length=length) -> np.ndarray:
            # An arc: the further along, the further turned.
            along = np.clip((points - hub) @ out, 0, None)
            turn = lean + bow * along / length / 2
            ahead = np.cross(hinge, out)
            middle = hub + np.outer(along * np.cos(turn), out) + np.outer(along * np.sin(turn), ahead)
            across = points - hub - np.outer((points - hub) @ out, out)
            bent = middle + across
            bent[:, 2] = np.maximum(bent[:, 2], 0.002)
            return bent

        wreck.move(spoke, bend)
    return Damage("spokes_broken", part, severity, np.isin(wreck.bike.piece, pieces), is_hull=True)


def _pick_spokes(wreck: Wreck, part: str, share: float, rng: np.random.Generator) -> np.ndarray:
    """Pieces of the spokes whose rim ends lie next to one another, on that share of the rim."""
    axle, spokes = axle_of(wreck, part), np.unique(wreck.bike.piece[wreck.find(part, ("spoke",))])
    ends = []
    for piece in spokes:
        points = wreck.bike.points[wreck.bike.points_of(wreck.bike.piece == piece)] - axle
        end = points[np.linalg.norm(points, axis=1).argmax()]
        ends.append(np.arctan2(end[2], end[0]))
    # In the upper half, where they stand out against what is behind.
    turn = np.abs((np.array(ends) - rng.uniform(0.2, np.pi - 0.2) + np.pi) % (2 * np.pi) - np.pi)
    return spokes[turn < max(share * np.pi, 4 * np.pi / len(spokes))]
