"""Ways to break a bike. Each takes the intact bike, and returns the broken twin with what was done to it.

`DAMAGES` lists them by the name that `metadata.jsonl` carries.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from training.synthetic_bikes.geometry import Bike, rotation_about
from training.synthetic_bikes.wear import Wear

__all__ = ["DAMAGES", "Damage", "break_bike"]


@dataclass
class Damage:
    """bike: the broken twin; kind, part and severity in (0, 1], as metadata.jsonl has them.

    affected (M,) bool: triangles hidden, moved or worn. is_missing: they are gone. wear: a layer on the surface.
    """

    bike: Bike
    kind: str
    part: str
    severity: float
    affected: np.ndarray
    is_missing: bool = False
    wear: Wear | None = None


def break_bike(bike: Bike, kind: str, rng: np.random.Generator, part: str | None = None) -> Damage:
    """Break the bike in one way.

    Args:
        kind: a name in DAMAGES.
        part: "front_wheel" or "rear_wheel", where the kind leaves a choice; any, if None.

    Raises:
        ValueError: no such kind, or it cannot befall the part.
    """
    if kind not in DAMAGES:
        raise ValueError(f"no kind of damage is named {kind!r}: choose from {', '.join(sorted(DAMAGES))}")
    damage, parts = DAMAGES[kind]
    if part is not None and part not in parts:
        raise ValueError(f"{kind} cannot befall {part}: choose from {', '.join(parts)}")
    return damage(bike.copy(), part or str(rng.choice(parts)), rng)


def part_missing(bike: Bike, part: str, rng: np.random.Generator) -> Damage:
    """Saddle, handlebar or a wheel, gone with all that is fixed to it."""
    gone = bike.triangles_of(part)
    bike.is_hidden |= gone
    kind = {"saddle": "saddle_missing", "handlebar": "handlebar_missing"}.get(part, "wheel_missing")
    return Damage(bike, kind, part, 1.0, gone, is_missing=True)


def wheel_bent(bike: Bike, part: str, rng: np.random.Generator) -> Damage:
    """A wheel folded like a crisp, its rim kinked where it struck."""
    severity = rng.uniform(0.5, 1.0)
    affected = bike.triangles_of(part)
    moved = bike.points_of(affected)
    axle = bike.layout.front_axle if part == "front_wheel" else bike.layout.rear_axle
    local = bike.rest_points[moved] - axle
    radius, angle = np.hypot(local[:, 0], local[:, 2]), np.arctan2(local[:, 2], local[:, 0])
    share = radius / bike.design.wheel_radius
    # Kinked at the front and above, clear of the fork and of the ground.
    struck = rng.uniform(-0.1, 0.5) if part == "front_wheel" else np.pi - rng.uniform(-0.1, 0.5)
    turn = (angle - struck + np.pi) % (2 * np.pi) - np.pi
    inward = severity * (0.24 * np.exp(-((turn / 0.36) ** 2)) - 0.05 * np.exp(-(((np.abs(turn) - 0.95) / 0.4) ** 2)))
    outward = np.stack([np.cos(angle), np.zeros_like(angle), np.sin(angle)], axis=1)
    sideways = severity * 0.085 * share**2 * np.cos(2 * turn) * rng.choice([-1.0, 1.0])
    sideways += severity * 0.05 * share**2 * np.exp(-((turn / 0.5) ** 2))
    bike.points[moved] -= outward * (inward * bike.design.wheel_radius * share**3)[:, None]
    bike.points[moved, 1] += sideways
    bike.points[moved, 2] = np.maximum(bike.points[moved, 2], 0.001)
    return Damage(bike, "wheel_bent", part, severity, affected)


def saddle_turned(bike: Bike, part: str, rng: np.random.Generator) -> Damage:
    """Twisted about the post and tipped."""
    severity = rng.uniform(0.4, 1.0)
    names = ("saddle", "rail", "saddle_clamp", "saddle_spring")
    twist = rotation_about(bike.layout.seat_direction, rng.choice([-1, 1]) * np.radians(25 + 60 * severity))
    tip = rotation_about(np.array([0, 1.0, 0]), rng.choice([-1, 1]) * np.radians(8 + 22 * severity))
    pivot = bike.layout.saddle - bike.layout.seat_direction * 0.05
    return _turn(bike, "saddle_turned", part, severity, bike.triangles_of(part, names), pivot, twist @ tip)


def handlebar_turned(bike: Bike, part: str, rng: np.random.Generator) -> Damage:
    """Twisted in the stem, and pushed out of line with the wheel."""
    severity = rng.uniform(0.4, 1.0)
    affected = bike.triangles_of(part)
    down = bike.layout.steerer
    twist = rotation_about(down, rng.choice([-1, 1]) * np.radians(20 + 45 * severity))
    tip = rotation_about(np.array([0, 1.0, 0]), rng.choice([-1, 1]) * np.radians(10 + 25 * severity))
    return _turn(bike, "handlebar_turned", part, severity, affected, bike.layout.head_top - down * 0.03, twist @ tip)


def fork_bent(bike: Bike, part: str, rng: np.random.Generator) -> Damage:
    """Blades pushed back towards the frame, as after running into a wall; the wheel goes with them."""
    severity = rng.uniform(0.3, 1.0)
    names = ("fork", "fork_end", "front_axle_nut", "stanchion", "front_brake", "fork_arch", "front_mudguard")
    affected = bike.triangles_of("frame", names) | bike.triangles_of("front_wheel")
    moved = bike.points_of(affected)
    layout = bike.layout
    along = (bike.points[moved] - layout.head_bottom) @ layout.steerer
    length = float((layout.front_axle - layout.head_bottom) @ layout.steerer)
    is_wheel = bike.points_of(bike.triangles_of("front_wheel"))[moved]
    share = np.where(is_wheel, 1.0, np.clip(along / length, 0, 1.0))
    back = np.array([-1.0, 0, 0]) * (0.025 + 0.045 * severity)
    bike.points[moved] += share[:, None] ** 1.6 * back
    return Damage(bike, "fork_bent", part, severity, affected)


def tube_bent(bike: Bike, part: str, rng: np.random.Generator) -> Damage:
    """A main tube buckled out of line."""
    severity = rng.uniform(0.4, 1.0)
    affected, share = _main_tube(bike, rng)
    moved = bike.points_of(affected)
    middle, width = rng.uniform(0.35, 0.65), rng.uniform(0.10, 0.2)
    push = (0.03 + 0.05 * severity) * np.exp(-(((share[moved] - middle) / width) ** 2))
    push *= np.clip(np.minimum(share[moved], 1 - share[moved]) / 0.12, 0, 1)
    direction = np.array([0, rng.uniform(-0.6, 0.6), -1.0])
    bike.points[moved] += push[:, None] * direction / np.linalg.norm(direction)
    return Damage(bike, "tube_bent", part, severity, affected)


def tube_cut(bike: Bike, part: str, rng: np.random.Generator) -> Damage:
    """A main tube snapped: its ends out of line, a gap between them."""
    severity = rng.uniform(0.4, 1.0)
    affected, share = _main_tube(bike, rng)
    moved = bike.points_of(affected)
    middle, gap = rng.uniform(0.35, 0.65), 0.03 + 0.04 * severity
    lean = np.where(share[moved] < middle, share[moved] / middle, (1 - share[moved]) / (1 - middle))
    sign = np.where(share[moved] < middle, 1.0, -1.0)
    direction = np.array([0.2, rng.uniform(-0.5, 0.5), -1.0])
    bike.points[moved] += (0.012 + 0.03 * severity) * (lean * sign)[:, None] * direction
    across = np.abs(share[bike.triangles].mean(axis=1) - middle)
    ragged = gap * (1 + 0.4 * np.sin(40 * bike.rest_points[bike.triangles[:, 0], 1] / bike.design.tube_radius))
    bike.is_hidden |= affected & (across < ragged)
    return Damage(bike, "tube_cut", part, severity, affected)


def rust(bike: Bike, part: str, rng: np.random.Generator) -> Damage:
    """Rust on what is made of metal."""
    severity = rng.uniform(0.35, 0.9)
    rustless = bike.triangles_of(names=("cable", "lamp", "brake", "bottle_cage", "pedal"))
    affected = bike.triangles_of(part) & ~rustless
    if part == "frame" and rng.random() < 0.6:
        affected |= bike.triangles_of("drivetrain") & ~rustless
    wear = Wear("rust", affected, severity, int(rng.integers(2**31)))
    return Damage(bike, "rust", part, severity, affected, wear=wear)


def scratches(bike: Bike, part: str, rng: np.random.Generator) -> Damage:
    """Scrapes and chips on the main tubes."""
    severity = rng.uniform(0.4, 1.0)
    affected = bike.triangles_of(part, ("top_tube", "down_tube", "seat_tube"))
    wear = Wear("scratches", affected, severity, int(rng.integers(2**31)))
    return Damage(bike, "scratches", part, severity, affected, wear=wear)


DAMAGES: dict[str, tuple[Callable[[Bike, str, np.random.Generator], Damage], tuple[str, ...]]] = {
    "wheel_missing": (part_missing, ("front_wheel", "rear_wheel")),
    "wheel_bent": (wheel_bent, ("front_wheel", "rear_wheel")),
    "saddle_missing": (part_missing, ("saddle",)),
    "saddle_turned": (saddle_turned, ("saddle",)),
    "handlebar_missing": (part_missing, ("handlebar",)),
    "handlebar_turned": (handlebar_turned, ("handlebar",)),
    "fork_bent": (fork_bent, ("frame",)),
    "tube_bent": (tube_bent, ("frame",)),
    "tube_cut": (tube_cut, ("frame",)),
    "rust": (rust, ("frame", "drivetrain")),
    "scratches": (scratches, ("frame",)),
}


def _turn(
    bike: Bike, kind: str, part: str, severity: float, affected: np.ndarray, pivot: np.ndarray, rotation: np.ndarray
) -> Damage:
    moved = bike.points_of(affected)
    bike.points[moved] = (bike.points[moved] - pivot) @ rotation.T + pivot
    bike.normals[moved] = bike.normals[moved] @ rotation.T
    return Damage(bike, kind, part, severity, affected)


def _main_tube(bike: Bike, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One of the main tubes: its triangles (M,) bool, and how far along it each point lies (N,), 0 to 1."""
    name = str(rng.choice(sorted({"top_tube", "down_tube", "seat_tube"} & bike.names)))
    affected = bike.triangles_of("frame", (name,))
    length = bike.uv[bike.points_of(affected), 0].max()
    return affected, np.clip(bike.uv[:, 0] / length, 0, 1)
