"""Turn the handlebar, and with it the fork, the front wheel and all that is fixed to them."""

from dataclasses import replace

import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.names import is_called

__all__ = ["steer"]

TURNING_PARTS = ("handlebar", "front_wheel")
TURNING_NAMES = ("fork", "stanchion", "fork_crown", "fork_arch", "fork_end", "front_axle_nut", "front_quick_release",
                 "front_brake", "front_mudguard")  # fmt: skip
ENDS_ON_FRAME = ("right_brake_cable", "shifter_cable")  # fixed to the frame at their far end


def steer(bike: Bike) -> Bike:
    """The bike with its handlebar turned as far as its design says; built, and broken, it is with the bar straight.

    Cables that end on the frame turn less and less towards that end.
    """
    if not bike.design.steering:
        return bike
    turning = np.array([_turns(piece.part, piece.name) for piece in bike.pieces])
    chosen = np.flatnonzero(bike.points_of(turning[bike.piece]))
    angle = np.full(len(bike.points), np.radians(bike.design.steering))
    for index, piece in enumerate(bike.pieces):
        if piece.part == "handlebar" and piece.name in ENDS_ON_FRAME:
            cable = np.flatnonzero(bike.points_of(bike.piece == index))
            along = bike.uv[cable, 0]
            angle[cable] *= 1 - (along / max(along.max(initial=0.0), 1e-6)) ** 2
    points, normals = bike.points.copy(), bike.normals.copy()
    axis, origin = -bike.layout.steerer, bike.layout.head_top
    points[chosen] = origin + _turned(points[chosen] - origin, axis, angle[chosen])
    normals[chosen] = _turned(normals[chosen], axis, angle[chosen])
    return replace(bike, points=points, normals=normals)


def _turns(part: str, name: str) -> bool:
    return part in TURNING_PARTS or (part == "frame" and any(is_called(name, each) for each in TURNING_NAMES))


def _turned(vectors: np.ndarray, axis: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """(K, 3) each turned by its own angle (K,), right-handed about the axis (Rodrigues' formula)."""
    cosine, sine = np.cos(angle)[:, None], np.sin(angle)[:, None]
    along = (vectors @ axis)[:, None] * axis
    return along + (vectors - along) * cosine + np.cross(axis, vectors) * sine
