"""Both stages from `accelerate launch` to a model card, on a few small photos: every step is the real one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
import torch
from safetensors.torch import load_file

from inspection.inspector import BikeInspector
from modeling import BikeClassifierForImageClassification, DraemForAnomalyLocalization
from training.evaluate import main as evaluate

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]


def launch(module: str, *arguments: str) -> subprocess.CompletedProcess:
    command = [
        sys.executable,
        "-m",
        "accelerate.commands.launch",
        "--cpu",
        "--num_processes",
        "1",
        "--num_machines",
        "1",
    ]
    command += ["--mixed_precision", "no", "--dynamo_backend", "no", "-m", module, *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, env=os.environ, check=False)


# A run that is killed right after its first epoch was saved, while the second one works.
KILLED_RUN = """
import os, signal
import training.train_{name} as script

save = script.Checkpoints.save

def save_and_die(self, progress):
    save(self, progress)
    os.kill(os.getpid(), signal.SIGKILL)

script.Checkpoints.save = save_and_die
script.main({options!r})
"""


@pytest.fixture(scope="module")
def runs(bike_folder, tmp_path_factory) -> Path:
    """Runs of two epochs of both stages."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "classifier.yaml").write_text(
        f"data_dir: {bike_folder}\nheight: 64\nwidth: 96\nbatch_size: 4\nworkers: 0\nepoch_examples: 8\nseed: 3\n"
        "sample_steps: 2\ncheckpoint_steps: 1\nclose_up_share: 0.5\n"
    )
    (folder / "draem.yaml").write_text(
        f"intact_dir: {bike_folder}/train/intact\ntexture_dir: {bike_folder}/test/intact\nheight: 64\nwidth: 96\n"
        "batch_size: 4\nworkers: 0\nreconstructive_width: 4\ndiscriminative_width: 4\ntwin_probability: 0.5\n"
        "epoch_examples: 8\nsample_steps: 2\ncheckpoint_steps: 1\n"
    )
    for name in ("classifier", "draem"):
        run = launch_run(folder, name, folder / name, epochs=2)
        assert run.returncode == 0, run.stderr
    return folder


def launch_run(folder: Path, name: str, output: Path, epochs: int) -> subprocess.CompletedProcess:
    options = ["--config", str(folder / f"{name}.yaml"), "--output_dir", str(output), "--epochs", str(epochs)]
    return launch(f"training.train_{name}", *options)


def test_the_models_load_and_the_run_is_on_record(runs):
    classifier = BikeClassifierForImageClassification.from_pretrained(runs / "classifier" / "model")
    localizer = DraemForAnomalyLocalization.from_pretrained(runs / "draem" / "model")
    assert classifier.config.temperature == 1.0  # four validation photos a class are too few to calibrate on
    assert localizer.config.reconstructive_width == 4
    for name, seed in (("classifier", 3), ("draem", 17)):
        record = json.loads((runs / name / "run.json").read_text())
        assert record["recipe"]["epochs"] == 2
        assert record["recipe"]["seed"] == seed
        assert record["packages"]["torch"] == torch.__version__.split("+")[0]
        assert len(record["data"]["sha256"]) == 64
        history = json.loads((runs / name / "history.json").read_text())
        assert [row["epoch"] for row in history] == [1, 2]
        assert cv2.imread(str(runs / name / "history.png")) is not None
        assert len(list((runs / name / "samples").iterdir())) == 2  # a step in two
        assert json.loads((runs / name / "metrics.json").read_text())["validation"]


@pytest.mark.parametrize("name", ["classifier", "draem"])
def test_a_run_that_goes_on_ends_as_one_that_never_stopped(runs, tmp_path, name):
    unbroken = load_file(runs / name / "last" / "model.safetensors")
    stopped = tmp_path / "stopped"
    options = ["--config", str(runs / f"{name}.yaml"), "--output_dir", str(stopped), "--epochs", "2"]
    code = KILLED_RUN.format(name=name, options=options)
    killed = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert launch_run(runs, name, stopped, epochs=2).returncode == 0
    resumed = load_file(stopped / "last" / "model.safetensors")
    assert unbroken.keys() == resumed.keys()
    assert all(torch.equal(unbroken[key], resumed[key]) for key in unbroken)


