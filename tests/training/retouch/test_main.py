import shutil

import cv2
import numpy as np
import pytest

from training.data import load_photos
from training.masks import UNKNOWN, read_labels, read_mask
from training.photo_damage.sources import bike_id_of
from training.retouch.__main__ import main
from training.retouch.tools import TOOLS
from training.splits import SPLITS, choose_split


def run(bike_folder, out, *options: str) -> int:
    return main(["--data_dir", str(bike_folder), "--out", str(out), *options])


def test_photos_held_back_are_damaged_each_in_several_ways(bike_folder, tmp_path):
    sheet = tmp_path / "sheet.jpg"
    assert run(bike_folder, tmp_path / "out", "--each", "2", "--preview", str(sheet)) == 0
    held_back = {p.path.stem for p in load_photos(bike_folder) if p.split == "test" and p.label == 0}
    photos = load_photos(tmp_path / "out")
    assert {photo.split for photo in photos} == {"test"}
    assert {photo.path.stem for photo in photos if photo.label == 0} == held_back
    damaged = [photo for photo in photos if photo.label == 1]
    assert len(held_back) < len(damaged) <= 2 * len(held_back)
    for photo in damaged:
        assert photo.kinds < set(TOOLS)
        assert photo.bike_id
        mask, parts = read_mask(photo.mask, (112, 160)) > 0, read_labels(photo.parts, (112, 160))
        assert mask.any() and (parts[mask] == UNKNOWN).all()
        assert {0, 1} < set(parts[~mask].tolist())
    assert sheet.stat().st_size > 1000


def test_photos_to_learn_from_are_damaged_by_the_tools_that_are_named(bike_folder, tmp_path):
    assert run(bike_folder, tmp_path / "out", "--split", "train", "--tools", "scraped", "squeezed") == 0
    photos = load_photos(tmp_path / "out")
    assert {photo.split for photo in photos} == {"train"}
    assert set().union(*(photo.kinds for photo in photos)) == {"scraped", "squeezed"}


def test_the_same_seed_makes_the_same_pictures(bike_folder, tmp_path):
    for out, seed in (("one", "5"), ("two", "5"), ("three", "6")):
        run(bike_folder, tmp_path / out, "--seed", seed)
    one, two, three = (
        {path.name: path.read_bytes() for path in (tmp_path / out).rglob("*") if path.is_file()}
        for out in ("one", "two", "three")
    )
    assert one == two != three


def test_a_folder_that_exists_is_left_alone(bike_folder, tmp_path, capsys):
    assert run(bike_folder, tmp_path) == 2
    assert f"{tmp_path} exists: choose another --out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value"), [("--each", "0"), ("--split", "all"), ("--tools", "hammer"), ("--seed", "-1")]
)
def test_a_wrong_option_is_told_in_a_line(bike_folder, tmp_path, capsys, option, value):
    with pytest.raises(SystemExit) as stopped:
        run(bike_folder, tmp_path / "out", option, value)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith("Error: ")


@pytest.fixture(scope="module")
def plain_photos(sample, tmp_path_factory):
    """Twelve photos of sound bikes and nothing else, in a folder "yard"; and one of a blank wall."""
    folder = tmp_path_factory.mktemp("plain") / "yard"
    folder.mkdir()
    for path in sorted((sample / "intact").glob("*.jpg"))[:12]:
        shutil.copy(path, folder)
    cv2.imwrite(str(folder / "wall.jpg"), np.full((360, 480, 3), 140, np.uint8))
    return folder


def test_plain_photos_are_damaged_too_each_on_the_side_that_the_damage_editor_has_for_it(
    plain_photos, tmp_path, capsys
):
    photos = []
    for split in SPLITS:
        out = tmp_path / split
        assert main(["--photos", str(plain_photos), "--split", split, "--out", str(out), "--each", "2"]) == 0
        photos += load_photos(out)
    sound = {photo.path.stem: photo for photo in photos if photo.label == 0}
    assert sound.keys() == {path.stem for path in plain_photos.iterdir()} - {"wall"}
    assert f"{plain_photos / 'wall.jpg'}: no bicycle found" in capsys.readouterr().err
    for name, photo in sound.items():
        assert photo.bike_id == bike_id_of(plain_photos / f"{name}.jpg") == f"yard-{name}"
        assert photo.split == choose_split(photo.bike_id)
        assert len(np.unique(read_labels(photo.parts, (360, 480)))) > 3, "the classifier drew the parts"
    damaged = [photo for photo in photos if photo.label == 1]
    assert len(damaged) > len(sound)
    assert all(read_mask(photo.mask, (360, 480)).any() for photo in damaged)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("nowhere", "does not exist"),
        ("only a wall", "no bicycle was found on any"),
        ("one name twice", "two of the photos are named"),
        ("other side", "none of the 1 photos is for"),
    ],
)
def test_plain_photos_that_cannot_be_used_cost_a_line(plain_photos, tmp_path, capsys, fault, told):
    bike = next(path for path in sorted(plain_photos.glob("*.jpg")) if path.stem != "wall")
    photos, split = [bike], choose_split(bike_id_of(bike))
    if fault == "nowhere":
        photos = [tmp_path / "none.jpg"]
    elif fault == "only a wall":
        photos = [plain_photos / "wall.jpg"]
        split = choose_split(bike_id_of(photos[0]))
    elif fault == "one name twice":
        photos.append(shutil.copy(bike, tmp_path))
    else:
        split = next(side for side in SPLITS if side != split)
    out = tmp_path / "out"
    assert main(["--photos", *map(str, photos), "--split", split, "--out", str(out)]) == 2
    assert told in capsys.readouterr().err
    assert not out.exists()
