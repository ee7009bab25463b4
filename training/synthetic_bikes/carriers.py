"""What carries things and children: the rack, the basket at the handlebar and the child seat."""

import numpy as np

from training.synthetic_bikes.layout import FRONT_HALF_WIDTH, REAR_HALF_WIDTH, SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, grid_triangles, join, smooth_path, straight, sweep
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
    """A bucket with a high back and foot rests, behind the saddle, held by a fork from the seat tube."""
    deck, front, _ = rack_deck(design, layout)
    hip = np.array([min(layout.saddle[0] - 0.17, front - 0.04), 0.0, deck + 0.085])
    seat = hip + [-0.20, 0, -0.03]
    corners = [hip + [0.02, 0, -0.015], hip + [-0.09, 0, -0.03], seat,
               seat + [-0.055, 0, 0.09], seat + [-0.10, 0, 0.27],
               seat + [-0.125, 0, 0.44]]  # fmt: skip
    spine, share = smooth_path(np.array(corners), 40), np.linspace(0, 1, 40)
    half = np.interp(share, [0, 0.15, 0.5, 0.8, 0.95, 1], [0.09, 0.125, 0.145, 0.135, 0.10, 0.03])
    sides = np.interp(share, [0, 0.12, 0.3, 0.6, 0.9, 1], [0.02, 0.07, 0.11, 0.10, 0.06, 0.01])
    bucket, pad = (
        _bucket(spine, half, sides),
        _bucket(spine[3:-4] + [0.006, 0, 0.008], 0.72 * half[3:-4], 0 * half[3:-4]),
    )
    legs, name = [], "child_seat"
    for side in SIDES:
        knee, foot = hip + [-0.02, side * 0.12, -0.02], hip + [0.055, side * 0.165, -0.27]
        path = smooth_path(np.array([knee, (knee + foot) / 2 + [0.01, side * 0.02, 0], foot]), 14)
        legs.append(sweep(path, 0.014, sides=10, flatten=0.4))
        legs.append(pillow(foot, (0.115, 0.075, 0.022), squareness=0.4))
    belts = [straight(spine[16] + [0.004, y, 0.004], spine[36] + [0.004, y * 0.6, 0], 0.004, rings=7, flatten=3.0)
             for y in (-0.05, 0.05)]  # fmt: skip
    clamp = layout.bottom_bracket + layout.seat_direction * (design.seat_tube - 0.10)
    rods = [straight(clamp + [0, s * 0.020, 0], hip + [-0.12, s * 0.045, -0.040], 0.006, rings=5) for s in SIDES]
    return [
        join([bucket, *legs]).tagged("frame", "grey_plastic", name),
        pad.tagged("frame", "cloth", name),
        join(belts).tagged("frame", "black_plastic", name),
        join(rods).tagged("frame", "steel", name),
    ]


def _bucket(spine: np.ndarray, half: np.ndarray, sides: np.ndarray, thickness: float = 0.007) -> Mesh:
    """A moulded shell along the spine (N, 3), half (N,) metres wide each way, its sides (N,) metres high."""
    ahead = np.gradient(spine, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    inward = np.stack(
        [ahead[:, 2], 0 * half, -ahead[:, 0]], axis=1
    )  # towards the child: above the seat, before the back
    across = np.linspace(-1, 1, 17)
    lift = np.clip((np.abs(across) - 0.55) / 0.45, 0, 1) ** 1.6
    points = spine[:, None] + inward[:, None] * (sides[:, None] * lift)[..., None]
    points = points + np.array([0, 1.0, 0]) * (half[:, None] * across * (1 + 0.06 * lift))[..., None]
    normals = np.cross(np.gradient(points, axis=1), np.gradient(points, axis=0))
    normals /= np.linalg.norm(normals, axis=2, keepdims=True) + 1e-12
    normals *= np.sign(np.sum(normals[20, 8] * inward[20]))
    uv = np.stack(np.broadcast_arrays(np.linspace(0, 1, len(spine))[:, None], (across + 1) / 2), axis=2).reshape(-1, 2)
    triangles = grid_triangles(len(spine), 17, False)
    front = Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), uv, triangles)
    back = Mesh((points - thickness * normals).reshape(-1, 3), -normals.reshape(-1, 3), uv, triangles[:, ::-1])
    border = [points[:, 0], points[:, -1], points[-1], points[0]]
    edges = [sweep(edge, 0.6 * thickness, sides=6, up=(0.3, 0.2, 1.0)) for edge in border]
    return join([front, back, *edges])
