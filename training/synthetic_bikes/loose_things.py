"""What riders leave on their bikes: a chain lock, flowers or a bag in the basket, a helmet, a saddle cover, a lever."""

import numpy as np

from training.synthetic_bikes.carriers import Basket
from training.synthetic_bikes.handlebar import bar_path, grip_start
from training.synthetic_bikes.layout import FRONT_HALF_WIDTH, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.saddle import saddle_top
from training.synthetic_bikes.shapes import Mesh, box, join, smooth_path, straight, sweep
from training.synthetic_bikes.solids import copies, pillow

__all__ = [
    "build_basket_bag",
    "build_chain_lock",
    "build_flowers",
    "build_helmet",
    "build_quick_release",
    "build_saddle_cover",
]

GOLDEN_ANGLE = 2.399963  # radians; spreads blossoms evenly


def build_chain_lock(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A sleeved chain, wound twice around the seat tube and hanging from the top tube, its padlock below."""
    along = layout.head_joint - layout.seat_joint
    hung = layout.seat_joint + 0.16 * along
    radius = design.tube_radius * 0.92 + 0.011
    turns = np.linspace(0, 4 * np.pi, 60)
    axis = along / np.linalg.norm(along)
    over = np.array([-axis[2], 0, axis[0]])
    coil = hung + radius * (np.cos(turns)[:, None] * over + np.sin(turns)[:, None] * np.array([0, 1.0, 0]))
    coil = coil + np.linspace(-0.03, 0.03, 60)[:, None] * axis
    drop = min(0.20, 0.45 * design.seat_tube)
    low = hung + np.array([0.010, 0.022, -drop])
    sides = [hung + [x, 0.024, -0.45 * drop] for x in (-0.055, 0.075)]
    loop = smooth_path(np.array([coil[0], sides[0], low, sides[1], coil[-1]]), 40)
    padlock = pillow(low + [0, 0.004, -0.018], (0.055, 0.028, 0.060), squareness=0.3)
    return [
        sweep(coil, 0.0095, sides=10, up=tuple(axis)).tagged("frame", "dark_cloth", "chain_lock"),
        sweep(loop, 0.0095, sides=10, up=(0, 1, 0)).tagged("frame", "dark_cloth", "chain_lock"),
        padlock.tagged("frame", "steel", "chain_lock"),
    ]


def build_flowers(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Leaves and blossoms that fill the basket and stand over its rim."""
    basket = Basket(design, layout)
    rng = np.random.default_rng(7)
    count = 46
    spread = np.sqrt((np.arange(count) + 0.5) / count)
    angle = GOLDEN_ANGLE * np.arange(count)
    places = basket.middle + np.stack(
        [0.85 * basket.half_length * spread * np.cos(angle), 0.85 * basket.half_width * spread * np.sin(angle),
         0.055 * (1 - spread**2) + rng.uniform(0.0, 0.05, count)], axis=1,
    )  # fmt: skip
    leaf = pillow(np.zeros(3), (0.070, 0.034, 0.010), squareness=1.0, segments=8)
    tilts = np.stack([_random_turn(rng) for _ in range(count)])
    leaves = copies(leaf, tilts, places - [0, 0, 0.025])
    soil = pillow(basket.middle - [0, 0, 0.045], (1.6 * basket.half_length, 1.6 * basket.half_width, 0.05), 0.6)
    meshes = [join([leaves, soil]).tagged("handlebar", "leaf", "flowers")]
    for kind, material in enumerate(("pink_paint", "yellow_paint", "white_paint")):
        chosen = places[kind::3]
        blossoms = [pillow(place, (0.040, 0.040, 0.024), squareness=1.0, segments=10) for place in chosen]
        meshes.append(join(blossoms).tagged("handlebar", material, "flowers"))
    return meshes


def build_basket_bag(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A cloth bag that bulges out of the basket, its handles on top."""
    basket = Basket(design, layout)
    size = (1.66 * basket.half_length, 1.66 * basket.half_width, 1.15 * basket.height)
    middle = basket.middle + [0, 0, 0.62 * size[2] - basket.height + 0.008]
    body = pillow(middle, size, squareness=0.5, segments=24)
    top = middle[2] + 0.46 * size[2]
    handles = []
    for x in (-0.03, 0.03):
        corners = [[middle[0] + x, -0.05, top - 0.02], [middle[0] + 1.5 * x, -0.03, top + 0.055],
                   [middle[0] + 1.5 * x, 0.03, top + 0.055], [middle[0] + x, 0.05, top - 0.02]]  # fmt: skip
        handles.append(sweep(smooth_path(np.array(corners), 18), 0.005, sides=8, up=(1, 0, 0)))
    return [
        body.tagged("handlebar", "canvas", "basket_bag"),
        join(handles).tagged("handlebar", "canvas", "basket_bag"),
    ]


def build_helmet(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Hung by its straps from the left of the bar, the opening up: a shell with ribs and vents between them."""
    path = bar_path(design, layout, 1.0)
    hook = path[max(grip_start(design, path) - 14, 6)]
    small = 0.86 if design.bike_type == "kids" else 1.0
    half = np.array([0.135, 0.100, 0.115]) * small
    inside = pillow(np.zeros(3), tuple(1.86 * half), squareness=1.0)
    inside.points[:, 2] = np.maximum(inside.points[:, 2], 0.012)  # cut off at the rim
    ribs = [_rib(half, y, small) for y in (-0.80, -0.50, -0.17, 0.17, 0.50, 0.80)]
    around = np.linspace(0, 2 * np.pi, 33)[:-1]
    rim = half * np.stack([np.cos(around), np.sin(around), np.full(32, 0.10)], axis=1)
    rim[:, 2] += 0.018 * np.cos(around) ** 2  # lower over the ears
    band = sweep(rim, 0.013 * small, sides=10, up=(0, 0, 1), is_closed=True)
    tilt = np.radians(155)
    turned = np.array([[np.cos(tilt), 0, np.sin(tilt)], [0, 1, 0], [-np.sin(tilt), 0, np.cos(tilt)]])
    middle = hook + np.array([0.045, 0.020, -0.125]) * small
    straps = [
        sweep(smooth_path(np.array([hook + [0, 0, 0.013], hook + [x * 0.4, y * 0.4, -0.04], middle + [x, y, 0.0]]), 14),
              0.0035, sides=6, flatten=2.0)
        for x, y in ((-0.075, 0.07), (0.06, 0.08), (-0.075, -0.07), (0.06, -0.08))
    ]  # fmt: skip
    return [
        join([*ribs, band]).moved(middle, turned).tagged("handlebar", design.helmet, "helmet"),
        inside.moved(middle, turned).tagged("handlebar", "black_plastic", "helmet"),
        join(straps).tagged("handlebar", "black_plastic", "helmet"),
    ]


def _rib(half: np.ndarray, y: float, small: float) -> Mesh:
    """From brow to neck over the crown, at the share y of the half-width."""
    reach, angle = np.sqrt(1 - y**2), np.linspace(0.0, np.pi, 24)
    path = half * np.stack([reach * np.cos(angle), np.full(24, y), reach * np.sin(angle)], axis=1)
    return sweep(path, 0.0125 * small, sides=10, flatten=1.15)


def build_saddle_cover(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A thin bright cover drawn over the saddle against rain."""
    cover = saddle_top(design, layout, swell=0.006)
    return [cover.tagged("saddle", design.saddle_cover, "saddle_cover")]


def build_quick_release(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """The closed lever of the front axle, on the left, along the fork."""
    tip = layout.front_axle + [0, FRONT_HALF_WIDTH + 0.012, 0]
    nut = straight(tip - [0, 0.008, 0], tip + [0, 0.010, 0], 0.010, rings=3)
    up = -layout.steerer
    lever = smooth_path(np.array([tip, tip + up * 0.020 + [0, 0.012, 0], tip + up * 0.058 + [0, 0.006, 0]]), 14)
    blade = sweep(lever, np.linspace(0.0055, 0.0075, 14), sides=10, flatten=0.6)
    opposite = layout.front_axle - [0, FRONT_HALF_WIDTH + 0.012, 0]
    cap = box(opposite, (0.016, 0.016, 0.016))
    return [join([nut, blade, cap]).tagged("frame", "steel", "front_quick_release")]


def _random_turn(rng: np.random.Generator) -> np.ndarray:
    """(3, 3): any rotation, by the Q of a random matrix."""
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return turn * np.sign(np.linalg.det(turn))
