import json

import numpy as np
import pytest
from PIL import Image

from training.files import write_atomically, write_json, write_picture, write_text


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_colours_are_written_as_rgb(tmp_path, name):
    picture = np.full((16, 16, 3), (200, 120, 40), np.uint8)
    write_picture(tmp_path / name, picture, quality=95 if name == "a.jpg" else None)
    with Image.open(tmp_path / name) as image:
        assert np.abs(np.asarray(image).astype(int) - picture).max() <= 3


def test_ids_are_written_exactly(tmp_path):
    labels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    write_picture(tmp_path / "a.png", labels)
    with Image.open(tmp_path / "a.png") as image:
        assert np.array_equal(np.asarray(image), labels)


def test_better_quality_takes_more_bytes(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for quality in (50, 95):
        write_picture(tmp_path / f"{quality}.jpg", picture, quality)
    assert (tmp_path / "50.jpg").stat().st_size < (tmp_path / "95.jpg").stat().st_size


def test_a_figure_that_is_no_number_is_null_to_every_reader(tmp_path):
    write_json(tmp_path / "a.json", {"auroc": float("nan"), "rows": [1.5, (float("inf"), 2)]})

    def refuse(name: str):
        raise AssertionError(f"{name} is no JSON")

    assert json.loads((tmp_path / "a.json").read_text(), parse_constant=refuse) == {
        "auroc": None,
        "rows": [1.5, [None, 2]],
    }


def test_text_is_utf8(tmp_path):
    write_text(tmp_path / "a.txt", "Fahrrad für zwei")
    assert (tmp_path / "a.txt").read_bytes() == "Fahrrad für zwei".encode()


def test_a_killed_write_leaves_the_old_file_and_the_next_one_cleans_up(tmp_path):
    path = tmp_path / "a.json"
    write_atomically(path, b"old")
    (tmp_path / ".a.json.partial").write_bytes(b"ha")  # killed before the rename
    assert path.read_bytes() == b"old"
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
