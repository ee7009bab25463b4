import numpy as np
import pytest

from training.photo_damage.parts import Parts
from training.photo_damage.tubes import Tube, find_tubes, jagged_line, pick_tube, put_back

TRUE_DOWN_TUBE = np.array([(206.0, 96.0), (146.0, 184.0)])
TRUE_WIDTH = 5


def distance_to_down_tube(point: np.ndarray) -> float:
    start, end = TRUE_DOWN_TUBE
    x, y = (end - start) / np.hypot(*(end - start))
    return abs((point - start) @ (-y, x))


@pytest.mark.parametrize("error", [pytest.param(0, id="exact"), pytest.param(7, id="7 pixels off")])
def test_tube_is_found_in_the_matte_near_a_rough_line(layers, drawn_bike, error):
    points = {name: (x + error, y) for name, (x, y) in drawn_bike.parts.points.items()}
    (tube,) = find_tubes(layers.alpha, Parts(drawn_bike.parts.boxes, points), ("down_tube",))
    assert max(distance_to_down_tube(end) for end in (tube.start, tube.end)) < 1.5
    assert tube.width == pytest.approx(TRUE_WIDTH, abs=1)
    assert tube.length > 0.6 * np.hypot(*(TRUE_DOWN_TUBE[0] - TRUE_DOWN_TUBE[1]))


def test_no_tube_is_found_without_a_bike_or_its_points(layers, drawn_bike):
    assert find_tubes(np.zeros_like(layers.alpha), drawn_bike.parts) == []
    assert find_tubes(layers.alpha, Parts()) == []


def test_tubes_with_spokes_beside_are_left_out_on_demand(layers, drawn_bike):
    names = {
        pick_tube(layers.alpha, drawn_bike.parts, np.random.default_rng(seed), most_beside=0.02).name
        for seed in range(8)
    }
    assert names and "fork" not in names


def test_points_and_coordinates_agree():
    tube = Tube("down_tube", np.array([10.0, 20.0]), np.array([40.0, 60.0]), 5.0)
    x, y = tube.point(25.0, -3.0)
    along, across = tube.coordinates((slice(0, 80), slice(0, 80)))
    assert along[round(y), round(x)] == pytest.approx(25, abs=1)
    assert across[round(y), round(x)] == pytest.approx(-3, abs=1)


def test_put_back_changes_nothing_outside_the_box(layers):
    box = (slice(30, 40), slice(50, 70))
    after = put_back(layers, box, np.ones((10, 20, 3), np.float32), np.ones((10, 20), np.float32))
    assert (after.alpha[box] == 1).all()
    outside = np.ones(layers.alpha.shape, bool)
    outside[box] = False
    assert np.array_equal(after.alpha[outside], layers.alpha[outside])
    assert np.array_equal(after.colour[outside], layers.colour[outside])


def test_jagged_line_is_jagged_and_bounded():
    heights = jagged_line(np.arange(200.0), 8.0, np.random.default_rng(0))
    assert np.abs(heights).max() <= 1
    assert 10 < (np.diff(np.sign(np.diff(heights))) != 0).sum() < 80
