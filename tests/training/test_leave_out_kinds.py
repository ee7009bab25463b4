from pathlib import Path

import pytest

from training.data import Photo
from training.train_classifier import leave_out_kinds


@pytest.fixture
def photos() -> list[Photo]:
    damages = ([], [{"type": "rust"}], [{"type": "wheel_missing"}], [{"type": "rust"}, {"type": "wheel_missing"}])
    return [Photo(Path(f"{k}.jpg"), int(bool(kinds)), "train", damages=kinds) for k, kinds in enumerate(damages)]


def test_every_photo_that_shows_a_left_out_kind_goes(photos):
    assert [photo.path.name for photo in leave_out_kinds(photos, ["rust"])] == ["0.jpg", "2.jpg"]


def test_nothing_left_out_keeps_all(photos):
    assert leave_out_kinds(photos, []) == photos


def test_misspelt_kind_is_refused_with_those_there_are(photos):
    with pytest.raises(ValueError, match="no photo shows 'rsut': choose from rust, wheel_missing"):
        leave_out_kinds(photos, ["rsut"])
