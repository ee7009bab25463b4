import os
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


def test_a_sound_folder_has_no_errors(folder, capsys):
    for split in ("validation", "test"):
        shutil.rmtree(folder / split)
    code, out = read(folder, capsys)
    assert code == 0 and "errors: none" in out
    assert "train              4        4" in out
    assert "longer side in pixels: 160 to 160" in out
    assert "0 intact photos for test" in out
    with Image.open(folder.parent / "sheet.jpg") as sheet:
        assert sheet.width == 8 * 220


def change(photo, target):
    """The same photo saved anew."""
    cv2.imwrite(str(target), cv2.imread(str(photo)), [cv2.IMWRITE_JPEG_QUALITY, 60])


@pytest.mark.parametrize(
    ("copy", "message"),
    [
        pytest.param(shutil.copy, "one picture is on several sides", id="copy"),
        pytest.param(change, "near-duplicates are on several sides", id="near-duplicate"),
    ],
)
def test_one_photo_in_two_split_folders_is_refused(folder, capsys, copy, message):
    refuse_broken(load_photos(folder))
    photo = sorted((folder / "train" / "intact").glob("*.jpg"))[0]
    copy(photo, folder / "test" / "intact" / "other.jpg")
    code, out = read(folder, capsys)
    assert code == 1 and message in out and str(photo) in out
    with pytest.raises(ValueError, match=message):
        refuse_broken(load_photos(folder))


def test_photos_of_one_bike_in_two_split_folders_are_refused(folder):
    for split in ("train", "test"):
        photo = sorted((folder / split / "intact").glob("*.jpg"))[0]
        (folder / split / "metadata.jsonl").write_text(f'{{"file_name": "intact/{photo.name}", "bike_id": "red"}}\n')
    with pytest.raises(ValueError, match="one bike_id is on several sides"):
        refuse_broken(load_photos(folder))


def test_near_duplicates_that_have_other_bike_ids_are_different_bikes(folder, capsys):
    photo = sorted((folder / "train" / "intact").glob("*.jpg"))[0]
    change(photo, folder / "test" / "intact" / "other.jpg")
    for split, name in (("train", photo.name), ("test", "other.jpg")):
        line = f'{{"file_name": "intact/{name}", "bike_id": "{split}"}}\n'
        (folder / split / "metadata.jsonl").write_text(line)
    code, out = read(folder, capsys)
    assert code == 0 and "make sure that these are different bikes" in out
    refuse_broken(load_photos(folder))


def test_a_large_group_of_near_duplicates_is_pointed_out(folder, capsys):
    photo = sorted((folder / "train" / "intact").glob("*.jpg"))[0]
    for number in range(12):
        change(photo, folder / "train" / "intact" / f"again_{number}.jpg")
    _, out = read(folder, capsys)
    assert "13 photos are near-duplicates of one another" in out


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


def test_a_mask_of_zeros_and_ones_is_refused(folder, capsys):
    path = next((folder / "train" / "masks" / "damaged").glob("*.png"))
    cv2.imwrite(str(path), (cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) > 127).astype(np.uint8))
    code, out = read(folder, capsys)
    assert code == 1 and f"{path} has the value 1" in out
    with pytest.raises(ValueError, match="save the defect as 255 and all else as 0"):
        refuse_broken(load_photos(folder))


def test_of_an_intact_photo_an_empty_mask_is_fine_and_a_full_one_is_not(folder, capsys):
    photo = sorted((folder / "train" / "intact").glob("*.jpg"))[0]
    mask = folder / "train" / "masks" / "intact" / f"{photo.stem}.png"
    mask.parent.mkdir()
    cv2.imwrite(str(mask), np.zeros((112, 160), np.uint8))
    refuse_broken(load_photos(folder))
    cv2.imwrite(str(mask), np.full((112, 160), 255, np.uint8))
    code, out = read(folder, capsys)
    assert code == 1 and f"{mask} marks a defect though its photo is intact" in out


def test_a_part_id_that_is_none_is_refused(folder, capsys):
    path = sorted((folder / "train" / "parts" / "intact").glob("*.png"))[0]
    cv2.imwrite(str(path), np.full((112, 160), 77, np.uint8))
    code, out = read(folder, capsys)
    assert code == 1 and f"{path} has the part id 77: known are 0 background" in out
    with pytest.raises(ValueError, match="part id 77"):
        refuse_broken(load_photos(folder))
    refuse_broken(load_photos(folder), part_names=[f"part {number}" for number in range(78)])


