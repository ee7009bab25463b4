"""What drives the bike: cranks, pedals, chainring, sprockets, derailleur. The chain itself is in `chain.py`."""

import numpy as np

from training.synthetic_bikes.chain import PITCH, build_chain, build_chain_guard, chain_path
from training.synthetic_bikes.layout import SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, join, straight, sweep, turn
from training.synthetic_bikes.solids import copies, outward_frames

__all__ = ["build_drivetrain"]

PULLEY = 0.019  # metres, radius
SMALLEST_SPROCKET = 0.023


def build_drivetrain(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """All of it, with the right crank at the design's angle."""
    bottom, rear = layout.bottom_bracket, layout.rear_axle
    circles = [(bottom, design.ring_radius, 1), (rear, driven_sprocket(design), 1)]
    meshes = _chainring(design, bottom) + _cranks(design, bottom) + _cassette(design, rear)
    if design.gears == "derailleur":
        # The cage hangs below the largest sprocket, as far as the wheel leaves room.
        small = min(1.0, design.wheel_radius / 0.30)
        pulley = rear + np.array([0.020, design.chain_line, -(design.largest_sprocket + 0.012 + PULLEY) * small])
        pulley[2] = min(pulley[2], rear[2] - 0.058 * small)
        tension = pulley + [0.020, 0, -0.066 * small]
        meshes += _derailleur(design, rear, pulley, tension)
        circles += [(pulley, PULLEY, -1), (tension, PULLEY, 1)]
        if _has_two_rings(design):
            meshes.append(_front_derailleur(design, layout))
    meshes.append(build_chain(chain_path(circles, design.chain_line)))
    if design.has_chain_guard:
        meshes += build_chain_guard(design, layout)
    return meshes


def driven_sprocket(design: BikeDesign) -> float:
    """Radius of the sprocket that the chain lies on: one in the middle of the cassette."""
    if design.gears == "single":
        return design.largest_sprocket
    return _sprocket_radii(design)[design.sprockets // 2]


def _sprocket_radii(design: BikeDesign) -> np.ndarray:
    """(K,), the outermost first."""
    if design.gears == "single":
        return np.array([design.largest_sprocket])
    share = np.linspace(0, 1, design.sprockets) ** 1.2
    return SMALLEST_SPROCKET + (design.largest_sprocket - SMALLEST_SPROCKET) * share


def _toothed_ring(radius: float, inner: float, y: float) -> Mesh:
    """A flat ring with as many teeth as a chain would need."""
    outline = [[radius - 0.002, y - 0.0015], [radius - 0.002, y + 0.0015], [inner, y + 0.0015], [inner, y - 0.0015]]
    count = max(int(2 * np.pi * radius / PITCH), 9)
    turns = outward_frames(np.linspace(0, 2 * np.pi, count, endpoint=False))
    tooth = box([radius, y, 0], (0.007, 0.002, 0.0048))
    return join([turn(np.array(outline), 48), copies(tooth, turns, np.zeros((count, 3)))])


def _chainring(design: BikeDesign, bottom: np.ndarray) -> list[Mesh]:
    material = "steel" if design.metal in ("aluminium", "chrome") else "black_metal"
    radius, center = design.ring_radius, bottom + [0, design.chain_line, 0]
    meshes = [_toothed_ring(radius, radius - 0.015, 0.0).moved(center)]
    if _has_two_rings(design):
        meshes.append(_toothed_ring(radius * 0.74, radius * 0.60, 0.0075).moved(center))
    for angle in np.radians(design.crank_angle) + np.linspace(0, 2 * np.pi, 5, endpoint=False):
        outward = np.array([np.cos(angle), 0, np.sin(angle)])
        start, end = center + outward * 0.012, center + outward * (radius - 0.008)
        meshes.append(straight(start, end, 0.0090, 0.0060, rings=4, flatten=0.5))
    return [join(meshes).tagged("drivetrain", material, "chainring")]


def _has_two_rings(design: BikeDesign) -> bool:
    return design.bike_type in ("road", "trekking")


def _front_derailleur(design: BikeDesign, layout: Layout) -> Mesh:
    """A cage over the top of the large ring, on an arm from the seat tube."""
    angle = np.radians(np.linspace(78, 112, 10)) + np.radians(90 - design.seat_angle)
    radius, middle = design.ring_radius + 0.010, layout.bottom_bracket + [0, design.chain_line, 0]
    arc = np.stack([np.cos(angle), np.zeros(10), np.sin(angle)], axis=1)
    plates = [
        sweep(middle + radius * arc + [0, y, 0], 0.0085, sides=8, flatten=0.2, up=(0, 1, 0)) for y in (-0.007, 0.009)
    ]
    clamp = layout.bottom_bracket + layout.seat_direction * (radius + 0.020)
    arm = straight(
        middle + radius * arc[5] + [0, 0.009, 0.004], clamp + [0, -0.3 * design.tube_radius, 0], 0.009, rings=3
    )
    bridge = box(middle + radius * arc[5] + [0, 0, 0.009], (0.014, 0.018, 0.004))
    return join([*plates, arm, bridge]).tagged("drivetrain", "black_metal", "front_derailleur")


def _cranks(design: BikeDesign, bottom: np.ndarray) -> list[Mesh]:
    inset = max(0.070 if design.has_chain_guard else 0.060, 0.015 - design.chain_line)
    meshes = []
    for side, turned in ((-1.0, 0.0), (1.0, np.pi)):
        angle = np.radians(design.crank_angle) + turned
        outward = np.array([np.cos(angle), 0, np.sin(angle)])
        start = bottom + [0, side * inset, 0]
        end = bottom + outward * design.crank_length + [0, side * (inset + 0.010), 0]
        arm = straight(start - outward * 0.014, end + outward * 0.012, 0.0150, 0.0115, flatten=0.55)
        boss = straight(start - [0, side * 0.02, 0], start + [0, side * 0.010, 0], 0.0165, rings=3)
        name = f"{SIDES[side]}_crank"
        meshes.append(join([arm, boss]).tagged("drivetrain", design.metal, name))
        meshes += _pedal(design, end, side)
    axle = straight(bottom - [0, inset, 0], bottom + [0, inset, 0], 0.012, rings=3)
    return [*meshes, axle.tagged("drivetrain", "steel", "crank_axle")]


def _pedal(design: BikeDesign, end: np.ndarray, side: float) -> list[Mesh]:
    name, small = f"{SIDES[side]}_pedal", 0.8 if design.bike_type == "kids" else 1.0
    middle = end + [0, side * 0.058 * small, 0]
    axle = straight(end - [0, side * 0.008, 0], end + [0, side * 0.075 * small, 0], 0.0055, rings=3)
    meshes = [axle.tagged("drivetrain", "steel", name)]
    if design.pedals == "clipless":
        body = box(middle, (0.062, 0.052, 0.016))
        jaw = box(middle + [-0.036, 0, 0.004], (0.020, 0.040, 0.014))
        return [*meshes, join([body, jaw]).tagged("drivetrain", "black_metal", name)]
    length, width, height = {"platform": (0.100, 0.098, 0.018)}.get(design.pedals, (0.092, 0.086, 0.024))
    length, width = length * small, width * small
    barrel = straight(middle - [0, width / 2, 0], middle + [0, width / 2, 0], 0.0125, rings=3)
    rails = [box(middle + [sign * length / 2, 0, 0], (0.010, width, height)) for sign in (-1, 1)]
    sides = [box(middle + [0, sign * 0.46 * width, 0], (length, 0.008, 0.85 * height)) for sign in (-1, 1)]
    meshes.append(join([barrel, *rails, *sides]).tagged("drivetrain", "black_plastic", name))
    if design.pedals == "flat":
        lenses = [box(middle + [s * (length / 2 + 0.006), 0, 0], (0.004, 0.5 * width, 0.014)) for s in (-1, 1)]
        meshes.append(join(lenses).tagged("drivetrain", "amber", name))
    return meshes


def _cassette(design: BikeDesign, rear: np.ndarray) -> list[Mesh]:
    radii = _sprocket_radii(design)
    middle = len(radii) // 2
    rings = [
        _toothed_ring(radius, max(radius - 0.018, 0.010), design.chain_line + 0.0036 * (index - middle)).moved(rear)
        for index, radius in enumerate(radii)
    ]
    half = 0.0036 * (len(radii) / 2 + 1)
    carrier = straight(*(rear + [0, design.chain_line + y, 0] for y in (-half, half + 0.012)), 0.0135, rings=3)
    material = "chain" if len(radii) > 1 else "steel"
    return [join([*rings, carrier]).tagged("drivetrain", material, "cassette")]


def _derailleur(design: BikeDesign, rear: np.ndarray, pulley: np.ndarray, tension: np.ndarray) -> list[Mesh]:
    """The body under the axle, and the cage with its two pulleys."""
    hanger = rear + [0.010, -0.068, -0.012]
    knuckle = hanger + [0.006, -0.010, -0.022]
    body = [
        straight(hanger, knuckle, 0.012, rings=4),
        straight(knuckle, pulley + [0, -0.016, 0.004], 0.0105, rings=4),
        straight(pulley + [0, -0.018, 0], pulley + [0, -0.006, 0], 0.013, rings=3),
    ]
    cage = [
        straight(pulley + [0, y, 0.010], tension + [0, y, -0.010], 0.010, rings=4, flatten=0.18)
        for y in (-0.008, 0.008)
    ]
    wheels = [_toothed_ring(PULLEY, 0.006, 0.0).moved(place) for place in (pulley, tension)]
    bolts = [straight(place - [0, 0.010, 0], place + [0, 0.010, 0], 0.007, rings=3) for place in (pulley, tension)]
    name = "rear_derailleur"
    return [
        join(body + cage).tagged("drivetrain", "black_metal", name),
        join(wheels).tagged("drivetrain", "black_plastic", name),
        join(bolts).tagged("drivetrain", "steel", name),
    ]
