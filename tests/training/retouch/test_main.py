import pytest

from training.data import load_photos
from training.masks import UNKNOWN, read_labels, read_mask
from training.retouch.__main__ import main
from training.retouch.tools import TOOLS


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
