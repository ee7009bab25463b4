"""The drivetrain as a photo shows it: where it is, and what is behind it once parts of it are taken away.

Lengths are in wheels: an offset divided by the rear wheel's width and height in pixels, so that a wheel seen obliquely
foreshortens the drivetrain beside it as well.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from training.photo_damage.damage import stack_rgba
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts, ellipse_mask
from training.photo_damage.wheel_fit import fit_wheel

__all__ = [
    "Drivetrain",
    "Tube",
    "drop_fragments",
    "extend_tube",
    "find_drivetrain",
    "put_instead",
    "trace_tube",
    "turn_about",
    "turn_rear_wheel",
]

NARROWEST_VIEW = 0.75  # width by height of the rear wheel; seen more obliquely, the drivetrain hides itself
CHAIN_STAY = (0.42, 0.85)  # wheels, from hub to bottom bracket; beyond it an annotation is of something else
CHAINRINGS = (0.07, 0.165)  # wheels, radius: 28 to 53 teeth
MOST_LEANING = 0.12  # correlation of x and y over the rear wheel, up to which it can be turned as an upright ellipse
THICKEST_SPOKE = 0.02  # wheels
FEWEST_SECTIONS = 8  # of 16 across a tube must show its two edges
USUAL_CHAINRING = 0.11  # wheels, radius


@dataclass
class Drivetrain:
    """Where the drivetrain is, in pixels unless said otherwise."""

    bracket: np.ndarray  # (2,) x and y of the crank axle
    hub: np.ndarray  # (2,) of the rear wheel
    size: np.ndarray  # (2,) width and height of the rear wheel
    facing: int  # 1: the bike faces right and shows its chain; -1: it faces left, the chain is behind the frame
    chainring: float  # radius, in wheels
    is_wheel_sure: bool = False  # the wheel's edge in the matte agrees with its ellipse: it can be turned in place

    @property
    def diameter(self) -> float:
        """Of the rear wheel, in pixels."""
        return float(self.size.max())

    def at(self, origin: np.ndarray, forward: float, down: float) -> np.ndarray:
        """(2,) x and y of a point `forward` and `down` wheels away from an origin."""
        return origin + self.size * (self.facing * forward, down)

    def distance(self, shape: tuple[int, int], origin: np.ndarray) -> np.ndarray:
        """(H, W) float32, the distance in wheels of every pixel from an origin."""
        columns = (np.arange(shape[1], dtype=np.float32) + 0.5 - origin[0]) / self.size[0]
        rows = (np.arange(shape[0], dtype=np.float32) + 0.5 - origin[1]) / self.size[1]
        return np.sqrt(columns[None] ** 2 + rows[:, None] ** 2).astype(np.float32)


@dataclass
class Tube:
    """A straight tube between two points (2,), with its unit direction (2,) and half its width in pixels."""

    start: np.ndarray
    end: np.ndarray
    direction: np.ndarray
    half_width: float


def find_drivetrain(alpha: np.ndarray, parts: Parts) -> Drivetrain | None:
    """The drivetrain seen more or less from the side; None without rear wheel, bracket, or with an unlikely place."""
    rear_wheel, bracket = parts.wheel("rear_wheel"), parts.points.get("bottom_bracket")
    if rear_wheel is None or bracket is None:
        return None
    centre_x, centre_y, half_width, half_height = rear_wheel
    fitted = fit_wheel(alpha, rear_wheel)
    if fitted is not None:
        centre_x, centre_y, half_width, half_height = fitted
    size = np.array([2 * half_width, 2 * half_height])
    if min(size) < 20 or size[0] < NARROWEST_VIEW * size[1]:
        return None
    hub, bracket = np.array([centre_x, centre_y]), np.array(bracket, float)
    length = float(np.hypot(*((bracket - hub) / size)))
    inside = 0 <= bracket[0] < alpha.shape[1] and 0 <= bracket[1] < alpha.shape[0]
    if not inside or not CHAIN_STAY[0] < length < CHAIN_STAY[1]:
        return None
    found = Drivetrain(
        bracket,
        hub,
        size,
        1 if bracket[0] > hub[0] else -1,
        USUAL_CHAINRING,
        fitted is not None and abs(fitted.lean) < MOST_LEANING,
    )
    if alpha[found.distance(alpha.shape, bracket) < 0.05].mean() < 0.3:  # no bike there
        return None
    found.chainring = _measure_chainring(alpha, found)
    return found


def trace_tube(alpha: np.ndarray, start: np.ndarray, end: np.ndarray, diameter: float) -> Tube | None:
    """The tube near a line between two points, a fifth of a wheel and more away from the start.

    Points drawn by eye are a few pixels beside the tube's axis; its edges in the matte say where it is. None where
    no straight tube of a likely width runs there.
    """
    start, length = np.asarray(start, float), float(np.hypot(*(np.asarray(end, float) - start)))
    if length < 0.45 * diameter:
        return None
    direction = (np.asarray(end, float) - start) / length
    normal = np.array([-direction[1], direction[0]])
    along = np.linspace(0.2, min(0.5, 0.8 * length / diameter), 16) * diameter
    across = np.arange(-0.12 * diameter, 0.12 * diameter)
    points = start + along[:, None, None] * direction + across[None, :, None] * normal
    maps = (points - 0.5).astype(np.float32)
    rows = cv2.remap(alpha, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR)
    found = [(a, *run) for a, row in zip(along, rows, strict=True) if (run := _nearest_run(row, across, diameter))]
    if len(found) < FEWEST_SECTIONS:
        return None
    at, centre, width = np.array(found).T
    slope, offset = np.polyfit(at, centre, 1)
    astray = np.abs(slope * at + offset - centre)
    if np.median(astray) > 0.01 * diameter or np.median(np.abs(width - np.median(width))) > 0.012 * diameter:
        return None
    turned = direction + slope * normal
    start = start + offset * normal
    return Tube(start, start + length * turned, turned / np.hypot(*turned), float(np.median(width)) / 2)


def extend_tube(picture: np.ndarray, tube: Tube, seen_from: float) -> np.ndarray:
    """The tube alone, RGBA, drawn on from where it is seen down to its start.

    Args:
        picture: (H, W, 4) float32 RGBA, the bike.
        seen_from: pixels from the tube's start; nearer than that something hides it.
    """
    rows, columns = np.indices(picture.shape[:2], dtype=np.float32)
    x, y = columns + 0.5 - tube.start[0], rows + 0.5 - tube.start[1]
    along = x * tube.direction[0] + y * tube.direction[1]
    across = y * tube.direction[0] - x * tube.direction[1]
    # Mirrored and stretched, so that the paint keeps its grain; ten times would show as streaks.
    source = np.where(along < seen_from, seen_from + 0.35 * (seen_from - along), along)
    shift = source - along
    maps = (columns + shift * tube.direction[0], rows + shift * tube.direction[1])
    drawn = cv2.remap(picture, *(m.astype(np.float32) for m in maps), cv2.INTER_LINEAR)
    drawn[..., 3] *= (tube.half_width + 0.7 - np.abs(across)).clip(0, 1) * (along > 0)
    return drawn


def turn_about(layers: Layers, drivetrain: Drivetrain, centre: np.ndarray, degrees: float) -> np.ndarray:
    """(H, W, 4) RGBA, the bike turned about a point (2,) in its own plane, as squeezed as its wheels are seen."""
    turn = cv2.getRotationMatrix2D((0, 0), degrees, 1.0)[:, :2]
    squeeze = np.diag(drivetrain.size)
    linear = squeeze @ turn @ np.linalg.inv(squeeze)
    matrix = np.column_stack([linear, centre - 0.5 - linear @ (centre - 0.5)])
    return cv2.warpAffine(stack_rgba(layers.colour, layers.alpha), matrix, layers.alpha.shape[::-1])


def turn_rear_wheel(layers: Layers, drivetrain: Drivetrain, degrees: float) -> np.ndarray:
    """(H, W, 4) RGBA, the rear wheel alone, turned about its hub: tyre and spokes for where something hid them."""
    turned = turn_about(layers, drivetrain, drivetrain.hub, degrees)
    wheel = (*drivetrain.hub, *(drivetrain.size / 2))
    turned[..., 3] *= ellipse_mask(layers.alpha.shape, wheel, scale=1.02)
    # Stays, stands and racks that turned with it: between hub and rim nothing is thicker than a spoke.
    side = max(3, round(THICKEST_SPOKE * drivetrain.diameter) | 1)
    distance = drivetrain.distance(layers.alpha.shape, drivetrain.hub)
    between = ((distance > 0.1) & (distance < 0.36)).astype(np.uint8)
    solid = (turned[..., 3] > 0.4).astype(np.uint8)
    thick = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)) & between
    turned[..., 3] *= 1 - cv2.dilate(thick, np.ones((side + 2, side + 2), np.uint8)) * between
    return turned


def put_instead(layers: Layers, picture: np.ndarray, where: np.ndarray) -> Layers:
    """The layers with a picture (H, W, 4) RGBA in place of the bike, as far as `where` (H, W), in [0, 1], says."""
    kept = (1 - where) * layers.alpha
    new = where * picture[..., 3]
    alpha = kept + new
    colour = kept[..., None] * layers.colour + new[..., None] * picture[..., :3]
    colour = np.where(alpha[..., None] > 1e-3, colour / np.maximum(alpha, 1e-3)[..., None], layers.colour)
    return Layers(colour.clip(0, 1).astype(np.float32), alpha.astype(np.float32), layers.plate)


def drop_fragments(layers: Layers, near: np.ndarray) -> Layers:
    """The layers without what now floats free of the bike around a place (H, W) bool, as a stand cut off above."""
    solid = (layers.alpha > 0.2).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    areas = stats[:, cv2.CC_STAT_AREA]
    # What reaches the window's edge goes on outside it: the front wheel.
    held = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    reached = np.setdiff1d(labels[near], [0, *held])
    floating = [n for n in reached if areas[n] < 0.25 * areas[1:].max()]
    if not floating:
        return layers
    gone = cv2.dilate(np.isin(labels, floating).astype(np.uint8), np.ones((3, 3)))
    return Layers(layers.colour, layers.alpha * (1 - gone), layers.plate)


def _measure_chainring(alpha: np.ndarray, drivetrain: Drivetrain) -> float:
    """The radius, in wheels, to which the matte is solid below the bracket, where no tube is."""
    radii = np.linspace(0.03, 0.2, 35)
    angles = np.deg2rad(np.arange(35, 146, 5))
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    points = drivetrain.bracket + radii[:, None, None] * rays * drivetrain.size  # (radii, angles, 2)
    maps = points.astype(np.float32)
    share = (cv2.remap(alpha, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR) > 0.5).mean(axis=1)
    solid = np.flatnonzero(share > 0.55)
    return float(np.clip(radii[solid[-1]], *CHAINRINGS)) if len(solid) else CHAINRINGS[0]


def _nearest_run(row: np.ndarray, across: np.ndarray, diameter: float) -> tuple[float, float] | None:
    """Centre and width, in pixels, of the solid run nearest to the middle of a row of alpha, if as wide as a tube."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (row > 0.5).astype(np.int8), [0]])))
    runs = []
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        soft = slice(max(0, a - 1), b + 1)  # with the soft pixels at its edges, to a fraction of a pixel
        runs.append((float(np.average(across[soft], weights=row[soft])), float(row[soft].sum())))
    likely = [run for run in runs if 0.015 * diameter < run[1] < 0.13 * diameter and abs(run[0]) < 0.08 * diameter]
    return min(likely, key=lambda run: abs(run[0]), default=None)
