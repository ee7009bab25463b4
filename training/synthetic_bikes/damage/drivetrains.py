"""Chain off its ring or torn, derailleur bent."""

import numpy as np

from training.synthetic_bikes.damage.strands import chain_strand
from training.synthetic_bikes.damage.wreck import Damage, Wreck
from training.synthetic_bikes.geometry import rotation_about

__all__ = ["chain_hanging", "derailleur_bent"]


def chain_hanging(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The chain has come off the ring and sags in a loop, or is torn and hangs from the sprocket."""
    chain = wreck.find(part, ("chain",))
    points = wreck.bike.points[wreck.bike.points_of(chain)]
    line = float(np.median(points[:, 1]))
    rear, bottom = wreck.bike.layout.rear_axle, wreck.bike.layout.bottom_bracket
    ahead = bottom[0] - rear[0]
    near = points[np.abs(points[:, 0] - rear[0]) < 0.2 * ahead]
    top, under = near[:, 2].max(), near[:, 2].min()
    is_torn = rng.random() < 0.5
    floor = 0.006
    over = [[rear[0] - 0.045, line, rear[2]], [rear[0], line, top]]
    if is_torn:
        # Over the sprocket, then both ends straight down; the longer lies on the floor.
        out = rng.uniform(0.04, 0.16)
        rest = max(floor, under - 0.05 - 0.25 * severity)
        corners = [[rear[0] - 0.050, line, under - 0.08 - 0.06 * severity], *over, [rear[0] + 0.05, line, rear[2]],
                   [rear[0] + 0.065, line, (rear[2] + rest) / 2], [rear[0] + 0.07, line - 0.01, rest],
                   [rear[0] + 0.07 + out * severity, line - 0.02, max(floor, rest - 0.02)]]  # fmt: skip
    else:
        # Off the ring: it lies on the bottom bracket behind the ring, and both runs sag below the stays.
        low = bottom[2] - (0.10 + 0.17 * severity)
        corners = [[bottom[0] + 0.03, line, bottom[2] - 0.005], [rear[0] + 0.7 * ahead, line, bottom[2] - 0.03],
                   [rear[0] + 0.3 * ahead, line, rear[2] - 0.02], [rear[0] + 0.03, line, top - 0.008], *over[::-1],
                   [rear[0], line, under], [rear[0] + 0.3 * ahead, line, (under + low) / 2 - 0.03],
                   [rear[0] + 0.62 * ahead, line, max(floor, low)],
                   [rear[0] + 0.88 * ahead, line, (low + bottom[2]) / 2],
                   [bottom[0] + 0.02, line, bottom[2] - 0.03]]  # fmt: skip
    wreck.hide(chain)
    added = wreck.add(chain_strand(np.array(corners)))
    return Damage("chain_hanging", part, severity, wreck.pad(chain) | added)


def derailleur_bent(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The derailleur is twisted back and into the spokes, or torn forwards; the chain goes with its cage."""
    cage = wreck.find(part, ("rear_derailleur",))
    points = wreck.bike.points[wreck.bike.points_of(cage)]
    pivot = points[points[:, 2] > np.quantile(points[:, 2], 0.9)].mean(axis=0)
    bottom = points[:, 2].min()
    swing = rotation_about(np.array([0, 1.0, 0]), rng.choice([1.0, 1.0, -1.0]) * np.radians(35 + 55 * severity))
    inwards = rotation_about(np.array([1.0, 0, 0]), np.radians(rng.uniform(5, 15) + 20 * severity))
    turn = inwards @ swing
    chain = wreck.find(part, ("chain",))
    middle = float(points[:, 0].mean())

    def twist(places: np.ndarray, is_chain: bool) -> np.ndarray:
        turned = (places - pivot) @ turn.T + pivot
        if not is_chain:
            return turned
        # Most at the lower pulley, less and less along the run to the ring.
        weight = np.clip((pivot[2] - places[:, 2]) / (pivot[2] - bottom), 0, 1)
        weight *= np.clip(1 - (places[:, 0] - middle) / 0.30, 0, 1)
        return places + weight[:, None] * (turned - places)

    wreck.move(cage, lambda places: twist(places, is_chain=False))
    wreck.move(chain, lambda places: twist(places, is_chain=True))
    return Damage("derailleur_bent", part, severity, cage | chain)
