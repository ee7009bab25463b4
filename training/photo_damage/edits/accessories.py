"""Find accessories in the matte: mudguards, a rack, a basket. None where the matte does not show one plainly."""

from dataclasses import dataclass

import cv2
import numpy as np

from training.photo_damage.parts import Parts, Wheel, ellipse_mask, line_mask
from training.photo_damage.wheel_fit import fit_wheel

__all__ = ["Mudguard", "find_basket", "find_mudguard", "find_rack"]

GUARD = (1.03, 1.22)  # radii between which a mudguard lies over its tyre
MOST_LEANING = 0.15  # correlation of x and y over a wheel: seen from above and beside
NARROWEST_VIEW = 0.72  # width by height of a wheel; seen more obliquely, arcs are not where they are looked for
SHORTEST_GUARD = 56  # degrees of arc
PAST_CROWN = 15  # degrees from the top, forward: a front mudguard reaches past the fork, the down tube does not
ANGLES = np.arange(0, 360, 4)


@dataclass
class Mudguard:
    """An arc beside a tyre: angles in degrees, clockwise as seen, from `first` to `last` (which is larger)."""

    wheel: Wheel
    first: float
    last: float

    def mask(self, alpha: np.ndarray) -> np.ndarray:
        """(H, W) bool, the sector of the ring that holds it."""
        rows, columns = np.indices(alpha.shape, dtype=np.float32)
        x = (columns + 0.5 - self.wheel[0]) / self.wheel[2]
        y = (rows + 0.5 - self.wheel[1]) / self.wheel[3]
        angle = (np.rad2deg(np.arctan2(y, x)) - self.first) % 360
        radius = np.hypot(x, y)
        return (radius > GUARD[0]) & (radius < GUARD[1]) & (angle < self.last - self.first)

    def point(self, angle: float, radius: float = 1.08) -> np.ndarray:
        """(2,) x and y in pixels at an angle in degrees."""
        turn = np.deg2rad(angle)
        x, y, half_width, half_height = self.wheel
        return np.array([x + radius * half_width * np.cos(turn), y + radius * half_height * np.sin(turn)])


def find_mudguard(alpha: np.ndarray, parts: Parts, part: str) -> Mudguard | None:
    """The longest arc beside a tyre that the matte fills thinly, on the side where no frame is.

    Args:
        alpha: (H, W) float32 in [0, 1].
        part: front_wheel or rear_wheel.
    """
    wheel, facing = parts.wheel(part), parts.facing
    if wheel is None or not facing or min(wheel[2:]) < 15 or wheel[2] < NARROWEST_VIEW * wheel[3]:
        return None
    wheel = fit_wheel(alpha, wheel) or wheel
    if abs(wheel.lean) > MOST_LEANING:
        return None
    rings = np.array([_ring(alpha, wheel, radius) > 0.5 for radius in np.arange(GUARD[0] + 0.03, 1.31, 0.03)])
    beside, beyond = rings[:6], rings[-3:]
    # A ring that is filled at the foot as well is the tyre: the ellipse is then too small.
    if beside[1:, (ANGLES > 70) & (ANGLES < 110)].mean() > 0.1:
        return None
    # Frame and fork go on outwards, a mudguard ends.
    filled = beside[1:].any(axis=0) & ~beyond.all(axis=0)
    first, last = (140, 300) if part == "rear_wheel" else (140, 320)
    at = ANGLES if facing > 0 else (180 - ANGLES) % 360
    filled &= (at >= first) & (at <= last)
    closed = np.convolve(np.tile(filled, 3), np.ones(5), "same")[90:180] >= 3
    arcs = [(a, b) for a, b in _arcs(closed) if 4 * (b - a) >= SHORTEST_GUARD]
    if part == "front_wheel":
        arcs = [(a, b) for a, b in arcs if 4 * a <= 270 + facing * PAST_CROWN < 4 * b]
    if not arcs:
        return None
    first, last = max(arcs, key=lambda arc: arc[1] - arc[0])
    at = np.arange(first, last) % 90
    if beside[:, at].mean(axis=0).mean() > 0.9 or beyond[:, at].mean() > 0.35:
        return None
    return Mudguard(wheel, 4.0 * first, 4.0 * last)


