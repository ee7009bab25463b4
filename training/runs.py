"""What every run leaves behind, and how it goes on after a stop: record, checkpoints, model folder."""

import json
import platform
import shutil
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import ProjectConfiguration, set_seed

from training.files import write_json

__all__ = ["Checkpoints", "record_run", "save_model", "start_accelerator"]

RECORDED_PACKAGES = ("accelerate", "datasets", "numpy", "opencv-python", "timm", "torch", "torchvision", "transformers")


def start_accelerator(recipe) -> Accelerator:
    """The accelerator of a run, seeded, with its tracker; the folder of the run is made if missing.

    Raises:
        ValueError: Accelerate has no tracker of that name, or its package is not installed.
    """
    folder = Path(recipe.output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    accelerator = Accelerator(
        mixed_precision=recipe.mixed_precision,
        gradient_accumulation_steps=recipe.gradient_accumulation_steps,
        log_with=None if recipe.tracker == "none" else recipe.tracker,
        project_config=ProjectConfiguration(project_dir=str(folder), logging_dir=str(folder / "logs")),
    )
    if recipe.tracker != "none" and not accelerator.log_with:
        raise ValueError(f"tracker {recipe.tracker!r} is not installed: install it, or give --tracker none")
    set_seed(recipe.seed)
    return accelerator


def record_run(folder: Path, recipe) -> None:
    """Write run.json: the recipe as resolved, the command, the git commit, and the versions of what it ran on."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    record = {
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": sys.argv,
        "recipe": asdict(recipe),
        "git_commit": commit or None,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in RECORDED_PACKAGES},
        "threads": torch.get_num_threads(),
    }
    write_json(folder / "run.json", record)


def save_model(folder: Path, model, processor, recipe) -> None:
    """Write a complete model folder: weights, code, processor, and training.json, which its card is written from."""
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    # Where the files lay on the machine that trained it says nothing to others.
    settings = {key: value for key, value in asdict(recipe).items() if not key.endswith(("_dir", "_weights", "_model"))}
    versions = {name: version(name) for name in RECORDED_PACKAGES}
    write_json(folder / "training.json", {"recipe": settings, "packages": versions})


class Checkpoints:
    """The state of the last finished epoch, and the model of the best one."""

    def __init__(self, folder: Path, accelerator: Accelerator):
        """
        Args:
            folder: of the run.
        """
        self.folder, self.accelerator = folder, accelerator

    def resume(self) -> dict:
        """Load the last state, if there is one; returns the progress saved with it, {} at a fresh start."""
        self._clear_partials()
        self.accelerator.wait_for_everyone()
        if not (self.folder / "last").is_dir():
            return {}
        self.accelerator.load_state(self.folder / "last")
        return json.loads((self.folder / "last" / "progress.json").read_text())

    def save(self, progress: dict) -> None:
        """Save the state beside the previous one, then swap: a kill at any moment leaves one of the two whole."""
        partial = self.folder / "last.partial"
        self.accelerator.save_state(partial)
        self.accelerator.wait_for_everyone()
        if not self.accelerator.is_main_process:
            return
        write_json(partial / "progress.json", progress)
        if (self.folder / "last").exists():
            (self.folder / "last").rename(self.folder / "last.old")
        partial.rename(self.folder / "last")
        shutil.rmtree(self.folder / "last.old", ignore_errors=True)

    def _clear_partials(self) -> None:
        if not self.accelerator.is_main_process:
            return
        old = self.folder / "last.old"
        if old.is_dir() and not (self.folder / "last").is_dir():  # killed between the two renames
            old.rename(self.folder / "last")
        for leftover in (self.folder / "last.partial", old):
            shutil.rmtree(leftover, ignore_errors=True)
