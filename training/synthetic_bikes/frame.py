"""The frame and what is fixed to it: tubes, fork, brakes, mudguards, rack, stand."""

import numpy as np

from training.synthetic_bikes.design import BikeDesign, Layout
from training.synthetic_bikes.shapes import Mesh, box, smooth_path, straight, sweep, turn

__all__ = ["build_fork", "build_frame"]

REAR_HALF_WIDTH = 0.062  # metres; half the distance between the rear dropouts
SIDES = {-1.0: "right", 1.0: "left"}
FRONT_HALF_WIDTH = 0.050  # metres; the same in front


def build_frame(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """The main triangle, stays, dropouts and fittings."""
    bottom, radius = layout.bottom_bracket, design.tube_radius
    down = layout.steerer
    seat_joint = layout.seat_top - layout.seat_direction * 0.025
    head_joint = layout.head_top + down * 0.032
    slope = np.array([0, 0, design.top_tube_slope])
    if design.bike_type == "mountain":
        seat_joint = layout.seat_top - layout.seat_direction * 0.03
    else:
        seat_joint[2] = min(seat_joint[2], head_joint[2] - slope[2])
    lower_head = layout.head_bottom - down * 0.035
    tubes = {
        "seat_tube": straight(bottom, layout.seat_top, radius),
        "top_tube": straight(seat_joint, head_joint, radius * 0.92),
        "down_tube": straight(lower_head, bottom, radius * 1.18),
        "head_tube": straight(layout.head_top, layout.head_bottom, radius * 1.25),
    }
    shell = turn(_drum(0.021, 0.036), 32).moved(bottom)
    meshes = [mesh.tagged("frame", "paint", name) for name, mesh in tubes.items()]
    meshes += [shell.tagged("frame", "paint", "bottom_shell")]
    for end, name in ((layout.head_top, "headset"), (layout.head_bottom, "headset")):
        ring = straight(end - down * 0.006, end + down * 0.006, radius * 1.38)
        meshes.append(ring.tagged("frame", "black_metal", name))
    clamp = straight(layout.seat_top - layout.seat_direction * 0.012, layout.seat_top, radius * 1.25)
    meshes.append(clamp.tagged("frame", "black_metal", "seat_clamp"))
    for side in (-1.0, 1.0):
        dropout = layout.rear_axle + [0.0, side * REAR_HALF_WIDTH, 0.0]
        wide = [0, side * (design.tyre_radius + 0.020), 0]
        chainstay = [
            bottom + [-0.01, side * 0.028, 0],
            bottom + np.array([-0.10, 0, 0.006]) + wide,
            dropout + [0.015, 0, 0],
        ]
        seatstay_end = seat_joint + [0, side * radius * 0.8, 0]
        seatstay = [seatstay_end, seat_joint + 0.3 * (layout.rear_axle - seat_joint) + wide, dropout + [0, 0, 0.012]]
        taper = np.linspace(0.0105, 0.0075, 24)
        meshes.append(sweep(smooth_path(chainstay, 24), taper).tagged("frame", "paint", f"{SIDES[side]}_chainstay"))
        meshes.append(sweep(smooth_path(seatstay, 24), 0.0080).tagged("frame", "paint", f"{SIDES[side]}_seatstay"))
        plate = box(dropout + [0.004, 0, 0.004], (0.040, 0.006, 0.032))
        meshes.append(plate.tagged("frame", "paint", f"{SIDES[side]}_dropout"))
        axle_nut = straight(dropout - [0, side * 0.006, 0], dropout + [0, side * 0.012, 0], 0.0075)
        meshes.append(axle_nut.tagged("frame", "steel", "rear_axle_nut"))
    if design.brakes == "rim":
        direction = (seat_joint - layout.rear_axle) / np.linalg.norm(seat_joint - layout.rear_axle)
        bridge = layout.rear_axle + direction * (design.wheel_radius + 0.012)
        meshes += _rim_brake(design, bridge, -direction, "rear_brake", behind=-1.0)
    else:
        caliper = layout.rear_axle + [0.035, 0.052, 0.075]
        meshes.append(box(caliper, (0.045, 0.022, 0.028)).tagged("frame", "black_metal", "rear_brake"))
    meshes += _cables(design, layout)
    if design.has_mudguards:
        meshes += _mudguard(design, layout.rear_axle, -0.45, 2.75, "rear_mudguard")
    if design.has_rack:
        meshes += _rack(design, layout)
    if design.has_stand:
        meshes += _stand(layout)
    if design.bike_type != "city":
        meshes += _bottle_cage(layout)
    return meshes


def build_fork(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Crown and blades down to the front axle; a suspension fork on mountain bikes."""
    crown, axle, down = layout.head_bottom, layout.front_axle, layout.steerer
    meshes = []
    width = max(FRONT_HALF_WIDTH, design.tyre_radius + 0.020)
    along = (axle - crown) @ down
    for side in (-1.0, 1.0):
        offset = np.array([0, side * width, 0])
        tip = axle + [0, side * FRONT_HALF_WIDTH, 0]
        if design.bike_type == "mountain":
            shift = (axle - crown - down * along) * 0.75
            top, middle = crown + offset + shift * 0.8, crown + down * along * 0.46 + offset + shift
            bottom = crown + down * (along + 0.012) + offset + shift
            meshes.append(
                straight(top - down * 0.02, middle + down * 0.08, 0.0165).tagged(
                    "frame", "stanchion", f"{SIDES[side]}_stanchion"
                )
            )
            meshes.append(
                straight(middle, bottom, 0.0225, 0.0190).tagged("frame", "black_metal", f"{SIDES[side]}_fork")
            )
            meshes.append(box(tip, (0.034, 0.016, 0.036)).tagged("frame", "black_metal", "fork_end"))
        else:
            start = crown + np.array([0, side * width * 0.72, 0]) + down * 0.008
            straight_end = crown + down * along * 0.62 + offset
            blade = smooth_path([start, crown + down * along * 0.3 + offset, straight_end, tip], 36)
            meshes.append(sweep(blade, np.linspace(0.0125, 0.0075, 36)).tagged("frame", "paint", f"{SIDES[side]}_fork"))
            meshes.append(box(tip, (0.022, 0.006, 0.026)).tagged("frame", "paint", "fork_end"))
        nut = straight(tip - [0, side * 0.006, 0], tip + [0, side * 0.012, 0], 0.0075)
        meshes.append(nut.tagged("frame", "steel", "front_axle_nut"))
    is_suspended = design.bike_type == "mountain"
    bridge = straight(crown + [0, -width, 0], crown + [0, width, 0], 0.021 if is_suspended else 0.0145)
    meshes.append(bridge.tagged("frame", "black_metal" if is_suspended else "paint", "fork_crown"))
    if is_suspended:
        forward = np.array([-down[2], 0, down[0]])
        top = axle - down * (design.wheel_radius + 0.016) + forward * 0.01
        points = [axle - down * 0.24 + [0, -width, 0], top + [0, -width * 0.7, 0], top + [0, width * 0.7, 0]]
        path = smooth_path([*points, axle - down * 0.24 + [0, width, 0]], 30)
        meshes.append(sweep(path, 0.010, up=tuple(forward)).tagged("frame", "black_metal", "fork_arch"))
        meshes.append(
            box(axle + [-0.035, 0.052, 0.075], (0.03, 0.022, 0.05)).tagged("frame", "black_metal", "front_brake")
        )
    else:
        forward = np.array([0.055, 0, 0.0])
        place = axle - down * (design.wheel_radius + 0.014) + forward * 0.2
        meshes += _rim_brake(design, place, down, "front_brake", behind=1.0)
    if design.has_mudguards:
        meshes += _mudguard(design, axle, 0.35, 2.95, "front_mudguard")
    return meshes


def _drum(radius: float, half_width: float) -> np.ndarray:
    return np.array([[0.0005, -half_width], [radius, -half_width], [radius, half_width], [0.0005, half_width]])


def _rim_brake(design: BikeDesign, place: np.ndarray, down: np.ndarray, name: str, behind: float) -> list[Mesh]:
    """A dual-pivot caliper: two curved arms from a bolt above the tyre to pads at the rim."""
    meshes = []
    reach = 1.75 * design.tyre_radius + 0.016
    ahead = np.array([0.016 * behind, 0, 0])
    for side in (-1.0, 1.0):
        bolt = place + ahead - down * 0.006
        out = place + ahead + [0, side * (design.tyre_radius + 0.016), 0] + down * 0.012
        pad = place + ahead * 0.6 + [0, side * (design.tyre_radius + 0.004), 0] + down * (reach + 0.006)
        arm = sweep(smooth_path([bolt, out, pad], 16), 0.0062, up=(1.0, 0.0, 0.3))
        meshes.append(arm.tagged("frame", "aluminium", name))
        meshes.append(box(pad, (0.042, 0.010, 0.010)).tagged("frame", "rubber", name))
    return meshes


def _cables(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A gear cable along the down tube."""
    bottom, radius = layout.bottom_bracket, design.tube_radius
    start = layout.head_bottom - layout.steerer * 0.05 + [-0.02, -radius * 1.1, -0.02]
    end = bottom + [0.02, -radius * 1.1, 0.01]
    return [straight(start, end, 0.0018, sides=6).tagged("frame", "black_plastic", "gear_cable")]


def _mudguard(design: BikeDesign, axle: np.ndarray, start: float, end: float, name: str) -> list[Mesh]:
    """A curved strip over the wheel from angle start to end (0 is ahead, upwards), and its stays."""
    angle = np.linspace(start, end, 60)
    radius = design.wheel_radius + 0.013
    path = axle + radius * np.stack([np.cos(angle), np.zeros_like(angle), np.sin(angle)], axis=1)
    strip = sweep(path, 0.0045, sides=12, flatten=(design.tyre_radius + 0.006) / 0.0045)
    meshes = [strip.tagged("frame", "mudguard", name)]
    for side in (-1.0, 1.0):
        foot = axle + [0, side * 0.055, 0.01]
        for at in (end - 0.1, end - 0.75):
            tip = axle + radius * np.array([np.cos(at), 0, np.sin(at)]) + [0, side * (design.tyre_radius + 0.004), 0]
            meshes.append(straight(foot, tip, 0.0022, sides=6).tagged("frame", "steel", name))
    return meshes


def _rack(design: BikeDesign, layout: Layout) -> list[Mesh]:
    height = layout.rear_axle[2] + design.wheel_radius + 0.055
    front, rear, half = layout.rear_axle[0] + 0.13, layout.rear_axle[0] - 0.24, 0.055
    meshes = []
    for y in (-half, -half / 3, half / 3, half):
        meshes.append(straight([front, y, height], [rear, y, height], 0.0050).tagged("frame", "black_metal", "rack"))
    for x in (front, rear):
        meshes.append(straight([x, -half, height], [x, half, height], 0.0050).tagged("frame", "black_metal", "rack"))
    for side in (-1.0, 1.0):
        foot = layout.rear_axle + [-0.012, side * 0.070, 0.022]
        for x in (layout.rear_axle[0] - 0.02, layout.rear_axle[0] - 0.15):
            leg = straight(foot, [x, side * half, height], 0.0045, sides=8)
            meshes.append(leg.tagged("frame", "black_metal", "rack"))
        link = straight([front, side * half, height], layout.seat_top + [-0.03, side * 0.012, -0.07], 0.0035, sides=8)
        meshes.append(link.tagged("frame", "black_metal", "rack"))
    lamp = box([rear - 0.012, 0, height - 0.022], (0.022, 0.085, 0.036))
    return [*meshes, lamp.tagged("frame", "red_plastic", "rear_lamp")]


def _stand(layout: Layout) -> list[Mesh]:
    """A two-legged centre stand, down: the bike stays up whatever is missing."""
    bottom = layout.bottom_bracket
    meshes = []
    for side in (-1.0, 1.0):
        top = bottom + [-0.055, side * 0.018, -0.015]
        path = smooth_path([top, top + [-0.02, side * 0.03, -0.08], [top[0] - 0.055, side * 0.125, 0.008]], 16)
        meshes.append(sweep(path, 0.0085).tagged("frame", "aluminium", "kickstand"))
    return meshes


def _bottle_cage(layout: Layout) -> list[Mesh]:
    """Two thin wires along the down tube, in the triangle."""
    along = layout.head_bottom - layout.bottom_bracket
    along /= np.linalg.norm(along)
    up = np.array([-along[2], 0, along[0]])
    base = layout.bottom_bracket + along * 0.17 + up * 0.022
    meshes = []
    for side in (-1.0, 1.0):
        width = np.array([0, side * 0.036, 0])
        corners = [
            base,
            base + up * 0.03 + width,
            base + up * 0.045 + width + along * 0.13,
            base + up * 0.01 + along * 0.14,
        ]
        meshes.append(sweep(smooth_path(corners, 24), 0.0028, sides=8).tagged("frame", "black_plastic", "bottle_cage"))
    return meshes
