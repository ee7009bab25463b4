import numpy as np
import pytest

from training.photo_damage.side_view import find_parts_in_side_view


@pytest.fixture(scope="module")
def found(drawn_bike):
    return find_parts_in_side_view(drawn_bike.matte.astype(np.float32) / 255)


def test_wheels_of_a_side_view_are_found_to_1_percent(found, drawn_bike):
    for wheel in ("front_wheel", "rear_wheel"):
        tolerance = 0.01 * drawn_bike.parts.wheel_diameter
        assert found.boxes[wheel] == pytest.approx(drawn_bike.parts.boxes[wheel], abs=tolerance)
    assert found.facing == 1


def test_saddle_and_handlebar_of_a_side_view_are_boxed(found, drawn_bike):
    for part, tolerance in (("saddle", 0.05), ("handlebar", 0.08)):
        tolerance *= drawn_bike.parts.wheel_diameter
        assert found.boxes[part] == pytest.approx(drawn_bike.parts.boxes[part], abs=tolerance)


def test_points_of_a_side_view_are_found_roughly(found, drawn_bike):
    assert set(found.points) == set(drawn_bike.parts.points)
    for point, place in drawn_bike.parts.points.items():
        assert found.points[point] == pytest.approx(place, abs=0.12 * drawn_bike.parts.wheel_diameter), point


def test_drivetrain_of_a_side_view_reaches_from_hub_to_pedal(found, drawn_bike):
    x0, y0, x1, y1 = found.boxes["drivetrain"]
    for x, y in (drawn_bike.parts.rear_hub, drawn_bike.parts.points["bottom_bracket"], (166, 196)):
        assert x0 < x < x1 and y0 < y < y1


@pytest.mark.parametrize("seed", range(3))
def test_any_shape_gives_parts_and_no_error(seed):
    rng = np.random.default_rng(seed)
    alpha = np.zeros((60, 90), np.float32)
    y, x = rng.integers(5, 50, 2)
    alpha[y : y + rng.integers(1, 40), x : x + rng.integers(1, 40)] = 1
    assert {"front_wheel", "rear_wheel"} <= set(find_parts_in_side_view(alpha).boxes)


def test_empty_matte_is_refused():
    with pytest.raises(ValueError, match="matte is empty"):
        find_parts_in_side_view(np.zeros((40, 60), np.float32))
