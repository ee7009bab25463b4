"""A random bike: one of the types, with its own size, paint, fittings and things carried, all in keeping."""

from dataclasses import replace

import numpy as np

from training.synthetic_bikes.bike_types import BEAD_SEATS, BIKE_TYPES, WHEEL_SIZES
from training.synthetic_bikes.distractors import draw_distractors
from training.synthetic_bikes.fittings import draw_fittings
from training.synthetic_bikes.layout import Layout
from training.synthetic_bikes.livery import draw_livery
from training.synthetic_bikes.measures import BikeDesign

__all__ = ["BIKE_TYPES", "BikeDesign", "Layout", "random_design"]

# Aluminium and carbon frames have stouter down tubes than steel ones.
DOWN_TUBE_SHARES = {
    "full_suspension": (1.25, 1.5),
    "mountain": (1.15, 1.5),
    "road": (1.05, 1.5),
    "trekking": (1.1, 1.4),
}

CROWN_GAP = 0.048  # metres from tyre to crown on children's bikes, with room for a mudguard
SHORTEST_HEAD = 0.075  # metres


def random_design(rng: np.random.Generator, bike_type: str | None = None, **fixed: object) -> BikeDesign:
    """A bike of the type (any, if None). The same generator in the same state gives the same bike.

    Args:
        fixed: fields of the design that are not left to chance.

    Raises:
        ValueError: no such type.
    """
    if bike_type is not None and bike_type not in BIKE_TYPES:
        raise ValueError(f"no type of bike is named {bike_type!r}: choose from {', '.join(sorted(BIKE_TYPES))}")
    base = BIKE_TYPES[bike_type or str(rng.choice(sorted(BIKE_TYPES)))]
    design = _vary(_with_wheels(base, float(rng.choice(WHEEL_SIZES[base.bike_type]))), rng)
    design = replace(design, **draw_fittings(design, rng))
    design = replace(design, **draw_livery(design, rng), steering=_draw_steering(rng))
    design = replace(design, **fixed)
    return replace(design, distractors=draw_distractors(design, rng))


def _draw_steering(rng: np.random.Generator) -> float:
    """Degrees: about straight, as someone parks it, or as it falls to the side."""
    return float(rng.choice([rng.normal(0, 1.5), rng.normal(0, 9), rng.uniform(-38, 38)], p=[0.45, 0.4, 0.15]))


def _with_wheels(base: BikeDesign, inches: float) -> BikeDesign:
    """The same bike on wheels of another size: pedals stay as high above the ground, the fork fits the wheel."""
    bead_seat = BEAD_SEATS[int(inches) if inches == int(inches) else inches]
    if base.bike_type == "kids":
        return _for_child(base, bead_seat)
    smaller = (base.bead_seat - bead_seat) / 2
    return replace(
        base,
        bead_seat=bead_seat,
        bottom_bracket_drop=base.bottom_bracket_drop - smaller,
        fork_length=base.fork_length - smaller,
        stack=base.stack - 1.3 * smaller,
        stem_rise=base.stem_rise + (1.3 * smaller if base.frame == "folding" else 0.0),
    )


def _for_child(base: BikeDesign, bead_seat: float) -> BikeDesign:
    """The whole bike grows with its wheels, from two-year-olds to ten-year-olds."""
    scale = 0.46 + 0.54 * bead_seat / base.bead_seat
    lengths = ("chainstay", "seat_tube", "stack", "reach", "fork_rake", "saddle_height", "top_tube_slope",
               "crank_length", "ring_radius")  # fmt: skip
    grown = replace(base, bead_seat=bead_seat, **{name: getattr(base, name) * scale for name in lengths})
    bottom_bracket = 1.2 * grown.crank_length + 0.08  # above the ground: room for the pedals
    fork_length = grown.wheel_radius + CROWN_GAP
    return replace(
        grown,
        bottom_bracket_drop=grown.wheel_radius - bottom_bracket,
        fork_length=fork_length,
        stack=max(grown.stack, grown.wheel_radius + fork_length + SHORTEST_HEAD - bottom_bracket),
    )


def _vary(base: BikeDesign, rng: np.random.Generator) -> BikeDesign:
    """Frames come in sizes, and riders in more."""
    size = rng.uniform(0.95, 1.06)
    saddle_height = base.saddle_height * size * rng.uniform(0.96, 1.03)
    return replace(
        base,
        seat_tube=min(base.seat_tube * size, saddle_height - 0.085),
        stack=base.stack * size,
        reach=base.reach * rng.uniform(0.97, 1.03),
        seat_angle=base.seat_angle + rng.uniform(-1, 1),
        head_angle=base.head_angle + rng.uniform(-1, 1),
        tyre_radius=base.tyre_radius * rng.uniform(0.93, 1.06),
        tube_radius=base.tube_radius * rng.uniform(0.92, 1.12 if base.bike_type != "road" else 1.35),
        top_tube_slope=base.top_tube_slope * rng.uniform(0.6, 1.3),
        down_tube_share=rng.uniform(*DOWN_TUBE_SHARES.get(base.bike_type, (1.10, 1.25))),
        saddle_height=saddle_height,
        crank_angle=rng.uniform(-180, 180) if rng.random() < 0.3 else rng.uniform(-60, 60),
    )
