"""Brake levers, shifters, and the cables that leave the handlebar in a bow."""

import numpy as np

from training.synthetic_bikes.brakes import front_cable_end, rear_cable_stop
from training.synthetic_bikes.handlebar import GRIP_RADIUS, bar_path, grip_start
from training.synthetic_bikes.layout import SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, join, smooth_path, straight, sweep

__all__ = ["build_levers"]


def build_levers(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A lever and a cable for each brake (left: front), and a shifter where there are gears."""
    meshes = []
    for side in SIDES:
        has_brake = design.has_front_brake if side > 0 else design.brakes != "back_pedal"
        build = _hood if design.handlebar == "drop" else _lever
        pieces, cable_start = build(design, layout, side)
        if has_brake or design.handlebar == "drop":
            end = front_cable_end(design, layout) if side > 0 else rear_cable_stop(design, layout)
            name = f"{SIDES[side]}_brake_cable"
            meshes += [*pieces, _cable(layout, cable_start, end).tagged("handlebar", "black_plastic", name)]
        if side < 0 and design.handlebar != "drop" and design.bike_type not in ("bmx", "kids"):
            meshes += _shifter(design, layout)
    return meshes


def _hood(design: BikeDesign, layout: Layout, side: float) -> tuple[list[Mesh], np.ndarray]:
    """A rubber hood on the bend of a drop bar, its lever hanging below."""

    def path(*corners: tuple[float, float, float]) -> np.ndarray:
        return layout.bar_clamp + smooth_path(np.array([[x, side * y, z] for x, y, z in corners]), 20)

    hood = path((0.070, 0.207, -0.004), (0.105, 0.208, 0.004), (0.135, 0.209, 0.022), (0.146, 0.209, 0.048))
    lever = path((0.138, 0.209, 0.020), (0.152, 0.210, -0.03), (0.140, 0.212, -0.09), (0.122, 0.212, -0.115))
    swell = 0.0165 + 0.004 * np.sin(np.linspace(0, np.pi, 20))
    swell[-1] = 0.008
    tip = straight(hood[-1] - [0, 0, 0.004], hood[-1] + [0.001, 0, 0.006], 0.012, 0.006, rings=3, up=(0, 1, 0))
    blade = sweep(lever, np.linspace(0.0085, 0.0055, 20), up=(0, 1, 0), flatten=0.7)
    pieces = [
        join([sweep(hood, swell), tip]).tagged("handlebar", "rubber", f"{SIDES[side]}_hood"),
        blade.tagged("handlebar", design.metal, f"{SIDES[side]}_brake_lever"),
    ]
    return pieces, layout.bar_clamp + [0.012, side * 0.105, -0.010]  # where it leaves the tape


def _lever(design: BikeDesign, layout: Layout, side: float) -> tuple[list[Mesh], np.ndarray]:
    """A mount inside the grip, its blade ahead of the fingers."""
    path = bar_path(design, layout, side)
    first = grip_start(design, path)
    place, outward = path[max(first - 3, 0)], path[-1] - path[first]
    reach = 0.9 * float(np.linalg.norm(outward))
    outward /= np.linalg.norm(outward)
    ahead = np.cross(outward, [0, 0, 1.0]) * side  # away from the rider's palm
    below = np.array([0, 0, -1.0])
    corners = [place + ahead * 0.024 + below * 0.004, place + ahead * 0.046 + outward * 0.35 * reach + below * 0.016,
               place + ahead * 0.040 + outward * reach + below * 0.024]  # fmt: skip
    name = f"{SIDES[side]}_brake_lever"
    blade = sweep(smooth_path(np.array(corners), 18), 0.0055, sides=10, up=(0, 0, 1))
    rotation = np.stack([ahead, outward, np.cross(ahead, outward)], axis=1)
    mount = box(place + ahead * 0.013, (0.036, 0.030, 0.024), rotation)
    material = "black_metal" if design.metal == "black_metal" else "aluminium"
    pieces = [blade.tagged("handlebar", material, name), mount.tagged("handlebar", material, name)]
    return pieces, place + ahead * 0.022 - outward * 0.016


def _shifter(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A pod under the right of the bar, or a ring inside the grip; its cable runs to the down tube."""
    path = bar_path(design, layout, -1.0)
    first = grip_start(design, path)
    if design.gears == "single":
        ring = straight(path[max(first - 2, 0)], path[first + 2], GRIP_RADIUS * 1.3, rings=3, up=(0.4, 0.2, 1.0))
        pod, start = ring, path[first] + [0.012, 0, -0.012]
    else:
        start = path[max(first - 5, 0)] + [0.004, 0, -0.018]
        pod = box(start, (0.036, 0.040, 0.026))
    end = layout.lower_head_joint - layout.steerer * 0.012 + [0.0, -design.tube_radius * 1.2, 0.0]
    cable = _cable(layout, start, end, bow=0.8)
    return [
        pod.tagged("handlebar", "black_plastic", "shifter"),
        cable.tagged("handlebar", "black_plastic", "shifter_cable"),
    ]


def _cable(layout: Layout, start: np.ndarray, end: np.ndarray, bow: float = 1.0) -> Mesh:
    """Ahead and down in a bow, that it may turn with the bar."""
    drop = start - end
    bulge = layout.forward * min(0.075, 0.35 * abs(drop[2]) + 0.02) * bow
    corners = [start, start * [1, 0.62, 1] - 0.12 * drop * [1, 0, 1] + bulge, end + 0.42 * drop * [1, 0.5, 1] + bulge,
               end]  # fmt: skip
    return sweep(smooth_path(np.array(corners), 32), 0.0023, sides=6, up=(0.2, 1, 0.1))
