"""Luggage: panniers and a crate on the rack, a bag in the frame, a bag under the saddle."""

import numpy as np

from training.synthetic_bikes.carriers import RACK_HALF_WIDTH, rack_deck
from training.synthetic_bikes.layout import SIDES, Layout
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.saddle import saddle_scale
from training.synthetic_bikes.shapes import Mesh, box, join, plate
from training.synthetic_bikes.solids import pillow

__all__ = ["build_crate", "build_frame_bag", "build_panniers", "build_saddle_bag"]


def build_panniers(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A bag on each side of the rack, with a lid and straps."""
    deck, front, rear = rack_deck(design, layout)
    size = np.array([0.31, 0.135, 0.33]) * min(1.0, design.wheel_radius / 0.33)
    meshes = []
    for side in SIDES:
        # Behind the heel's way, and clear of the ground on small wheels.
        middle = np.array([(front + rear) / 2 - 0.045, side * (RACK_HALF_WIDTH + 0.012 + size[1] / 2), 0.0])
        middle[2] = deck + 0.01 - size[2] / 2
        body = pillow(middle, tuple(size), squareness=0.22, segments=28)
        lid = pillow(middle + [0, 0, 0.42 * size[2]], (size[0] * 1.03, size[1] * 1.06, 0.24 * size[2]), 0.3, 24)
        straps = [
            box(middle + [x, side * size[1] * 0.50, 0.10 * size[2]], (0.024, 0.010, 0.62 * size[2]))
            for x in (-0.28 * size[0], 0.28 * size[0])
        ]
        name = f"{SIDES[side]}_pannier"
        meshes += [
            body.tagged("frame", design.luggage, name),
            lid.tagged("frame", design.luggage, name),
            join(straps).tagged("frame", "black_plastic", name),
        ]
    return meshes


def build_crate(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A plastic crate with slatted walls on the rack."""
    deck, front, rear = rack_deck(design, layout)
    long, wide, tall, thick = 0.38, 0.28, 0.22, 0.008
    behind_saddle = layout.saddle[0] - 0.155 - long / 2
    middle = np.array([min((front + rear) / 2 - 0.02, behind_saddle), 0.0, deck + 0.003])
    walls = [box(middle + [0, 0, thick / 2], (long, wide, thick))]
    slats = 4
    for level in range(slats):
        height = (level + 0.5) * tall / slats
        slat = 0.62 * tall / slats if level < slats - 1 else 0.9 * tall / slats
        walls += [box(middle + [s * long / 2, 0, height], (thick, wide, slat)) for s in (-1, 1)]
        walls += [box(middle + [0, s * wide / 2, height], (long, thick, slat)) for s in (-1, 1)]
    corners = [(x, y) for x in (-1, 1) for y in (-1, 1)]
    walls += [box(middle + [x * long / 2, y * wide / 2, tall / 2], (0.022, 0.022, tall)) for x, y in corners]
    walls += [box(middle + [x, s * wide / 2, tall / 2], (0.016, 0.012, tall)) for x in (-0.08, 0.08) for s in (-1, 1)]
    return [join(walls).tagged("frame", design.crate, "rack_crate")]


def build_frame_bag(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """Hangs from the top tube, in the front corner of the triangle."""
    along = layout.seat_joint - layout.head_joint
    length = float(np.linalg.norm(along))
    along = along / length
    below = design.tube_radius * 0.92 + 0.002
    start = layout.head_joint + along * (0.045 + 0.02) - [0, 0, below]
    end = start + along * 0.62 * length
    down = layout.bottom_bracket - layout.lower_head_joint
    down = down / np.linalg.norm(down)
    # Its lower front edge follows the down tube at some distance.
    deep = min(0.11, 0.24 * length)
    outline = np.array([start, end, end + [0, 0, -0.55 * deep], start + along * 0.32 * length + [0, 0, -deep],
                        start + down * 0.035])[:, [0, 2]]  # fmt: skip
    dense = np.concatenate([a + np.linspace(0, 1, 8, endpoint=False)[:, None] * (b - a)
                            for a, b in zip(outline, np.roll(outline, -1, 0), strict=True)])  # fmt: skip
    straps = [
        box(layout.head_joint + along * at * length, (0.022, 2.3 * design.tube_radius, 2.3 * design.tube_radius))
        for at in (0.25, 0.58)
    ]
    return [
        plate(dense, 0.052, 0.0).tagged("frame", design.luggage, "frame_bag"),
        join(straps).tagged("frame", "black_plastic", "frame_bag"),
    ]


def build_saddle_bag(design: BikeDesign, layout: Layout) -> list[Mesh]:
    """A small wedge under the tail of the saddle, strapped to rails and post."""
    scale = saddle_scale(design)
    place = layout.saddle + np.array([-0.088, 0, -0.078]) * scale
    body = pillow(place, (0.150 * scale, 0.085 * scale, 0.075 * scale), squareness=0.45, segments=20)
    strap = box(place + [0.0, 0, 0.028], (0.020, 0.062, 0.040))
    stripe = pillow(place + [-0.066 * scale, 0, -0.004], (0.022, 0.050, 0.020), squareness=0.5, segments=12)
    return [
        body.tagged("saddle", "dark_cloth", "saddle_bag"),
        strap.tagged("saddle", "black_plastic", "saddle_bag"),
        stripe.tagged("saddle", "silver_paint", "saddle_bag"),
    ]
