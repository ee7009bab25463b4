"""What carries things and children: the rack, the basket at the handlebar and the child seat."""

import numpy as np

from training.synthetic_bikes.layout import FRONT_HALF_WIDTH, REAR_HALF_WIDTH, SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, join, smooth_path, straight, sweep
from training.synthetic_bikes.solids import pillow

__all__ = ["RACK_HALF_WIDTH", "Basket", "build_basket", "build_child_seat", "build_rack", "rack_deck"]

RACK_ABOVE_TYRE = 0.055  # metres
RACK_HALF_WIDTH = 0.058


class Basket:
    """Where the basket hangs. middle: of its open top; half-sizes of the top; height; all in metres."""

    def __init__(self, design: BikeDesign, layout: Layout):
        scale = 0.62 if design.bike_type == "kids" else 1.0
        self.half_length, self.half_width, self.height = 0.125 * scale, 0.175 * scale, 0.225 * scale
        tyre_top = layout.front_axle[2] + design.wheel_radius
        bar = layout.bar_clamp
        top = max(bar[2] - 0.01, tyre_top + self.height + 0.035)
        self.middle = np.array([layout.head_top[0] + 0.085 + self.half_length, 0.0, top])

    def outline(self, depth: float, count: int = 36) -> np.ndarray:
        """(count, 3): the wall at so much of the height below the top, 0 to 1; narrower below."""
        angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
        narrow = 1 - 0.22 * depth
        x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.45 * self.half_length * narrow
        y = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** 0.45 * self.half_width * narrow
        return self.middle + np.stack([x, y, np.full(count, -depth * self.height)], axis=1)


