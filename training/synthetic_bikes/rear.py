"""What holds the rear wheel: stays and dropouts, or a swingarm with its rocker and shock."""

import numpy as np

from training.synthetic_bikes.layout import REAR_HALF_WIDTH, SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, join, smooth_path, straight, sweep

__all__ = ["build_swingarm", "fixed_rear"]

TYRE_GAP = 0.009  # metres between tyre and stay, at least


def fixed_rear(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Two chainstays, two seatstays, two dropouts."""
    meshes = []
    for side in SIDES:
        meshes += _chainstay(design, layout, side, layout.bottom_bracket + [-0.010, side * 0.026, 0])
        start = layout.seat_joint + [0, side * design.tube_radius * 0.8, 0]
        meshes += _seatstay(design, layout, side, start, layout.seat_joint)
        meshes += _dropout(layout, side)
    return meshes


def build_swingarm(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A four-bar rear: chainstays from a pivot by the bottom bracket, seatstays to a rocker, the rocker to a shock."""
    up, bottom = layout.seat_direction, layout.bottom_bracket
    pivot = bottom + up * 0.270
    rear_end = pivot + [-0.052, 0, 0.022]
    front_end = pivot + [0.062, 0, 0.010]
    meshes = []
    for side in SIDES:
        meshes += _chainstay(design, layout, side, bottom + [-0.012, side * 0.030, 0.040], 0.0135)
        meshes += _seatstay(design, layout, side, rear_end + [0, side * 0.026, 0], rear_end)
        meshes += _dropout(layout, side)
        width = np.array([0, side * 0.028, 0])
        plates = [
            straight(one + width, two + width, 0.013, 0.010, rings=5, flatten=0.35)
            for one, two in ((pivot, rear_end), (pivot, front_end))
        ]
        meshes.append(join(plates).tagged("frame", "paint", "rocker"))
    bolts = [straight(at - [0, 0.036, 0], at + [0, 0.036, 0], 0.0075, rings=3) for at in (pivot, rear_end, front_end)]
    meshes.append(join(bolts).tagged("frame", "steel", "rocker"))
    down_tube = layout.lower_head_joint - bottom
    mount = bottom + 0.24 * down_tube + [-0.005, 0, 0.022]
    return meshes + _shock(design, front_end, mount)


def _shock(design: BikeDesign, top: np.ndarray, mount: np.ndarray) -> list[Mesh]:
    """An air can above or a coil around it, its shaft below; the mount on the down tube."""
    along = mount - top
    middle, width = top + 0.58 * along, 0.0235 if design.shock == "air" else 0.0135
    reservoir = straight(top + [0.030, 0, -0.02], middle + [0.030, 0, 0.03], 0.012, rings=3)
    bridge = straight(top, top + [0.030, 0, -0.02], 0.010, rings=3)
    meshes = [
        join([straight(top, middle, width, rings=5), reservoir, bridge]).tagged("frame", "black_metal", "shock"),
        straight(middle, mount, 0.0075, rings=5).tagged("frame", "stanchion", "shock"),
        box(mount - [0, 0, 0.008], (0.030, 0.036, 0.044)).tagged("frame", "paint", "shock"),
    ]
    if design.shock == "coil":
        meshes.append(_coil(top + 0.12 * along, top + 0.86 * along).tagged("frame", "second_paint", "shock_spring"))
    return meshes


def _coil(start: np.ndarray, end: np.ndarray) -> Mesh:
    """Eight turns of thick wire between two plates."""
    axis = (end - start) / np.linalg.norm(end - start)
    across = np.array([-axis[2], 0, axis[0]])
    angle = np.linspace(0, 16 * np.pi, 128)[:, None]
    path = start + np.linspace(0, 1, 128)[:, None] * (end - start)
    wire = sweep(path + 0.022 * (np.cos(angle) * across + np.sin(angle) * np.array([0, 1.0, 0])), 0.0042, sides=6,
                 up=tuple(axis))  # fmt: skip
    plates = [straight(at - 0.002 * axis, at + 0.002 * axis, 0.027, rings=3) for at in (start, end)]
    return join([wire, *plates])


def _chainstay(
    design: BikeDesign, layout: Layout, side: float, start: np.ndarray, radius: float | None = None
) -> list[Mesh]:
    radius = radius or max(0.0065, 0.62 * design.tube_radius)
    wide = np.array([0, side * (design.tyre_radius + TYRE_GAP + radius), 0])
    axle = layout.rear_axle
    # Wide by the time it passes the tyre, which begins where the wheel's radius reaches.
    gap = 1 - design.wheel_radius / np.linalg.norm(axle - layout.bottom_bracket)
    beside = layout.bottom_bracket + (gap + 0.02) * (axle - layout.bottom_bracket)
    lift = np.array([0, 0, 0.35 * (start[2] - layout.bottom_bracket[2])])
    end = axle + [0.015, side * REAR_HALF_WIDTH, 0]
    path = smooth_path(np.array([start, beside + wide + lift, end]), 28)
    tube = sweep(path, np.linspace(radius, 0.0075, 28))
    return [tube.tagged("frame", "paint", f"{SIDES[side]}_chainstay")]


def _seatstay(design: BikeDesign, layout: Layout, side: float, start: np.ndarray, joint: np.ndarray) -> list[Mesh]:
    radius = max(0.0055, 0.48 * design.tube_radius)
    wide = np.array([0, side * (design.tyre_radius + TYRE_GAP + radius), 0])
    gap = 1 - design.wheel_radius / np.linalg.norm(layout.rear_axle - joint)
    beside = joint + max(gap - 0.03, 0.08) * (layout.rear_axle - joint) + wide
    end = layout.rear_axle + [0, side * REAR_HALF_WIDTH, 0.012]
    tube = sweep(smooth_path(np.array([start, beside, end]), 28), radius)
    return [tube.tagged("frame", "paint", f"{SIDES[side]}_seatstay")]


def _dropout(layout: Layout, side: float) -> list[Mesh]:
    dropout = layout.rear_axle + [0.0, side * REAR_HALF_WIDTH, 0.0]
    plate = box(dropout + [0.004, 0, 0.004], (0.040, 0.006, 0.032))
    nut = straight(dropout - [0, side * 0.016, 0], dropout + [0, side * 0.012, 0], 0.0075, rings=3)
    return [
        plate.tagged("frame", "paint", f"{SIDES[side]}_dropout"),
        nut.tagged("frame", "steel", "rear_axle_nut"),
    ]
