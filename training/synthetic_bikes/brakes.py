"""Brakes at the wheels, on frame and fork: calipers, V-brakes, disc calipers; and the cables along the frame."""

import numpy as np

from training.synthetic_bikes.fork import fork_half_width
from training.synthetic_bikes.frame import down_tube_radius
from training.synthetic_bikes.layout import SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, join, smooth_path, straight, sweep

__all__ = ["build_frame_cables", "build_front_brake", "build_rear_brake"]

DISC_SIDE = 0.050  # metres to the left of the wheel's middle
V_BRAKED = ("kids", "mountain", "trekking")


def build_front_brake(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Whatever brakes the front wheel, fixed to the fork; nothing where there is none."""
    if not design.has_front_brake:
        return []
    axle, down = layout.front_axle, layout.steerer
    if design.brakes == "disc":
        return _disc_caliper(axle - down * 0.066 - layout.forward * 0.038, down, "front_brake")
    if design.bike_type in V_BRAKED:
        return _v_brake(design, axle, -down, layout.forward, fork_half_width(design) * 0.9, "front_brake")
    place = axle - down * (design.wheel_radius + 0.016) + layout.forward * 0.018
    return _caliper(design, place, down, layout.forward, "front_brake")


def build_rear_brake(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """The same at the rear, fixed to the seatstays."""
    if design.brakes == "back_pedal":
        return []
    toward_seat = layout.seat_joint - layout.rear_axle
    toward_seat /= np.linalg.norm(toward_seat)
    behind = np.array([-toward_seat[2], 0, toward_seat[0]])
    if design.brakes == "disc":
        place = layout.rear_axle + toward_seat * 0.060 + [0.022, 0.002, -0.006]
        return _disc_caliper(place, -toward_seat, "rear_brake")
    if design.bike_type in V_BRAKED:
        return _v_brake(design, layout.rear_axle, toward_seat, behind, design.tyre_radius + 0.022, "rear_brake")
    bridge = layout.rear_axle + toward_seat * (design.wheel_radius + 0.014)
    return _caliper(design, bridge, -toward_seat, behind, "rear_brake")


def build_frame_cables(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Gear cable under the down tube and around to the derailleur; brake cable along the top of the frame."""
    radius = down_tube_radius(design)
    meshes = []
    if design.gears == "derailleur":
        along = layout.lower_head_joint - layout.bottom_bracket
        side = np.array([0, -radius * 0.85, 0])
        start, end = layout.lower_head_joint - 0.06 * along + side, layout.bottom_bracket + 0.05 * along + side
        if design.frame in ("diamond", "full_suspension"):
            wire = straight(start, end, 0.0018, rings=5, sides=6)
            meshes.append(wire.tagged("frame", "black_plastic", "gear_cable"))
        axle = layout.rear_axle
        corners = [axle + [0.10, -0.062, 0.0], axle + [-0.005, -0.078, 0.018], axle + [-0.045, -0.080, -0.020]]
        loop = smooth_path(np.array([*corners, axle + [0.010, -0.074, -0.050]]), 24)
        meshes.append(sweep(loop, 0.0024, sides=6).tagged("frame", "black_plastic", "gear_cable"))
    if design.brakes != "back_pedal" and design.frame == "diamond":
        lift = np.array([0, design.tube_radius * 0.55, design.tube_radius * 0.85])
        along = layout.seat_joint - layout.head_joint
        wire = straight(layout.head_joint + 0.10 * along + lift, layout.seat_joint - 0.04 * along + lift, 0.0020,
                        rings=5, sides=6)  # fmt: skip
        meshes.append(wire.tagged("frame", "black_plastic", "rear_brake_cable"))
    return meshes


def _caliper(design: BikeDesign, place: np.ndarray, down: np.ndarray, ahead: np.ndarray, name: str) -> list[Mesh]:
    """Two curved arms from a bolt above the tyre to pads at the rim."""
    tyre = design.tyre_radius
    reach = float(1.75 * tyre + 0.022)
    material = "black_metal" if design.metal == "black_metal" else "aluminium"
    meshes = []
    front = ahead * 0.016
    for side in SIDES:
        bolt = place + front - down * 0.006
        out = place + front + [0, side * (tyre + 0.016), 0] + down * 0.012
        pad = place + front * 0.6 + [0, side * (tyre + 0.006), 0] + down * reach
        arm = sweep(smooth_path(np.array([bolt, out, pad]), 14), 0.0062, sides=10, up=(1.0, 0.0, 0.3))
        meshes.append(arm.tagged("frame", material, name))
        meshes.append(_pad(pad, down, ahead).tagged("frame", "rubber", name))
    bolt = straight(place - front * 1.6, place + front * 1.4, 0.0045, rings=3)
    return [*meshes, bolt.tagged("frame", "steel", name)]


def _v_brake(
    design: BikeDesign, axle: np.ndarray, outward: np.ndarray, ahead: np.ndarray, width: float, name: str
) -> list[Mesh]:
    """Two straight arms from bosses below the rim to a cable above the tyre."""
    material = "black_metal" if design.metal == "black_metal" else "aluminium"
    boss_at, pad_at = design.rim_radius - 0.030, design.rim_radius - 0.007
    top_at = design.wheel_radius + 0.028
    tops, meshes = [], []
    for side in SIDES:
        boss = axle + outward * boss_at + [0, side * width, 0] + ahead * 0.014
        pad = axle + outward * pad_at + [0, side * (design.tyre_radius * 0.72 + 0.009), 0] + ahead * 0.014
        top = axle + outward * top_at + [0, side * (design.tyre_radius + 0.012), 0] + ahead * 0.018
        tops.append(top)
        meshes.append(straight(boss, top, 0.0075, 0.0055, rings=5, sides=10).tagged("frame", material, name))
        meshes.append(_pad(pad, outward, ahead).tagged("frame", "rubber", name))
    cable = join([straight(tops[0], tops[1] + [0, 0.012, 0], 0.0016, rings=3, sides=6)])
    return [*meshes, cable.tagged("frame", "steel", name)]


def _pad(place: np.ndarray, radial: np.ndarray, tangent: np.ndarray) -> Mesh:
    rotation = np.stack([tangent, [0, 1.0, 0], np.cross(tangent, [0, 1.0, 0])], axis=1)
    return box(place, (0.046, 0.009, 0.011), rotation)


def _disc_caliper(place: np.ndarray, down: np.ndarray, name: str) -> list[Mesh]:
    ahead = np.array([-down[2], 0, down[0]])
    rotation = np.stack([ahead, [0, 1.0, 0], -down], axis=1)
    body = box(place + [0, DISC_SIDE - 0.002, 0], (0.034, 0.030, 0.052), rotation)
    return [body.tagged("frame", "black_metal", name)]
