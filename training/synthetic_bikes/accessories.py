"""What is screwed to the bike for good: mudguards, stand, lamps, bottle, lock, stabilisers, pegs."""

import numpy as np

from training.synthetic_bikes.carriers import Basket, build_basket, build_child_seat, build_rack, rack_deck
from training.synthetic_bikes.layout import FRONT_HALF_WIDTH, REAR_HALF_WIDTH, SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, join, smooth_path, straight, sweep, turn
from training.synthetic_bikes.solids import pillow

__all__ = ["build_frame_accessories", "build_front_accessories"]


def build_frame_accessories(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """What stays with the frame when the handlebar turns."""
    meshes = []
    if design.has_mudguards:
        meshes += _mudguard(design, layout.rear_axle, -0.45, 2.75, REAR_HALF_WIDTH, "rear_mudguard")
    if design.has_rack:
        meshes += build_rack(design, layout)
    if design.has_child_seat:
        meshes += build_child_seat(design, layout)
    if design.has_stand:
        meshes += _stand(design, layout)
    if design.has_lamps:
        meshes += _rear_lamp(design, layout)
    if design.has_bottle_cage:
        meshes += _bottle_cage(design, layout)
    if design.has_frame_lock:
        meshes += _frame_lock(design, layout)
    if design.has_stabilisers:
        meshes += _stabilisers(layout)
    if design.has_pegs:
        meshes += _pegs(layout)
    return meshes


def build_front_accessories(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """What turns with the fork."""
    meshes = []
    if design.has_mudguards:
        end = 2.85 if design.fork == "rigid" else 2.6
        meshes += _mudguard(design, layout.front_axle, 0.55, end, FRONT_HALF_WIDTH, "front_mudguard")
    if design.has_lamps:
        meshes += _front_lamp(design, layout)
    if design.has_basket:
        meshes += build_basket(design, layout)
    return meshes


def _mudguard(
    design: BikeDesign, axle: np.ndarray, start: float, end: float, half_width: float, name: str
) -> list[Mesh]:
    """A curved strip over the wheel from angle start to end (0 is ahead, upwards), and its stays."""
    angle = np.linspace(start, end, 44)
    radius = design.wheel_radius + 0.014
    path = axle + radius * np.stack([np.cos(angle), np.zeros_like(angle), np.sin(angle)], axis=1)
    strip = sweep(path, 0.0045, sides=12, flatten=(design.tyre_radius + 0.006) / 0.0045)
    stays = []
    for side in SIDES:
        foot = axle + [0, side * (half_width + 0.005), 0.01]
        for at in (end - 0.1, end - 0.75):
            tip = axle + radius * np.array([np.cos(at), 0, np.sin(at)]) + [0, side * (design.tyre_radius + 0.004), 0]
            stays.append(straight(foot, tip, 0.0022, rings=5, sides=6))
    return [strip.tagged("frame", design.mudguard, name), join(stays).tagged("frame", "spoke_steel", name)]


def _stand(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Down: the bike stays up whatever is missing. Two-legged in the middle, or one leg on the left."""
    bottom, ground = layout.bottom_bracket, 0.008
    legs = []
    if design.bike_type in ("city", "step_through"):
        for side in SIDES:
            top = bottom + [-0.055, side * 0.018, -0.015]
            path = smooth_path(
                np.array([top, top + [-0.02, side * 0.03, -0.08], [top[0] - 0.055, side * 0.125, ground]]), 16
            )
            legs.append(sweep(path, 0.0085, sides=10))
    else:
        share = 0.30 if design.bike_type in ("mountain", "kids", "folding") else 0.80
        top = bottom + share * (layout.rear_axle - bottom) + [0, 0.046 + 0.012 * share, 0.0]
        foot = np.array([top[0] - 0.02, 0.185, ground])
        legs.append(straight(top - [0, 0.012, 0], top + [0, 0.014, -0.02], 0.012, rings=3))
        legs.append(straight(top + [0, 0.008, -0.01], foot, 0.0085, rings=7))
    return [join(legs).tagged("frame", "aluminium" if design.metal != "black_metal" else "black_metal", "kickstand")]


def _rear_lamp(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """At the end of the rack, or on the mudguard, or below the saddle's clamp."""
    if design.has_rack:
        height, _, rear = rack_deck(design, layout)
        return [
            box([rear - 0.012, 0, height - 0.012], (0.022, 0.085, 0.036)).tagged("frame", "red_plastic", "rear_lamp")
        ]
    if design.has_mudguards:
        away = np.array([np.cos(2.45), 0, np.sin(2.45)])
        place = layout.rear_axle + away * (design.wheel_radius + 0.032)
        lamp = pillow(place, (0.034, 0.040, 0.046), squareness=0.7)
        return [lamp.tagged("frame", "red_plastic", "rear_lamp")]
    place = layout.seat_top + [-0.030, 0, -0.035]
    lamp, clip = pillow(place, (0.026, 0.034, 0.052), squareness=0.6), box(place + [0.014, 0, 0], (0.02, 0.016, 0.02))
    return [lamp.tagged("frame", "red_plastic", "rear_lamp"), clip.tagged("frame", "black_plastic", "rear_lamp")]


def _front_lamp(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """On a bracket ahead of the headset, or at the foot of the basket."""
    if design.has_basket:
        basket = Basket(design, layout)
        place = basket.middle + [0.78 * basket.half_length + 0.022, 0, -basket.height + 0.012]
        root = place - [0.05, 0, 0]
    else:
        root = layout.head_top
        place = root + layout.forward * 0.078 + layout.steerer * 0.012
    bracket = straight(root, place - [0.01, 0, 0], 0.005, rings=3)
    shell = pillow(place, (0.060, 0.056, 0.052), squareness=0.9)
    glass = pillow(place + [0.024, 0, 0], (0.020, 0.048, 0.044), squareness=0.9)
    material = "chrome" if design.bike_type in ("city", "step_through") else "black_plastic"
    return [
        join([shell, bracket]).tagged("handlebar", material, "front_lamp"),
        glass.tagged("handlebar", "lens", "front_lamp"),
    ]


def _bottle_cage(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Two wires on the down tube, in the triangle, and often a bottle."""
    along = layout.lower_head_joint - layout.bottom_bracket
    along /= np.linalg.norm(along)
    up = np.array([-along[2], 0, along[0]])
    low = 0.36 if design.frame == "full_suspension" else 0.17
    base = layout.bottom_bracket + along * low + up * (design.tube_radius * 1.18 + 0.002)
    wires = [straight(base, base + along * 0.14, 0.0045, rings=3)]
    for side in SIDES:
        width = np.array([0, side * 0.038, 0])
        corners = [base, base + up * 0.038 + width, base + up * 0.050 + width + along * 0.13]
        path = smooth_path(np.array([*corners, base + up * 0.008 + along * 0.14]), 24)
        wires.append(sweep(path, 0.0028, sides=8))
    meshes = [join(wires).tagged("frame", "black_plastic", "bottle_cage")]
    if design.has_bottle:
        foot = base + up * 0.040 - along * 0.002
        body = straight(foot, foot + along * 0.165, 0.0365, rings=5, sides=20)
        neck = straight(foot + along * 0.165, foot + along * 0.185, 0.032, 0.020, rings=3, sides=20)
        cap = straight(foot + along * 0.183, foot + along * 0.205, 0.013, rings=3)
        meshes.append(join([body, neck]).tagged("frame", design.bottle, "bottle"))
        meshes.append(cap.tagged("frame", "black_plastic", "bottle"))
    return meshes


def _frame_lock(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A ring lock around the rear wheel, on the seatstays."""
    toward_seat = layout.seat_joint - layout.rear_axle
    toward_seat /= np.linalg.norm(toward_seat)
    place = layout.rear_axle + toward_seat * (design.wheel_radius - 0.012)
    behind = np.array([-toward_seat[2], 0, toward_seat[0]])
    wide, tall = design.tyre_radius + 0.026, design.tyre_radius * 1.4 + 0.040
    angle = np.radians(np.linspace(-50, 230, 36))
    path = place + behind * 0.016 + np.stack([0 * angle, wide * np.cos(angle), 0 * angle], axis=1)
    path = path + (tall * np.sin(angle))[:, None] * toward_seat
    body = sweep(path, 0.0085, sides=10, up=tuple(behind), flatten=1.6)
    return [body.tagged("frame", "black_plastic", "frame_lock")]


def _stabilisers(layout: Layout) -> list[Mesh]:
    """Two small wheels beside the rear one, on bent arms from its axle."""
    radius, meshes = 0.056, []
    outline = np.array([[radius, -0.011], [radius, 0.011], [0.01, 0.013], [0.01, -0.013]])
    for side in SIDES:
        axle = layout.rear_axle + [0, side * (REAR_HALF_WIDTH + 0.010), 0]
        hub = np.array([axle[0] - 0.012, side * 0.190, radius + 0.004])
        knee = axle + [-0.006, side * 0.020, -0.06]
        arm = sweep(smooth_path(np.array([axle + [0, 0, 0.02], knee, hub + [0, -side * 0.03, 0.02], hub]), 20), 0.007)
        name = f"{SIDES[side]}_stabiliser"
        meshes.append(arm.tagged("frame", "black_metal", name))
        meshes.append(turn(outline, 32).moved(hub + [0, side * 0.008, 0]).tagged("frame", "white_plastic", name))
    return meshes


def _pegs(layout: Layout) -> list[Mesh]:
    """Tubes on the rear axle to stand on."""
    ends = [(layout.rear_axle + [0, side * (REAR_HALF_WIDTH + 0.006), 0], side) for side in SIDES]
    return [straight(at, at + [0, side * 0.10, 0], 0.0185, rings=4, sides=18).tagged("frame", "steel", "peg")
            for at, side in ends]  # fmt: skip
