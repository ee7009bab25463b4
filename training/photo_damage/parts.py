"""Where the parts of the bike are: from boxes drawn by eye, or found in the matte of a plain side view."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

__all__ = [
    "BOXED",
    "PART_IDS",
    "POINTED",
    "TUBE_WIDTH",
    "UNKNOWN",
    "Parts",
    "box_mask",
    "ellipse_mask",
    "find_parts_in_side_view",
    "label_parts",
    "line_mask",
    "read_parts",
]

PART_IDS = {"frame": 1, "front_wheel": 2, "rear_wheel": 3, "saddle": 4, "handlebar": 5, "drivetrain": 6}
UNKNOWN = 255  # ignored in training: a part nobody drew, or a pixel where parts overlap
BOXED = ("front_wheel", "rear_wheel", "saddle", "handlebar", "drivetrain")
POINTED = ("bottom_bracket", "head_tube", "seat_tube_top")
TUBE_WIDTH = 0.075  # of the wheel's diameter: covers a fork leg or a stay on either kind of bike
UNSEEN_WHEEL = 150.0  # pixels; taken for the wheel's diameter where no wheel is drawn


@dataclass
class Parts:
    """Boxes (x0, y0, x1, y1) and points (x, y) in pixels of the photo; a part nobody drew is left out."""

    boxes: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    points: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wheel(self, part: str) -> tuple[float, float, float, float] | None:
        """A wheel's ellipse as centre x, centre y and half axes, in pixels; None where it is not drawn."""
        if part not in self.boxes:
            return None
        x0, y0, x1, y1 = self.boxes[part]
        return (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2

    @property
    def wheel_diameter(self) -> float:
        """The larger wheel's diameter in pixels: the bike's yardstick. UNSEEN_WHEEL where no wheel is drawn."""
        wheels = (self.wheel(part) for part in ("front_wheel", "rear_wheel"))
        return max((2 * max(wheel[2:]) for wheel in wheels if wheel), default=UNSEEN_WHEEL)

    def tubes(self) -> dict[str, tuple[tuple[float, float], tuple[float, float]]]:
        """The straight tubes that the points allow, each as its two ends in pixels."""
        ends = dict(self.points)
        for part, hub in (("front_wheel", "front_hub"), ("rear_wheel", "rear_hub")):
            if (wheel := self.wheel(part)) is not None:
                ends[hub] = wheel[:2]
        pairs = {
            "down_tube": ("head_tube", "bottom_bracket"),
            "top_tube": ("head_tube", "seat_tube_top"),
            "seat_tube": ("seat_tube_top", "bottom_bracket"),
            "fork": ("head_tube", "front_hub"),
            "chain_stay": ("bottom_bracket", "rear_hub"),
            "seat_stay": ("seat_tube_top", "rear_hub"),
        }
        return {name: (ends[a], ends[b]) for name, (a, b) in pairs.items() if a in ends and b in ends}


def read_parts(annotation: Mapping[str, Any], width: int, height: int) -> Parts:
    """The parts of one line of the annotations, whose numbers are thousandths of the photo's sides.

    Args:
        annotation: boxes (x0, y0, x1, y1) named as in BOXED and points (x, y) as in POINTED; null: not drawn.
        width: of the photo, in pixels.
        height: of the photo, in pixels.
    """
    scale = np.array([width, height], float) / 1000
    boxes = {n: tuple((np.reshape(annotation[n], (2, 2)) * scale).ravel()) for n in BOXED if annotation.get(n)}
    points = {n: tuple(np.array(annotation[n]) * scale) for n in POINTED if annotation.get(n)}
    return Parts(boxes, points)


def find_parts_in_side_view(alpha: np.ndarray) -> Parts:
    """Fit the parts of a bike that stands upright, seen from the side and facing right.

    Both wheels stand on the matte's lower edge, one at its left and one at its right end; their common radius is
    the one whose ring is fullest. The other parts follow from the wheels and the matte's upper outline.

    Args:
        alpha: (H, W) float32 in [0, 1], one bike and nothing else.

    Returns:
        The parts: wheels to about 3% of their diameter; saddle, handlebar, drivetrain and points are rougher, placed
        by the proportions of common bikes.

    Raises:
        ValueError: the matte is empty.
    """
    solid = alpha > 0.5
    if not solid.any():
        raise ValueError("the matte is empty: it must show one bike")
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    left, right, bottom = columns[0], columns[-1] + 1, rows[-1] + 1
    length = right - left
    radius = max(np.arange(0.15, 0.28, 0.004) * length, key=lambda r: _ring_contrast(alpha, left, right, bottom, r))
    rear, front, axle = left + radius, right - radius, bottom - radius
    base = front - rear
    boxes = {
        "rear_wheel": (left, bottom - 2 * radius, left + 2 * radius, bottom),
        "front_wheel": (right - 2 * radius, bottom - 2 * radius, right, bottom),
    }
    saddle = _topmost(solid, rear - 0.1 * base, rear + 0.5 * base, depth=0.085 * base)
    handlebar = _topmost(solid, rear + 0.62 * base, right, depth=0.16 * base)
    bottom_bracket = (rear + 0.42 * base, axle + 0.06 * base)
    boxes["drivetrain"] = (rear - 0.1 * base, axle - 0.11 * base, bottom_bracket[0] + 0.16 * base, axle + 0.27 * base)
    points = {"bottom_bracket": bottom_bracket}
    if saddle is not None:
        boxes["saddle"] = saddle
        centre = (saddle[0] + saddle[2]) / 2
        points["seat_tube_top"] = (
            0.62 * centre + 0.38 * bottom_bracket[0],
            0.62 * saddle[3] + 0.38 * bottom_bracket[1],
        )
    if handlebar is not None:
        boxes["handlebar"] = handlebar
        points["head_tube"] = (rear + 0.76 * base, 0.5 * handlebar[3] + 0.5 * (axle - radius))
    return Parts(boxes, points)


def label_parts(alpha: np.ndarray, parts: Parts) -> np.ndarray:
    """Part ids for every pixel.

    A wheel is its whole disc, spokes and the gaps between them alike: a defect there belongs to the wheel. What
    the matte holds and no box claims is frame, if every part is drawn, else unknown.

    Args:
        alpha: (H, W) float32 in [0, 1].
        parts: in pixels of the same photo.

    Returns:
        (H, W) uint8: 0 background, 1 to 6 as in PART_IDS, 255 unknown.
    """
    solid = alpha > 0.5
    labels = np.zeros(alpha.shape, np.uint8)
    labels[(alpha > 0.1) & ~solid] = UNKNOWN
    labels[solid] = PART_IDS["frame"] if all(part in parts.boxes for part in BOXED) else UNKNOWN
    for part in ("rear_wheel", "front_wheel"):
        if (wheel := parts.wheel(part)) is not None:
            # The tyre's edge is drawn to about 1%: just outside it may be tyre or mudguard.
            labels[ellipse_mask(alpha.shape, wheel, scale=1.07) & solid] = UNKNOWN
            labels[ellipse_mask(alpha.shape, wheel, scale=1.01)] = PART_IDS[part]
    for name, (start, end) in parts.tubes().items():
        if name in ("fork", "chain_stay", "seat_stay"):
            tube = line_mask(alpha.shape, start, end, width=TUBE_WIDTH * parts.wheel_diameter)
            labels[tube & solid] = PART_IDS["frame"]
    for part in ("drivetrain", "handlebar", "saddle"):
        if part in parts.boxes:
            box = box_mask(alpha.shape, parts.boxes[part])
            # The drivetrain's box holds stays, spokes and air as well: sure only along the chain and chainring.
            labels[box & solid] = PART_IDS[part] if part != "drivetrain" else UNKNOWN
    if "drivetrain" in parts.boxes and "chain_stay" in parts.tubes():  # the chain runs along the stay
        chain = line_mask(alpha.shape, *parts.tubes()["chain_stay"], width=0.2 * parts.wheel_diameter)
        labels[chain & solid & box_mask(alpha.shape, parts.boxes["drivetrain"])] = PART_IDS["drivetrain"]
    return labels


def ellipse_mask(shape: tuple[int, int], wheel: tuple[float, float, float, float], scale: float = 1.0) -> np.ndarray:
    """(H, W) bool, the inside of an ellipse (centre x, centre y, half axes, in pixels) grown by `scale`."""
    x, y, half_width, half_height = wheel
    columns = (np.arange(shape[1], dtype=np.float32) + 0.5 - x) / max(half_width * scale, 1)
    rows = (np.arange(shape[0], dtype=np.float32) + 0.5 - y) / max(half_height * scale, 1)
    return columns[None] ** 2 + rows[:, None] ** 2 <= 1


def line_mask(shape: tuple[int, int], start: tuple[float, float], end: tuple[float, float], width: float) -> np.ndarray:
    """(H, W) bool, a straight strip of the given width between two points (x, y), in pixels."""
    mask = np.zeros(shape, np.uint8)
    ends = [tuple(int(round(v)) for v in point) for point in (start, end)]
    cv2.line(mask, *ends, 1, thickness=max(1, round(width)))
    return mask.astype(bool)


def box_mask(shape: tuple[int, int], box: tuple[float, float, float, float]) -> np.ndarray:
    """(H, W) bool, the inside of a box (x0, y0, x1, y1), in pixels."""
    mask = np.zeros(shape, bool)
    x0, y0, x1, y1 = (max(0, round(v)) for v in box)
    mask[y0:y1, x0:x1] = True
    return mask


def _ring_contrast(alpha: np.ndarray, left: int, right: int, bottom: int, radius: float) -> float:
    """How much fuller both tyres' rings are than the rings just outside, from -2 to 2."""
    angles = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    contrast = 0.0
    for centre in (left + radius, right - radius):
        for scale, sign in ((0.95, 1), (1.06, -1)):
            x = np.clip(centre + scale * radius * np.cos(angles), 0, alpha.shape[1] - 1).astype(int)
            y = np.clip(bottom - radius + scale * radius * np.sin(angles), 0, alpha.shape[0] - 1).astype(int)
            contrast += sign * float(alpha[y, x].mean())
    return contrast


def _topmost(solid: np.ndarray, x0: float, x1: float, depth: float) -> tuple[float, float, float, float] | None:
    """The box of what stands highest between two columns, `depth` pixels down from its top."""
    x0, x1 = max(0, round(x0)), min(solid.shape[1], round(x1))
    rows = np.flatnonzero(solid[:, x0:x1].sum(1) >= 3)
    if not len(rows):
        return None
    top, bottom = rows[0], min(solid.shape[0], rows[0] + max(1, round(depth)))
    columns = np.flatnonzero(solid[top:bottom, x0:x1].any(0))
    return float(x0 + columns[0]), float(top), float(x0 + columns[-1] + 1), float(bottom)
