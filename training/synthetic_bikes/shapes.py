"""Triangle meshes of the simple shapes that a bike is made of: swept tubes, turned rings, boxes, plates.

Axes, in metres: x forward, y to the rider's left (the chain is at negative y), z up; the floor is z = 0.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

__all__ = ["Mesh", "box", "grid_triangles", "join", "plate", "smooth_path", "straight", "sweep", "turn"]

BOX_NORMALS = np.concatenate([[sign * np.eye(3)[axis] for sign in (-1.0, 1.0)] for axis in range(3)])
BOX_CORNERS = np.array(
    [[normal + a * np.roll(np.abs(normal), 1) + b * np.roll(np.abs(normal), 2)
      for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))[:: int(normal.sum())]]
     for normal in BOX_NORMALS]
)  # fmt: skip  # (6, 4, 3), of a box from -1 to 1


@dataclass
class Mesh:
    """One piece of the bike.

    points and normals (N, 3); uv (N, 2): metres along the piece, and 0 to 1 around it; triangles (M, 3).
    """

    points: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    triangles: np.ndarray
    part: str = "frame"
    material: str = "paint"
    name: str = ""

    def tagged(self, part: str, material: str, name: str) -> "Mesh":
        return replace(self, part=part, material=material, name=name)

    def moved(self, offset: np.ndarray, rotation: np.ndarray | None = None) -> "Mesh":
        """Rotated about the origin, then shifted."""
        rotation = np.eye(3) if rotation is None else rotation
        return replace(self, points=self.points @ rotation.T + offset, normals=self.normals @ rotation.T)


def sweep(
    path: np.ndarray,
    radius: float | np.ndarray,
    sides: int = 14,
    flatten: float = 1.0,
    up: tuple[float, float, float] = (0.0, 1.0, 0.0),
    is_closed: bool = False,
) -> Mesh:
    """A tube along a path.

    Args:
        path: (N, 3).
        radius: one, or one a point (N,).
        flatten: half-width along `up` as a multiple of the radius; below 1 gives an oval.
        up: the direction of the section's first axis; another is taken where the path runs along it.
        is_closed: the last point joins the first.
    """
    path = np.asarray(path, float)
    radius = np.broadcast_to(radius, len(path)).astype(float)
    ahead = np.roll(path, -1, 0) - np.roll(path, 1, 0) if is_closed else np.gradient(path, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    side = np.asarray(up, float) - ahead * (ahead @ np.asarray(up, float))[:, None]
    if np.linalg.norm(side, axis=1).min() < 1e-3:  # the path runs along `up`
        side = np.cross(ahead, [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.stack(
        [
            ahead[:, 1] * side[:, 2] - ahead[:, 2] * side[:, 1],
            ahead[:, 2] * side[:, 0] - ahead[:, 0] * side[:, 2],
            ahead[:, 0] * side[:, 1] - ahead[:, 1] * side[:, 0],
        ],
        axis=1,
    )  # quicker than np.cross
    angle = np.linspace(0, 2 * np.pi, sides + 1)  # the seam is doubled, so that uv runs to 1
    cosine, sine = np.cos(angle)[None, :, None], np.sin(angle)[None, :, None]
    section = flatten * cosine * side[:, None] + sine * other[:, None]  # (N, sides + 1, 3)
    normals = cosine * side[:, None] / flatten + sine * other[:, None]
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    points = path[:, None] + section * radius[:, None, None]
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    uv = np.stack(np.broadcast_arrays(along[:, None], angle[None] / (2 * np.pi)), axis=2)
    triangles = grid_triangles(len(path), sides + 1, is_closed)
    return Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), triangles)


def straight(
    start: np.ndarray, end: np.ndarray, radius: float, end_radius: float | None = None, rings: int = 13, **options
) -> Mesh:
    """A straight tube with closed ends, of so many rings that it can be bent."""
    share = np.linspace(0, 1, rings)
    radii = radius + ((radius if end_radius is None else end_radius) - radius) * share
    path = np.asarray(start) + share[:, None] * (np.asarray(end) - np.asarray(start))
    tube = sweep(path, radii, **options)
    ahead = (path[-1] - path[0]) / np.linalg.norm(path[-1] - path[0])
    columns = len(tube.points) // rings
    return join(
        [tube, *(_disc(tube, ring * columns, columns, normal) for ring, normal in ((0, -ahead), (rings - 1, ahead)))]
    )


def _disc(tube: Mesh, first: int, columns: int, normal: np.ndarray) -> Mesh:
    """Closes one end of a tube: the ring of points from `first` on, joined to their middle."""
    ring = tube.points[first : first + columns]
    points = np.concatenate([ring, ring[:-1].mean(axis=0, keepdims=True)])
    uv = np.concatenate([tube.uv[first : first + columns], tube.uv[first : first + 1]])
    around = np.arange(columns - 1)
    triangles = np.stack([np.full(columns - 1, columns), around, around + 1], axis=1)
    return Mesh(points, np.tile(normal, (columns + 1, 1)), uv, triangles[:, ::-1] if first == 0 else triangles)


def turn(profile: np.ndarray, segments: int = 96) -> Mesh:
    """A closed outline turned about the y axis: rims, tyres, hubs, sprockets.

    Args:
        profile: (N, 2), radius and y, counter-clockwise with the radius to the right and y up.
    """
    profile = np.asarray(profile, float)
    # Corners stay sharp: each edge of the outline has its own two points and its own normal.
    edge = np.roll(profile, -1, 0) - profile
    normal = np.stack([edge[:, 1], -edge[:, 0]], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    # Neighbours within 40 degrees are smoothed into one another.
    before = np.roll(normal, 1, 0)
    is_smooth = (np.sum(normal * before, axis=1) > 0.75)[:, None]
    at_start = np.where(is_smooth, normal + before, normal)
    after = np.roll(normal, -1, 0)
    at_end = np.where(np.roll(is_smooth, -1, 0), normal + after, normal)
    pairs = np.stack([profile, np.roll(profile, -1, 0)], axis=1)  # (N, 2, 2)
    pair_normals = np.stack([at_start, at_end], axis=1)
    pair_normals /= np.linalg.norm(pair_normals, axis=2, keepdims=True) + 1e-12
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    around = np.stack([np.cos(angle), np.zeros_like(angle), np.sin(angle)], axis=1)  # (S, 3)
    along_y = np.array([0.0, 1.0, 0.0])

    def turned(values: np.ndarray) -> np.ndarray:
        """(N, 2, 2) of radius and y -> (N, S, 2, 3)"""
        return around[None, :, None] * values[:, None, :, :1] + along_y * values[:, None, :, 1:]

    points, directions = turned(pairs), turned(pair_normals)
    uv = np.stack(np.broadcast_arrays(angle[:, None] * pairs[:, None, :, 0], [0.0, 1.0]), axis=3)
    starts = (segments + 1) * 2 * np.arange(len(pairs))[:, None, None]
    triangles = (grid_triangles(segments + 1, 2, False) + starts).reshape(-1, 3)
    return Mesh(points.reshape(-1, 3), directions.reshape(-1, 3), uv.reshape(-1, 2), triangles)


def box(center: np.ndarray, size: tuple[float, float, float], rotation: np.ndarray | None = None) -> Mesh:
    """A box with flat faces."""
    faces = np.arange(6)[:, None, None] * 4
    points = (BOX_CORNERS * np.asarray(size) / 2).reshape(-1, 3)
    triangles = (np.array([[0, 1, 2], [0, 2, 3]]) + faces).reshape(-1, 3)
    whole = Mesh(points, np.repeat(BOX_NORMALS, 4, axis=0), np.zeros((24, 2)), triangles)
    return whole.moved(np.asarray(center, float), rotation)


def plate(outline: np.ndarray, thickness: float, y: float) -> Mesh:
    """A star-shaped outline (N, 2) in x and z, about its mean, cut from a plate across y."""
    outline = np.asarray(outline, float)
    count = len(outline)
    middle = outline.mean(axis=0)
    meshes = []
    index = np.arange(count)
    fan = np.stack([np.full(count, count), index, (index + 1) % count], axis=1)
    for sign in (-1.0, 1.0):
        flat = np.concatenate([outline, middle[None]])
        points = np.stack([flat[:, 0], np.full(count + 1, y + sign * thickness / 2), flat[:, 1]], axis=1)
        normals = np.tile([0.0, sign, 0.0], (count + 1, 1))
        meshes.append(Mesh(points, normals, np.zeros((count + 1, 2)), fan))
    path = np.stack([outline[:, 0], np.full(count, y), outline[:, 1]], axis=1)
    rim = np.stack([path - [0, thickness / 2, 0], path + [0, thickness / 2, 0]], axis=1).reshape(-1, 3)
    outward = np.repeat(path - [middle[0], y, middle[1]], 2, axis=0)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True) + 1e-9
    meshes.append(Mesh(rim, outward, np.zeros((2 * count, 2)), grid_triangles(count, 2, True)))
    return join(meshes)


def smooth_path(corners: np.ndarray, count: int = 40) -> np.ndarray:
    """A Catmull-Rom curve through the corners (N, 3), as (count, 3)."""
    corners = np.asarray(corners, float)
    padded = np.concatenate([2 * corners[:1] - corners[1:2], corners, 2 * corners[-1:] - corners[-2:-1]])
    place = np.linspace(0, len(corners) - 1 - 1e-9, count)
    index = place.astype(int)
    t = (place - index)[:, None]
    a, b, c, d = (padded[index + shift] for shift in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


@lru_cache(maxsize=256)
def grid_triangles(rows: int, columns: int, is_closed: bool) -> np.ndarray:
    """Two triangles (M, 3) for each cell of a grid of points; closed: the last row joins the first. Shared."""
    row = np.arange(rows if is_closed else rows - 1)
    first = (row[:, None] * columns + np.arange(columns - 1)[None]).ravel()
    below = (((row[:, None] + 1) % rows) * columns + np.arange(columns - 1)[None]).ravel()
    halves = [np.stack([first, first + 1, below], axis=1), np.stack([first + 1, below + 1, below], axis=1)]
    triangles = np.concatenate(halves)
    triangles.flags.writeable = False  # many meshes share it
    return triangles


def join(meshes: list[Mesh]) -> Mesh:
    """One mesh of several, untagged."""
    starts = np.cumsum([0] + [len(mesh.points) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.points for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.uv for mesh in meshes]),
        np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts, strict=True)]),
    )
