from dataclasses import replace

import numpy as np
import pytest

from training.synthetic_bikes.design import random_design
from training.synthetic_bikes.geometry import Bike, build_bike
from training.synthetic_bikes.steering import steer


@pytest.fixture(scope="module")
def bike() -> Bike:
    rng = np.random.default_rng(4)
    return build_bike(replace(random_design(rng, "trekking"), steering=30.0), rng)


def middle_of(bike: Bike, part: str | None, *names: str) -> np.ndarray:
    return bike.points[bike.points_of(bike.triangles_of(part, names))].mean(axis=0)


def test_front_turns_to_the_left_and_the_rest_stays(bike):
    turned = steer(bike)
    # The rider's left is +y: the left grip comes back, the front of the wheel goes left.
    assert middle_of(turned, "handlebar", "left_grip")[0] < middle_of(bike, "handlebar", "left_grip")[0] - 0.1
    wheel = turned.points[turned.points_of(turned.triangles_of("front_wheel"))]
    assert wheel[wheel[:, 0].argmax(), 1] > 0.1
    for part in ("rear_wheel", "saddle", "drivetrain"):
        assert np.array_equal(middle_of(turned, part), middle_of(bike, part))
    assert np.array_equal(middle_of(turned, "frame", "down_tube"), middle_of(bike, "frame", "down_tube"))


def test_wheel_keeps_its_shape_and_its_place_in_the_fork_and_on_the_ground(bike):
    turned = steer(bike)
    for name in ("left_fork", "front_axle_nut"):
        before, after = (
            np.linalg.norm(middle_of(each, "frame", name) - middle_of(each, "front_wheel")) for each in (bike, turned)
        )
        assert after == pytest.approx(before, abs=1e-9)
    wheel = turned.points_of(turned.triangles_of("front_wheel"))
    assert turned.points[wheel, 2].min() == pytest.approx(0, abs=0.008)


def test_cable_to_the_frame_stays_fixed_at_its_end(bike):
    turned = steer(bike)
    cable = np.flatnonzero(bike.points_of(bike.triangles_of(names=("right_brake_cable",))))
    along = bike.uv[cable, 0]
    moved = np.linalg.norm(turned.points[cable] - bike.points[cable], axis=1)
    assert moved[along == along.max()].max() < 1e-9
    assert moved[along == 0].min() > 0.02


def test_straight_bar_changes_nothing(bike):
    straight = replace(bike, design=replace(bike.design, steering=0.0))
    assert steer(straight) is straight
