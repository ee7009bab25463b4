"""Brakes at the wheels, on frame and fork: calipers, V-brakes, disc calipers; and the cables along the frame."""

import numpy as np

from training.synthetic_bikes.fork import fork_half_width
from training.synthetic_bikes.frame import down_tube_radius
from training.synthetic_bikes.layout import SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, join, smooth_path, straight, sweep

__all__ = ["build_frame_cables", "build_front_brake", "build_rear_brake", "front_cable_end", "rear_cable_stop"]

DISC_SIDE = 0.050  # metres to the left of the wheel's middle
V_BRAKED = ("kids", "mountain", "trekking")


def build_front_brake(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Whatever brakes the front wheel, fixed to the fork; nothing where there is none."""
    if not design.has_front_brake:
        return []
    axle, down = layout.front_axle, layout.steerer
    if design.brakes == "disc":
        hose = _hose(design, layout)
        return [*_disc_caliper(_front_caliper(layout), down, "front_brake"), hose]
    if design.bike_type in V_BRAKED:
        beside_blade = axle + layout.forward * (_blade_offset(design) - 0.004)
        return _v_brake(design, beside_blade, -down, layout.forward, fork_half_width(design) * 0.9, "front_brake")
    return _caliper(design, _front_bolt(design, layout), down, layout.forward, "front_brake")


def build_rear_brake(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """The same at the rear, fixed to the seatstays."""
    if design.brakes == "back_pedal":
        return []
    toward_seat, behind = _along_seatstay(layout)
    if design.brakes == "disc":
        place = layout.rear_axle + toward_seat * 0.060 + [0.022, 0.002, -0.006]
        return _disc_caliper(place, -toward_seat, "rear_brake")
    if design.bike_type in V_BRAKED:
        return _v_brake(design, layout.rear_axle, toward_seat, behind, design.tyre_radius + 0.022, "rear_brake")
    bridge = layout.rear_axle + toward_seat * (design.wheel_radius + 0.014)
    return _caliper(design, bridge, -toward_seat, behind, "rear_brake")


def front_cable_end(design: BikeDesign, layout: Layout) -> np.ndarray:
    """(3,) where the front brake takes its cable."""
    axle, down = layout.front_axle, layout.steerer
    if design.brakes == "disc":
        return _hose_clip(design, layout)
    if not design.has_front_brake:
        return layout.head_bottom + [0, design.tube_radius * 1.2, 0]
    if design.bike_type in V_BRAKED:
        return (
            axle
            - down * (design.wheel_radius + 0.040)
            + layout.forward * (_blade_offset(design) + 0.014)
            + [0, 0.010, 0]
        )
    return _front_bolt(design, layout) + layout.forward * 0.016 + [0, design.tyre_radius + 0.014, 0]


def rear_cable_stop(design: BikeDesign, layout: Layout) -> np.ndarray:
    """(3,) where the rear brake's cable leaves the open and follows the frame."""
    along = layout.seat_joint - layout.head_joint
    side = np.array([0, design.tube_radius * 0.55, design.tube_radius * 0.85])
    return layout.head_joint + 0.035 * along / np.linalg.norm(along) + side * (1.25 if _is_hidden(design) else 1.0)


def _is_hidden(design: BikeDesign) -> bool:
    """Whether the rear brake's cable runs inside the frame: the tubes of these are bent."""
    return design.frame != "diamond"


def _along_seatstay(layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors from the rear axle up the seatstays, and backwards across them."""
    toward_seat = layout.seat_joint - layout.rear_axle
    toward_seat = toward_seat / np.linalg.norm(toward_seat)
    return toward_seat, np.array([-toward_seat[2], 0, toward_seat[0]])


def _front_bolt(design: BikeDesign, layout: Layout) -> np.ndarray:
    above_tyre = layout.front_axle - layout.steerer * (design.wheel_radius + 0.016)
    return above_tyre + layout.forward * (_blade_offset(design) + 0.016)


def _blade_offset(design: BikeDesign) -> float:
    """Metres that blades or legs at the rim stand ahead of the axle; they are behind, for the axle is raked forward."""
    return -design.fork_rake if design.fork == "rigid" else -0.25 * design.fork_rake


def _front_caliper(layout: Layout) -> np.ndarray:
    return layout.front_axle - layout.steerer * 0.066 - layout.forward * 0.038


def _hose_clip(design: BikeDesign, layout: Layout) -> np.ndarray:
    side = np.array([0, fork_half_width(design) + 0.006, 0])
    return layout.front_axle - layout.steerer * 0.30 - layout.forward * 0.022 + side


def _hose(design: BikeDesign, layout: Layout) -> Mesh:
    """Down behind the left leg, from its clip to the caliper."""
    start, end = _hose_clip(design, layout), _front_caliper(layout) + [0, DISC_SIDE + 0.004, 0]
    middle = (start + end) / 2 - layout.forward * 0.006
    path = smooth_path(np.array([start, middle, end - layout.steerer * 0.030, end]), 16)
    return sweep(path, 0.0024, sides=6).tagged("frame", "black_plastic", "front_brake")


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
    if design.brakes != "back_pedal":
        meshes += _rear_brake_cable(design, layout)
    return meshes


def _rear_brake_cable(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Along the top tube where that is straight, and from its end to the brake."""
    along = layout.seat_joint - layout.head_joint
    lift = np.array([0, design.tube_radius * 0.55, design.tube_radius * 0.85])
    leaves = layout.seat_joint - 0.06 * along + lift
    toward_seat, behind = _along_seatstay(layout)
    if design.brakes == "disc":
        stay = layout.rear_axle + toward_seat * 0.20 + [0, design.tyre_radius + 0.030, 0] - behind * 0.010
        end = layout.rear_axle + toward_seat * 0.070 + [0.022, DISC_SIDE + 0.004, -0.006]
    else:
        over = layout.rear_axle + toward_seat * (design.wheel_radius + 0.032)
        stay, end = over - behind * 0.020, over + behind * 0.012 + [0, design.tyre_radius, 0]
    tail = sweep(
        smooth_path(np.array([leaves, (leaves + 2 * stay) / 3 + [0, 0.004, 0], stay, end]), 20), 0.0022, sides=6
    )
    if _is_hidden(design):
        return []
    wire = straight(rear_cable_stop(design, layout), leaves, 0.0020, rings=5, sides=6)
    return [join([wire, tail]).tagged("frame", "black_plastic", "rear_brake_cable")]


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
        meshes.append(_pad(pad, ahead).tagged("frame", "rubber", name))
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
        pivot = straight(boss + ahead * 0.008, boss - ahead * 0.030, 0.0070, rings=6)  # on the fork or the stay
        arm = straight(boss, top, 0.0075, 0.0055, rings=5, sides=10)
        post = straight(pad, boss + (top - boss) * (pad_at - boss_at) / (top_at - boss_at), 0.0040, rings=3)
        meshes.append(join([arm, pivot, post]).tagged("frame", material, name))
        meshes.append(_pad(pad, ahead).tagged("frame", "rubber", name))
    cable = join([straight(tops[0], tops[1] + [0, 0.012, 0], 0.0016, rings=3, sides=6)])
    return [*meshes, cable.tagged("frame", "steel", name)]


def _pad(place: np.ndarray, tangent: np.ndarray) -> Mesh:
    rotation = np.stack([tangent, [0, 1.0, 0], np.cross(tangent, [0, 1.0, 0])], axis=1)
    return box(place, (0.046, 0.009, 0.011), rotation)


def _disc_caliper(place: np.ndarray, down: np.ndarray, name: str) -> list[Mesh]:
    ahead = np.array([-down[2], 0, down[0]])
    rotation = np.stack([ahead, [0, 1.0, 0], -down], axis=1)
    body = box(place + [0, DISC_SIDE - 0.002, 0], (0.034, 0.030, 0.052), rotation)
    return [body.tagged("frame", "black_metal", name)]
