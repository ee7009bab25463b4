import numpy as np
import pytest

from training.synthetic_bikes.design import random_design
from training.synthetic_bikes.geometry import build_bike, rotation_about


@pytest.fixture(scope="module", params=["city", "full_suspension"])
def bike(request):
    rng = np.random.default_rng(4)
    return build_bike(random_design(rng, request.param), rng)


def test_rotation_is_right_handed():
    assert np.allclose(rotation_about(np.array([0, 0, 2.0]), np.pi / 2) @ [1, 0, 0], [0, 1, 0])


def test_the_end_of_a_name_means_all_that_end_so(bike):
    both = bike.triangles_of(names=("left_pedal", "right_pedal"))
    assert both.any() and np.array_equal(bike.triangles_of(names=("pedal",)), both)
    assert not (bike.triangles_of(names=("left_pedal",)) & bike.triangles_of(names=("right_pedal",))).any()
    spokes = np.unique(bike.piece[bike.triangles_of("rear_wheel", ("spoke",))])
    assert len(spokes) == bike.design.spokes


def test_a_name_that_no_piece_has_is_refused(bike):
    with pytest.raises(ValueError, match="no piece is called 'peddal': choose from"):
        bike.triangles_of(names=("peddal",))
