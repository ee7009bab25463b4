import numpy as np
import pytest
from PIL import Image

from training.photo_damage.places import Places, draw_room, draw_sweep
from training.photo_damage.sources import Source

SHAPE = (90, 120)


@pytest.fixture
def plate_source(tmp_path, drawn_bike) -> Source:
    for name, picture in (("bike", drawn_bike.photo), ("matte", drawn_bike.matte), ("plate", drawn_bike.photo)):
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    annotation = {"file": "bike.png", "usable": True, "bike": [100, 250, 900, 980]}
    return Source(tmp_path / "bike.png", tmp_path / "matte.png", tmp_path / "plate.png", annotation)


@pytest.mark.parametrize("seed", range(5))
def test_sweeps_are_pale_paper_without_an_edge(seed):
    place = draw_sweep(SHAPE, np.random.default_rng(seed))
    assert place.picture.shape == (*SHAPE, 3) and place.picture.dtype == np.float32
    assert place.picture.min() > 0.25 and place.picture.max() <= 1
    assert np.ptp(place.picture, axis=2).max() < 0.15
    assert place.stood is None


@pytest.mark.parametrize("seed", range(5))
def test_rooms_have_their_wall_above_the_ground_and_their_floor_below(seed):
    wall, floor = np.full((40, 50, 3), 0.2, np.float32), np.full((40, 50, 3), 0.8, np.float32)
    place = draw_room(SHAPE, wall, floor, np.random.default_rng(seed))
    assert place.picture.shape == (*SHAPE, 3) and place.picture.min() >= 0 and place.picture.max() <= 1
    assert place.picture[:30].mean() < 0.3 < 0.5 < place.picture[75:].mean()
    assert 0.4 * SHAPE[0] < place.ground < 0.75 * SHAPE[0]


def test_plates_carry_the_box_of_the_bike_that_stood_there(plate_source):
    places = Places([plate_source], [])
    drawn = [places.draw(np.random.default_rng(seed)) for seed in range(12)]
    stood = [place for place in drawn if place.stood is not None]
    assert 4 <= len(stood) < 12  # the others are sweeps
    for place in stood:
        assert place.stood == pytest.approx((32, 60, 288, 235.2), abs=1)
        assert place.picture.shape == (240, 320, 3)


def test_without_plates_and_textures_every_place_is_a_sweep():
    for seed in range(6):
        picture = Places([], []).draw(np.random.default_rng(seed)).picture
        assert 448 <= max(picture.shape) <= 640 and np.ptp(picture, axis=2).max() < 0.15


def test_same_seed_draws_the_same_place(plate_source, material):
    places = Places([plate_source], material.textures)
    for seed in range(6):
        one, two = (places.draw(np.random.default_rng(seed)) for _ in range(2))
        assert np.array_equal(one.picture, two.picture) and one.stood == two.stood
