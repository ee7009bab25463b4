"""What a sound bike may carry and a hasty eye takes for damage: bags, a lock, flowers, a helmet, a saddle cover.

The metadata names them, as `distractors`, in both twins.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from training.synthetic_bikes.bags import build_crate, build_frame_bag, build_panniers, build_saddle_bag
from training.synthetic_bikes.layout import Layout
from training.synthetic_bikes.loose_things import (
    build_basket_bag,
    build_chain_lock,
    build_flowers,
    build_helmet,
    build_quick_release,
    build_saddle_cover,
)  # fmt: skip
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.shapes import Mesh

__all__ = ["DISTRACTORS", "Carried", "build_distractors", "draw_distractors"]


@dataclass(frozen=True)
class Distractor:
    """share: of the bikes that could carry it; fits: whether a bike could; build: its pieces; turns: with the bar."""

    share: float
    fits: Callable[[BikeDesign], bool]
    build: Callable[[BikeDesign, Layout], list[Mesh]]
    turns: bool = False


@dataclass
class Carried:
    """Pieces that stay with the frame, and pieces that turn with the handlebar."""

    fixed: list[Mesh]
    turning: list[Mesh]


def _has_basket(design: BikeDesign) -> bool:
    return design.has_basket


def _has_free_rack(design: BikeDesign) -> bool:
    return design.has_rack and not design.has_child_seat


def _has_free_bar(design: BikeDesign) -> bool:
    return design.handlebar in ("city", "flat", "riser") and not design.has_basket


def _has_room_for_lock(design: BikeDesign) -> bool:
    return design.frame == "diamond" and design.bike_type not in ("bmx", "kids")


def _has_open_triangle(design: BikeDesign) -> bool:
    return _has_room_for_lock(design) and not design.has_bottle_cage


DISTRACTORS: dict[str, Distractor] = {
    "basket_bag": Distractor(0.25, _has_basket, build_basket_bag, turns=True),
    "chain_lock": Distractor(0.14, _has_room_for_lock, build_chain_lock),
    "flowers": Distractor(0.25, _has_basket, build_flowers, turns=True),
    "frame_bag": Distractor(0.12, _has_open_triangle, build_frame_bag),
    "helmet": Distractor(0.08, _has_free_bar, build_helmet, turns=True),
    "panniers": Distractor(0.20, _has_free_rack, build_panniers),
    "quick_release": Distractor(
        0.5, lambda design: design.bike_type in ("full_suspension", "mountain", "road", "trekking"),
        build_quick_release, turns=True,
    ),
    "rack_crate": Distractor(0.15, _has_free_rack, build_crate),
    "saddle_bag": Distractor(
        0.15, lambda design: design.saddle_shape == "sport" and design.bike_type not in ("bmx", "kids"),
        build_saddle_bag,
    ),
    "saddle_cover": Distractor(0.10, lambda design: True, build_saddle_cover),
}  # fmt: skip
SAME_PLACE = (("basket_bag", "flowers"), ("chain_lock", "frame_bag"), ("panniers", "rack_crate"))


def draw_distractors(design: BikeDesign, rng: np.random.Generator) -> tuple[str, ...]:
    """Names in DISTRACTORS, sorted; of two that need the same place, the first."""
    drawn = [name for name, each in DISTRACTORS.items() if rng.random() < each.share and each.fits(design)]
    for first, second in SAME_PLACE:
        if first in drawn and second in drawn:
            drawn.remove(second)
    return tuple(drawn)


def build_distractors(design: BikeDesign, layout: Layout) -> Carried:
    """The pieces of all that the design names.

    Raises:
        ValueError: it names what no bike carries, or what this bike has no place for.
    """
    carried = Carried([], [])
    for name in design.distractors:
        if name not in DISTRACTORS:
            raise ValueError(f"no distractor is named {name!r}: choose from {', '.join(DISTRACTORS)}")
        distractor = DISTRACTORS[name]
        if not distractor.fits(design):
            raise ValueError(f"this {design.bike_type} bike has no place for {name}")
        meshes = distractor.build(design, layout)
        (carried.turning if distractor.turns else carried.fixed).extend(meshes)
    return carried
