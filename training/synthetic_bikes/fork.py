"""The fork, rigid or sprung, down to the front axle. It turns with the handlebar."""

import numpy as np

from training.synthetic_bikes.layout import FRONT_HALF_WIDTH, SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, smooth_path, straight, sweep

__all__ = ["build_fork", "fork_half_width"]


def build_fork(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Crown, blades or legs, ends and axle nuts."""
    build = _suspension_fork if design.fork == "suspension" else _rigid_fork
    return build(design, layout) + _axle_nuts(layout)


def fork_half_width(design: BikeDesign) -> float:
    """From the wheel's middle to the middle of a blade, beside the tyre."""
    legs = 0.0225 if design.fork == "suspension" else 0.0125
    return max(FRONT_HALF_WIDTH, design.tyre_radius + 0.008 + legs)


def _rigid_fork(design: BikeDesign, layout: Layout) -> list[Mesh]:
    crown, axle, down = layout.head_bottom, layout.front_axle, layout.steerer
    width, along = fork_half_width(design), float((layout.front_axle - layout.head_bottom) @ layout.steerer)
    thick = min(0.0150, max(0.0105, 0.72 * design.tube_radius))
    meshes = []
    for side in SIDES:
        offset, tip = np.array([0, side * width, 0]), axle + [0, side * FRONT_HALF_WIDTH, 0]
        corners = [crown + [0, side * width * 0.72, 0] + down * 0.008, crown + down * along * 0.3 + offset]
        blade = smooth_path(np.array([*corners, crown + down * along * 0.62 + offset, tip]), 36)
        tapered = np.linspace(thick, 0.6 * thick, 36)
        meshes.append(sweep(blade, tapered, flatten=0.8).tagged("frame", "paint", f"{SIDES[side]}_fork"))
        meshes.append(box(tip, (0.022, 0.006, 0.026)).tagged("frame", "paint", "fork_end"))
    bridge = straight(crown - [0, width, 0], crown + [0, width, 0], thick * 1.1, rings=5)
    return [*meshes, bridge.tagged("frame", "paint", "fork_crown")]


def _suspension_fork(design: BikeDesign, layout: Layout) -> list[Mesh]:
    crown, axle, down, forward = layout.head_bottom, layout.front_axle, layout.steerer, layout.forward
    width, along = fork_half_width(design), float((layout.front_axle - layout.head_bottom) @ layout.steerer)
    is_stout = design.tread == "knobbly"
    legs, tubes = (0.0225, 0.0165) if is_stout else (0.0185, 0.0135)
    shift = (axle - crown - down * along) * 0.75  # the legs stand ahead of the axis, the axle a little more so
    meshes = []
    for side in SIDES:
        offset = np.array([0, side * width, 0])
        top, middle = crown + offset + shift * 0.8, crown + down * along * 0.46 + offset + shift
        bottom, tip = crown + down * (along + 0.012) + offset + shift, axle + [0, side * FRONT_HALF_WIDTH, 0]
        inner = straight(top - down * 0.02, middle + down * 0.08, tubes)
        outer = straight(middle, bottom, legs, 0.85 * legs)
        meshes.append(inner.tagged("frame", "stanchion", f"{SIDES[side]}_stanchion"))
        meshes.append(outer.tagged("frame", "black_metal", f"{SIDES[side]}_fork"))
        meshes.append(box(tip, (0.034, 0.016, 0.036)).tagged("frame", "black_metal", "fork_end"))
    bridge = straight(crown - [0, width, 0] + shift * 0.4, crown + [0, width, 0] + shift * 0.4, 0.021, rings=5)
    meshes.append(bridge.tagged("frame", "black_metal", "fork_crown"))
    top = axle - down * (design.wheel_radius + 0.016) + forward * 0.01
    height = min(0.24, 0.6 * along)
    foot, knee = axle - down * height, top + [0, width * 0.7, 0]
    mirror = np.array([1.0, -1.0, 1.0])
    path = smooth_path(np.array([foot * mirror - [0, width, 0], knee * mirror, knee, foot + [0, width, 0]]), 30)
    return [*meshes, sweep(path, 0.010, up=tuple(forward)).tagged("frame", "black_metal", "fork_arch")]


def _axle_nuts(layout: Layout) -> list[Mesh]:
    meshes = []
    for side in SIDES:
        tip = layout.front_axle + [0, side * FRONT_HALF_WIDTH, 0]
        nut = straight(tip - [0, side * 0.012, 0], tip + [0, side * 0.012, 0], 0.0075, rings=3)
        meshes.append(nut.tagged("frame", "steel", "front_axle_nut"))
    return meshes
