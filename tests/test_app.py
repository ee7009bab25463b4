"""The command that serves the page: its options and what it says when it cannot."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import app
from modeling import BikeClassifierConfig, DraemConfig

REPOSITORY = Path(__file__).resolve().parents[1]


def run_app(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "app.py", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60)


def test_a_missing_model_is_one_line_and_status_1():
    result = run_app("--classifier", "nowhere")
    assert result.returncode == 1
    assert result.stderr == "Error: nowhere does not exist: give the folder of a saved model, or a Hub id owner/name\n"
    assert result.stdout == ""


def test_help_names_every_option():
    result = run_app("--help")
    assert result.returncode == 0
    for option in ("--classifier", "--localizer", "--device", "--host", "--port"):
        assert option in result.stdout


def test_a_folder_without_a_model_says_what_it_lacks(tmp_path, capsys):
    assert app.main(["--localizer", str(tmp_path), "--classifier", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"Error: {tmp_path} holds no config.json: give the folder of a saved model\n"


def test_the_slider_starts_at_the_models_own_threshold(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"damage_threshold": 0.25}))
    assert app.read_threshold(tmp_path, "damage_threshold") == 0.25


@pytest.mark.parametrize(
    ("config", "name"), [(BikeClassifierConfig, "damage_threshold"), (DraemConfig, "anomaly_threshold")]
)
def test_a_config_that_sets_no_threshold_has_its_classes(config, name):
    assert app.DEFAULT_THRESHOLDS[name] == getattr(config(), name)
