import shutil

import pytest
from PIL import Image

from modeling import BikeImageProcessor
from training.data import list_photos
from training.draem_data import DraemExamples
from training.twins import find_damaged_twins
from training.views import RandomView


def sort_out(folder):
    photos = list_photos(folder)
    return [photo for photo in photos if photo.label == 0], [photo for photo in photos if photo.label == 1]


def test_a_twin_is_the_damaged_photo_of_the_same_name_and_side(bike_folder):
    intact, damaged = sort_out(bike_folder / "train" / "intact")
    twins = find_damaged_twins(intact, damaged)
    assert twins
    for path, twin in twins.items():
        assert twin.path == path.parent.parent / "damaged" / path.name
        assert twin.mask


@pytest.fixture
def crossing(tmp_path, bike_folder):
    """One photo of each class, with one name: by their content one is for training and the other for test."""
    source = bike_folder / "train"
    for label in ("intact", "damaged"):
        (tmp_path / label).mkdir()
    shutil.copytree(source / "masks", tmp_path / "masks")
    twin = next((source / "damaged").glob("*.jpg"))
    lines = ('{"file_name": "intact/%s", "bike_id": "bike-0"}', '{"file_name": "damaged/%s", "bike_id": "bike-9"}')
    (tmp_path / "metadata.jsonl").write_text("".join(f"{line % twin.name}\n" for line in lines))
    for label in ("intact", "damaged"):
        shutil.copy(source / "damaged" / twin.name, tmp_path / label / twin.name)
    return tmp_path


def test_a_photo_held_back_is_no_twin_of_one_trained_on(crossing):
    intact, damaged = sort_out(crossing / "intact")
    assert [photo.split for photo in (*intact, *damaged)] == ["train", "test"]
    with pytest.raises(ValueError, match="no photo has a twin"):
        find_damaged_twins(intact, damaged)
    processor = BikeImageProcessor(size={"height": 64, "width": 96})
    DraemExamples(intact, processor, RandomView(), [], 0.0, damaged)  # not asked for


def test_a_twin_of_another_size_is_named(bike_folder, tmp_path):
    folder = shutil.copytree(bike_folder / "train", tmp_path / "train")
    intact, damaged = sort_out(folder / "intact")
    twin = next(iter(find_damaged_twins(intact, damaged).values()))
    Image.new("RGB", (40, 40)).save(twin.path)
    with pytest.raises(ValueError, match=f"{twin.path.name} is no twin of .*, as its size is another"):
        find_damaged_twins(intact, damaged)
