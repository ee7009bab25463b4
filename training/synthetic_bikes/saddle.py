"""The saddle and all that is fixed to it: rails, clamp, post, and springs under a wide one."""

import numpy as np

from training.synthetic_bikes.layout import SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, grid_triangles, smooth_path, straight, sweep

__all__ = ["build_saddle", "saddle_scale", "saddle_top"]

LENGTH = 0.265  # metres, nose to tail
HALF_WIDTH = {"city": 0.094, "sport": 0.070}
DEPTH = {"city": 0.052, "sport": 0.036}


def build_saddle(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Saddle, rails, clamp and post."""
    scale = saddle_scale(design)
    post_top = layout.saddle - layout.seat_direction * 0.055 * scale
    foot = layout.seat_top - layout.seat_direction * 0.06
    meshes = [
        straight(foot, post_top, 0.0137 * max(scale, 0.85)).tagged("saddle", design.metal, "seat_post"),
        box(post_top, (0.042 * scale, 0.048 * scale, 0.024)).tagged("saddle", "black_metal", "saddle_clamp"),
        saddle_top(design, layout).tagged("saddle", design.saddle, "saddle"),
    ]
    for side in SIDES:
        corners = [[-0.085, side * 0.040, -0.032], [-0.05, side * 0.022, -0.048], [0.03, side * 0.022, -0.048]]
        path = scale * smooth_path(np.array([*corners, [0.12, side * 0.012, -0.026]]), 24) + layout.saddle
        meshes.append(sweep(path, 0.0035, sides=8).tagged("saddle", "steel", "rail"))
        if design.saddle_shape == "city":
            meshes.append(_spring(layout, side).tagged("saddle", "steel", "saddle_spring"))
    return meshes


def saddle_scale(design: BikeDesign) -> float:
    """Children sit on smaller saddles."""
    return float(np.clip(0.5 + 0.75 * design.bead_seat, 0.66, 0.9)) if design.bike_type == "kids" else 1.0


def saddle_top(design: BikeDesign, layout: Layout, swell: float = 0.0) -> Mesh:
    """The padded top, one closed loft from nose (ahead) to tail; `swell` metres thicker all round for a cover."""
    wide, deep = HALF_WIDTH[design.saddle_shape], DEPTH[design.saddle_shape]
    share = np.linspace(0, 1, 40)  # tail to nose
    x = (share - 0.48) * LENGTH
    # Half-width: round tail, quick taper to a slim nose.
    taper = 1 / (1 + np.exp((share - 0.36) * 13))
    width = 0.0185 + (wide - 0.0185) * taper
    round_off = np.sqrt(np.clip(1 - (1 - np.clip(share / 0.10, 0, 1)) ** 2, 0, 1))
    round_off *= np.sqrt(np.clip(1 - (1 - np.clip((1 - share) / 0.07, 0, 1)) ** 2, 0, 1))
    width = np.maximum(width * (0.25 + 0.75 * round_off), 1e-4) * (round_off > 0) + 1e-4
    depth = (0.6 * deep + 0.4 * deep * taper) * np.maximum(round_off, 0.02)
    # The tail is turned up, the nose down.
    top = 0.010 * np.clip(0.22 - share, 0, 1) / 0.22 - 0.007 * np.clip(share - 0.8, 0, 1) / 0.2
    angle = np.linspace(0, 2 * np.pi, 25)
    across = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.8
    tall = np.where(np.sin(angle) > 0, np.abs(np.sin(angle)) ** 0.75 * 0.42, -(np.abs(np.sin(angle)) ** 0.6) * 0.58)
    heights = (top - 0.42 * deep)[:, None] + depth[:, None] * tall
    points = np.stack(np.broadcast_arrays(x[:, None], width[:, None] * across, heights), 2)  # (40, 25, 3)
    normals = _outward_normals(points)
    points = points + swell * normals
    uv = np.stack(np.broadcast_arrays((share * LENGTH)[:, None], angle / (2 * np.pi)), 2)
    shell = Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), grid_triangles(40, 25, False))
    shell.points *= saddle_scale(design)
    return shell.moved(layout.saddle + [0.012, 0, -0.004])


def _outward_normals(points: np.ndarray) -> np.ndarray:
    along, around = np.gradient(points, axis=0), np.gradient(points, axis=1)
    around[:, [0, -1]] = (points[:, 1] - points[:, -2])[:, None] / 2
    normals = np.cross(around, along)
    normals /= np.linalg.norm(normals, axis=2, keepdims=True) + 1e-12
    outward = points - points.mean(axis=1, keepdims=True)
    return normals * np.sign(np.sum(normals * outward, axis=(1, 2)))[:, None, None]


def _spring(layout: Layout, side: float) -> Mesh:
    turns = np.linspace(0, 9 * np.pi, 72)
    coil = np.stack([0.013 * np.cos(turns) - 0.085, 0.013 * np.sin(turns) + side * 0.055, -0.062 + turns / 700], 1)
    return sweep(coil + layout.saddle, 0.0022, sides=5, up=(0, 0, 1))
