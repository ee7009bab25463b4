import pytest

from training.data import gather_photos, list_photos, load_photos


@pytest.mark.parametrize(
    ("load", "own_folder", "extra_folder"),
    [
        pytest.param(load_photos, ".", ".", id="classifier"),
        pytest.param(list_photos, "train/intact", "intact", id="localizer"),
    ],
)
def test_extra_photos_are_learned_from_and_none_is_judged_by(bike_folder, sample, load, own_folder, extra_folder):
    own = set(gather_photos(load, bike_folder / own_folder, []))
    both = set(gather_photos(load, bike_folder / own_folder, [sample / extra_folder]))
    extra = both - own
    assert own < both and {photo.split for photo in own} == {"train", "validation", "test"}
    assert {photo.split for photo in extra} == {"train"} and len(extra) > 40
    assert all(photo.path.is_relative_to(sample) for photo in extra)
