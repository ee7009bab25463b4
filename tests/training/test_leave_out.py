import json
import shutil
from pathlib import Path

import pytest

from training.leave_out import main
from training.splits import SPLITS

KINDS = ("rust", "saddle_missing", "scratches", "wheel_missing")


@pytest.fixture(scope="module")
def pairs(bike_folder, tmp_path_factory) -> Path:
    """The data folder, each damaged photo of another kind of damage."""
    folder = tmp_path_factory.mktemp("pairs") / "data"
    shutil.copytree(bike_folder, folder)
    for split in SPLITS:
        names = sorted(path.name for path in (folder / split / "damaged").glob("*.jpg"))
        lines = [
            {"file_name": f"damaged/{name}", "damages": [{"type": kind}]}
            for name, kind in zip(names, KINDS, strict=True)
        ]
        (folder / split / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@pytest.fixture(scope="module")
def given(pairs) -> list[str]:
    config = pairs.parent / "classifier.yaml"
    config.write_text(f"data_dir: {pairs}\nheight: 64\nwidth: 96\nbatch_size: 4\nworkers: 0\nepoch_examples: 8\n")
    return ["--config", str(config), "--output_dir", str(pairs.parent / "runs"), "--epochs", "1"]


@pytest.mark.slow
def test_each_group_is_left_out_once_and_never_trained_again(given, pairs, capsys):
    runs = pairs.parent / "runs"
    assert main([*given, "--groups", "surface", "saddle+wheel_gone"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[:2] for row in table[2:]] == [["| surface", "2"], ["| saddle+wheel_gone", "2"]]
    rows = json.loads((runs / "leave_out.json").read_text())
    assert all(0 <= row[column] <= 1 for row in rows for column in ("trained_on", "left_out"))
    recipes = {name: json.loads((runs / name / "run.json").read_text())["recipe"] for name in ("all", "surface")}
    assert recipes["all"]["left_out_kinds"] == []
    assert recipes["surface"]["left_out_kinds"] == ["rust", "scratches"]
    trained = {path: path.stat().st_mtime_ns for path in runs.glob("*/model/*.safetensors")}
    assert len(trained) == 3
    assert main([*given, "--groups", "surface", "saddle+wheel_gone"]) == 0
    assert capsys.readouterr().out.splitlines() == table
    assert {path: path.stat().st_mtime_ns for path in trained} == trained
    assert main([*given, "--groups", "surface", "--learning_rate", "0.5"]) == 2
    assert "holds a run of another recipe" in capsys.readouterr().err


def test_group_that_no_photo_shows_is_named(given, capsys):
    assert main([*given, "--groups", "drivetrain"]) == 2
    assert "no test photo shows damage of the group 'drivetrain' alone" in capsys.readouterr().err


def test_trained_model_to_start_from_is_refused(given, pairs, capsys):
    config = pairs.parent / "seen.yaml"
    config.write_text((pairs.parent / "classifier.yaml").read_text() + "initial_model: somewhere\n")
    assert main(["--config", str(config)]) == 2
    assert "initial_model has seen the kinds" in capsys.readouterr().err


def test_misspelt_group_is_refused(given, capsys):
    with pytest.raises(SystemExit):
        main([*given, "--groups", "sadle"])
    assert "no group is named 'sadle'" in capsys.readouterr().err
