import cv2
import numpy as np
import pytest

from training.photo_damage.layers import fill_smoothly, take_apart


def test_layers_put_together_are_the_photo_again(drawn_bike, layers):
    difference = np.abs(255 * layers.put_together() - drawn_bike.photo).max(axis=2)
    beside, inside = drawn_bike.matte == 0, drawn_bike.matte == 255
    # The plate is filled in to 9 pixels around the bike, and smooth as it is, comes out right there too.
    assert difference[beside].max() < 4
    # Inside and along the edge the bike's colour is estimated; thin tubes of different colours mix a little.
    assert difference[inside].mean() < 2
    assert difference[~beside & ~inside].mean() < 8
    assert difference.mean() < 1


def test_plate_shows_no_bike(drawn_bike, layers):
    expected = np.linspace(225, 185, 240)[:, None, None] * [1.0, 0.99, 0.96] / 255
    assert np.abs(layers.plate - expected).max() < 0.04


def test_plate_keeps_nothing_of_an_edge_softer_than_the_matte():
    bar = np.ones((60, 80), np.float32)
    bar[25:35] = 0
    photo = np.repeat(np.round(255 * cv2.GaussianBlur(bar, (0, 0), 2))[..., None], 3, axis=2).astype(np.uint8)
    matte = np.zeros((60, 80), np.uint8)
    matte[26:34] = 255
    assert take_apart(photo, matte).plate.min() > 0.97


def test_given_plate_is_taken_as_it_is(drawn_bike):
    plate = np.full_like(drawn_bike.photo, 51)
    assert np.allclose(take_apart(drawn_bike.photo, drawn_bike.matte, plate).plate, 0.2)


def test_given_colour_is_taken_as_it_is(drawn_bike):
    assert np.allclose(take_apart(drawn_bike.photo, drawn_bike.matte, colour=drawn_bike.photo * 0 + 51).colour, 0.2)


@pytest.mark.parametrize("name", ["matte", "plate", "colour"])
def test_other_size_is_refused_by_name(drawn_bike, name):
    pictures = {"matte": drawn_bike.matte, "plate": drawn_bike.photo, "colour": drawn_bike.photo}
    pictures[name] = pictures[name][:100]
    with pytest.raises(ValueError, match=f"{name} is .100, 320"):
        take_apart(drawn_bike.photo, **pictures)


def test_filling_keeps_what_is_known_and_stays_between_it():
    rng = np.random.default_rng(0)
    image = rng.uniform(0.3, 0.7, (37, 53, 3)).astype(np.float32)
    known = rng.random((37, 53)) < 0.4
    filled = fill_smoothly(image, known)
    assert np.array_equal(filled[known], image[known])
    assert image[known].min() - 1e-3 <= filled.min() and filled.max() <= image[known].max() + 1e-3


def test_filling_with_nothing_known_is_grey():
    assert np.allclose(fill_smoothly(np.zeros((9, 7, 3), np.float32), np.zeros((9, 7), bool)), 0.5)
