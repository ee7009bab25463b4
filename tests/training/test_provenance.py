"""A model knows which photos it has seen, and which of them others may not measure it on."""

import pytest

from training.data import Photo
from training.provenance import SEEN_PHOTOS, count_seen, describe_data, hand_on, record_seen


@pytest.fixture
def photos(tmp_path) -> list[Photo]:
    """Two a side."""
    photos = []
    for name in ("train", "validation", "test"):
        for label in (0, 1):
            path = tmp_path / f"{name}{label}.jpg"
            path.write_bytes(path.name.encode())
            photos.append(Photo(path, label, name, mask=path if label else None))
    return photos


def test_photos_of_training_and_validation_are_known_again_under_any_name(photos, tmp_path):
    run, model = tmp_path / "run", tmp_path / "model"
    run.mkdir(), model.mkdir()
    record_seen(run, photos, None)
    hand_on(run, model)
    assert count_seen(model, photos) == 4
    assert count_seen(model, photos[4:]) == 0
    copy = tmp_path / "another name.jpg"
    copy.write_bytes(photos[0].path.read_bytes())
    assert count_seen(model, [Photo(copy, 0, "test")]) == 1


def test_what_the_starting_model_saw_counts_too_and_where_nobody_knows_nothing_is_claimed(photos, tmp_path):
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    for folder in (first, second, third):
        folder.mkdir()
    record_seen(first, photos[:1], None)
    record_seen(second, photos[1:2], str(first))
    assert count_seen(second, photos[:2]) == 2
    (third / SEEN_PHOTOS).write_text("of an earlier run with the same folder\n")
    record_seen(third, photos[:2], "someone/bike-classifier")
    assert count_seen(third, photos) is None


def test_the_data_are_counted_by_side_and_class(photos):
    data = describe_data(photos)
    assert data["photos"] == 6
    assert data["train"] == data["validation"] == {"intact": 1, "damaged": 1, "masks": 1, "parts": 0}
