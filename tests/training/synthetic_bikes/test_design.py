"""Bikes of all types as they are drawn: sizes, fittings and what they carry, without building them."""

from dataclasses import fields

import numpy as np
import pytest

from training.synthetic_bikes.bike_types import BIKE_TYPES
from training.synthetic_bikes.design import Layout, random_design
from training.synthetic_bikes.distractors import DISTRACTORS, build_distractors
from training.synthetic_bikes.handlebar import SHAPES
from training.synthetic_bikes.livery import LIVERIES
from training.synthetic_bikes.materials import FINISHES
from training.synthetic_bikes.measures import BikeDesign

SEEDS = 60
WHEELBASES = {  # metres, from makers' geometry tables of the smallest to the largest frames
    "bmx": (0.89, 1.02), "city": (1.00, 1.20), "folding": (0.92, 1.12), "full_suspension": (1.05, 1.30),
    "kids": (0.50, 1.05), "mountain": (1.00, 1.22), "road": (0.94, 1.06), "step_through": (1.00, 1.22),
    "trekking": (1.00, 1.16),
}  # fmt: skip


@pytest.fixture(scope="module")
def designs() -> dict[str, list[BikeDesign]]:
    return {name: [random_design(np.random.default_rng([s, 3]), name) for s in range(SEEDS)] for name in BIKE_TYPES}


@pytest.mark.parametrize("bike_type", sorted(BIKE_TYPES))
def test_sizes_are_those_of_real_bikes(designs, bike_type):
    for design in designs[bike_type]:
        layout = Layout(design)
        low, high = WHEELBASES[bike_type]
        assert low < layout.front_axle[0] - layout.rear_axle[0] < high
        is_for_child = bike_type == "kids"
        # A pedal at its lowest clears the ground; the saddle is above the wheels' tops but for BMX and small frames.
        assert layout.bottom_bracket[2] - design.crank_length > (0.05 if is_for_child else 0.075)
        assert (0.38 if is_for_child else 0.50) < layout.saddle[2] < 1.12
        assert (
            layout.head_bottom[2] - layout.front_axle[2] > design.wheel_radius - 0.02
        )  # the wheel fits under the crown
        assert np.linalg.norm(layout.rear_axle - layout.seat_joint) > design.wheel_radius


@pytest.mark.parametrize("bike_type", sorted(BIKE_TYPES))
def test_axles_are_a_wheel_radius_above_the_ground(designs, bike_type):
    for design in designs[bike_type]:
        layout = Layout(design)
        assert layout.rear_axle[2] == pytest.approx(design.wheel_radius)
        assert layout.front_axle[2] == pytest.approx(design.wheel_radius)
        assert np.linalg.norm(layout.rear_axle - layout.bottom_bracket) == pytest.approx(design.chainstay)


def test_same_seed_gives_the_same_design_and_others_other_ones():
    one, two, other = (random_design(np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert one == two != other


def test_all_types_are_drawn_if_none_is_asked_for():
    drawn = {random_design(np.random.default_rng(seed)).bike_type for seed in range(SEEDS)}
    assert drawn == set(BIKE_TYPES)


def test_every_fitting_is_on_some_bikes_and_missing_on_others(designs):
    everyone = [design for each in designs.values() for design in each]
    for field in fields(BikeDesign):
        if field.name.startswith("has_"):
            assert {getattr(design, field.name) for design in everyone} == {True, False}, field.name


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("handlebar", set(SHAPES), id="handlebars"),
        pytest.param("livery", set(LIVERIES), id="liveries"),
        pytest.param("finish", set(FINISHES), id="finishes"),
        pytest.param("brakes", {"rim", "disc", "back_pedal"}, id="brakes"),
        pytest.param("fork", {"rigid", "suspension"}, id="forks"),
        pytest.param("tread", {"slick", "ribbed", "knobbly"}, id="treads"),
        pytest.param("gears", {"derailleur", "single"}, id="gears"),
    ],
)
def test_every_choice_is_drawn(designs, field, expected):
    assert {getattr(design, field) for each in designs.values() for design in each} == expected


def test_every_distractor_is_carried_by_some_bike(designs):
    carried = {name for each in designs.values() for design in each for name in design.distractors}
    assert carried == set(DISTRACTORS)


def test_most_bikes_of_grown_ups_are_dark_or_colourless(designs):
    paints = [design.paint for name, each in designs.items() if name != "kids" for design in each]
    assert 0.5 < np.mean([paint in ("black", "white", "grey", "silver", "navy") for paint in paints]) < 0.85


def test_rims_are_of_several_depths(designs):
    depths = {round(design.rim_depth, 3) for design in designs["road"]}
    assert min(depths) < 0.02 and max(depths) >= 0.05 and len(depths) >= 3


@pytest.mark.parametrize(
    ("distractors", "message"),
    [
        pytest.param(("parrot",), "no distractor is named 'parrot': choose from basket_bag", id="unknown"),
        pytest.param(("panniers",), "this road bike has no place for panniers", id="no-rack"),
    ],
)
def test_what_a_bike_cannot_carry_is_refused(distractors, message):
    design = BikeDesign(**{**vars(BIKE_TYPES["road"]), "distractors": distractors})
    with pytest.raises(ValueError, match=message):
        build_distractors(design, Layout(design))


def test_unknown_type_is_refused():
    with pytest.raises(ValueError, match="no type of bike is named 'tandem': choose from bmx, city"):
        random_design(np.random.default_rng(0), "tandem")
