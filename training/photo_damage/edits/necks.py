"""Where a post or steerer is, and where it is narrow: the places at which a part can come off."""

import cv2
import numpy as np

from training.photo_damage.parts import Parts

__all__ = ["SOLID", "find_axis", "find_necks", "trace_widths"]

SOLID = 0.5  # alpha
ANCHOR_DEPTH = 0.07  # of the wheel's diameter: a point of the post, this far below the saddle's box
AXIS_REACH = {"saddle": (-0.03, 0.07), "handlebar": (-0.06, 0.16)}  # of the wheel's diameter: where it must be bike
LEAST_COVERAGE = 0.62  # of that line
WIDEST_NECK = 0.13  # of the wheel's diameter
NECKS_TRIED = 6


def find_axis(
    alpha: np.ndarray, parts: Parts, part: str, box: tuple[float, float, float, float], offset: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """A point (2,) of the post or head tube, and the unit vector up it: the fullest line near where it should be."""
    scale = parts.wheel_diameter
    bottom = np.array([(box[0] + box[2]) / 2, box[3]])
    up = np.array([0.0, -1.0])
    if part == "saddle":
        guess = bottom + [0, ANCHOR_DEPTH * scale]
        shifts, turns = np.linspace(-0.18, 0.18, 19), np.deg2rad(np.linspace(-30, 30, 9))
    else:
        if "head_tube" not in parts.points:
            return None
        guess = np.array(parts.points["head_tube"]) - offset
        wheel = parts.wheel("front_wheel")
        if wheel is not None:
            up = guess + offset - wheel[:2]
            up /= max(np.hypot(*up), 1e-6)
            if up[1] > -0.5:  # the hub is not below the head tube: another view than the boxes tell
                return None
        shifts, turns = np.linspace(-0.14, 0.14, 15), np.deg2rad(np.linspace(-9, 9, 5))
    best, best_score = None, LEAST_COVERAGE
    beside_cost = 0.35 if part == "saddle" else 0.1
    for turn in turns:
        turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ up
        across = np.array([-turned[1], turned[0]])
        starts = guess + shifts[:, None] * scale * across
        inside, beside = _coverage(alpha, starts, turned, across, scale, AXIS_REACH[part])
        scores = inside - beside_cost * beside - 0.9 * np.abs(shifts) - 0.1 * abs(turn)
        if scores.max() > best_score:
            best, best_score = (starts[scores.argmax()], turned), scores.max()
    return best


def find_necks(
    alpha: np.ndarray, anchor: np.ndarray, up: np.ndarray, scale: float, box: tuple[float, float, float, float]
) -> list[tuple[np.ndarray, float]]:
    """Middle (2,) and width in pixels of the narrow places above the anchor, the best first."""
    length = (anchor[1] - box[1]) / max(-up[1], 0.3)
    found = [place for place in trace_widths(alpha, anchor, up, length, scale) if place[2] < WIDEST_NECK * scale]
    if not found:
        return []
    narrowest = np.percentile([width for _, _, width in found], 15)
    # Of places about as narrow, the highest: it cuts off the least of the post.
    found.sort(key=lambda neck: (round(max(neck[2], narrowest) / narrowest / 0.3), -neck[0]))
    picked: list[tuple[int, np.ndarray, float]] = []
    for neck in found:
        if all(abs(neck[0] - other[0]) > 0.02 * scale for other in picked):
            picked.append(neck)
    tried = picked[:NECKS_TRIED]
    return [(middle, width) for _, middle, width in tried if _is_held(alpha, middle, width, up)]


def trace_widths(
    alpha: np.ndarray, start: np.ndarray, direction: np.ndarray, length: float, scale: float
) -> list[tuple[int, np.ndarray, float]]:
    """How wide the bike is, pixel by pixel along a post or tube: steps taken, middle (2,) and width in pixels.

    The way follows the middle where the bike is narrow, and ends where there is no more bike.
    """
    across = np.array([-direction[1], direction[0]])
    reach = int(0.2 * scale)
    steps, offsets = np.arange(max(4, int(length))), np.arange(-reach, reach + 1)
    grid = (start + steps[:, None, None] * direction + offsets[None, :, None] * across).astype(np.float32)  # (S, T, 2)
    solid = cv2.remap(alpha, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT) > SOLID
    found, centre = [], reach
    for step, row in zip(steps.tolist(), solid, strict=True):
        first = max(0, centre - reach // 4)
        near = np.flatnonzero(row[first : centre + reach // 4 + 1]) + first
        if not len(near):
            break
        hit = near[np.argmin(np.abs(near - centre))]
        gaps = np.flatnonzero(~row)
        left, right = gaps[gaps < hit].max(initial=-1) + 1, gaps[gaps > hit].min(initial=len(row)) - 1
        width = float(right - left + 1)
        if width < WIDEST_NECK * scale:
            centre = int((left + right) // 2)
        found.append((step, start + step * direction + (centre - reach) * across, width))
    return found


def _coverage(
    alpha: np.ndarray, starts: np.ndarray, up: np.ndarray, across: np.ndarray, scale: float, reach: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean alpha along lines from the starts (N, 2), and on two lines beside each: two arrays (N,)."""
    line = np.linspace(*reach, 12)[:, None] * scale * up
    sides = np.array([0.0, -0.055, 0.055])[:, None] * scale * across
    points = starts[:, None, None] + sides[None, :, None] + line  # (N, 3, 12, 2)
    columns, rows = np.moveaxis(np.round(points).astype(int), -1, 0)
    is_inside = (columns >= 0) & (rows >= 0) & (columns < alpha.shape[1]) & (rows < alpha.shape[0])
    values = np.where(is_inside, alpha[rows.clip(0, alpha.shape[0] - 1), columns.clip(0, alpha.shape[1] - 1)], 0)
    means = values.mean(axis=2)  # (N, 3)
    return means[:, 0], means[:, 1:].mean(axis=1)


def _is_held(alpha: np.ndarray, neck: np.ndarray, width: float, up: np.ndarray) -> bool:
    """Whether the tube just below the neck is opaque: over a faint one the piece would float."""
    columns, rows = np.round(neck - np.linspace(1, 1.2 * width, 6)[:, None] * up).astype(int).T
    return float(alpha[rows.clip(0, alpha.shape[0] - 1), columns.clip(0, alpha.shape[1] - 1)].min()) > 0.75