def test_two_photos_cannot_share_a_mask(folder):
    photo = sorted((folder / "train" / "damaged").glob("*.jpg"))[0]
    cv2.imwrite(str(photo.with_suffix(".png")), np.random.default_rng(0).integers(0, 255, (112, 160, 3), np.uint8))
    with pytest.raises(ValueError, match=rf"{photo.stem}\.png would belong to {photo.stem}\.jpg and {photo.stem}\.png"):
        refuse_broken(load_photos(folder))


def spoil_strays(root):
    """Each kind of thing that is not used, and the remark on it."""
    Image.new("L", (8, 8)).save(root / "masks" / "damaged" / "nobody.png")
    Image.new("L", (8, 8)).save(root / "parts" / "intact" / "nobody.png")
    (root / "metadata.jsonl").write_text('{"file_name": "nobody.jpg"}\n')
    (root / "metadata.csv").write_text("file_name\n")
    (root / "Broken").mkdir()
    Image.new("RGB", (64, 64)).save(root / "Broken" / "a.jpg")
    return (
        "masks that belong to no photo: 1, such as",
        "parts that belong to no photo: 1, such as",
        "metadata.jsonl that name no photo: 1, such as 'nobody.jpg'",
        "metadata.csv is not read",
        "Broken is not used",
    )


def test_what_is_not_used_is_told(folder, capsys):
    remarks = spoil_strays(folder / "train")
    (folder / "intact").mkdir()
    code, out = read(folder, capsys)
    assert code == 0
    for remark in (*remarks, f"{folder / 'intact'} is not used: train/, validation/ and test/ are there, and win"):
        assert remark in out
    load_photos(folder)  # as training calls it
    assert all(remark in capsys.readouterr().err for remark in remarks[:1])


def test_one_picture_with_both_labels_is_an_error(folder, capsys):
    path = sorted((folder / "train" / "intact").glob("*.jpg"))[0]
    shutil.copy(path, folder / "train" / "damaged" / "same.jpg")
    code, out = read(folder, capsys)
    assert code == 1 and "are one picture with both labels: delete the wrong one" in out


def test_missing_folder_ends_with_2(tmp_path, capsys):
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "nowhere does not exist: give a folder" in capsys.readouterr().err


def test_a_broken_texture_is_named_before_training(folder, tmp_path):
    paths = [tmp_path / f"{name}.png" for name in "ab"]
    for path in paths:
        Image.new("RGB", (64, 64)).save(path)
    refuse_broken(load_photos(folder), paths)
    paths[1].write_bytes(paths[1].read_bytes()[:60])
    with pytest.raises(ValueError, match=r"1 faults in the data.*\n.*b\.png is damaged or truncated"):
        refuse_broken(load_photos(folder), paths)


def test_files_that_were_sound_are_opened_again_only_when_they_change(folder, tmp_path):
    stamp = tmp_path / "run" / "checked.txt"
    photo = sorted((folder / "train" / "intact").glob("*.jpg"))[0]
    refuse_broken(load_photos(folder), stamp=stamp)
    about = photo.stat()
    photo.write_bytes(b"x" * about.st_size)
    os.utime(photo, ns=(about.st_atime_ns, about.st_mtime_ns))
    refuse_broken(load_photos(folder), stamp=stamp)  # nobody could tell without opening it
    os.utime(photo, ns=(about.st_atime_ns, about.st_mtime_ns + 1))
    for _ in range(2):  # a failure is not taken for a success the next time
        with pytest.raises(ValueError, match=f"{photo.name} is not an image"):
            refuse_broken(load_photos(folder), stamp=stamp)


def test_training_is_refused_with_every_broken_file_named(folder):
    refuse_broken(load_photos(folder))
    broken = sorted((folder / "train" / "intact").glob("*.jpg"))[:2]
    broken[0].write_bytes(b"")
    broken[1].write_bytes(broken[1].read_bytes()[:700])
    mask = next((folder / "test" / "masks" / "damaged").glob("*.png"))
    cv2.imwrite(str(mask), np.full((7, 9), 255, np.uint8))
    with pytest.raises(ValueError, match="3 faults in the data") as caught:
        refuse_broken(load_photos(folder))
    assert all(str(path) in str(caught.value) for path in (*broken, mask))
