import json

import pytest

from inspection.inspector import BikeInspector
from training.choosing import choose_evenly
from training.data import load_photos
from training.photo_changes import CHANGES
from training.robustness import main, measure_robustness, stability_table


@pytest.fixture(scope="module")
def rows(bike_folder):
    photos = [photo for photo in load_photos(bike_folder) if photo.split == "test"]
    return measure_robustness(BikeInspector.from_pretrained(), choose_evenly(photos, 3))


def test_each_change_has_its_row(rows):
    assert [row.change for row in rows] == [*(change.name for change in CHANGES), "cropped"]
    for row in rows:
        assert row.photos == 3
        assert row.interval[0] <= row.turned <= row.interval[1]
        assert 0 <= row.moved <= 1
        assert row.overlap is None or 0 <= row.overlap <= 1


def test_what_changes_the_photo_moves_the_probability(rows):
    assert all(row.moved > 0 for row in rows if row.change != "cropped")


def test_the_table_has_the_figures(rows):
    table = stability_table(rows).splitlines()
    assert len(table) == 2 + len(rows)
    for line, row in zip(table[2:], rows, strict=True):
        assert line.startswith(f"| {row.change} | {row.turned:.3f} |")


def test_the_command_prints_the_table_and_writes_the_figures(bike_folder, tmp_path, capsys):
    path = tmp_path / "robustness.json"
    assert main(["--data_dir", str(bike_folder), "--limit", "1", "--json", str(path)]) == 0
    assert "| mirrored |" in capsys.readouterr().out
    assert {row["change"] for row in json.loads(path.read_text())} >= {"mirrored", "cropped"}


def test_a_missing_folder_is_told_in_a_line(tmp_path, capsys):
    assert main(["--data_dir", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith("Error: ")
