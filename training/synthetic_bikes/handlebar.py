"""The handlebar: stem, bar and grips. It turns with the fork; levers and cables are in `levers.py`."""

import numpy as np

from training.synthetic_bikes.layout import SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, join, smooth_path, straight, sweep
from training.synthetic_bikes.solids import pillow

__all__ = ["GRIP_RADIUS", "SHAPES", "bar_path", "build_handlebar", "grip_start"]

GRIP_RADIUS = 0.0165
GRIP_LENGTH = 0.125

# Half a bar from its clamp outwards: ahead, to the side, up; metres.
SHAPES = {
    "bmx": (
        (0, 0, 0), (0, 0.055, 0.002), (0.004, 0.105, 0.03), (0.006, 0.150, 0.175), (0.002, 0.195, 0.214),
        (-0.045, 0.365, 0.224),
    ),
    "city": (
        (0, 0, 0), (0.030, 0.08, 0.008), (0.035, 0.16, 0.045), (-0.02, 0.250, 0.068), (-0.12, 0.290, 0.066),
        (-0.215, 0.300, 0.058),
    ),
    "drop": (
        (0, 0, 0), (0.0, 0.09, 0.0), (0.004, 0.165, 0.0), (0.028, 0.200, -0.002), (0.078, 0.207, -0.012),
        (0.100, 0.210, -0.048), (0.086, 0.213, -0.094), (0.045, 0.216, -0.124), (-0.015, 0.218, -0.134),
        (-0.045, 0.218, -0.137),
    ),
    "flat": ((0, 0, 0), (0, 0.06, 0.0), (-0.004, 0.14, 0.004), (-0.022, 0.295, 0.006)),
    "riser": ((0, 0, 0), (0, 0.05, 0), (-0.002, 0.105, 0.020), (-0.008, 0.150, 0.026), (-0.036, 0.370, 0.030)),
}  # fmt: skip


def build_handlebar(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Steerer, stem, clamp, bar, grips or tape."""
    down, clamp = layout.steerer, layout.bar_clamp
    stem_top = layout.head_top - down * design.stem_rise
    radius = 0.0155 if design.frame != "folding" else 0.0190
    meshes = [
        straight(layout.head_top + down * 0.01, stem_top - down * 0.018, radius).tagged(
            "handlebar", design.metal, "steerer"
        ),
        straight(stem_top, clamp, 0.0150, rings=5).tagged("handlebar", design.metal, "stem"),
        straight(clamp - [0, 0.024, 0], clamp + [0, 0.024, 0], 0.0200, rings=5).tagged(
            "handlebar", design.metal, "bar_clamp"
        ),
    ]
    if design.frame == "folding":
        hinge = box(layout.head_top - down * 0.045, (0.052, 0.050, 0.040))
        meshes.append(hinge.tagged("handlebar", "black_metal", "stem"))
    for side in SIDES:
        meshes += _half_bar(design, layout, side)
    if design.handlebar == "bmx":
        ends = [bar_path(design, layout, side)[np.argmin(abs(_heights(design, layout) - 0.125))] for side in SIDES]
        cross = straight(ends[0], ends[1], 0.0095)
        meshes.append(cross.tagged("handlebar", design.metal, "bar"))
    return meshes


def bar_path(design: BikeDesign, layout: Layout, side: float) -> np.ndarray:
    """(60, 3): the middle of the bar from its clamp to its end."""
    corners = np.array([[x, side * y, z] for x, y, z in SHAPES[design.handlebar]], float)
    narrow = np.array([1.0, _width_share(design), 1.0])
    return layout.bar_clamp + smooth_path(corners * narrow, 60)


def grip_start(design: BikeDesign, path: np.ndarray) -> int:
    """Index into the path where the grip, or the tape, begins."""
    if design.handlebar == "drop":
        return int(60 * 2 / 9)
    to_end = np.linalg.norm(np.diff(path, axis=0), axis=1)[::-1].cumsum()[::-1]
    length = GRIP_LENGTH * (0.8 if design.bike_type == "kids" else 1.0)
    return int(np.argmax(to_end < length))


def _width_share(design: BikeDesign) -> float:
    """Children's bars are narrower; a riser on a trekking bike is, too."""
    if design.bike_type == "kids":
        return float(np.clip(0.45 + 0.85 * design.bead_seat, 0.6, 0.86))
    return 0.84 if design.bike_type == "trekking" and design.handlebar == "riser" else 1.0


def _heights(design: BikeDesign, layout: Layout) -> np.ndarray:
    return bar_path(design, layout, 1.0)[:, 2] - layout.bar_clamp[2]


def _half_bar(design: BikeDesign, layout: Layout, side: float) -> list[Mesh]:
    path = bar_path(design, layout, side)
    first = grip_start(design, path)
    grip = path[first:]
    # An axis for the section that the whole path keeps away from.
    up = (0.1, 1.0, 0.0) if design.handlebar == "drop" else (0.4, 0.2, 1.0)
    bar = sweep(path[: first + 2] if design.handlebar == "drop" else path, 0.0115, sides=12, up=up)
    material = "chrome" if design.metal in ("aluminium", "chrome") and design.handlebar != "drop" else design.metal
    radius = 0.0155 if design.handlebar == "drop" else GRIP_RADIUS
    direction = (path[-1] - path[-2]) / np.linalg.norm(path[-1] - path[-2])
    end = straight(path[-1] - direction * 0.004, path[-1] + direction * 0.004, radius * 1.04, rings=3, up=up)
    meshes = [
        bar.tagged("handlebar", material, "bar"),
        join([sweep(grip, radius, up=up), end]).tagged("handlebar", design.grips, f"{SIDES[side]}_grip"),
    ]
    if design.has_bell and side > 0:
        place = path[max(first - 9, 4)]
        dome = pillow(place + [0.014, 0, 0.028], (0.046, 0.046, 0.034), squareness=1.0, segments=16)
        foot = straight(place, place + [0.014, 0, 0.022], 0.008, rings=3)
        meshes.append(dome.tagged("handlebar", "chrome", "bell"))
        meshes.append(foot.tagged("handlebar", "black_plastic", "bell"))
    return meshes
