"""The sample of the rendered data set is whole, and loads as its card says."""

from collections import Counter

import datasets
import numpy as np
import pytest

from inspection.photo import read_photo
from training.data import load_photos
from training.masks import read_mask

LARGEST = 12_000_000  # bytes


@pytest.fixture(scope="module")
def photos(sample):
    return load_photos(sample)


def test_it_is_small_enough_to_ship(sample):
    assert sum(path.stat().st_size for path in sample.rglob("*")) < LARGEST


def test_the_hugging_face_library_loads_it(sample, tmp_path):
    rows = datasets.load_dataset("imagefolder", data_dir=str(sample), split="train", cache_dir=str(tmp_path))
    assert Counter(rows["label"]) == {"intact": 48, "damaged": 48}
    for row in (row for row in rows if row["label"] == "damaged"):
        width, height = row["image"].size
        assert np.asarray(row["mask"]).shape == (height, width)
        assert np.asarray(row["mask"]).any()
        for damage in row["damages"]:
            x0, y0, x1, y1 = damage["box"]
            assert 0 <= x0 < x1 <= width
            assert 0 <= y0 < y1 <= height
            assert 0 < damage["severity"] <= 1


def test_our_loader_finds_masks_parts_and_both_pictures_of_a_bike_on_one_side(photos):
    assert len(photos) == 96
    assert all(photo.parts for photo in photos)
    assert [photo for photo in photos if photo.label == 1] == [photo for photo in photos if photo.mask]
    sides = {photo.path.stem: photo.split for photo in photos}
    assert all(sides[photo.path.stem] == photo.split for photo in photos)
    assert set(sides.values()) == {"train", "validation", "test"}


def test_twins_differ_where_the_damage_is(photos):
    for damaged in (photo for photo in photos if photo.label == 1):
        (intact,) = (photo for photo in photos if photo.label == 0 and photo.path.stem == damaged.path.stem)
        before, after = (read_photo(photo.path).astype(int) for photo in (intact, damaged))
        difference = np.abs(before - after).max(axis=2)
        mask = read_mask(damaged.mask, difference.shape) > 0
        assert difference[mask].mean() > 2 * difference[~mask].mean(), damaged.path.stem