def test_the_cards_carry_the_measured_figures(runs, bike_folder, tmp_path, capsys):
    models = [str(runs / "classifier" / "model"), str(runs / "draem" / "model")]
    note = tmp_path / "note.md"
    note.write_text("Four rendered bikes.")
    options = ["--classifier", models[0], "--localizer", models[1], "--data_dir", str(bike_folder)]
    assert evaluate([*options, "--write_cards", str(note), "--output_dir", str(tmp_path / "report")]) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert metrics["photos"] == {"data": bike_folder.name, "split": "test", "intact": 4, "damaged": 4, "masks": 4}
    assert set(metrics["seen"].values()) == {0}  # the sides of this folder are mirrored: other files
    for folder, group in zip(models, ("classifier", "localizer"), strict=True):
        card = (Path(folder) / "README.md").read_text()
        assert "Four rendered bikes." in card
        assert "None of these files was used to train it or to choose its epoch" in " ".join(card.split())
        assert json.loads((Path(folder) / "metrics.json").read_text())[group] == metrics[group]
        assert all(f"| {value:.3f} |" in card for value in metrics[group].values())
    BikeInspector.from_pretrained(*models)  # still complete models
    written = {path.name for path in (tmp_path / "report").iterdir()}
    assert {"metrics.json", "verdicts.png"} <= written  # the rendered bikes' damages have no names
    assert ("failures.jpg" in written) == (metrics["classifier"]["accuracy"] < 1)


@pytest.mark.parametrize(("name", "untouched"), [("classifier", "part_names"), ("draem", "reconstructive_width")])
def test_training_goes_on_from_a_trained_model(runs, tmp_path, name, untouched):
    start = runs / name / "model"
    options = ["--config", str(runs / f"{name}.yaml"), "--output_dir", str(tmp_path), "--epochs", "1"]
    run = launch(f"training.train_{name}", *options, "--initial_model", str(start))
    assert run.returncode == 0, run.stderr
    before, after = (json.loads((folder / "config.json").read_text()) for folder in (start, tmp_path / "model"))
    assert before[untouched] == after[untouched]
    weights, start_weights = load_file(tmp_path / "last" / "model.safetensors"), load_file(start / "model.safetensors")
    # One step moves each weight by no more than the learning rate or so: it started there and not anew.
    moved = {key: (weights[key] - start_weights[key]).abs().max() for key in start_weights if key.endswith("weight")}
    assert 0 < max(moved.values()) < 0.1


@pytest.mark.parametrize("name", ["classifier", "draem"])
def test_a_misspelt_key_costs_one_line_and_no_time(tmp_path, name):
    (tmp_path / "recipe.yaml").write_text("bach_size: 4\n")
    command = [sys.executable, "-m", f"training.train_{name}", "--config", str(tmp_path / "recipe.yaml")]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.strip().splitlines()[-1] == (
        f"Error: {tmp_path / 'recipe.yaml'} has an unknown key 'bach_size': did you mean 'batch_size'?"
    )


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_side_without_a_class_is_named(tmp_path, bike_folder, split):
    for other in ("train", "validation"):
        for name in ("intact", "damaged"):
            if (other, name) != (split, "damaged"):
                (tmp_path / other).mkdir(exist_ok=True)
                (tmp_path / other / name).symlink_to(bike_folder / other / name)
    (tmp_path / split / "damaged").mkdir()
    (tmp_path / "recipe.yaml").write_text(f"data_dir: {tmp_path}\n")
    command = [sys.executable, "-m", "training.train_classifier", "--config", str(tmp_path / "recipe.yaml")]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert f"no damaged one is for {split}: add photos, or sort them yourself" in run.stderr.strip().splitlines()[-1]


def test_a_folder_without_damaged_photos_is_named(tmp_path, bike_folder):
    (tmp_path / "intact").symlink_to(bike_folder / "train" / "intact")
    (tmp_path / "recipe.yaml").write_text(f"data_dir: {tmp_path}\n")
    command = [sys.executable, "-m", "training.train_classifier", "--config", str(tmp_path / "recipe.yaml")]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.strip().splitlines()[-1].startswith(f"Error: {tmp_path} holds no photos in damaged/")
