"""Frame tubes: bent, dented, cracked, snapped, sawn through."""

from collections.abc import Callable
from functools import wraps

import numpy as np

from training.synthetic_bikes.damage.wreck import Damage, Wreck
from training.synthetic_bikes.geometry import rotation_about
from training.synthetic_bikes.shapes import straight
from training.synthetic_bikes.wear import Wear

__all__ = ["tube_bent", "tube_cracked", "tube_cut", "tube_dented", "tube_snapped"]

TUBES = ("top_tube", "down_tube", "seat_tube")
FINE = 0.012  # metres; edges of the triangles that a tube is cut into before it is bent


class Tube:
    """A main tube of the bike, cut into small triangles: where it runs, and how thick it is."""

    def __init__(self, wreck: Wreck, name: str):
        whole = wreck.find("frame", (name,))
        longest = max(np.unique(wreck.bike.piece[whole]), key=lambda piece: _length(wreck, whole, piece))
        self.triangles = wreck.refine(whole & (wreck.bike.piece == longest), FINE)
        points, along = _points_and_uv(wreck, self.triangles)
        near = 0.02 * along.max()
        self.start = points[along < near].mean(axis=0)
        end = points[along > along.max() - near].mean(axis=0)
        self.length = float(np.linalg.norm(end - self.start))
        self.axis = (end - self.start) / self.length
        self.radius = float(np.median(np.linalg.norm(self.away(points), axis=1)))

    def share(self, points: np.ndarray) -> np.ndarray:
        """How far along the tube the points (K, 3) lie, (K,) from 0 to 1."""
        return (points - self.start) @ self.axis / self.length

    def away(self, points: np.ndarray) -> np.ndarray:
        """(K, 3) from the tube's middle line to the points."""
        return points - self.start - np.outer((points - self.start) @ self.axis, self.axis)

    def across(self, rng: np.random.Generator, sideways: float) -> np.ndarray:
        """A unit vector across the tube, upwards or downwards, and by that much to one side."""
        upright = np.cross(self.axis, [0.0, 1.0, 0.0])
        direction = rng.choice([-1.0, 1.0]) * upright + sideways * np.array([0.0, 1.0, 0.0])
        return direction / np.linalg.norm(direction)


