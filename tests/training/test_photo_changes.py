import numpy as np
import pytest

from training.photo_changes import CHANGES, crop_to_bike

SQUARE = np.zeros((90, 120), np.uint8)
SQUARE[30:60, 20:70] = 255  # off the middle, clear of the edges
PHOTO = np.repeat(SQUARE[..., None] // 2 + 60, 3, axis=2)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_map_moves_as_its_photo_does(change):
    photo, square = change.of_photo(PHOTO), change.of_map(SQUARE)
    assert photo.shape == (*square.shape, 3)
    assert photo.dtype == np.uint8
    bright = photo.mean(axis=2) > (float(photo.max()) + photo.min()) / 2
    assert (bright & (square > 127)).sum() / (bright | (square > 127)).sum() > 0.9


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_changes_the_photo(change):
    grain = np.random.default_rng(0).integers(0, 256, PHOTO.shape, np.uint8)
    assert not np.array_equal(change.of_photo(grain), grain)


def test_a_crop_leaves_the_bike_whole():
    cropped = crop_to_bike(SQUARE > 0)
    assert cropped.of_map(SQUARE).shape == (30 + 2 * 2, 50 + 2 * 2)
    assert cropped.of_map(SQUARE).sum() == SQUARE.sum()
    assert cropped.of_photo(PHOTO).shape == (34, 54, 3)


@pytest.mark.parametrize("mask", [None, np.zeros((90, 120), bool)])
def test_without_a_bike_nothing_is_cut(mask):
    assert np.array_equal(crop_to_bike(mask).of_photo(PHOTO), PHOTO)
