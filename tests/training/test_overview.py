import shutil

import pytest

from training.overview import END, START, main, put_between_marks


def test_tables_take_the_place_of_the_last_ones():
    once = put_between_marks(f"above\n{START}\nold\n{END}\nbelow\n", "new")
    assert once == f"above\n{START}\n\nnew\n\n{END}\nbelow\n"
    assert put_between_marks(once, "new") == once


@pytest.mark.parametrize("text", ["", START, f"{END} {START}"])
def test_a_file_without_marks_is_refused(text):
    with pytest.raises(ValueError, match="there is no place for the tables"):
        put_between_marks(text, "new")


@pytest.mark.slow
def test_each_folder_has_a_column_and_the_file_keeps_its_words(bike_folder, tmp_path, capsys):
    other = tmp_path / "other"
    shutil.copytree(bike_folder, other)
    shutil.rmtree(other / "test" / "masks")
    page = tmp_path / "README.md"
    page.write_text(f"Words.\n{START}\n{END}\nMore.\n")
    options = ["--background_dir", str(bike_folder / "test" / "intact"), "--robustness", "1", "--write", str(page)]
    assert main([str(bike_folder), str(other), *options]) == 0
    printed = capsys.readouterr().out.strip()
    assert f"| | `{bike_folder.name}` | `other` |" in printed
    row = next(line for line in printed.splitlines() if "region on the defect" in line)
    with_masks, without_masks = row.split("|")[2:4]
    assert float(with_masks.split()[0]) <= 1
    assert without_masks.strip() == "-"
    assert "| mirrored |" in printed
    assert page.read_text() == f"Words.\n{START}\n\n{printed}\n\n{END}\nMore.\n"


@pytest.mark.parametrize("missing", ["folder", "file", "marks"])
def test_what_is_missing_is_told_before_anything_is_measured(bike_folder, tmp_path, capsys, missing):
    page = tmp_path / "README.md"
    if missing != "file":
        page.write_text("" if missing == "marks" else f"{START}{END}")
    folder = tmp_path / "none" if missing == "folder" else bike_folder
    assert main([str(folder), "--write", str(page)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("Error: ")


def test_two_folders_of_one_name_are_refused(bike_folder, tmp_path, capsys):
    (tmp_path / bike_folder.name).symlink_to(bike_folder)
    assert main([str(bike_folder), str(tmp_path / bike_folder.name)]) == 2
    assert f"two folders are named {bike_folder.name!r}" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_costs_a_line(bike_folder, tmp_path, capsys):
    folder = tmp_path / "broken"
    shutil.copytree(bike_folder, folder)
    photo = next((folder / "test" / "damaged").iterdir())
    photo.write_bytes(photo.read_bytes()[:200])
    assert main([str(folder)]) == 2
    (*_, line) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("Error: ") and photo.name in line
