"""Several processes learn what one does: a real run of two, which talk over gloo on this machine."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from training.data import LABELS, load_photos
from training.splits import SPLITS
from training.twins import find_twins

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]
STEPS = 6


def run(folder: Path, data: Path, processes: int) -> list[float]:
    """The losses of the verdict, step by step, of a run over eight photos a step."""
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        f"data_dir: {data}\noutput_dir: {folder}/run\nheight: 96\nwidth: 128\nworkers: 0\n"
        # Fewer photos an epoch than a batch takes: they are shared out.
        f"batch_size: 16\nepochs: {STEPS}\nepoch_examples: 8\n"
        "mixup_probability: 0.0\ndropout: 0.0\nlearning_rate: 2.0e-4\n"
    )
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    command = [sys.executable, *launcher, "-m", "training.train_classifier", "--config", str(folder / "recipe.yaml")]
    environment = os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert (folder / "run" / "model" / "model.safetensors").exists()
    events = EventAccumulator(str(next((folder / "run" / "logs").rglob("events.*")).parent))
    events.Reload()
    return [event.value for event in events.Scalars("train/part")]


def test_two_processes_follow_the_curve_of_one(bike_folder, tmp_path):
    folder = shutil.copytree(bike_folder, tmp_path / "twins")
    for split in SPLITS:
        photos = [f"{label}/{path.name}" for label in LABELS for path in (folder / split / label).iterdir()]
        lines = [{"file_name": name, "bike_id": split + Path(name).stem, "scene": "street"} for name in photos]
        (folder / split / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert find_twins(load_photos(folder))
    one, two = (run(tmp_path / str(processes), folder, processes) for processes in (1, 2))
    assert len(one) == len(two) == STEPS
    # The same photos in the same views; batch norm sees four of them at a time instead of eight.
    assert two == pytest.approx(one, rel=0.15)
