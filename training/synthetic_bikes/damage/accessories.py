"""What is fixed to the bike: mudguard half off, rack loose, basket crushed, lamp and cable hanging."""

import numpy as np

from training.synthetic_bikes.damage.strands import cable_strand
from training.synthetic_bikes.damage.wreck import Damage, Wreck
from training.synthetic_bikes.geometry import rotation_about

__all__ = ["basket_crushed", "cable_hanging", "lamp_dangling", "mudguard_hanging", "rack_loose"]

ON_RACK = ("rack", "child_seat", "rear_lamp", "rack_crate", "left_pannier", "right_pannier")
IN_BASKET = ("front_basket", "flowers", "basket_bag")


def mudguard_hanging(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """A mudguard is half off: broken at its middle, the loose half hangs away from the wheel with its stays."""
    ends = [end for end in ("front", "rear") if wreck.find(part, (f"{end}_mudguard",)).any()]
    end = str(rng.choice(ends))
    guard = wreck.find(part, (f"{end}_mudguard",))
    axle = wreck.bike.layout.front_axle if end == "front" else wreck.bike.layout.rear_axle
    centers = wreck.bike.points[wreck.bike.triangles].mean(axis=1) - axle
    angle = np.arctan2(centers[:, 2], centers[:, 0])
    radius = float(np.linalg.norm(centers[guard], axis=1).max())
    at = rng.uniform(1.75, 2.15)  # behind the top of the wheel
    angle = np.where(angle < -np.pi / 2, angle + 2 * np.pi, angle)
    # A stay goes with the half that it holds: by where most of the piece lies.
    loose = np.zeros(len(guard), bool)
    for piece in np.unique(wreck.bike.piece[guard]):
        own = guard & (wreck.bike.piece == piece)
        is_strip = np.ptp(angle[own]) > 1.2
        loose |= own & (angle > at) if is_strip else own & (np.median(angle[own]) > at)
    pivot = axle + radius * np.array([np.cos(at), 0.0, np.sin(at)])
    drop = rotation_about(np.array([0, 1.0, 0]), np.radians(14 + 46 * severity))
    aside = rotation_about(np.array([0, 0, 1.0]), rng.choice([-1, 1]) * np.radians(rng.uniform(4, 12) + 14 * severity))
    lift = np.array([0.0, 0.0, 1.0])

    def hang(points: np.ndarray) -> np.ndarray:
        turned = (points - pivot) @ (aside @ drop).T + pivot
        return turned + np.outer(np.maximum(0.004 - turned[:, 2], 0), lift)

    # Triangles at the break are shared by both halves: the loose half gets its own.
    loose = wreck.refine(loose, 10.0)
    wreck.move(loose, hang)
    return Damage("mudguard_hanging", part, severity, loose)


def rack_loose(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The rack's struts have come off the frame: it has tipped back about its feet, with what it carries."""
    affected = wreck.find(part, ON_RACK)
    back = rotation_about(np.array([0, 1.0, 0]), -np.radians(12 + 30 * severity))
    aside = rotation_about(np.array([1.0, 0, 0]), rng.normal(0, 0.12) + rng.choice([-1, 1]) * 0.10)
    pivot = wreck.bike.layout.rear_axle + np.array([-0.012, 0.0, 0.02])
    wreck.move(affected, lambda points: (points - pivot) @ (aside @ back).T + pivot)
    return Damage("rack_loose", part, severity, affected)


def basket_crushed(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The basket is squashed from ahead and above, out of square."""
    affected = wreck.find(part, IN_BASKET)
    points = wreck.bike.points[wreck.bike.points_of(affected)]
    low, high = points.min(axis=0), points.max(axis=0)
    shear, press = rng.choice([-1, 1]) * (0.15 + 0.5 * severity), 0.25 + 0.4 * severity
    phase = rng.uniform(0, 6, 2)

    def crush(places: np.ndarray) -> np.ndarray:
        x, y, z = ((places - low) / (high - low)).T
        crushed = places.copy()
        crushed[:, 0] -= press * x * z * (high - low)[0]
        crushed[:, 1] += shear * z * (high - low)[1] * 0.5 + 0.02 * severity * np.sin(5 * x + phase[0])
        crushed[:, 2] -= press * z * (0.6 + 0.4 * np.sin(4 * y + 2 * x + phase[1])) * (high - low)[2]
        return crushed

    wreck.move(affected, crush)
    return Damage("basket_crushed", part, severity, affected)


def lamp_dangling(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """The front lamp has come off its mount and dangles from its wire."""
    lamp = wreck.find(part, ("front_lamp",))
    points = wreck.bike.points[wreck.bike.points_of(lamp)]
    middle = points.mean(axis=0)
    fall = np.array([rng.normal(0.02, 0.02), rng.choice([-1, 1]) * 0.045, -(0.10 + 0.16 * severity)])
    tip = rotation_about(np.array([0, 1.0, 0]), np.radians(rng.uniform(50, 110)))
    wreck.move(lamp, lambda places: (places - middle) @ tip.T + middle + fall)
    corners = [middle, middle + 0.4 * fall + [0.03, 0, 0.01], middle + fall + [0, 0, 0.02]]
    wire = wreck.add([cable_strand(np.array(corners), part, "left_brake_cable")])
    return Damage("lamp_dangling", part, severity, wreck.pad(lamp) | wire)


def cable_hanging(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """A brake cable is torn from its brake: it hangs from the lever in a bow, its end free."""
    names = [n for n in ("left_brake_cable", "right_brake_cable") if wreck.find(part, (n,)).any()]
    name = str(rng.choice(names))
    cable = wreck.find(part, (name,))
    points = wreck.bike.points[wreck.bike.points_of(cable)]
    start = points[np.abs(points[:, 1]).argmax()]
    out = np.sign(start[1])
    forward, down = rng.uniform(0.06, 0.20), 0.28 + 0.32 * severity
    steps = np.array([[0, 0, 0], [0.6, 0.05, -0.12], [1.0, 0.3, -0.5], [0.7, 0.5, -0.85], [0.9, 0.6, -1.0]])
    end = rng.choice([-1.0, 1.0]) * 0.05
    corners = start + steps * [forward, 0.12 * out, down] + np.outer([0, 0, 0, 0, 1], [end, 0, 0])
    wreck.hide(cable)
    added = wreck.add([cable_strand(corners, part, name)])
    return Damage("cable_hanging", part, severity, wreck.pad(cable) | added)