def of_a_tube(break_tube: Callable[..., Damage]) -> Callable[..., Damage | None]:
    """Hand the damage one of the main tubes that no other has befallen; where there is none it cannot be."""

    @wraps(break_tube)
    def befall(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
        names = [name for name in TUBES if (wreck.find("frame", (name,)) & ~wreck.claimed).any()]
        return break_tube(wreck, Tube(wreck, str(rng.choice(names))), part, severity, rng) if names else None

    return befall


@of_a_tube
def tube_bent(wreck: Wreck, tube: Tube, part: str, severity: float, rng: np.random.Generator) -> Damage:
    """A main tube is buckled out of line; both of its ends stay where they are."""
    middle, depth = rng.uniform(0.35, 0.65), 0.03 + 0.06 * severity
    direction, soft = tube.across(rng, rng.uniform(-0.5, 0.5)), rng.uniform(0.03, 0.09)

    def buckle(points: np.ndarray) -> np.ndarray:
        share = tube.share(points)
        away = np.sqrt((share - middle) ** 2 + soft**2) - soft
        slope = np.clip(1 - away / np.where(share < middle, middle, 1 - middle), 0, 1)
        return points + np.outer(depth * slope * slope * (1.5 - 0.5 * slope), direction)

    wreck.move(tube.triangles, buckle)
    return Damage("tube_bent", part, severity, tube.triangles)


@of_a_tube
def tube_dented(wreck: Wreck, tube: Tube, part: str, severity: float, rng: np.random.Generator) -> Damage:
    """Something has struck the tube: a hollow in its side, its paint cracked around it."""
    spot, wide = rng.uniform(0.25, 0.75), rng.uniform(0.025, 0.05)
    direction = tube.across(rng, rng.choice([-1.0, 1.0]) * rng.uniform(1.0, 2.5))
    deep = tube.radius * (0.8 + 0.8 * severity)

    def press(points: np.ndarray) -> np.ndarray:
        fall = np.exp(-(((tube.share(points) - spot) * tube.length / wide) ** 2))
        away = tube.away(points)
        out = away @ direction
        limit = tube.radius - deep * fall
        pressed = np.where(out > limit, limit + 0.12 * (out - limit), out)
        # What is pressed in bulges out to both sides.
        bulge = away - np.outer(out, direction)
        return points + np.outer(pressed - out, direction) + bulge * (0.35 * fall * severity)[:, None]

    wreck.move(tube.triangles, press)
    center = tube.start + tube.axis * spot * tube.length + direction * tube.radius
    wear = Wear("dent", tube.triangles, severity, int(rng.integers(2**31)), center, tube.axis)
    return Damage("tube_dented", part, severity, tube.triangles, wear=wear)


@of_a_tube
def tube_cracked(wreck: Wreck, tube: Tube, part: str, severity: float, rng: np.random.Generator) -> Damage:
    """A jagged crack runs round the tube, rust at its edges; the tube gapes there and has given way a little."""
    middle = rng.choice([rng.uniform(0.10, 0.25), rng.uniform(0.25, 0.8)])
    direction, depth = tube.across(rng, rng.uniform(-0.5, 0.5)), 0.004 + 0.016 * severity

    def sag(points: np.ndarray) -> np.ndarray:
        share = tube.share(points)
        slope = np.clip(np.where(share < middle, share / middle, (1 - share) / (1 - middle)), 0, 1)
        return points + np.outer(depth * slope, direction)

    wreck.move(tube.triangles, sag)
    center = tube.start + tube.axis * middle * tube.length
    wear = Wear("crack", tube.triangles, severity, int(rng.integers(2**31)), center, tube.axis)
    return Damage("tube_cracked", part, severity, tube.triangles, wear=wear)


@of_a_tube
def tube_snapped(wreck: Wreck, tube: Tube, part: str, severity: float, rng: np.random.Generator) -> Damage:
    """A main tube has torn in two: its ends are out of line, ragged, with a gap between them."""
    middle, gap = rng.uniform(0.35, 0.65), (0.010 + 0.03 * severity) / tube.length
    hinge = np.cross(tube.axis, tube.across(rng, rng.uniform(-0.6, 0.6)))
    angles = np.radians((4 + 10 * severity) * np.array([1.0, rng.uniform(0.3, 1.0)]))
    _part_tube(wreck, tube, middle, gap, ragged=0.55)

    def give_way(points: np.ndarray) -> np.ndarray:
        is_first = tube.share(points) < middle
        end = tube.start + tube.axis * tube.length
        one = (points - tube.start) @ rotation_about(hinge, angles[0]).T + tube.start
        other = (points - end) @ rotation_about(hinge, angles[1]).T + end
        # Both ends stay in their joints; the break is pushed to opposite sides.
        return np.where(is_first[:, None], one, other)

    stubs = _add_stubs(wreck, tube, middle, gap)
    affected = wreck.pad(tube.triangles) | stubs
    wreck.move(affected, give_way)
    return Damage("tube_snapped", part, severity, affected)


@of_a_tube
def tube_cut(wreck: Wreck, tube: Tube, part: str, severity: float, rng: np.random.Generator) -> Damage:
    """A thief has sawn a main tube through, or cut a piece out of it."""
    middle, gap = rng.uniform(0.3, 0.7), (0.025 + 0.07 * severity) / tube.length
    _part_tube(wreck, tube, middle, gap, ragged=0.06)
    stubs = _add_stubs(wreck, tube, middle, gap)
    return Damage("tube_cut", part, severity, wreck.pad(tube.triangles) | stubs)


def _part_tube(wreck: Wreck, tube: Tube, middle: float, gap: float, ragged: float) -> None:
    """Hide a piece of the tube; ragged: how far its edges wander, in gaps."""
    centers = wreck.bike.points[wreck.bike.triangles].mean(axis=1)
    away = tube.away(centers)
    wander = np.sin(5.1 * away[:, 1] / tube.radius) + np.sin(3.7 * away[:, 2] / tube.radius + 1.0)
    edge = gap / 2 * (1 + ragged * wander)
    wreck.hide(tube.triangles & (np.abs(tube.share(centers) - middle) < edge))


def _add_stubs(wreck: Wreck, tube: Tube, middle: float, gap: float) -> np.ndarray:
    """The dark insides of both ends of a parted tube."""
    deep = 0.03 / tube.length
    stubs = []
    for sign in (-1.0, 1.0):
        ends = (tube.start + tube.axis * tube.length * (middle + sign * (gap / 2 + at)) for at in (deep, 0.2 * gap))
        stubs.append(straight(*ends, tube.radius * 0.86).tagged("frame", "black_plastic", "down_tube"))
    return wreck.add(stubs)


def _length(wreck: Wreck, triangles: np.ndarray, piece: int) -> float:
    return float(_points_and_uv(wreck, triangles & (wreck.bike.piece == piece))[1].max())


def _points_and_uv(wreck: Wreck, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    chosen = wreck.bike.points_of(triangles)
    return wreck.bike.points[chosen], wreck.bike.uv[chosen, 0]
