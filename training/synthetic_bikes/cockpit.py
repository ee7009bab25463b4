"""Handlebar and saddle with all that is fixed to them."""

import numpy as np

from training.synthetic_bikes.design import BikeDesign, Layout
from training.synthetic_bikes.shapes import Mesh, box, smooth_path, straight, sweep

__all__ = ["build_handlebar", "build_saddle"]

SIDES = {-1.0: "right", 1.0: "left"}


def build_handlebar(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Stem, bar, grips or tape, levers, cables and a bell."""
    down = layout.steerer
    forward = np.array([-down[2], 0, down[0]])  # ahead, across the steering axis
    stem_length, rise = {"drop": (0.10, 0.035), "flat": (0.07, 0.035), "city": (0.07, 0.085)}[design.handlebar]
    stem_top = layout.head_top - down * rise
    clamp = stem_top + forward * stem_length + [0, 0, 0.008]
    metal = "aluminium" if design.bike_type == "city" else "black_metal"
    meshes = [
        straight(layout.head_top, stem_top - down * 0.018, 0.0155).tagged("handlebar", metal, "steerer"),
        straight(stem_top, clamp, 0.0150).tagged("handlebar", metal, "stem"),
        straight(clamp - [0, 0.024, 0], clamp + [0, 0.024, 0], 0.0210).tagged("handlebar", metal, "bar_clamp"),
    ]
    for side in (-1.0, 1.0):
        meshes += _half_bar(design, clamp, side, metal)
        meshes += _lever(design, clamp, layout, side)
    return meshes


def build_saddle(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Saddle, rails, clamp and post, and springs under a city saddle."""
    post_top = layout.saddle - layout.seat_direction * 0.055
    metal = "aluminium" if design.bike_type == "city" else "black_metal"
    meshes = [
        straight(layout.seat_top - layout.seat_direction * 0.06, post_top, 0.0137).tagged("saddle", metal, "seat_post"),
        box(post_top, (0.042, 0.044, 0.024)).tagged("saddle", "black_metal", "saddle_clamp"),
        _saddle_top(design).moved(layout.saddle + [0.012, 0, -0.004]).tagged("saddle", design.saddle, "saddle"),
    ]
    for side in (-1.0, 1.0):
        rail = [[-0.085, side * 0.040, -0.032], [-0.05, side * 0.022, -0.048], [0.03, side * 0.022, -0.048]]
        path = smooth_path(np.array([*rail, [0.12, side * 0.012, -0.026]]) + layout.saddle, 24)
        meshes.append(sweep(path, 0.0035, sides=8).tagged("saddle", "steel", "rail"))
        if design.bike_type == "city":
            turns = np.linspace(0, 9 * np.pi, 90)
            coil = np.stack(
                [0.013 * np.cos(turns) - 0.085, 0.013 * np.sin(turns) + side * 0.055, -0.065 + turns / 700], 1
            )
            meshes.append(
                sweep(coil + layout.saddle, 0.0022, sides=6, up=(0, 0, 1)).tagged("saddle", "steel", "saddle_spring")
            )
    return meshes


def _half_bar(design: BikeDesign, clamp: np.ndarray, side: float, metal: str) -> list[Mesh]:
    def path(*corners: tuple[float, float, float], count: int = 40) -> np.ndarray:
        return clamp + smooth_path(np.array([[x, side * y, z] for x, y, z in corners]), count)

    if design.handlebar == "drop":
        top = path((0, 0, 0), (0.0, 0.09, 0.0), (0.004, 0.165, 0.0), count=20)
        curve = path(
            (0.004, 0.165, 0.0), (0.028, 0.200, -0.002), (0.078, 0.207, -0.012), (0.100, 0.210, -0.048),
            (0.086, 0.213, -0.094), (0.045, 0.216, -0.124), (-0.015, 0.218, -0.134), (-0.045, 0.218, -0.137), count=60,
        )  # fmt: skip
        return [
            sweep(top, 0.0125, up=(1, 0, 0)).tagged("handlebar", metal, "bar"),
            sweep(curve, 0.0158, up=(0.1, 1, 0.0)).tagged("handlebar", "tape", f"{SIDES[side]}_grip"),
            _end_cap(curve).tagged("handlebar", "black_plastic", f"{SIDES[side]}_grip"),
        ]
    if design.handlebar == "flat":
        wide = 0.36 if design.bike_type == "mountain" else 0.30
        bar = path((0, 0, 0), (0, 0.06, 0.0), (-0.004, 0.14, 0.018), (-0.03, wide, 0.020), count=40)
        grip = bar[-14:]
    else:
        bar = path(
            (0, 0, 0), (0.030, 0.08, 0.008), (0.035, 0.16, 0.045), (-0.02, 0.250, 0.068), (-0.12, 0.290, 0.066),
            (-0.215, 0.300, 0.058), count=60,
        )  # fmt: skip
        grip = bar[-24:]
    up = (0.4, 0.2, 1.0)
    return [
        sweep(bar, 0.0120, up=up).tagged("handlebar", "chrome" if design.bike_type == "city" else metal, "bar"),
        sweep(grip, 0.0168, up=up).tagged("handlebar", design.grips, f"{SIDES[side]}_grip"),
        _end_cap(grip, 0.0168).tagged("handlebar", design.grips, f"{SIDES[side]}_grip"),
    ]


def _end_cap(path: np.ndarray, radius: float = 0.0150) -> Mesh:
    direction = (path[-1] - path[-2]) / np.linalg.norm(path[-1] - path[-2])
    return straight(path[-1] - direction * 0.002, path[-1] + direction * 0.005, radius, up=(0.3, 0.3, 1.0))


def _lever(design: BikeDesign, clamp: np.ndarray, layout: Layout, side: float) -> list[Mesh]:
    """A brake lever, its mount, and its cable in a bow down to the frame or fork."""

    def path(*corners: tuple[float, float, float], count: int = 24) -> np.ndarray:
        return clamp + smooth_path(np.array([[x, side * y, z] for x, y, z in corners]), count)

    if design.handlebar == "drop":
        hood = path((0.070, 0.207, -0.004), (0.105, 0.208, 0.004), (0.135, 0.209, 0.022), (0.146, 0.209, 0.048))
        lever = path((0.138, 0.209, 0.020), (0.152, 0.210, -0.03), (0.140, 0.212, -0.09), (0.122, 0.212, -0.115))
        cable_start = np.array([0.06, side * 0.19, -0.01])
        swell = 0.0165 + 0.004 * np.sin(np.linspace(0, np.pi, 24))
        meshes = [
            sweep(hood, swell).tagged("handlebar", "rubber", f"{SIDES[side]}_hood"),
            sweep(lever, np.linspace(0.0075, 0.0055, 24), up=(0, 1, 0)).tagged(
                "handlebar", "black_metal", f"{SIDES[side]}_brake_lever"
            ),
        ]
    elif design.handlebar == "flat":
        reach = 0.25 if design.bike_type == "mountain" else 0.19
        lever = path((0.028, reach - 0.02, 0.0), (0.052, reach + 0.03, -0.014), (0.044, reach + 0.10, -0.022))
        meshes = [sweep(lever, 0.0055, up=(0, 0, 1)).tagged("handlebar", "black_metal", f"{SIDES[side]}_brake_lever")]
        mount = box(clamp + [0.015, side * (reach - 0.02), 0.012], (0.045, 0.034, 0.026))
        meshes.append(mount.tagged("handlebar", "black_metal", f"{SIDES[side]}_brake_lever"))
        cable_start = np.array([0.03, side * (reach - 0.05), 0.005])
    else:
        lever = path((0.012, 0.262, 0.05), (-0.04, 0.302, 0.034), (-0.13, 0.325, 0.026))
        meshes = [sweep(lever, 0.0058, up=(0, 0, 1)).tagged("handlebar", "aluminium", f"{SIDES[side]}_brake_lever")]
        cable_start = np.array([0.016, side * 0.255, 0.055])
    target = layout.head_bottom - clamp + [0.01, -side * 0.024, 0.05 + 0.05 * (side > 0)]
    bow = [cable_start, cable_start * [1, 0.55, 1] + [0.085, 0, 0.01], target * 0.45 + [0.085, side * 0.02, 0], target]
    cable = sweep(clamp + smooth_path(np.array(bow), 40), 0.0024, sides=8, up=(0.2, 1, 0.1))
    return [*meshes, cable.tagged("handlebar", "black_plastic", f"{SIDES[side]}_brake_cable")]


def _saddle_top(design: BikeDesign) -> Mesh:
    """The padded top as one closed loft from nose (ahead) to tail, about the middle of its length."""
    wide, deep = (0.094, 0.052) if design.bike_type == "city" else (0.070, 0.036)
    length = 0.265
    share = np.linspace(0, 1, 48)  # tail to nose
    x = (share - 0.48) * length
    # Half-width: round tail, quick taper to a slim nose.
    taper = 1 / (1 + np.exp((share - 0.36) * 13))
    width = 0.0185 + (wide - 0.0185) * taper
    round_off = np.sqrt(np.clip(1 - (1 - np.clip(share / 0.10, 0, 1)) ** 2, 0, 1))
    round_off *= np.sqrt(np.clip(1 - (1 - np.clip((1 - share) / 0.07, 0, 1)) ** 2, 0, 1))
    width = np.maximum(width * (0.25 + 0.75 * round_off), 1e-4) * (round_off > 0) + 1e-4
    depth = (0.6 * deep + 0.4 * deep * taper) * np.maximum(round_off, 0.02)
    # The tail is turned up, the nose down.
    top = 0.010 * np.clip(0.22 - share, 0, 1) / 0.22 - 0.007 * np.clip(share - 0.8, 0, 1) / 0.2
    angle = np.linspace(0, 2 * np.pi, 29)
    across = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.8
    tall = np.where(np.sin(angle) > 0, np.abs(np.sin(angle)) ** 0.75 * 0.42, -(np.abs(np.sin(angle)) ** 0.6) * 0.58)
    points = np.stack(
        np.broadcast_arrays(x[:, None], width[:, None] * across, (top - 0.42 * deep)[:, None] + depth[:, None] * tall),
        2,
    )  # (48, 29, 3)
    along, around = np.gradient(points, axis=0), np.gradient(points, axis=1)
    around[:, [0, -1]] = (points[:, 1] - points[:, -2])[:, None] / 2
    normals = np.cross(around, along)
    normals /= np.linalg.norm(normals, axis=2, keepdims=True) + 1e-12
    outward = points - points.mean(axis=1, keepdims=True)
    normals *= np.sign(np.sum(normals * outward, axis=(1, 2)))[:, None, None]
    shell = sweep(np.stack([x, x * 0, x * 0], 1), 1.0, sides=28)  # for its triangles and uv
    return Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), shell.uv, shell.triangles)
