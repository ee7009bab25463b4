import numpy as np
import pytest

from training.synthetic_bikes.design import BIKE_TYPES, Layout, random_design
from training.synthetic_bikes.geometry import PARTS, build_bike, rotation_about
from training.synthetic_bikes.names import NAMES


@pytest.fixture(scope="module", params=sorted(BIKE_TYPES))
def bike(request):
    rng = np.random.default_rng(4)
    return build_bike(random_design(rng, request.param), rng)


def test_bike_stands_on_the_floor_and_has_every_part(bike):
    assert bike.points[:, 2].min() == pytest.approx(0, abs=4e-3)  # a mountain tyre's knobs press into the floor
    assert set(np.unique(bike.part_ids)) == set(PARTS.values())


def test_meshes_are_whole(bike):
    assert bike.triangles.min() == 0 and bike.triangles.max() == len(bike.points) - 1
    assert np.isfinite(bike.points).all()
    assert np.allclose(np.linalg.norm(bike.normals, axis=1), 1, atol=0.02)


def test_axles_are_a_wheel_radius_above_the_floor():
    for design in BIKE_TYPES.values():
        layout = Layout(design)
        assert layout.rear_axle[2] == pytest.approx(design.wheel_radius)
        assert layout.front_axle[2] == pytest.approx(design.wheel_radius)
        assert np.linalg.norm(layout.rear_axle - layout.bottom_bracket) == pytest.approx(design.chainstay)


def test_rotation_is_right_handed():
    assert np.allclose(rotation_about(np.array([0, 0, 2.0]), np.pi / 2) @ [1, 0, 0], [0, 1, 0])


def test_every_piece_has_a_name_of_its_part(bike):
    for piece in bike.pieces:
        assert piece.name in NAMES[piece.part], f"{piece.name} of {piece.part}"


def test_the_end_of_a_name_means_all_that_end_so(bike):
    both = bike.triangles_of(names=("left_pedal", "right_pedal"))
    assert both.any() and np.array_equal(bike.triangles_of(names=("pedal",)), both)
    assert not (bike.triangles_of(names=("left_pedal",)) & bike.triangles_of(names=("right_pedal",))).any()
    spokes = np.unique(bike.piece[bike.triangles_of("rear_wheel", ("spoke",))])
    assert len(spokes) == bike.design.spokes


def test_a_name_that_no_piece_has_is_refused(bike):
    with pytest.raises(ValueError, match="no piece is called 'peddal': choose from"):
        bike.triangles_of(names=("peddal",))
