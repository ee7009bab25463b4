import shutil

import cv2
import numpy as np
import pytest
from PIL import Image

from training.data import load_photos
from training.data_report import main, refuse_broken


@pytest.fixture
def folder(bike_folder, tmp_path):
    """The rendered bikes in three split folders, of which a test spoils some."""
    return shutil.copytree(bike_folder, tmp_path / "data")


def read(folder, capsys) -> tuple[int, str]:
    code = main([str(folder), "--sheet", str(folder.parent / "sheet.jpg")])
    return code, capsys.readouterr().out


def test_sound_folder_has_no_errors_but_the_copies_across_its_splits(folder, capsys):
    for split in ("validation", "test"):
        shutil.rmtree(folder / split)
    code, out = read(folder, capsys)
    assert code == 0 and "errors: none" in out
    assert "train              4        4" in out
    assert "longer side in pixels: 160 to 160" in out
    assert "0 intact photos for test" in out
    with Image.open(folder.parent / "sheet.jpg") as sheet:
        assert sheet.width == 8 * 220


def test_same_photos_in_two_split_folders_are_an_error(folder, capsys):
    code, out = read(folder, capsys)
    assert code == 1 and "near-duplicates on several sides" in out


SPOILED = {
    "empty": (lambda path: path.write_bytes(b""), "is empty (0 bytes)"),
    "text": (lambda path: path.write_text("a bike"), "is not an image"),
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:700]), "damaged or truncated"),
    "tiny": (lambda path: Image.new("RGB", (1, 1)).save(path), "is 1x1"),
    "bomb": (lambda path: Image.new("1", (20000, 20000)).save(path, "PNG"), "is 20000x20000"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_bad_photo_is_named_with_the_fix(folder, capsys, name):
    spoil, message = SPOILED[name]
    path = sorted((folder / "train" / "intact").glob("*.jpg"))[0]
    spoil(path)
    code, out = read(folder, capsys)
    assert code == 1
    assert any(str(path) in line and message in line for line in out.splitlines())


def test_bad_masks_are_named(folder, capsys):
    one, two, three = sorted((folder / "train" / "masks" / "damaged").glob("*.png"))[:3]
    cv2.imwrite(str(one), np.zeros((112, 160), np.uint8))
    cv2.imwrite(str(two), np.full((56, 80), 255, np.uint8))
    three.unlink()
    code, out = read(folder, capsys)
    assert code == 1
    assert f"{one} is empty though its photo is damaged" in out
    assert f"{two} is 80x56 but its photo is 160x112" in out
    assert "1 damaged photos have no mask" in out


def test_one_picture_with_both_labels_is_an_error(folder, capsys):
    path = sorted((folder / "train" / "intact").glob("*.jpg"))[0]
    shutil.copy(path, folder / "train" / "damaged" / "same.jpg")
    code, out = read(folder, capsys)
    assert code == 1 and "are one picture with both labels: delete the wrong one" in out


def test_missing_folder_ends_with_2(tmp_path, capsys):
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "nowhere holds no photos" in capsys.readouterr().err


def test_training_is_refused_with_every_broken_file_named(folder):
    refuse_broken(load_photos(folder))
    broken = sorted((folder / "train" / "intact").glob("*.jpg"))[:2]
    broken[0].write_bytes(b"")
    broken[1].write_bytes(broken[1].read_bytes()[:700])
    mask = next((folder / "test" / "masks" / "damaged").glob("*.png"))
    cv2.imwrite(str(mask), np.full((7, 9), 255, np.uint8))
    with pytest.raises(ValueError, match="3 files are broken") as caught:
        refuse_broken(load_photos(folder))
    assert all(str(path) in str(caught.value) for path in (*broken, mask))
