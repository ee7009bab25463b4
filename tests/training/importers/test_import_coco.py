import csv
import json

import cv2
import numpy as np
import pytest

from training.data import load_photos
from training.import_coco import main

CATEGORIES = [
    {"id": 1, "name": "dent", "supercategory": "frame"},
    {"id": 2, "name": "scratch"},
    {"id": 9, "name": "sticker"},
]
BOX = {"bbox": [60, 20, 30, 10]}  # x, y, width, height
SQUARE = {"segmentation": [[60, 20, 90, 20, 90, 30, 60, 30]], **BOX}
PIXELS = 300
RUNS = [6740, *[10, 102] * 29, 10, 7922]  # the same square, down the columns
# The same by pycocotools 2.0.11: mask.encode(square)["counts"].
COMPRESSED = "db6:V3000000000000000000000000000000000000000000000000000000000\\d7"


@pytest.fixture
def run(tmp_path, save_photo):
    """Import photos a.jpg, b.jpg, ... (numbered from 1) with these objects; return the exit code."""

    def run_importer(objects: list[dict], *options: str, count: int = 2, **changes) -> int:
        names = [f"{letter}.jpg" for letter in "abcdef"[:count]]
        for number, name in enumerate(names):
            if not (tmp_path / "photos" / name).exists():
                save_photo(name, number)
        images = [{"id": n, "file_name": name, "width": 160, "height": 112} for n, name in enumerate(names, start=1)]
        annotations = [{"id": 70 + number, **about} for number, about in enumerate(objects)]
        content = {"images": images, "annotations": annotations, "categories": CATEGORIES, **changes}
        (tmp_path / "coco.json").write_text(json.dumps(content), encoding="utf-8")
        return main([str(tmp_path / "coco.json"), str(tmp_path / "photos"), "--out", str(tmp_path / "out"), *options])

    return run_importer


def read_mask(photo) -> np.ndarray:
    return cv2.imread(str(photo.mask), cv2.IMREAD_GRAYSCALE)


@pytest.mark.parametrize(
    "outline",
    [
        pytest.param(SQUARE, id="polygon"),
        pytest.param({**BOX, "segmentation": []}, id="box, empty list"),
        pytest.param(BOX, id="box"),
        pytest.param({"segmentation": {"size": [112, 160], "counts": RUNS}}, id="run lengths"),
        pytest.param({"segmentation": {"size": [112, 160], "counts": COMPRESSED}, "iscrowd": 1}, id="compressed"),
    ],
)
def test_each_form_of_a_mask_is_read_back(run, tmp_path, outline):
    assert run([{"image_id": 2, "category_id": 1, **outline}]) == 0
    damaged, intact = load_photos(tmp_path / "out")
    assert (intact.path.name, intact.label, intact.mask) == ("a.jpg", 0, None)
    assert (damaged.path.name, damaged.label) == ("b.jpg", 1)
    mask = read_mask(damaged)
    assert mask.shape == (112, 160) and np.unique(mask).tolist() == [0, 255]
    assert mask[20:30, 60:90].all() and (mask > 0).sum() == PIXELS
    assert damaged.damages == [{"type": "dent", "part": "frame", "box": [60, 20, 90, 30]}]


def test_objects_of_one_photo_and_polygons_of_one_object_are_joined(run, tmp_path):
    two = [[10, 10, 20, 10, 20, 20, 10, 20], [15, 15, 25, 15, 25, 25, 15, 25]]
    run([{"image_id": 1, "category_id": 2, "segmentation": two}, {"image_id": 1, "category_id": 1, **SQUARE}])
    damaged = load_photos(tmp_path / "out")[0]
    assert [damage["type"] for damage in damaged.damages] == ["scratch", "dent"]
    assert damaged.damages[0]["box"] == [10, 10, 25, 25]
    assert (read_mask(damaged) > 0).sum() == 100 + 100 - 25 + PIXELS


def test_only_the_chosen_categories_are_damage_and_the_others_are_counted(run, tmp_path, capsys):
    stickers = [{"image_id": 1, "category_id": 9, **SQUARE}, {"image_id": 2, "category_id": 9, **SQUARE}]
    assert run([*stickers, {"image_id": 2, "category_id": 1, **SQUARE}], "--damage-categories", "dent") == 0
    assert [(photo.path.name, photo.kinds) for photo in load_photos(tmp_path / "out")] == [
        ("b.jpg", {"dent"}),
        ("a.jpg", set()),
    ]
    assert "no damage, as options say: 2 x sticker" in capsys.readouterr().err