def build_basket(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Of wire or of wicker, on two struts from the axle and a bracket from the stem."""
    basket = Basket(design, layout)
    is_wicker = design.basket == "wicker"
    thick = 0.0062 if is_wicker else 0.0020
    depths = np.linspace(0, 1, 13 if is_wicker else 5)
    hoops = [
        sweep(basket.outline(depth), thick * (1.5 if depth == 0 else 1.0), sides=6, up=(0, 0, 1), is_closed=True)
        for depth in depths
    ]
    top, bottom = basket.outline(0.0, 40), basket.outline(1.0, 40)
    walls = [straight(top[i], bottom[i], 0.5 * thick if is_wicker else 0.0018, rings=3, sides=5) for i in range(40)]
    half = len(bottom) // 2
    floor = [
        straight(bottom[i], bottom[-i % 40], 0.8 * thick, rings=3, sides=5, up=(0, 0, 1)) for i in range(1, half, 2)
    ]
    struts = []
    for side in SIDES:
        foot = layout.front_axle + [0, side * (FRONT_HALF_WIDTH + 0.012), 0]
        head = basket.middle + [0.2 * basket.half_length, side * 0.6 * basket.half_width, -basket.height]
        struts.append(straight(foot, head, 0.0035, rings=5, sides=8))
        rear = basket.middle + [-basket.half_length * 0.95, side * 0.05, -0.03]
        struts.append(straight(layout.bar_clamp + [0, side * 0.05, 0], rear, 0.0055, rings=3, sides=8))
    name = "front_basket"
    return [
        join(hoops + walls + floor).tagged("handlebar", design.basket, name),
        join(struts).tagged("handlebar", "black_metal", name),
    ]


def rack_deck(design: BikeDesign, layout: Layout) -> tuple[float, float, float]:
    """Height of the rack's deck, x of its front and of its rear end."""
    height = layout.rear_axle[2] + design.wheel_radius + RACK_ABOVE_TYRE
    return height, layout.rear_axle[0] + 0.13, layout.rear_axle[0] - 0.24


def build_rack(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A deck of rods, two legs on each side, and struts to the seatstays."""
    height, front, rear = rack_deck(design, layout)
    half = RACK_HALF_WIDTH
    rods = [
        straight([front, y, height], [rear, y, height], 0.0050, rings=7) for y in (-half, -half / 3, half / 3, half)
    ]
    rods += [straight([x, -half, height], [x, half, height], 0.0050, rings=3, up=(1, 0, 0)) for x in (front, rear)]
    for side in SIDES:
        foot = layout.rear_axle + [-0.012, side * (REAR_HALF_WIDTH + 0.010), 0.014]
        for x in (layout.rear_axle[0] - 0.02, layout.rear_axle[0] - 0.15):
            rods.append(straight(foot, [x, side * half, height], 0.0045, rings=5, sides=8))
        seatstay = layout.seat_joint + [0.0, side * 0.018, -0.03]
        rods.append(straight([front, side * half, height], seatstay, 0.0035, rings=5, sides=8))
    return [join(rods).tagged("frame", design.rack, "rack")]


def build_child_seat(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A shell with high back and foot rests, behind the saddle, held by a fork from the seat tube."""
    deck, front, _ = rack_deck(design, layout)
    hip = np.array([min(layout.saddle[0] - 0.17, front - 0.04), 0.0, deck + 0.10])
    seat = hip + [-0.22, 0, -0.035]
    corners = [hip, hip + [-0.10, 0, -0.03], seat, seat + [-0.055, 0, 0.10], seat + [-0.11, 0, 0.30],
               seat + [-0.125, 0, 0.46]]  # fmt: skip
    spine = smooth_path(np.array(corners), 40)
    width = np.interp(np.linspace(0, 1, 40), [0, 0.3, 0.6, 0.85, 1], [0.12, 0.155, 0.155, 0.14, 0.09])
    shell = _shell(spine, width)
    pad = sweep(spine[4:-4] + [0.012, 0, 0.012], 0.012, sides=12, flatten=7.0)
    legs, name = [], "child_seat"
    for side in SIDES:
        knee, foot = hip + [0.01, side * 0.135, -0.02], hip + [0.075, side * 0.165, -0.30]
        legs.append(sweep(smooth_path(np.array([knee, (knee + foot) / 2 + [0.01, side * 0.01, 0], foot]), 14), 0.013,
                          sides=10, flatten=3.2))  # fmt: skip
        legs.append(pillow(foot, (0.115, 0.075, 0.022), squareness=0.4))
    belts = [straight(spine[16] + [0.02, y, 0.02], spine[36] + [0.03, y * 0.6, 0], 0.004, rings=7, flatten=3.0)
             for y in (-0.06, 0.06)]  # fmt: skip
    clamp = layout.bottom_bracket + layout.seat_direction * (design.seat_tube - 0.10)
    rods = [straight(clamp + [0, s * 0.020, 0], hip + [-0.12, s * 0.045, -0.045], 0.006, rings=5) for s in SIDES]
    return [
        join([shell, *legs]).tagged("frame", "grey_plastic", name),
        pad.tagged("frame", "cloth", name),
        join(belts).tagged("frame", "black_plastic", name),
        join(rods).tagged("frame", "steel", name),
    ]


def _shell(spine: np.ndarray, width: np.ndarray) -> Mesh:
    """A strip along the spine (N, 3), half as wide as `width` (N,), its edges turned up towards the child."""
    ahead = np.gradient(spine, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    inward = np.stack([-ahead[:, 2], 0 * width, ahead[:, 0]], axis=1)
    inward *= np.sign(inward[:1] @ np.array([0, 0, 1.0]))[:, None] if abs(inward[0, 2]) > 0 else 1
    strips = []
    for share, lift in ((0.0, 0.0), (-0.72, 0.015), (0.72, 0.015), (-0.98, 0.06), (0.98, 0.06)):
        path = spine + inward * lift + np.stack([0 * width, share * width, 0 * width], axis=1)
        strips.append(sweep(path, 0.008, sides=10, flatten=6.0 if abs(share) < 0.9 else 2.2))
    return join(strips)
