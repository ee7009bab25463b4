import argparse
import json
import subprocess
import sys

import pytest

from training.synthetic_bikes.__main__ import draw_recipes, main, parse_arguments, read_size


def test_pairs_are_made_on_the_command_line(tmp_path, capsys):
    words = ["--count", "2", "--size", "160x120", "--workers", "1", "--out", str(tmp_path / "out")]
    assert main([*words, "--preview", str(tmp_path / "sheet.jpg")]) == 0
    error = capsys.readouterr().err
    assert "2 pairs" in error and "bike type" in error and "image/s" in error.replace("s/image", "image/s")
    lines = [json.loads(line) for line in (tmp_path / "out" / "metadata.jsonl").read_text().splitlines()]
    assert [line["file_name"].split("/")[0] for line in lines] == ["intact", "damaged"] * 2
    assert all((tmp_path / "out" / line["file_name"]).exists() for line in lines)
    assert all(0 < line["visible_fraction"] <= 1 for line in lines)
    assert (tmp_path / "sheet.jpg").stat().st_size > 5000
    assert "license: cc-by-4.0" in (tmp_path / "out" / "README.md").read_text()


@pytest.mark.slow
def test_two_workers_started_from_the_shell_write_the_same_as_one(tmp_path):
    command = [sys.executable, "-m", "training.synthetic_bikes", "--count", "2", "--size", "96x72", "--out"]
    for workers in ("1", "2"):
        subprocess.run([*command, str(tmp_path / workers), "--workers", workers], check=True, timeout=400)
    written = [path.relative_to(tmp_path / "1") for path in (tmp_path / "1").rglob("*.png")]
    assert len(written) == 6
    assert all((tmp_path / "1" / each).read_bytes() == (tmp_path / "2" / each).read_bytes() for each in written)


@pytest.fixture
def texture_folder(tmp_path):
    """With one picture, which is none."""
    (tmp_path / "textures").mkdir()
    (tmp_path / "textures" / "words.png").write_text("no picture")
    return tmp_path / "textures"


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        pytest.param("", "holds no pictures", id="empty"),
        pytest.param("nowhere", "does not exist", id="missing"),
        pytest.param("textures", "words.png", id="broken-picture"),
    ],
)
def test_textures_that_cannot_be_used_are_one_line_before_anything_is_made(
    tmp_path, texture_folder, capsys, folder, message
):
    assert main(["--count", "1", "--textures", str(tmp_path / folder), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ") and message in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_what_others_made_is_not_written_over(tmp_path, capsys):
    (tmp_path / "README.md").write_text("my notes")
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "intact/a.jpg"}')
    assert main(["--count", "1", "--out", str(tmp_path)]) == 2
    assert "holds other files, such as README.md: choose another --out" in capsys.readouterr().err
    assert (tmp_path / "README.md").read_text() == "my notes"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "metadata.jsonl"]


@pytest.mark.parametrize("change", [["--seed", "2"], ["--count", "1"]], ids=" ".join)
def test_pairs_that_metadata_would_no_longer_name_are_not_left_behind(tmp_path, capsys, change):
    words = ["--count", "2", "--seed", "1", "--size", "64x48", "--workers", "1", "--out", str(tmp_path)]
    assert main(words) == 0
    metadata = (tmp_path / "metadata.jsonl").read_bytes()
    assert main([*words, *change]) == 2
    assert "none of these pairs: give the same --seed and no smaller --count" in capsys.readouterr().err
    assert (tmp_path / "metadata.jsonl").read_bytes() == metadata
    assert main(words) == 0


def test_kind_named_twice_has_no_other_turns(tmp_path):
    once, twice = (
        draw_recipes(parse_arguments(["--out", str(tmp_path), "--kinds", *kinds]))
        for kinds in (["rust", "burnt"], ["rust", "burnt", "rust"])
    )
    assert once == twice


def test_size_is_width_by_height():
    assert read_size("640x480") == (640, 480)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("640", "'640' is not a size: write it as 640x480", id="one-number"),
        pytest.param("640x480x3", "is not a size", id="three-numbers"),
        pytest.param("widexhigh", "is not a size", id="words"),
        pytest.param("", "is not a size", id="empty"),
        pytest.param("640x16", "640x16 is too small: at least 32x32", id="small"),
        pytest.param("-640x480", "too small", id="negative"),
        pytest.param("640x40000", "640x40000 is too large: at most 4096 pixels a side", id="large"),
    ],
)
def test_wrong_size_is_refused(text, message):
    with pytest.raises(argparse.ArgumentTypeError, match=message):
        read_size(text)


@pytest.mark.parametrize(
    "words",
    [
        ["--size", "640"],
        ["--count", "0"],
        ["--count", "-2"],
        ["--seed", "-1"],
        ["--kinds", "wheel_bucked"],
        ["--preview", "sheet.xyz"],
        ["--preview", "nowhere/sheet.jpg"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_line_and_ends_with_2(tmp_path, capsys, words):
    with pytest.raises(SystemExit) as error:
        parse_arguments(["--out", str(tmp_path), *words])
    assert error.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith("Error: ") and words[0] in message and message.count("\n") == 1