def test_photos_of_one_name_in_two_folders_stay_apart(run, tmp_path, save_photo):
    names = ["left/a.jpg", "right/a.jpg", "right_a.jpg", "left_a.png"]
    for number, name in enumerate(names):
        save_photo(name, number)
    images = [{"id": n, "file_name": name, "width": 160, "height": 112} for n, name in enumerate(names, start=1)]
    run([{"image_id": 1, "category_id": 1, **SQUARE}, {"image_id": 4, "category_id": 2, **BOX}], images=images)
    photos = load_photos(tmp_path / "out")
    assert len({photo.path.stem for photo in photos}) == 4
    lines = (tmp_path / "out" / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
    for line in map(json.loads, lines):
        assert (tmp_path / "photos" / line["source"]).read_bytes() == (
            tmp_path / "out" / line["file_name"]
        ).read_bytes()


def test_photos_of_one_bike_stay_on_one_side(run, tmp_path):
    bike = {"width": 160, "height": 112, "bike_id": 17}
    images = [{"id": n, "file_name": f"{letter}.jpg", **bike} for n, letter in enumerate("abcd")]
    run([{"image_id": 1, "category_id": 1, **SQUARE}], images=images, count=4)
    assert len({photo.split for photo in load_photos(tmp_path / "out")}) == 1
    for line in (tmp_path / "out" / "metadata.jsonl").read_text(encoding="utf-8").splitlines():
        assert json.loads(line)["bike_id"] == "17"


def test_photo_that_the_file_does_not_have_is_listed_as_left_out(run, tmp_path, save_photo):
    save_photo("extra.png")
    assert run([{"image_id": 1, "category_id": 1, **SQUARE}]) == 0
    with open(tmp_path / "out" / "left_out.csv", encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1:] == [["extra.png", f"not in {tmp_path / 'coco.json'}"]]


@pytest.mark.parametrize(
    ("about", "message"),
    [
        pytest.param({"category_id": 5, **BOX}, "annotation 71 has the category 5", id="unknown category"),
        pytest.param({"category_id": [1], **BOX}, "annotation 71 has the category [1]", id="list of categories"),
        pytest.param({"category_id": 1}, "has no segmentation, and as bbox None", id="no outline"),
        pytest.param({"category_id": 1, "bbox": [1, 2, "3", 4]}, "annotation 71", id="box of text"),
        pytest.param({"category_id": 1, "segmentation": [[1, 2, 3]]}, "has 3 numbers", id="short polygon"),
        pytest.param({"category_id": 1, "segmentation": [7]}, "annotation 71", id="polygon of a number"),
        pytest.param(
            {"category_id": 1, "segmentation": {"size": [160, 112], "counts": [17920]}},
            r"of height and width [160, 112], its image of [112, 160]",
            id="run lengths of another size",
        ),
        pytest.param(
            {"category_id": 1, "segmentation": {"size": [112, 160], "counts": "0o"}}, "cut off", id="cut string"
        ),
    ],
)
def test_photo_with_a_fault_is_named_and_the_others_go_on(run, tmp_path, capsys, about, message):
    assert run([{"image_id": 1, "category_id": 1, **SQUARE}, {"image_id": 3, **about}], count=3) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("left out: c.jpg")]
    assert message in line and "mend it in" in line
    assert [photo.path.name for photo in load_photos(tmp_path / "out")] == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize(
    ("file_name", "message"),
    [
        pytest.param("../secret.jpg", "leads out of the folder", id="outside"),
        pytest.param("a.jpg", "2 images have this file_name", id="twice"),
        pytest.param("gone.jpg", "does not exist", id="missing"),
        pytest.param(None, "has as file_name None", id="no name"),
        pytest.param("", "image 7: '' is no name of a photo", id="empty name"),
        pytest.param("./", "'./' is no name of a photo", id="folder"),
    ],
)
def test_image_that_cannot_be_is_named(run, tmp_path, capsys, file_name, message):
    images = [{"id": n, "file_name": f"{'abc'[n]}.jpg", "width": 160, "height": 112} for n in range(3)]
    images.append({"id": 7, "file_name": file_name, "width": 160, "height": 112})
    assert run([{"image_id": 1, "category_id": 1, **SQUARE}], count=3, images=images) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        pytest.param({}, ["--damage-categories", "rust"], "no category named 'rust': choose from dent", id="category"),
        pytest.param({"images": {}}, [], "has as images {}", id="images"),
        pytest.param({"annotations": [{"category_id": 1}]}, [], "annotation 0 has no image_id", id="no image"),
        pytest.param({"annotations": [{"image_id": 8}]}, [], "belongs to image 8, which is not there", id="image 8"),
        pytest.param({"categories": [*CATEGORIES, CATEGORIES[0]]}, [], "two of the category ids are 1", id="same id"),
    ],
)
def test_file_that_cannot_be_is_one_line_and_exit_code_2(run, tmp_path, capsys, changes, options, message):
    assert run([{"image_id": 1, "category_id": 1, **SQUARE}], *options, **changes) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Error: ") and message in line and "coco.json" in line
    assert not (tmp_path / "out").exists()
