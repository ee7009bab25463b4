"""What drives the bike: cranks, pedals, chainring, chain, sprockets, derailleur. All on the right, at negative y."""

import numpy as np

from training.synthetic_bikes.design import BikeDesign, Layout
from training.synthetic_bikes.shapes import Mesh, box, straight, turn

__all__ = ["build_drivetrain"]

CHAIN_LINE = -0.045  # y of chain and chainring
CRANK_LENGTH = 0.170
SIDES = {-1.0: "right", 1.0: "left"}
LINK = 0.0127  # half-inch pitch


def build_drivetrain(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """All of it, with the right crank at the design's angle."""
    bottom, rear = layout.bottom_bracket, layout.rear_axle
    ring_radius = {"road": 0.101, "city": 0.089, "mountain": 0.066}[design.bike_type]
    has_gears = design.bike_type != "city"
    largest = {"road": 0.056, "city": 0.040, "mountain": 0.092}[design.bike_type]
    meshes = _chainring(design, bottom, ring_radius)
    meshes += _cranks(design, bottom)
    if has_gears:
        meshes += _cassette(rear, largest)
        chain_radius = 0.6 * largest
        pulley = rear + np.array([0.020, CHAIN_LINE, -0.058])
        tension = pulley + [0.018, 0, -0.078]
        meshes += _derailleur(rear, pulley, tension)
        path = _chain_path(bottom, ring_radius, rear, chain_radius, pulley, tension)
    else:
        meshes += _cassette(rear, largest, count=1)
        path = _chain_path(bottom, ring_radius, rear, largest)
    meshes += _chain(path)
    return [
        mesh if mesh.part == "drivetrain" else mesh.tagged("drivetrain", mesh.material, mesh.name) for mesh in meshes
    ]


def _toothed_ring(radius: float, inner: float, count: int, y: float) -> list[Mesh]:
    """A flat ring with teeth: an annulus (turned) under a crown of small teeth."""
    ring = turn(
        np.array(
            [[radius - 0.002, y - 0.0015], [radius - 0.002, y + 0.0015], [inner, y + 0.0015], [inner, y - 0.0015]]
        ),
        64,
    )
    meshes = [ring]
    for angle in np.linspace(0, 2 * np.pi, count, endpoint=False):
        outward = np.array([np.cos(angle), 0, np.sin(angle)])
        rotation = np.stack([outward, [0, 1, 0], np.cross(outward, [0, 1, 0])], axis=1)
        meshes.append(box(outward * radius + [0, y, 0], (0.007, 0.002, 0.0048), rotation))
    return meshes


def _chainring(design: BikeDesign, bottom: np.ndarray, radius: float) -> list[Mesh]:
    material = "aluminium" if design.bike_type == "city" else "black_metal"
    center = bottom + [0, CHAIN_LINE, 0]
    meshes = [m.moved(center) for m in _toothed_ring(radius, radius - 0.016, int(2 * np.pi * radius / LINK), 0.0)]
    if design.bike_type == "road":
        meshes += [m.moved(center + [0, 0.008, 0]) for m in _toothed_ring(radius * 0.72, radius * 0.58, 34, 0.0)]
    start = np.radians(design.crank_angle)
    for angle in start + np.linspace(0, 2 * np.pi, 5, endpoint=False):
        outward = np.array([np.cos(angle), 0, np.sin(angle)])
        meshes.append(
            straight(center + outward * 0.012, center + outward * (radius - 0.008), 0.0090, 0.0060, flatten=0.5)
        )
    return [mesh.tagged("drivetrain", material, "chainring") for mesh in meshes]


def _cranks(design: BikeDesign, bottom: np.ndarray) -> list[Mesh]:
    material = "aluminium" if design.bike_type == "city" else "black_metal"
    meshes = []
    for side, turned in ((-1.0, 0.0), (1.0, np.pi)):
        angle = np.radians(design.crank_angle) + turned
        outward = np.array([np.cos(angle), 0, np.sin(angle)])
        start, end = bottom + [0, side * 0.062, 0], bottom + outward * CRANK_LENGTH + [0, side * 0.074, 0]
        arm = straight(start - outward * 0.014, end + outward * 0.012, 0.0150, 0.0115, flatten=0.55)
        meshes.append(arm.tagged("drivetrain", material, f"{SIDES[side]}_crank"))
        meshes.append(
            straight(start - [0, side * 0.02, 0], start + [0, side * 0.010, 0], 0.0165).tagged(
                "drivetrain", material, f"{SIDES[side]}_crank"
            )
        )
        meshes.append(
            straight(end, end + [0, side * 0.075, 0], 0.0055).tagged("drivetrain", "steel", f"{SIDES[side]}_pedal")
        )
        middle = end + [0, side * 0.058, 0]
        length = 0.095 if design.bike_type != "road" else 0.075
        for offset in (-1.0, 1.0):
            rail = box(middle + [offset * length / 2, 0, 0], (0.010, 0.090, 0.024))
            meshes.append(rail.tagged("drivetrain", "black_plastic", f"{SIDES[side]}_pedal"))
            cage = box(middle + [0, offset * 0.042, 0], (length, 0.008, 0.020))
            meshes.append(cage.tagged("drivetrain", "black_plastic", f"{SIDES[side]}_pedal"))
            reflector = box(middle + [offset * (length / 2 + 0.005), 0, 0], (0.004, 0.050, 0.014))
            meshes.append(reflector.tagged("drivetrain", "amber", f"{SIDES[side]}_pedal"))
        meshes.append(
            straight(middle - [0, 0.045, 0], middle + [0, 0.045, 0], 0.012).tagged(
                "drivetrain", "black_plastic", f"{SIDES[side]}_pedal"
            )
        )
    axle = straight(bottom - [0, 0.062, 0], bottom + [0, 0.062, 0], 0.012)
    return [*meshes, axle.tagged("drivetrain", "steel", "crank_axle")]


def _cassette(rear: np.ndarray, largest: float, count: int = 8) -> list[Mesh]:
    meshes = []
    smallest = 0.024
    for index in range(count):
        share = index / max(count - 1, 1)
        radius = largest if count == 1 else smallest + (largest - smallest) * share**1.2
        y = CHAIN_LINE - 0.014 + 0.0038 * index if count > 1 else CHAIN_LINE
        teeth = int(2 * np.pi * radius / LINK)
        meshes += [m.moved(rear + [0, y, 0]) for m in _toothed_ring(radius, max(radius - 0.018, 0.012), teeth, 0.0)]
    return [mesh.tagged("drivetrain", "steel", "cassette") for mesh in meshes]


def _derailleur(rear: np.ndarray, pulley: np.ndarray, tension: np.ndarray) -> list[Mesh]:
    """The body under the axle, and the cage with its two pulleys."""
    hanger = rear + [0.012, -0.064, -0.026]
    meshes = [
        straight(hanger + [0, 0, 0.02], hanger + [0.004, -0.010, -0.022], 0.012).tagged(
            "drivetrain", "black_metal", "rear_derailleur"
        ),
        straight(hanger + [0.004, -0.012, -0.018], pulley + [0, -0.012, 0], 0.010).tagged(
            "drivetrain", "black_metal", "rear_derailleur"
        ),
    ]
    for y in (-0.008, 0.008):
        cage = straight(pulley + [0, y, 0.010], tension + [0, y, -0.010], 0.010, flatten=0.18)
        meshes.append(cage.tagged("drivetrain", "black_metal", "rear_derailleur"))
    for place in (pulley, tension):
        meshes += [
            m.moved(place).tagged("drivetrain", "black_plastic", "rear_derailleur")
            for m in _toothed_ring(0.019, 0.006, 10, 0.0)
        ]
    return meshes


def _chain_path(
    bottom: np.ndarray,
    ring: float,
    rear: np.ndarray,
    sprocket: float,
    pulley: np.ndarray | None = None,
    tension: np.ndarray | None = None,
) -> np.ndarray:
    """The loop in x and z, clockwise seen from the right: over the ring, over the sprocket, through the pulleys."""
    circles = [(bottom, ring, 1), (rear, sprocket, 1)]
    if pulley is not None and tension is not None:
        circles += [(pulley, 0.019, -1), (tension, 0.019, 1)]
    ends = []
    for (one, first, turn_one), (two, second, turn_two) in zip(circles, circles[1:] + circles[:1], strict=True):
        a, b = one[[0, 2]], two[[0, 2]]
        between = b - a
        distance = np.linalg.norm(between)
        heading = np.arctan2(between[1], between[0])
        # The common tangent that leaves circle one and meets circle two, for the way each is turned.
        lean = np.arcsin(np.clip((turn_one * first - turn_two * second) / distance, -1, 1))
        right = heading + lean - np.pi / 2
        direction = np.array([np.cos(right), np.sin(right)])
        ends.append((a + direction * first * turn_one, b + direction * second * turn_two))
    points: list[np.ndarray] = []
    for index, (center, radius, way) in enumerate(circles):
        arrive, leave = ends[index - 1][1], ends[index][0]
        middle = center[[0, 2]]
        start = np.arctan2(*(arrive - middle)[::-1])
        stop = np.arctan2(*(leave - middle)[::-1])
        sweep_angle = (stop - start) % (2 * np.pi) if way > 0 else -((start - stop) % (2 * np.pi))
        angles = start + np.linspace(0, sweep_angle, max(3, int(abs(sweep_angle) / 0.12)))
        points += [middle + radius * np.array([np.cos(t), np.sin(t)]) for t in angles]
    flat = np.array([*points, points[0]])
    return np.stack([flat[:, 0], np.full(len(flat), CHAIN_LINE), flat[:, 1]], axis=1)


def _chain(path: np.ndarray) -> list[Mesh]:
    """Inner and outer links in turn, as small boxes along the loop."""
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    places = np.arange(0, steps[-1], LINK)
    meshes = []
    for index, at in enumerate(places):
        here, there = (np.array([np.interp(s, steps, path[:, axis]) for axis in range(3)]) for s in (at, at + LINK))
        direction = there - here
        if np.linalg.norm(direction) < 1e-6:
            continue
        direction /= np.linalg.norm(direction)
        rotation = np.stack([direction, [0, 1, 0], np.cross(direction, [0, 1, 0])], axis=1)
        width, height = ((0.0075, 0.0085), (0.0055, 0.0072))[index % 2]
        meshes.append(box((here + there) / 2, (LINK, width, height), rotation).tagged("drivetrain", "chain", "chain"))
    return meshes
