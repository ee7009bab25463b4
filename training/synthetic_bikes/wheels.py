"""A wheel: tyre (slick, ribbed or knobbly), rim, crossed spokes, hub, valve, brake disc."""

import numpy as np

from training.synthetic_bikes.brakes import DISC_SIDE
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, join, straight, turn
from training.synthetic_bikes.solids import copies, outward_frames

__all__ = ["build_wheel"]

SPOKE_RADIUS = 0.0012  # 2 mm steel wire, and a little for the eye
CROSSINGS = 3  # how many other spokes each one crosses
KNOB = {"ribbed": (0.0030, 0.026, 0.0050), "knobbly": (0.0080, 0.0150, 0.0115)}  # height, length, width
KNOB_ROWS = {"ribbed": (-40, -14, 14, 40), "knobbly": (-56, -27, 0, 27, 56)}  # degrees around the tyre's section


def build_wheel(design: BikeDesign, axle: np.ndarray, part: str, rng: np.random.Generator) -> list[Mesh]:
    """The meshes of one wheel about its axle, turned to a random angle."""
    hub_radius, hub_half_width = (0.018, 0.034) if part == "front_wheel" else (0.024, 0.034)
    if part == "rear_wheel" and design.gears == "single" and design.bike_type not in ("bmx", "kids"):
        hub_radius = 0.036  # gears within
    meshes = [
        *_tyre(design, part),
        _rim(design).tagged(part, design.rim, "rim"),
        _hub(hub_radius, hub_half_width).tagged(part, "aluminium", "hub"),
    ]
    if design.tread in KNOB:
        rubber = "cream_rubber" if design.tyre_wall == "cream_rubber" else "tyre"
        meshes.append(_knobs(design).tagged(part, rubber, "knob"))
    spokes = _spokes(design.spokes, design.rim_radius - design.rim_depth + 0.004, hub_radius, hub_half_width)
    meshes += [spoke.tagged(part, design.spoke, "spoke") for spoke in spokes]
    meshes += _valve_and_reflectors(design, part)
    if design.brakes == "disc":
        meshes.append(_disc(0.08 if design.fork == "suspension" else 0.07).tagged(part, "steel", "brake_disc"))
    turned = outward_frames(np.array([rng.uniform(0, 2 * np.pi)]))[0]
    return [mesh.moved(axle, turned) for mesh in meshes]


def _tyre(design: BikeDesign, part: str) -> list[Mesh]:
    """A ring; with walls of another colour, a second that stands out by a hair where the tread is not."""
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    center, tyre = design.wheel_radius - design.tyre_radius, design.tyre_radius
    ring = turn(np.stack([center + tyre * np.cos(angle), tyre * np.sin(angle)], 1), 112)
    if design.tyre_wall in ("tyre", "cream_rubber"):  # cream all over
        return [ring.tagged(part, design.tyre_wall, "tyre")]
    angle = np.linspace(0.31 * np.pi, 1.69 * np.pi, 14)
    walls = turn(np.stack([center + 1.015 * tyre * np.cos(angle), 1.015 * tyre * np.sin(angle)], 1), 112)
    return [ring.tagged(part, "tyre", "tyre"), walls.tagged(part, design.tyre_wall, "tyre")]


def _knobs(design: BikeDesign) -> Mesh:
    """Rows of rubber blocks over the tread, staggered; slender ones make ribs."""
    height, length, width = KNOB[design.tread]
    count = int(2 * np.pi * design.wheel_radius / (1.9 * length))
    places, turns = [], []
    for row, tilt in enumerate(np.radians(KNOB_ROWS[design.tread])):
        outward = outward_frames(2 * np.pi * (np.arange(count) + 0.5 * (row % 2)) / count)
        cosine, sine = np.cos(tilt), np.sin(tilt)
        lean = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1.0]])
        radius = design.wheel_radius - design.tyre_radius * (1 - cosine) - height * 0.25
        places.append(outward @ [radius, design.tyre_radius * sine, 0.0])
        turns.append(outward @ lean)
    return copies(box(np.zeros(3), (height, width, length)), np.concatenate(turns), np.concatenate(places))


