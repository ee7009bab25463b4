import json
import shutil
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from training.data import count_photos, list_photos, load_photos
from training.splits import choose_split


def paint(path, shade: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), (shade, 0, 0)).save(path)


@pytest.fixture
def folder(tmp_path):
    for number in range(20):
        paint(tmp_path / "intact" / f"{number}.png", 2 * number)
        paint(tmp_path / "damaged" / f"{number}.png", 2 * number + 1)
        paint(tmp_path / "masks" / "damaged" / f"{number}.png", 0)
    paint(tmp_path / "parts" / "intact" / "3.png", 0)
    return tmp_path


def test_photos_masks_and_parts_are_told_apart(folder):
    photos = load_photos(folder)
    assert Counter(photo.label for photo in photos) == {0: 20, 1: 20}
    assert all((photo.mask is not None) == (photo.label == 1) for photo in photos)
    assert [photo.path.name for photo in photos if photo.parts] == ["3.png"]
    assert photos == sorted(photos, key=lambda photo: photo.path)


def test_a_copy_under_another_name_is_on_the_same_side(folder):
    before = {photo.path.name: photo.split for photo in load_photos(folder) if photo.label == 0}
    for number in range(20):
        shutil.copy(folder / "intact" / f"{number}.png", folder / "intact" / f"copy_{number}.png")
    after = {photo.path.name: photo.split for photo in load_photos(folder) if photo.label == 0}
    assert all(after[f"{number}.png"] == after[f"copy_{number}.png"] for number in range(20))
    assert before == {name: split for name, split in after.items() if not name.startswith("copy_")}


def test_near_duplicates_stay_together_whatever_their_class(tmp_path):
    """A bike photographed before and after, saved anew in between: twelve such pairs, none with a name."""
    rng = np.random.default_rng(0)
    for number in range(12):
        photo = Image.fromarray(rng.integers(0, 255, (12, 16, 3), np.uint8)).resize((160, 120))
        for label, quality in (("intact", 95), ("damaged", 60)):
            (tmp_path / label).mkdir(exist_ok=True)
            photo.save(tmp_path / label / f"{label}_{number}.jpg", quality=quality)
    splits = {photo.path.stem: photo.split for photo in load_photos(tmp_path)}
    assert all(splits[f"intact_{number}"] == splits[f"damaged_{number}"] for number in range(12))
    assert len(set(splits.values())) > 1
    alone = {photo.path.stem: photo.split for photo in list_photos(tmp_path / "intact")}
    assert alone == {name: split for name, split in splits.items() if name.startswith("intact")}


def test_photos_of_one_bike_stay_together(folder):
    lines = [
        {"file_name": f"{label}/{number}.png", "bike_id": f"bike-{number % 4}", "damages": [], "scene": "street"}
        for number in range(20)
        for label in ("intact", "damaged")
    ]
    (folder / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    photos = load_photos(folder)
    assert all(photo.split == choose_split(f"bike-{int(photo.path.stem) % 4}") for photo in photos)
    assert {photo.scene for photo in photos} == {"street"}


def test_split_folders_win(bike_folder):
    photos = load_photos(bike_folder)
    assert all(photo.path.parts[-3] == photo.split for photo in photos)
    assert count_photos(photos).splitlines()[1:] == [
        "train              4        4",
        "validation         4        4",
        "test               4        4",
    ]


def test_a_plain_folder_of_intact_photos_is_enough_for_the_localizer(folder):
    shutil.rmtree(folder / "damaged")
    photos = list_photos(folder / "intact")
    assert len(photos) == 20
    assert {photo.label for photo in photos} == {0}


def test_damaged_photos_with_masks_come_along_to_measure_the_localizer_on(folder):
    alone = {photo.path: photo for photo in load_photos(folder)}
    (folder / "masks" / "damaged" / "3.png").unlink()
    photos = list_photos(folder / "intact")
    assert sum(photo.label == 0 for photo in photos) == 20
    assert sum(photo.label == 1 for photo in photos) == 19
    assert all(photo.mask for photo in photos if photo.label)
    assert all(photo.split == alone[photo.path].split for photo in photos)


@pytest.mark.parametrize("name", ["one.HEIC", "one.jfif", "one.tga", "one.avif", "more/one.jpg"])
def test_what_is_left_out_is_named_and_is_left_out(folder, capsys, name):
    path = folder / "intact" / name
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (64, 48)).save(folder / "one.jpg")
    (folder / "one.jpg").rename(path)
    photos = load_photos(folder)
    shown = capsys.readouterr().err
    (line,) = [line for line in shown.splitlines() if line.startswith("left out")]
    assert "1 folders or files" in line and name.partition("/")[0] in line
    assert len(photos) == 40 and path not in {photo.path for photo in photos}
    assert "Downloading" not in shown


