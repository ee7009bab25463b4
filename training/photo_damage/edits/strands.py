"""Things that hang: the curves of cables and chains, and how they are drawn over or behind the bike."""

from collections.abc import Callable

import cv2
import numpy as np

from training.photo_damage.damage import draw_strand, put_behind, put_in_front
from training.photo_damage.edits.windows import open_window
from training.photo_damage.layers import Layers

__all__ = ["bezier", "draw_chain", "hang_between", "hang_over_ground", "paste", "put_strand"]

LINK = 0.018  # wheels: a chain's half inch
CHAIN_WIDTH = 0.013  # wheels


def bezier(corners: np.ndarray, steps: int = 40) -> np.ndarray:
    """(steps, 2) points of the Bezier curve with the given corners (N, 2), in pixels."""
    corners = np.asarray(corners, float)
    t = np.linspace(0, 1, steps)[:, None]
    while len(corners) > 1:
        if corners.ndim == 2:
            corners = np.repeat(corners[:, None], steps, axis=1)
        corners = corners[:-1] + t * (corners[1:] - corners[:-1])
    return corners[0]


def hang_between(start: np.ndarray, end: np.ndarray, sag: float, steps: int = 60) -> np.ndarray:
    """(steps, 2) points of a slack chain between two ends, `sag` pixels below the lower of them."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    t = np.linspace(0, 1, steps)
    lowest = max(start[1], end[1]) + sag
    # A parabola through both ends that dips to `lowest`: close to a catenary where the sag is not extreme.
    drop_start, drop_end = np.sqrt(lowest - start[1]), np.sqrt(lowest - end[1])
    turn = drop_start / (drop_start + drop_end)
    y = lowest - ((t - turn) * (drop_start + drop_end)) ** 2
    # Links pile up where the curve is steep: more x per step at the bottom than at the sides.
    eased = t + 0.12 * np.sin(2 * np.pi * t) * -1
    return np.stack([start[0] + eased * (end[0] - start[0]), y], axis=1)


def hang_over_ground(points: np.ndarray, ground: float, spread: float, rng: np.random.Generator) -> np.ndarray:
    """The points (N, 2), laid along the ground where they would go below it, in loose bends `spread` pixels high."""
    under = points[:, 1] > ground
    if not under.any():
        return points
    laid = points.copy()
    phase = np.linspace(0, rng.uniform(2, 5) * np.pi, under.sum()) + rng.uniform(0, 2 * np.pi)
    laid[under, 1] = ground - spread * (0.5 + 0.5 * np.sin(phase))
    return laid


def put_strand(layers: Layers, points: np.ndarray, width: float, colour: np.ndarray, behind: bool = False) -> Layers:
    """The layers with a strand as `draw_strand` draws it in front of the bike, or behind it."""
    return paste(layers, points, width, lambda shape, moved: draw_strand(shape, moved, max(width, 0.8), colour), behind)


def paste(
    layers: Layers,
    points: np.ndarray,
    margin: float,
    draw: Callable[[tuple[int, int], np.ndarray], np.ndarray],
    behind: bool = False,
) -> Layers:
    """The layers with what `draw(shape, points)` draws, RGBA, in the window around the points and no larger."""
    window = open_window(layers.alpha.shape, points, margin + 3)
    if window is None:
        return layers
    x0, y0, x1, y1 = window
    inside = (slice(y0, y1), slice(x0, x1))
    small = Layers(layers.colour[inside], layers.alpha[inside], layers.plate[inside])
    piece = draw(small.alpha.shape, points - (x0, y0))
    drawn = put_behind(piece, small.alpha, small) if behind else put_in_front(piece, small)
    colour, alpha = layers.colour.copy(), layers.alpha.copy()
    colour[inside], alpha[inside] = drawn.colour, drawn.alpha
    return Layers(colour, alpha, layers.plate)


def draw_chain(layers: Layers, points: np.ndarray, diameter: float, tone: float, behind: bool = False) -> Layers:
    """The layers with a bicycle chain along the points: links with a bright pin plate and a dark gap, by turns.

    Args:
        points: (N, 2), x and y in pixels.
        diameter: of the wheel, in pixels.
        tone: brightness in [0, 1]; chains are brown grey.
    """
    colour = tone * np.array([1.06, 1.0, 0.92])
    width = max(1.5, CHAIN_WIDTH * diameter)

    def draw(shape: tuple[int, int], moved: np.ndarray) -> np.ndarray:
        strand = draw_strand(shape, moved, width, colour)
        gaps = np.zeros((4 * shape[0], 4 * shape[1]), np.uint8)
        for x, y in np.round((4 * (_every(moved, max(2.4, LINK * diameter)) + 0.5) - 0.5) * 16).astype(np.int32):
            cv2.circle(gaps, (int(x), int(y)), round(0.36 * width * 4 * 16), 255, -1, cv2.LINE_AA, shift=4)
        dark = cv2.resize(gaps, shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
        strand[..., :3] *= 1.12 - 0.6 * dark
        return strand.clip(0, 1)

    return paste(layers, points, width, draw, behind)


def _every(points: np.ndarray, distance: float) -> np.ndarray:
    """Points on the polyline (N, 2), a fixed distance apart."""
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.arange(0, lengths[-1], distance)
    return np.stack([np.interp(at, lengths, points[:, axis]) for axis in (0, 1)], axis=1)
