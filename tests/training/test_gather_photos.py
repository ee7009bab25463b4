import shutil

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


def test_an_extra_folder_that_holds_nothing_to_learn_from_is_named(bike_folder, tmp_path):
    shutil.copytree(bike_folder / "test", tmp_path / "photos" / "test")
    with pytest.raises(ValueError, match=r"no photo of .*photos is for training: leave the folder out"):
        gather_photos(load_photos, bike_folder, [tmp_path / "photos"])
