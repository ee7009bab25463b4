"""The frame: its main tubes by the kind of frame, the rear by `rear.py`, and the small things that hold it together."""

import numpy as np

from training.synthetic_bikes.layout import Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.rear import build_swingarm, fixed_rear
from training.synthetic_bikes.shapes import Mesh, box, smooth_path, straight, sweep

__all__ = ["FRAMES", "build_frame", "down_tube_radius"]


def build_frame(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Main tubes, stays, dropouts, headset and seat clamp."""
    radius = design.tube_radius
    meshes = FRAMES[design.frame](design, layout)
    meshes.append(_tube(layout.head_top, layout.head_bottom, radius * 1.25, "head_tube"))
    shell = straight(*(layout.bottom_bracket + [0, y, 0] for y in (-0.036, 0.036)), 0.021, rings=3, sides=24)
    meshes.append(shell.tagged("frame", "paint", "bottom_shell"))
    for end in (layout.head_top, layout.head_bottom):
        ring = straight(end - layout.steerer * 0.006, end + layout.steerer * 0.006, radius * 1.38, rings=3, sides=20)
        meshes.append(ring.tagged("frame", "black_metal", "headset"))
    clamp = straight(layout.seat_top - layout.seat_direction * 0.012, layout.seat_top, radius * 1.25, rings=3)
    return [*meshes, clamp.tagged("frame", "black_metal", "seat_clamp")]


def down_tube_radius(design: BikeDesign) -> float:
    """Half the down tube's height: folding bikes and deep frames hang on this tube alone."""
    share = {"folding": 1.45, "deep_step": 1.75}.get(design.frame, design.down_tube_share)
    return design.tube_radius * share


def _diamond(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Two triangles."""
    radius = design.tube_radius
    return [
        _tube(layout.bottom_bracket, layout.seat_top, radius, "seat_tube"),
        _tube(layout.seat_joint, layout.head_joint, radius * 0.92, "top_tube"),
        _tube(layout.lower_head_joint, layout.bottom_bracket, down_tube_radius(design), "down_tube"),
        *fixed_rear(design, layout),
    ]


def _step_through(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Two bent tubes, one above the other, low enough to step over."""
    radius = design.tube_radius
    low_joint = layout.bottom_bracket + layout.seat_direction * 0.15
    lower = _bent(layout.lower_head_joint, layout.bottom_bracket, 0.045)
    upper = _bent(layout.head_joint + layout.steerer * 0.012, low_joint, 0.055)
    return [
        _tube(layout.bottom_bracket, layout.seat_top, radius * 0.95, "seat_tube"),
        sweep(upper, radius * 0.92).tagged("frame", "paint", "top_tube"),
        sweep(lower, down_tube_radius(design)).tagged("frame", "paint", "down_tube"),
        *fixed_rear(design, layout),
    ]


def _deep_step(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """One stout tube that dips almost to the bottom bracket."""
    radius, low = down_tube_radius(design), layout.bottom_bracket + layout.seat_direction * 0.03
    middle = (layout.head_joint + layout.lower_head_joint) / 2
    path = _bent(middle, low, 0.085)
    gusset = layout.bottom_bracket + layout.seat_direction * 0.16
    brace = straight(gusset, path[27], design.tube_radius * 0.7)
    return [
        _tube(layout.bottom_bracket, layout.seat_top, design.tube_radius, "seat_tube"),
        sweep(path, radius, flatten=0.72).tagged("frame", "paint", "down_tube"),
        brace.tagged("frame", "paint", "top_tube"),
        *fixed_rear(design, layout),
    ]


def _folding(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """One beam with a hinge in the middle."""
    start = (layout.head_joint + layout.lower_head_joint) / 2
    end = layout.bottom_bracket + layout.seat_direction * 0.10
    beam = straight(start, end, down_tube_radius(design), flatten=0.75)
    ahead = (start - end) / np.linalg.norm(start - end)
    up = np.array([-ahead[2], 0, ahead[0]])
    rotation = np.stack([ahead, [0, 1.0, 0], up], axis=1)
    size = (0.034, 2.1 * 0.75 * down_tube_radius(design), 2.35 * down_tube_radius(design))
    middle = (start + end) / 2
    catch = box(middle + [0, 0.75 * down_tube_radius(design), 0] - up * 0.012, (0.075, 0.016, 0.016), rotation)
    return [
        _tube(layout.bottom_bracket, layout.seat_top, design.tube_radius, "seat_tube"),
        beam.tagged("frame", "paint", "down_tube"),
        box(middle, size, rotation).tagged("frame", "black_metal", "hinge"),
        catch.tagged("frame", "steel", "hinge"),
        *fixed_rear(design, layout),
    ]


def _full_suspension(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A front triangle of formed tubes, and a swingarm held by a shock."""
    radius = design.tube_radius
    bow = (layout.seat_joint + layout.head_joint) / 2 + [0, 0, 0.012]
    top = smooth_path(np.array([layout.seat_joint, bow, layout.head_joint]), 24)
    dip = (layout.lower_head_joint + layout.bottom_bracket) / 2 + [0.014, 0, -0.012]
    down = smooth_path(np.array([layout.lower_head_joint, dip, layout.bottom_bracket]), 30)
    swell = down_tube_radius(design) * (1 + 0.12 * np.sin(np.linspace(0, np.pi, 30)))
    return [
        _tube(layout.bottom_bracket, layout.seat_top, radius * 0.9, "seat_tube"),
        sweep(top, np.linspace(radius * 0.85, radius * 1.1, 24)).tagged("frame", "paint", "top_tube"),
        sweep(down, swell).tagged("frame", "paint", "down_tube"),
        *build_swingarm(design, layout),
    ]


def _tube(start: np.ndarray, end: np.ndarray, radius: float, name: str) -> Mesh:
    return straight(start, end, radius, sides=18).tagged("frame", "paint", name)


def _bent(start: np.ndarray, end: np.ndarray, dip: float) -> np.ndarray:
    """(40, 3): from the head down to the seat tube, sagging by `dip` metres in its lower half."""
    along = end - start
    corners = [start, start + 0.30 * along - [0, 0, 0.35 * dip], start + 0.68 * along - [0, 0, dip], end]
    return smooth_path(np.array(corners), 40)


FRAMES = {
    "deep_step": _deep_step,
    "diamond": _diamond,
    "folding": _folding,
    "full_suspension": _full_suspension,
    "step_through": _step_through,
}
