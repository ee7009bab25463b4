"""The fork, rigid or sprung, down to the front axle. It turns with the handlebar."""

import numpy as np

from training.synthetic_bikes.layout import FRONT_HALF_WIDTH, SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh, box, join, smooth_path, straight, sweep
from training.synthetic_bikes.solids import pillow

__all__ = ["build_fork", "fork_half_width"]


def build_fork(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Crown, blades or legs, ends and axle nuts."""
    build = _suspension_fork if design.fork == "suspension" else _rigid_fork
    return build(design, layout) + _axle_nuts(layout)


def fork_half_width(design: BikeDesign) -> float:
    """From the wheel's middle to the middle of a blade, beside the tyre."""
    legs = 0.0225 if design.fork == "suspension" else 0.0125
    return max(FRONT_HALF_WIDTH, design.tyre_radius + 0.008 + legs)


def _rigid_fork(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Blades that leave the crown sideways, go down beside the tyre, and end in a bow ahead."""
    crown, axle, down = layout.head_bottom, layout.front_axle, layout.steerer
    width, along = fork_half_width(design), float((layout.front_axle - layout.head_bottom) @ layout.steerer)
    thick = min(0.0150, max(0.0105, 0.72 * design.tube_radius))
    meshes = []
    for side in SIDES:
        offset, tip = np.array([0, side * width, 0]), axle + [0, side * FRONT_HALF_WIDTH, 0]
        shoulder = [crown + down * 0.006 + 0.25 * offset, crown + down * 0.012 + 0.80 * offset]
        straight_on = [crown + down * along * share + offset for share in (0.16, 0.36, 0.62)]
        blade = smooth_path(np.array([*shoulder, *straight_on, tip]), 40)
        tapered = np.interp(np.linspace(0, 1, 40), [0, 0.3, 1], [thick, thick, 0.6 * thick])
        meshes.append(sweep(blade, tapered, flatten=0.8).tagged("frame", "paint", f"{SIDES[side]}_fork"))
        meshes.append(box(tip, (0.022, 0.006, 0.026)).tagged("frame", "paint", "fork_end"))
    root = pillow(crown + down * 0.006, (2.5 * thick, 1.5 * width, 2.2 * thick), squareness=0.8, segments=16)
    return [*meshes, root.tagged("frame", "paint", "fork_crown")]


def _suspension_fork(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Bright tubes held by a crown; on them slide the legs, joined by an arch above the tyre."""
    crown, axle, down = layout.head_bottom, layout.front_axle, layout.steerer
    width, along = fork_half_width(design), float((layout.front_axle - layout.head_bottom) @ layout.steerer)
    is_stout = design.tread == "knobbly"
    legs, tubes = (0.0225, 0.0165) if is_stout else (0.0185, 0.0135)
    shift = (axle - crown - down * along) * 0.75  # the legs stand ahead of the axis, the axle a little more so
    # The legs reach up to the rim, where the arch and rim brakes are.
    start = min(0.46 * along, max(along - design.rim_radius - 0.008, 0.08))
    meshes, tops = [], []
    for side in SIDES:
        offset = np.array([0, side * width, 0])
        top, middle = crown + offset + shift * 0.8, crown + down * start + offset + shift
        bottom, tip = crown + down * (along + 0.012) + offset + shift, axle + [0, side * FRONT_HALF_WIDTH, 0]
        inner = straight(top + down * 0.004, middle + down * 0.08, tubes)
        collar = straight(middle - down * 0.006, middle + down * 0.012, legs * 1.07, rings=3)
        outer = join([straight(middle, bottom, legs, 0.85 * legs), collar])
        meshes.append(inner.tagged("frame", design.stanchion, f"{SIDES[side]}_stanchion"))
        meshes.append(outer.tagged("frame", design.fork_legs, f"{SIDES[side]}_fork"))
        meshes.append(box(tip, (0.034, 0.016, 0.036)).tagged("frame", design.fork_legs, "fork_end"))
        tops.append(top)
    meshes.append(_sprung_crown(crown, tops, down, 1.3 * tubes).tagged("frame", "black_metal", "fork_crown"))
    return [*meshes, _arch(design, layout, along, width).tagged("frame", design.fork_legs, "fork_arch")]


def _sprung_crown(middle: np.ndarray, tops: list[np.ndarray], down: np.ndarray, thick: float) -> Mesh:
    """A forged bridge from tube to tube, closed above each by a cap."""
    path = smooth_path(np.array([tops[0], middle - down * 0.008, tops[1]]), 14)
    caps = [straight(top - down * 0.022, top + down * 0.020, thick * 0.96, thick, rings=4) for top in tops]
    return join([sweep(path, np.interp(np.linspace(-1, 1, 14), [-1, 0, 1], [thick, 1.35 * thick, thick])), *caps])


def _arch(design: BikeDesign, layout: Layout, along: float, width: float) -> Mesh:
    axle, down, forward = layout.front_axle, layout.steerer, layout.forward
    top = axle - down * (design.wheel_radius + 0.016) + forward * 0.01
    foot, knee = axle - down * min(0.24, 0.6 * along), top + [0, width * 0.7, 0]
    mirror = np.array([1.0, -1.0, 1.0])
    path = smooth_path(np.array([foot * mirror - [0, width, 0], knee * mirror, knee, foot + [0, width, 0]]), 30)
    return sweep(path, 0.010, up=tuple(forward))


def _axle_nuts(layout: Layout) -> list[Mesh]:
    meshes = []
    for side in SIDES:
        tip = layout.front_axle + [0, side * FRONT_HALF_WIDTH, 0]
        nut = straight(tip - [0, side * 0.012, 0], tip + [0, side * 0.012, 0], 0.0075, rings=3)
        meshes.append(nut.tagged("frame", "steel", "front_axle_nut"))
    return meshes
