"""A wheel: tyre (smooth or knobbly), rim, crossed spokes, hub, valve, brake disc."""

import numpy as np

from training.synthetic_bikes.design import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, straight, turn

__all__ = ["build_wheel"]

SPOKE_RADIUS = 0.0011  # 2 mm steel wire, and a little for the eye
CROSSINGS = 3  # how many other spokes each one crosses


def build_wheel(design: BikeDesign, axle: np.ndarray, part: str, rng: np.random.Generator) -> list[Mesh]:
    """The meshes of one wheel about its axle, turned to a random angle."""
    tyre, rim_radius = design.tyre_radius, design.wheel_radius - 1.75 * design.tyre_radius
    hub_radius, hub_half_width = (0.020, 0.036) if part == "front_wheel" else (0.024, 0.034)
    has_disc = design.brakes == "disc"
    meshes = [
        _tyre(design).tagged(part, "tyre", "tyre"),
        _rim(rim_radius, tyre, design.rim_depth).tagged(part, design.rim, "rim"),
        _hub(hub_radius, hub_half_width).tagged(part, "aluminium", "hub"),
    ]
    if design.bike_type == "mountain":
        meshes += _knobs(design, part)
    meshes += _spokes(design.spokes, rim_radius - design.rim_depth + 0.004, hub_radius, hub_half_width, part)
    meshes += _reflectors(design, rim_radius, part)
    if has_disc:
        meshes += _disc(part)
    angle = rng.uniform(0, 2 * np.pi)
    cosine, sine = np.cos(angle), np.sin(angle)
    turned = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    return [mesh.moved(axle, turned) for mesh in meshes]


def _tyre(design: BikeDesign) -> Mesh:
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    center = design.wheel_radius - design.tyre_radius
    return turn(np.stack([center + design.tyre_radius * np.cos(angle), design.tyre_radius * np.sin(angle)], 1), 128)


def _knobs(design: BikeDesign, part: str) -> list[Mesh]:
    """Rows of rubber blocks over the tread, staggered."""
    meshes = []
    center, tyre = design.wheel_radius - design.tyre_radius, design.tyre_radius
    for row, tilt in enumerate(np.radians([-52, -24, 0, 24, 52])):
        for step in range(72):
            angle = 2 * np.pi * (step + 0.5 * (row % 2)) / 72
            radius = center + (tyre + 0.0005) * np.cos(tilt)
            outward = np.array([np.cos(angle), 0, np.sin(angle)])
            around = np.array([-np.sin(angle), 0, np.cos(angle)])
            lean = np.cos(tilt) * outward + np.sin(tilt) * np.array([0, 1.0, 0])
            across = np.cross(lean, around)
            rotation = np.stack([lean, around, across], axis=1)
            place = outward * radius + [0, tyre * np.sin(tilt), 0]
            meshes.append(box(place, (0.006, 0.014, 0.011), rotation).tagged(part, "tyre", "knob"))
    return meshes


def _rim(radius: float, tyre: float, depth: float) -> Mesh:
    width = 0.72 * tyre + 0.003
    inner = radius - depth
    outline = [
        [radius, -width],
        [radius, width],
        [radius - 0.012, width],
        [inner, 0.35 * width],
        [inner, -0.35 * width],
    ]
    return turn(np.array([*outline, [radius - 0.012, -width]]), 128)


def _hub(radius: float, half: float) -> Mesh:
    outline = [[radius, -half], [radius, -half + 0.004], [0.012, -half + 0.010], [0.012, half - 0.010]]
    outline += [[radius, half - 0.004], [radius, half], [0.008, half + 0.006], [0.005, half + 0.018]]
    outline += [[0.0005, half + 0.018], [0.0005, -half - 0.018], [0.005, -half - 0.018], [0.008, -half - 0.006]]
    return turn(np.array(outline), 32)


def _spokes(count: int, rim_radius: float, hub_radius: float, half_width: float, part: str) -> list[Mesh]:
    meshes = []
    for index in range(count):
        side = 1.0 if index % 2 else -1.0
        at_rim = 2 * np.pi * index / count
        # Neighbours on one flange lean opposite ways, so they cross.
        lean = (1 if (index // 2) % 2 else -1) * 2 * np.pi * CROSSINGS * 2 / count * 0.9
        at_hub = at_rim + np.clip(lean, -1.25, 1.25)
        flange = hub_radius - 0.003
        start = [flange * np.cos(at_hub), side * (half_width - 0.002), flange * np.sin(at_hub)]
        end = [rim_radius * np.cos(at_rim), side * 0.002, rim_radius * np.sin(at_rim)]
        spoke = straight(np.array(start), np.array(end), SPOKE_RADIUS, sides=6)
        meshes.append(spoke.tagged(part, "steel", "spoke"))
    return meshes


def _reflectors(design: BikeDesign, rim_radius: float, part: str) -> list[Mesh]:
    valve = straight([rim_radius - design.rim_depth - 0.03, 0, 0], [rim_radius - 0.01, 0, 0], 0.0032, sides=8)
    meshes = [valve.tagged(part, "black_plastic", "valve")]
    if design.bike_type == "city":
        for angle in (1.1, 1.1 + np.pi):
            outward = np.array([np.cos(angle), 0, np.sin(angle)])
            rotation = np.stack([outward, [0, 1, 0], np.cross(outward, [0, 1, 0])], axis=1)
            piece = box(outward * rim_radius * 0.72, (0.016, 0.006, 0.062), rotation)
            meshes.append(piece.tagged(part, "amber", "reflector"))
    return meshes


def _disc(part: str) -> list[Mesh]:
    """A brake disc at the left of the hub: a ring on thin arms."""
    y = 0.044
    ring = turn(np.array([[0.080, y], [0.080, y + 0.002], [0.065, y + 0.002], [0.065, y]]), 64)
    meshes = [ring.tagged(part, "steel", "brake_disc")]
    for angle in np.linspace(0, 2 * np.pi, 6, endpoint=False):
        start = [0.018 * np.cos(angle - 0.7), y + 0.001, 0.018 * np.sin(angle - 0.7)]
        end = [0.067 * np.cos(angle), y + 0.001, 0.067 * np.sin(angle)]
        meshes.append(straight(np.array(start), np.array(end), 0.0035, sides=6).tagged(part, "steel", "brake_disc"))
    return meshes
