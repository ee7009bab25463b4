"""The chain: a loop around the chainring, a sprocket and the derailleur's pulleys, link by link; and its guard."""

import numpy as np

from training.synthetic_bikes.layout import Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, join, plate, straight, sweep
from training.synthetic_bikes.solids import copies

__all__ = ["PITCH", "build_chain", "build_chain_guard", "chain_path"]

PITCH = 0.0127  # metres; half an inch, as on every bicycle chain


def build_chain(path: np.ndarray) -> Mesh:
    """Inner and outer links in turn along the loop (N, 3), evenly stretched so that the last meets the first."""
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    count = 2 * round(steps[-1] / PITCH / 2)  # inner and outer links come in pairs
    places = np.linspace(0, steps[-1], count + 1)
    points = np.stack([np.interp(places, steps, path[:, axis]) for axis in range(3)], axis=1)
    ahead = np.diff(points, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    across = np.tile([0, 1.0, 0], (count, 1))
    rotations = np.stack([ahead, across, np.cross(ahead, across)], axis=2)
    middles = (points[1:] + points[:-1]) / 2
    outer = copies(box(np.zeros(3), (PITCH, 0.0075, 0.0085)), rotations[::2], middles[::2])
    inner = copies(box(np.zeros(3), (PITCH, 0.0055, 0.0072)), rotations[1::2], middles[1::2])
    inner.triangles = inner.triangles + len(outer.points)
    both = Mesh(
        *(np.concatenate([getattr(outer, n), getattr(inner, n)]) for n in ("points", "normals", "uv", "triangles"))
    )
    return both.tagged("drivetrain", "chain", "chain")


def chain_path(circles: list[tuple[np.ndarray, float, int]], chain_line: float) -> np.ndarray:
    """The closed loop (N, 3) around wheels with parallel axles.

    Args:
        circles: (middle, radius, way) of each in order; way: 1 anticlockwise as x to z, -1 the other way.
        chain_line: y of the loop.
    """
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
        swept = (stop - start) % (2 * np.pi) if way > 0 else -((start - stop) % (2 * np.pi))
        angles = start + np.linspace(0, swept, max(3, int(abs(swept) / 0.12)))
        points += [middle + radius * np.array([np.cos(t), np.sin(t)]) for t in angles]
    flat = np.array([*points, points[0]])
    return np.stack([flat[:, 0], np.full(len(flat), chain_line), flat[:, 1]], axis=1)


def build_chain_guard(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A full case around ring and chain, or a strip over the upper run."""
    ring, y = design.ring_radius, design.chain_line - 0.0075
    bottom, rear = layout.bottom_bracket, layout.rear_axle
    is_full = design.bike_type in ("kids", "step_through")
    around, end = ring + 0.016, design.largest_sprocket + 0.014
    heading = np.arctan2(*(rear - bottom)[[2, 0]])
    front = np.linspace(heading + np.pi / 2, heading + 1.5 * np.pi, 32)  # from below the ring, ahead of it, above it
    near = bottom[[0, 2]] + around * np.stack([np.cos(front), np.sin(front)], axis=1)
    if not is_full:
        # A hockey stick: around the front of the ring, and along the top of the chain.
        tail = near[-1] + np.linspace(0, 1, 9)[1:, None] * (rear[[0, 2]] + [0.05, end] - near[-1])
        path = np.array([[x, y + 0.004, z] for x, z in [*near[13:], *tail]])
        mesh = sweep(path, 0.0025, sides=10, flatten=5.0)
        stays = [
            straight(path[6] + [0, 0.012, 0], bottom + [0.004, -0.033, 0.018], 0.003, rings=3),
            straight(path[-3] + [0, 0.004, 0], [path[-3][0], -0.048, rear[2] - 0.004], 0.003, rings=3),
        ]
        material = "second_paint" if design.livery != "plain" else "chrome"
        return [join([mesh, *stays]).tagged("drivetrain", material, "chain_guard")]
    back = np.linspace(heading - np.pi / 2, heading + np.pi / 2, 20)
    far = rear[[0, 2]] + end * np.stack([np.cos(back), np.sin(back)], axis=1)
    outline = np.concatenate([near, far])
    inner = outline + 0.011 * _inward(outline)
    case = join([plate(outline, 0.030, y + 0.013), plate(inner, 0.006, y - 0.003)])  # a face that stands out
    beside = bottom + 0.20 * (rear - bottom)  # on the chainstay
    stay = straight(beside + [0, y + 0.010, 0], beside + [0, -0.022, 0], 0.004, rings=3)
    material = "black_plastic" if design.bike_type == "step_through" else "second_paint"
    return [case.tagged("drivetrain", material, "chain_guard"), stay.tagged("drivetrain", "steel", "chain_guard")]


def _inward(outline: np.ndarray) -> np.ndarray:
    """(N, 2) unit normals of a closed outline, towards its inside."""
    along = np.roll(outline, -1, 0) - np.roll(outline, 1, 0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-12
    return across * np.sign(np.sum(across * (outline.mean(axis=0) - outline)))