def test_a_copy_without_a_name_is_on_the_side_of_the_named_bike(tmp_path):
    rng = np.random.default_rng(0)
    lines = []
    for number in range(12):
        photo = Image.fromarray(rng.integers(0, 255, (12, 16, 3), np.uint8)).resize((160, 120))
        for label, quality in (("intact", 95), ("damaged", 60)):
            (tmp_path / label).mkdir(exist_ok=True)
            photo.save(tmp_path / label / f"{number}.jpg", quality=quality)
        lines.append(json.dumps({"file_name": f"damaged/{number}.jpg", "bike_id": f"bike-{number}"}))
    (tmp_path / "metadata.jsonl").write_text("\n".join(lines))
    photos = load_photos(tmp_path)
    assert len(photos) == 24
    assert all(photo.split == choose_split(f"bike-{photo.path.stem}") for photo in photos)
    assert len({photo.split for photo in photos}) > 1


def test_damaged_photos_of_a_side_without_intact_ones_come_along(bike_folder, tmp_path):
    folder = shutil.copytree(bike_folder, tmp_path / "data")
    shutil.rmtree(folder / "validation" / "intact")
    photos = list_photos(folder / "train" / "intact")
    assert sum(photo.split == "validation" and photo.label == 1 for photo in photos) == 4


def test_two_lines_on_one_photo_are_refused(folder):
    (folder / "metadata.jsonl").write_text('{"file_name": "intact/1.png", "bike_id": "a"}\n' * 2)
    with pytest.raises(ValueError, match=r"line 2, is the second for 'intact/1\.png'"):
        load_photos(folder)


def test_a_folder_may_have_any_name(folder, tmp_path):
    odd = tmp_path / "bikes [1] *?"
    shutil.copytree(folder, odd)
    assert len(load_photos(odd)) == len(load_photos(folder))


def test_a_bike_may_be_named_by_a_number(folder):
    (folder / "metadata.jsonl").write_text(
        "".join(f'{{"file_name": "{c}/{n}.png", "bike_id": 17}}\n' for c in ("intact", "damaged") for n in range(20))
    )
    assert len({photo.split for photo in load_photos(folder)}) == 1


@pytest.mark.parametrize("damages", ['"rust"', '["rust"]', '[{"part": "frame"}]'], ids=["text", "texts", "no-type"])
def test_damages_that_cannot_be_read_are_named(folder, damages):
    (folder / "metadata.jsonl").write_text(f'{{"file_name": "damaged/1.png", "damages": {damages}}}\n')
    with pytest.raises(ValueError, match=r"metadata\.jsonl, line 1: damages are .*: write them as"):
        load_photos(folder)


@pytest.mark.parametrize(
    ("remove", "message"),
    [
        pytest.param("damaged", r"holds no photos in damaged/: put some there, as damaged/NAME\.jpg", id="class"),
        pytest.param("both", "holds no photos: expected intact/NAME.jpg and damaged/NAME.jpg", id="folder"),
        pytest.param(".", "does not exist: give a folder", id="no-folder"),
    ],
)
def test_an_empty_class_or_folder_says_what_to_put_there(folder, remove, message):
    for name in ("intact", "damaged") if remove == "both" else (remove,):
        shutil.rmtree(folder / name)
    with pytest.raises(FileNotFoundError, match=message):
        load_photos(folder)


@pytest.mark.parametrize("line", ["{", "[1]", '{"bike_id": "a"}'], ids=["no-json", "no-object", "no-file-name"])
def test_a_broken_line_of_metadata_is_named(folder, line):
    (folder / "metadata.jsonl").write_text('{"file_name": "intact/1.png"}\n' + line + "\n")
    with pytest.raises(ValueError, match=r"metadata\.jsonl, line 2, is no JSON object with a file_name"):
        load_photos(folder)
