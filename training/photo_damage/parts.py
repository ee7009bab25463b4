"""Where the parts of the bike are: from boxes drawn by eye, or found in the matte of a plain side view."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

__all__ = [
    "BOXED",
    "Line",
    "PART_IDS",
    "POINTED",
    "TUBE_WIDTH",
    "UNKNOWN",
    "Parts",
    "Wheel",
    "box_mask",
    "ellipse_mask",
    "is_closed",
    "line_mask",
    "read_parts",
]

PART_IDS = {"frame": 1, "front_wheel": 2, "rear_wheel": 3, "saddle": 4, "handlebar": 5, "drivetrain": 6}
UNKNOWN = 255  # ignored in training: a part nobody drew, or a pixel where parts overlap
BOXED = ("front_wheel", "rear_wheel", "saddle", "handlebar", "drivetrain")
POINTED = ("bottom_bracket", "head_tube", "seat_tube_top")
TUBE_WIDTH = 0.075  # of the wheel's diameter: covers a fork leg or a stay on either kind of bike
CROWN = 1.08  # radii of the front wheel, from its hub to the fork's crown
HALF_HEAD_TUBE = (0.05, 0.12)  # of the wheel's diameter, from the head tube's middle to either end: shortest, longest
SEAT_POST_SLOPE = 0.31  # backwards by height: 73 degrees
CLOSED_WHEEL = 0.6  # mean alpha between rim and hub; spokes, brakes and stays make up to about half
UNSEEN_WHEEL = 150.0  # pixels; taken for the wheel's diameter where no wheel is drawn

Line = tuple[tuple[float, float], tuple[float, float]]  # a straight tube's two ends (x, y), in pixels


class Wheel(tuple[float, float, float, float]):
    """An ellipse as centre x, centre y, half width and half height, in pixels, and its `lean`.

    The lean is the correlation of x and y over the ellipse, in (-1, 1): 0 where its axes lie along the photo's sides
    (a circle, or the upright ellipse of the box), above 0 where it reaches from the upper left to the lower right, as
    wheels seen from above and beside do.
    """

    lean: float = 0.0

    def with_lean(self, lean: float) -> "Wheel":
        """The ellipse in the same box with another lean."""
        leaning = Wheel(self)
        leaning.lean = lean
        return leaning


@dataclass
class Parts:
    """Boxes (x0, y0, x1, y1) and points (x, y) in pixels of the photo; a part nobody drew is left out.

    `leans` holds those of the wheels that lean, as in `Wheel`.
    """

    boxes: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    points: dict[str, tuple[float, float]] = field(default_factory=dict)
    leans: dict[str, float] = field(default_factory=dict)

    def wheel(self, part: str) -> Wheel | None:
        """A wheel's ellipse: centre x, centre y and half axes, in pixels, with its lean; None where it is not drawn."""
        if part not in self.boxes:
            return None
        x0, y0, x1, y1 = self.boxes[part]
        wheel = Wheel(((x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2))
        return wheel.with_lean(self.leans.get(part, 0.0))

    @property
    def wheel_diameter(self) -> float:
        """The larger wheel's diameter in pixels: the bike's yardstick. UNSEEN_WHEEL where no wheel is drawn."""
        wheels = (self.wheel(part) for part in ("front_wheel", "rear_wheel"))
        return max((2 * max(wheel[2:]) for wheel in wheels if wheel), default=UNSEEN_WHEEL)

    @property
    def front_hub(self) -> tuple[float, float] | None:
        """The front wheel's centre (x, y) in pixels; None where the wheel is not drawn."""
        wheel = self.wheel("front_wheel")
        return wheel[:2] if wheel else None

    @property
    def rear_hub(self) -> tuple[float, float] | None:
        """The rear wheel's centre (x, y) in pixels; None where the wheel is not drawn."""
        wheel = self.wheel("rear_wheel")
        return wheel[:2] if wheel else None

    @property
    def facing(self) -> int:
        """1 where the front wheel is right of the rear wheel, -1 where it is left, 0 where either is not drawn."""
        if self.front_hub is None or self.rear_hub is None:
            return 0
        return 1 if self.front_hub[0] > self.rear_hub[0] else -1

    def tubes(self) -> dict[str, Line]:
        """The straight tubes that the points allow, each as its two ends (x, y) in pixels.

        Of "head" the ends are estimated, upper first: along the steering axis, as far above the drawn middle as the
        fork's crown is below it. The "seat_post" runs from the saddle's lower edge to the seat tube's top.
        """
        ends = {"front_hub": self.front_hub, "rear_hub": self.rear_hub, **self.points}
        pairs = {
            "down_tube": ("head_tube", "bottom_bracket"),
            "top_tube": ("head_tube", "seat_tube_top"),
            "seat_tube": ("seat_tube_top", "bottom_bracket"),
            "fork": ("head_tube", "front_hub"),
            "chain_stay": ("bottom_bracket", "rear_hub"),
            "seat_stay": ("seat_tube_top", "rear_hub"),
        }
        tubes = {name: (ends[a], ends[b]) for name, (a, b) in pairs.items() if ends.get(a) and ends.get(b)}
        found = {"head": self._head(), "seat_post": self._seat_post()}
        return tubes | {name: tube for name, tube in found.items() if tube}

    def _head(self) -> Line | None:
        if "head_tube" not in self.points or self.front_hub is None:
            return None
        middle, hub = np.array(self.points["head_tube"]), np.array(self.front_hub)
        axis = hub - middle
        length = np.linalg.norm(axis)
        # The crown sits just above the tyre, where the way to the hub enters the wheel's grown ellipse.
        reach = np.linalg.norm(axis / self.wheel("front_wheel")[2:])  # in radii of the wheel
        if reach < 1:  # the middle is drawn inside the wheel: seen from the front
            return None
        to_crown = np.clip(length * (1 - CROWN / reach), *(share * self.wheel_diameter for share in HALF_HEAD_TUBE))
        half = axis / length * to_crown
        return tuple(map(float, middle - half)), tuple(map(float, middle + half))

    def _seat_post(self) -> Line | None:
        if "saddle" not in self.boxes or "seat_tube_top" not in self.points:
            return None
        x0, _, x1, bottom = self.boxes["saddle"]
        x, y = top = self.points["seat_tube_top"]
        if bottom >= y:  # the saddle sits on the tube, or hides its top
            return None
        # Any bike's post leans back alike, and a bike seen at an angle is as narrow as its wheels.
        wheel = self.wheel("rear_wheel") or self.wheel("front_wheel")
        narrowing = wheel[2] / wheel[3] if wheel else 1.0
        meets = x - self.facing * SEAT_POST_SLOPE * narrowing * (y - bottom)
        clamp = (x1 - x0) * np.array([0.3, 0.7]) + x0
        return (float(np.clip(meets, *clamp)), bottom), top


def read_parts(annotation: Mapping[str, Any], width: int, height: int) -> Parts:
    """The parts of one line of the annotations, whose numbers are thousandths of the photo's sides.

    Args:
        annotation: boxes (x0, y0, x1, y1) named as in BOXED and points (x, y) as in POINTED; null: not drawn. A
            wheel's lean, as in `Wheel`, may stand beside its box, as `front_wheel_lean` and `rear_wheel_lean`.
        width: of the photo, in pixels.
        height: of the photo, in pixels.
    """
    scale = np.array([width, height], float) / 1000
    boxes = {n: tuple((np.reshape(annotation[n], (2, 2)) * scale).ravel()) for n in BOXED if annotation.get(n)}
    points = {n: tuple(np.array(annotation[n]) * scale) for n in POINTED if annotation.get(n)}
    leans = {n: float(annotation[f"{n}_lean"]) for n in boxes if annotation.get(f"{n}_lean")}
    return Parts(boxes, points, leans)


def ellipse_mask(shape: tuple[int, int], wheel: tuple[float, float, float, float], scale: float = 1.0) -> np.ndarray:
    """(H, W) bool, the inside of an ellipse (centre x, centre y, half axes, in pixels, or a Wheel) grown by `scale`."""
    x, y, half_width, half_height = wheel
    columns = (np.arange(shape[1], dtype=np.float32) + 0.5 - x) / max(half_width * scale, 1)
    rows = (np.arange(shape[0], dtype=np.float32) + 0.5 - y) / max(half_height * scale, 1)
    squares = columns[None] ** 2 + rows[:, None] ** 2
    if lean := getattr(wheel, "lean", 0.0):
        return squares - 2 * lean * rows[:, None] * columns[None] <= 1 - lean**2
    return squares <= 1


def is_closed(alpha: np.ndarray, wheel: Wheel) -> bool:
    """Whether the matte (H, W), in [0, 1], holds what lies between a wheel's rim and hub: a disc, or air and spokes."""
    between = ellipse_mask(alpha.shape, wheel, 0.8) & ~ellipse_mask(alpha.shape, wheel, 0.35)
    return bool(between.any() and alpha[between].mean() > CLOSED_WHEEL)


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