def find_rack(alpha: np.ndarray, parts: Parts) -> tuple[np.ndarray, np.ndarray] | None:
    """The carrier over the rear wheel: its mask (H, W) bool and its front end (2,); None without one."""
    facing, wheel = parts.facing, parts.wheel("rear_wheel")
    if not facing or wheel is None or wheel[2] < NARROWEST_VIEW * wheel[3] or "saddle" not in parts.boxes:
        return None
    x, y, half_width, half_height = wheel
    saddle = parts.boxes["saddle"]
    seat = parts.points.get("seat_tube_top", ((saddle[0] + saddle[2]) / 2, saddle[3]))
    rows, columns = np.indices(alpha.shape, dtype=np.float32)
    behind = (seat[0] - columns) * facing > 0.1 * half_width
    above = (rows < y - 0.75 * half_height) & (rows > max(saddle[3] + 0.04 * half_height, y - 1.75 * half_height))
    region = behind & above & ~ellipse_mask(alpha.shape, wheel, scale=1.03) & (alpha > 0.3)
    if "seat_tube_top" in parts.points:
        region &= ~line_mask(alpha.shape, seat, (x, y), 0.14 * half_width)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8))
    if count < 2:
        return None
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    left, top, width, height = stats[best, :4]
    if width < 0.75 * half_width or width < 1.8 * height or top > y - 1.12 * half_height:
        return None
    mask = labels == best
    ring = mask & ellipse_mask(alpha.shape, wheel, scale=1.18)
    if ring.sum() > 0.55 * mask.sum():  # a mudguard
        return None
    front = left + width if facing > 0 else left
    column = np.clip(front - facing * 2, 0, alpha.shape[1] - 1)
    return mask, np.array([front, rows[:, 0][mask[:, column]].mean() if mask[:, column].any() else top])


def find_basket(alpha: np.ndarray, parts: Parts) -> np.ndarray | None:
    """(H, W) bool, what hangs between handlebar and front wheel and is too big for either; None without one."""
    facing, wheel = parts.facing, parts.wheel("front_wheel")
    if (
        not facing
        or wheel is None
        or wheel[2] < NARROWEST_VIEW * wheel[3]
        or not {"handlebar", "head_tube"} <= parts.boxes.keys() | parts.points.keys()
    ):
        return None
    x, y, half_width, half_height = wheel
    head = parts.points["head_tube"]
    rows, columns = np.indices(alpha.shape, dtype=np.float32)
    region = (columns - head[0]) * facing > 0.12 * half_width
    region &= (rows < y - 1.02 * half_height) & (rows > parts.boxes["handlebar"][1]) & (alpha > 0.4)
    region &= ~ellipse_mask(alpha.shape, wheel, scale=1.12)
    side = max(3, round(0.42 * half_width) | 1)
    closed = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    core = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(core)
    if count < 2:
        return None
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    if stats[best, cv2.CC_STAT_AREA] < 0.3 * half_width * half_height:
        return None
    return cv2.dilate((labels == best).astype(np.uint8), np.ones((5, 5))).astype(bool) & region


def _ring(alpha: np.ndarray, wheel: Wheel, radius: float) -> np.ndarray:
    """(90,) alpha around a wheel at a radius in units of its own, every four degrees; 0 outside the photo."""
    turn = np.deg2rad(ANGLES)
    x = wheel[0] + radius * wheel[2] * np.cos(turn) - 0.5
    y = wheel[1] + radius * wheel[3] * np.sin(turn) - 0.5
    return cv2.remap(alpha, x.astype(np.float32)[None], y.astype(np.float32)[None], cv2.INTER_LINEAR)[0]


def _arcs(filled: np.ndarray) -> list[tuple[int, int]]:
    """Runs of true values on a circle, as first index and the index after the last, which may pass the end."""
    if filled.all() or not filled.any():
        return []
    shift = int(np.flatnonzero(~filled)[0])
    turned = np.roll(filled, -shift).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], turned, [0]])))
    return [(int(a) + shift, int(b) + shift) for a, b in zip(edges[::2], edges[1::2], strict=True)]
