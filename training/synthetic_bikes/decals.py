"""What is glued to the tubes, as skins a little above them: a band of the second paint, and stickers.

Each skin takes the name of its tube and the tube's own lengths (uv), so that whatever bends or cuts the tube takes it
along.
"""

import numpy as np

from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, grid_triangles

__all__ = ["build_decals"]

SKIN = 0.0006  # metres above the tube
TUBES = ("down_tube", "seat_tube", "top_tube")
STICKER_COLOURS = ("white", "yellow", "red", "black", "sky", "lime", "orange", "pink")
PANELS = {"down_tube": (0.28, 0.72), "top_tube": (0.55, 0.95)}  # from and to, as shares of the tube's length


def build_decals(design: BikeDesign, frame: list[Mesh]) -> list[Mesh]:
    """The livery's panels, then the stickers, on the frame's main tubes."""
    tubes = {mesh.name: mesh for mesh in frame if mesh.name in TUBES}
    meshes = []
    if design.livery == "panel":
        for name, (start, end) in PANELS.items():
            if name in tubes:
                length = tubes[name].uv[:, 0].max()
                meshes.append(_skin(tubes[name], (start * length, end * length), (0.0, 1.0), SKIN, "second_paint"))
    for seed in design.stickers:
        meshes += _sticker(tubes, np.random.default_rng(seed))
    return meshes


def _sticker(tubes: dict[str, Mesh], rng: np.random.Generator) -> list[Mesh]:
    """A coloured field with a bar of another colour on it, on one side of a tube."""
    tube = tubes[str(rng.choice(sorted(tubes)))]
    length = tube.uv[:, 0].max()
    size = min(rng.uniform(0.025, 0.075), 0.3 * length)
    start = rng.uniform(0.08 * length, 0.92 * length - size)
    side = rng.choice([0.0, 0.5])  # left, right
    half = rng.uniform(0.10, 0.19)
    field, bar = rng.choice(STICKER_COLOURS, 2, replace=False)
    inset, low = rng.uniform(0.12, 0.3) * size, rng.uniform(-0.6, 0.2) * half
    within = (start + inset, start + size - inset)
    return [
        _skin(tube, (start, start + size), (side - half, side + half), 2 * SKIN, f"{field}_paint"),
        _skin(tube, within, (side + low, side + low + 0.45 * half), 3 * SKIN, f"{bar}_paint"),
    ]


def _skin(tube: Mesh, along: tuple[float, float], around: tuple[float, float], height: float, material: str) -> Mesh:
    """A piece of the tube's own surface, lifted.

    Args:
        along: from and to, metres.
        around: from and to, as shares of the circumference; wraps.
    """
    columns, lengths = _rings_of(tube)
    # Bent wherever the tube is, or the tube would show through.
    rows = _with_ends(lengths, along)
    shares = _with_ends(np.arange(-columns, 2 * columns) / (columns - 1), around)
    row = np.interp(rows, lengths, np.arange(len(lengths)))
    column = (shares % 1.0) * (columns - 1)
    if around[1] == 1.0:
        column[-1] = columns - 1
    points, normals = (
        _interpolate(values[: len(lengths) * columns].reshape(-1, columns, 3), row, column)
        for values in (tube.points, tube.normals)
    )
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    uv = np.stack(np.broadcast_arrays(rows[:, None], shares % 1.0), axis=2)
    skin = Mesh(
        (points + height * normals).reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2),
        grid_triangles(len(rows), len(shares), False),
    )  # fmt: skip
    return skin.tagged("frame", material, tube.name)


def _with_ends(steps: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """The steps between the ends, and the ends."""
    inside = steps[(steps > ends[0] + 1e-6) & (steps < ends[1] - 1e-6)]
    return np.array([ends[0], *inside, ends[1]])


def _rings_of(tube: Mesh) -> tuple[int, np.ndarray]:
    """Points a ring, and how far along the tube each ring lies; the discs that close its ends come after all rings."""
    along = tube.uv[:, 0]
    columns = int(np.argmax(along != along[0]))
    rings = along[::columns]
    count = 1 + int(np.argmin(np.append(np.diff(rings) > 0, False)))
    return columns, rings[:count]


def _interpolate(grid: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """(R, C, 3): the grid (H, W, 3) between its points."""
    top = np.minimum(row.astype(int), grid.shape[0] - 2)
    left = np.minimum(column.astype(int), grid.shape[1] - 2)
    down, right = (row - top)[:, None, None], (column - left)[None, :, None]
    corner = [[grid[np.ix_(top + i, left + j)] for j in (0, 1)] for i in (0, 1)]
    upper = corner[0][0] * (1 - right) + corner[0][1] * right
    lower = corner[1][0] * (1 - right) + corner[1][1] * right
    return upper * (1 - down) + lower * down