def _rim(design: BikeDesign) -> Mesh:
    """A box section; the deeper, the more it tapers towards the hub."""
    radius, width = design.rim_radius, 0.62 * design.tyre_radius + 0.0045
    inner, shoulder = radius - design.rim_depth, radius - max(0.011, 0.45 * design.rim_depth)
    outline = [[radius, -width], [radius, width], [shoulder, width], [inner, 0.35 * width], [inner, -0.35 * width]]
    return turn(np.array([*outline, [shoulder, -width]]), 112)


def _hub(radius: float, half: float) -> Mesh:
    outline = [[radius, -half], [radius, -half + 0.004], [0.012, -half + 0.010], [0.012, half - 0.010]]
    outline += [[radius, half - 0.004], [radius, half], [0.008, half + 0.006], [0.005, half + 0.018]]
    outline += [[0.0005, half + 0.018], [0.0005, -half - 0.018], [0.005, -half - 0.018], [0.008, -half - 0.006]]
    return turn(np.array(outline), 24)


def _spokes(count: int, rim_radius: float, hub_radius: float, half_width: float) -> list[Mesh]:
    """One of each of the four kinds, right or left, leaning ahead or back; the others are the same, turned."""
    flange = hub_radius - 0.003
    kinds = []
    for index in range(4):
        side = 1.0 if index % 2 else -1.0
        # Neighbours on one flange lean opposite ways, so they cross.
        lean = (1 if index // 2 else -1) * min(2 * np.pi * CROSSINGS * 2 / count * 0.9, 1.25)
        start = [flange * np.cos(lean), side * (half_width - 0.002), flange * np.sin(lean)]
        kinds.append(straight(np.array(start), [rim_radius, side * 0.002, 0.0], SPOKE_RADIUS, rings=8, sides=5))
    turns = outward_frames(2 * np.pi * np.arange(count) / count)
    return [kinds[index % 4].moved(np.zeros(3), turned) for index, turned in enumerate(turns)]


def _valve_and_reflectors(design: BikeDesign, part: str) -> list[Mesh]:
    inner = design.rim_radius - design.rim_depth
    valve = straight([inner - 0.026, 0, 0], [design.rim_radius - 0.006, 0, 0], 0.0032, rings=3, sides=8)
    meshes = [valve.tagged(part, "black_plastic", "valve")]
    if design.has_reflectors:
        at = 0.5 * (inner + 0.03) + 0.2 * inner
        piece = box([at, 0.0, 0.0], (0.014, 0.012, 0.054))
        pair = copies(piece, outward_frames(np.array([1.1, 1.1 + np.pi])), np.zeros((2, 3)))
        meshes.append(pair.tagged(part, design.reflector, "reflector"))
    return meshes


def _disc(radius: float) -> Mesh:
    """A brake disc at the left of the hub: a ring on thin arms."""
    y = DISC_SIDE - 0.006
    outline = [[radius, y], [radius, y + 0.002], [radius - 0.015, y + 0.002], [radius - 0.015, y]]
    arms = []
    for angle in np.linspace(0, 2 * np.pi, 6, endpoint=False):
        start = [0.012 * np.cos(angle - 0.7), y + 0.001, 0.012 * np.sin(angle - 0.7)]
        end = [(radius - 0.013) * np.cos(angle), y + 0.001, (radius - 0.013) * np.sin(angle)]
        arms.append(straight(np.array(start), np.array(end), 0.0035, rings=3, sides=6))
    carrier = straight([0, y - 0.008, 0], [0, y + 0.003, 0], 0.018, rings=3, up=(1, 0, 0))
    return join([turn(np.array(outline), 48), carrier, *arms])
