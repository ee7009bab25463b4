"""The measures of a bike: road, city and mountain proportions, each bike a little different.

Sizes are those of common medium-sized bikes, in metres and degrees.
"""

from dataclasses import dataclass, field, replace

import numpy as np

__all__ = ["BIKE_TYPES", "BikeDesign", "Layout", "random_design"]

PAINTS = ("red", "navy", "teal", "black", "cream", "green", "orange", "silver", "sky", "burgundy")


@dataclass(frozen=True)
class BikeDesign:
    """All that sets one bike apart from another."""

    bike_type: str
    wheel_radius: float  # to the outside of the tyre
    tyre_radius: float
    rim_depth: float
    spokes: int
    chainstay: float
    bottom_bracket_drop: float  # below the axles
    seat_angle: float
    head_angle: float
    seat_tube: float
    stack: float  # bottom bracket to the top of the head tube, upwards
    reach: float  # the same, forwards
    fork_rake: float
    fork_length: float  # axle to crown
    tube_radius: float
    saddle_height: float  # bottom bracket to the top of the saddle, along the seat tube
    handlebar: str  # "drop", "flat" or "city"
    top_tube_slope: float  # drop from head tube to seat tube
    brakes: str  # "rim" or "disc"
    paint: str = "red"
    decal: str = "white"
    rim: str = "aluminium"
    saddle: str = "black_leather"
    grips: str = "rubber"
    has_mudguards: bool = False
    has_rack: bool = False
    has_stand: bool = False
    crank_angle: float = -15.0  # of the right crank, from straight ahead, upwards positive
    steering: float = 0.0  # degrees to the left
    word: str = "ROAM"


BIKE_TYPES = {
    "road": BikeDesign(
        "road", 0.336, 0.0135, 0.030, 24, 0.412, 0.070, 73.0, 72.5, 0.52, 0.565, 0.385, 0.045, 0.372, 0.0165, 0.715,
        "drop", 0.03, "rim", rim="black_rim", grips="tape",
    ),
    "city": BikeDesign(
        "city", 0.352, 0.0195, 0.020, 36, 0.455, 0.060, 71.0, 70.0, 0.54, 0.615, 0.375, 0.058, 0.400, 0.0150, 0.70,
        "city", 0.02, "rim", saddle="brown_leather", grips="brown_leather", has_mudguards=True, has_rack=True,
        has_stand=True,
    ),
    "mountain": BikeDesign(
        "mountain", 0.368, 0.0285, 0.022, 32, 0.438, 0.055, 73.5, 67.5, 0.43, 0.625, 0.430, 0.046, 0.525, 0.0200, 0.70,
        "flat", 0.13, "disc", rim="black_rim",
    ),
}  # fmt: skip


def random_design(rng: np.random.Generator, bike_type: str | None = None) -> BikeDesign:
    """A bike of the type (any, if None) with its own size, paint and fittings."""
    bike_type = bike_type or str(rng.choice(sorted(BIKE_TYPES)))
    base = BIKE_TYPES[bike_type]
    size = rng.uniform(0.95, 1.06)
    paint = str(rng.choice(PAINTS))
    is_pale = paint in ("cream", "silver", "sky", "orange")
    choices = {
        "paint": paint,
        "decal": "black" if is_pale else "white",
        "seat_tube": base.seat_tube * size,
        "stack": base.stack * size,
        "reach": base.reach * rng.uniform(0.97, 1.03),
        "seat_angle": base.seat_angle + rng.uniform(-1, 1),
        "head_angle": base.head_angle + rng.uniform(-1, 1),
        "saddle_height": base.saddle_height * size * rng.uniform(0.96, 1.03),
        "crank_angle": rng.uniform(-60, 60),
        "word": str(rng.choice(["ROAM", "URBANE", "TRAIL", "SWIFT", "METEOR"])),
    }
    if bike_type == "city":
        choices["has_mudguards"] = bool(rng.random() < 0.8)
        choices["has_rack"] = bool(rng.random() < 0.6)
        choices["saddle"] = str(rng.choice(["brown_leather", "black_leather"]))
        choices["grips"] = choices["saddle"] if choices["saddle"] == "brown_leather" else "rubber"
        choices["handlebar"] = str(rng.choice(["city", "city", "flat"]))
    if bike_type == "road":
        choices["rim"] = str(rng.choice(["black_rim", "aluminium"]))
    return replace(base, **choices)


@dataclass
class Layout:
    """Where the bike's main points are (x, 0, z), worked out from its measures."""

    design: BikeDesign
    bottom_bracket: np.ndarray = field(init=False)
    rear_axle: np.ndarray = field(init=False)
    front_axle: np.ndarray = field(init=False)
    head_top: np.ndarray = field(init=False)
    head_bottom: np.ndarray = field(init=False)
    seat_top: np.ndarray = field(init=False)
    saddle: np.ndarray = field(init=False)
    steerer: np.ndarray = field(init=False)  # unit vector down the steering axis
    seat_direction: np.ndarray = field(init=False)  # unit vector up the seat tube

    def __post_init__(self) -> None:
        design = self.design
        drop = design.bottom_bracket_drop
        height = design.wheel_radius
        self.bottom_bracket = np.array([0.0, 0.0, height - drop])
        self.rear_axle = np.array([-np.sqrt(design.chainstay**2 - drop**2), 0.0, height])
        head, seat = np.radians(design.head_angle), np.radians(design.seat_angle)
        self.steerer = np.array([np.cos(head), 0.0, -np.sin(head)])
        forward = np.array([np.sin(head), 0.0, np.cos(head)])  # across the steering axis
        self.head_top = self.bottom_bracket + [design.reach, 0.0, design.stack]
        # The axle lies the rake ahead of the axis and the fork's length below the crown.
        along = np.sqrt(design.fork_length**2 - design.fork_rake**2)
        below_top = (self.head_top[2] - height + design.fork_rake * forward[2]) / np.sin(head)
        self.head_bottom = self.head_top + self.steerer * max(below_top - along, 0.08)
        self.front_axle = self.head_top + self.steerer * below_top + forward * design.fork_rake
        self.seat_direction = np.array([-np.cos(seat), 0.0, np.sin(seat)])
        self.seat_top = self.bottom_bracket + self.seat_direction * design.seat_tube
        self.saddle = self.bottom_bracket + self.seat_direction * design.saddle_height
