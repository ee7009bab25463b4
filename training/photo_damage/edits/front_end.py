"""The front of a bike seen from its side, taken apart: wheel, fork legs and the rest, so that each can move alone."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from training.photo_damage.damage import stack_rgba
from training.photo_damage.edits.ground_shadows import lift_ground_shadow
from training.photo_damage.edits.wheel_layers import take_wheel
from training.photo_damage.layers import Layers
from training.photo_damage.parts import TUBE_WIDTH, Parts, ellipse_mask, line_mask
from training.photo_damage.tubes import find_tubes

__all__ = ["FrontEnd", "move_shadow", "take_front_apart"]

NARROWEST_WHEEL = 0.6  # width to height: below, the wheel is seen too much from its front


@dataclass
class FrontEnd:
    """The front of a bike seen from its side, taken apart.

    crown and hub: (2,) x and y in pixels; wheel: (h, w, 4) RGBA, whole where the legs hid it; corner: (2,) x and y of
    its first pixel; legs: (H, W, 4) RGBA; rest: (H, W) the alpha of all else; forward: 1 where the bike faces right,
    -1 where left.
    """

    crown: np.ndarray
    hub: np.ndarray
    wheel: np.ndarray
    corner: np.ndarray
    legs: np.ndarray
    rest: np.ndarray
    forward: int

    def moved_wheel(self, shift: np.ndarray) -> np.ndarray:
        """(H, W, 4), the wheel moved by (x, y) in whole pixels, so that it stays as sharp as it was."""
        place = np.column_stack([np.eye(2), self.corner + np.round(shift)])
        return cv2.warpAffine(self.wheel, place, self.rest.shape[::-1], flags=cv2.INTER_NEAREST)


def take_front_apart(layers: Layers, parts: Parts) -> FrontEnd | None:
    """None where the front wheel, its fork or the rear wheel is not drawn or not seen from its side."""
    head, drawn = parts.tubes().get("head"), parts.wheel("front_wheel")
    if head is None or parts.facing == 0 or drawn[2] < NARROWEST_WHEEL * drawn[3]:
        return None
    wheel = take_wheel(layers, parts, "front_wheel")
    if wheel is None or _is_cropped(layers.alpha, drawn):
        return None
    shape, diameter = layers.alpha.shape, parts.wheel_diameter
    crown, hub = np.array(head[1]), np.array(drawn[:2])
    rest = layers.alpha.copy()
    rest[wheel.box] = wheel.rest
    rows, columns = np.indices(shape, dtype=np.float32)
    is_below = (columns - crown[0]) * (hub - crown)[0] + (rows - crown[1]) * (hub - crown)[1] > 0
    # What hangs inside the wheel hangs on the fork, but for the down tube.
    is_leg = ellipse_mask(shape, drawn) | line_mask(shape, crown, hub, 1.5 * TUBE_WIDTH * diameter)
    is_leg &= is_below
    for tube in find_tubes(layers.alpha, parts, ("down_tube",)):
        is_leg &= ~line_mask(shape, tube.start, tube.end, tube.width + 6)
    soft_legs = cv2.GaussianBlur(is_leg.astype(np.float32), (0, 0), 0.7)
    return FrontEnd(
        crown=crown,
        hub=hub,
        wheel=wheel.rgba,
        corner=np.array([wheel.box[1].start, wheel.box[0].start]),
        legs=stack_rgba(layers.colour, rest * soft_legs),
        rest=rest * (1 - soft_legs),
        forward=parts.facing,
    )


def move_shadow(layers: Layers, parts: Parts, shift: np.ndarray) -> Layers:
    """The layers with the front wheel's soft shadow moved along the ground, by the shift's x in whole pixels.

    The same layers where there is no shadow or it cannot be told from the ground.
    """
    lifted = lift_ground_shadow(layers, parts.wheel("front_wheel"))
    if lifted.plate is layers.plate:
        return layers
    darkening = (layers.plate / np.maximum(lifted.plate, 1e-3)).clip(0, 1)
    place = np.array([[1, 0, np.round(shift[0])], [0, 1, 0]], float)
    moved = cv2.warpAffine(darkening, place, darkening.shape[1::-1], flags=cv2.INTER_NEAREST, borderValue=(1, 1, 1))
    return replace(layers, plate=lifted.plate * moved)


def _is_cropped(alpha: np.ndarray, wheel: tuple[float, float, float, float]) -> bool:
    """Whether the photo's border cuts the wheel: moved inward it would show a straight edge."""
    border = np.ones(alpha.shape, bool)
    border[1:-1, 1:-1] = False
    return bool((border & ellipse_mask(alpha.shape, wheel, 1.03) & (alpha > 0.3)).sum() > 3)
