"""What every run leaves behind: its record, the checkpoints it goes on from, samples, and the model folder."""

import json
import platform
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import ProjectConfiguration, set_seed

from training.data import Photo
from training.files import recover_folder, replace_folder, write_json, write_picture
from training.freed_memory import keep_freed_memory
from training.provenance import describe_data, hand_on, record_seen

__all__ = ["Checkpoints", "record_run", "save_model", "save_sample", "start_accelerator", "start_trackers"]

RECORDED_PACKAGES = ("accelerate", "datasets", "numpy", "timm", "torch", "torchvision", "transformers")
PLACES = ("_dir", "_dirs", "_weights", "_model")  # how keys of files and folders end
# OpenCV comes in one of several packages.
OPENCV_PACKAGES = tuple(
    f"opencv{contrib}-python{headless}" for contrib in ("", "-contrib") for headless in ("", "-headless")
)


def start_accelerator(recipe) -> Accelerator:
    """The accelerator of a run, seeded, with its tracker; the folder of the run is made if missing.

    Raises:
        OSError: the folder cannot be made.
        ValueError: Accelerate has no tracker of that name, or its package is not installed.
    """
    folder = Path(recipe.output_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"cannot make {folder} ({error.strerror}): give another --output_dir") from error
    keep_freed_memory()
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


def start_trackers(accelerator: Accelerator, recipe, name: str) -> None:
    """Start the run's tracker under this name, and give it the recipe; lists, which it may not take, as text."""
    kept = (bool, float, int, str)
    settings = {key: value if isinstance(value, kept) else str(value) for key, value in asdict(recipe).items()}
    accelerator.init_trackers(name, settings)


def record_run(recipe, photos: list[Photo], accelerator: Accelerator) -> None:
    """Write run.json: the recipe as resolved, the command, the data, the git commit, and what it ran on.

    A run that goes on under other settings, or on other photos, says so.
    """
    if not accelerator.is_main_process:
        return
    path = Path(recipe.output_dir) / "run.json"
    now = {"time": datetime.now(timezone.utc).isoformat(timespec="seconds"), "command": sys.argv}
    record = {
        "starts": [now],
        "recipe": asdict(recipe),
        "data": describe_data(photos),
        "git_commit": find_commit(),
        "python": platform.python_version(),
        "packages": find_versions(),
        "device": str(accelerator.device),
        "processes": accelerator.num_processes,
        "threads": torch.get_num_threads(),
    }
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        _tell_changes(before, record)
        record["starts"] = [*before.get("starts", []), now]
    write_json(path, record)
    record_seen(path.parent, photos, recipe.initial_model)


def find_commit() -> str | None:
    """The commit that this code is of, wherever the command was given; None without git, or outside a clone."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None
    except OSError:
        return None


def find_versions() -> dict[str, str]:
    """Of the packages that a result depends on, those that are installed."""
    versions = {}
    for name in (*RECORDED_PACKAGES, *OPENCV_PACKAGES):
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def _tell_changes(before: dict, now: dict) -> None:
    changes = [
        f"{key} {before['recipe'].get(key)} -> {value}"
        for key, value in now["recipe"].items()
        if before["recipe"].get(key) != value
    ]
    if before["data"]["sha256"] != now["data"]["sha256"]:
        changes.append("the photos are others")
    if changes:
        print(f"Going on with what has changed since the run was started: {'; '.join(changes)}", file=sys.stderr)


def save_model(folder: Path, model, processor, recipe, effort: dict) -> None:
    """Write a complete model folder: weights, code, processor, and training.json, which its card is written from.

    Args:
        effort: what it took: steps, started_from, hours, device, processes.

    Raises:
        OSError: the disk is full, or may not be written; the earlier folder is untouched.
    """
    # Where the files lay on the machine that trained it says nothing to others.
    settings = {key: value for key, value in asdict(recipe).items() if not key.endswith(PLACES)}
    with replace_folder(folder) as partial:
        model.save_pretrained(partial)
        processor.save_pretrained(partial)
        record = {"recipe": settings, "data": hand_on(Path(recipe.output_dir), partial)}
        write_json(partial / "training.json", record | {"packages": find_versions(), "effort": effort})


def save_sample(folder: Path, accelerator: Accelerator, picture: np.ndarray, step: int) -> None:
    """Write a picture (H, W, 3) uint8 of what the model does into samples/, and give it to trackers that show any."""
    if not accelerator.is_main_process:
        return
    (folder / "samples").mkdir(exist_ok=True)
    write_picture(folder / "samples" / f"step_{step:06d}.jpg", picture)
    for tracker in accelerator.trackers:
        if tracker.name == "tensorboard":
            tracker.log_images({"samples": picture[None]}, step=step, dataformats="NHWC")
        elif tracker.name == "wandb":
            tracker.log_images({"samples": [picture]}, step=step)


class Checkpoints:
    """The state of a run as it was last saved, in OUTPUT_DIR/last."""

    def __init__(self, folder: Path, accelerator: Accelerator):
        """
        Args:
            folder: of the run.
        """
        self.folder, self.accelerator = folder, accelerator

    def resume(self) -> dict:
        """Load the last state, if there is one; returns the progress saved with it, {} at a fresh start.

        Raises:
            ValueError: the state is damaged, or is that of another network.
        """
        if self.accelerator.is_main_process:
            for name in ("last", "best", "model"):
                recover_folder(self.folder / name)
        self.accelerator.wait_for_everyone()
        last = self.folder / "last"
        if not last.is_dir():
            return {}
        try:
            progress = json.loads((last / "progress.json").read_text())
            self.accelerator.load_state(last)
        except Exception as error:  # each library has its own errors for a damaged file, pickle's are without number
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ValueError(
                f"cannot go on from {last} ({reason}): delete it to start afresh, or give the recipe it was made with"
            ) from error
        return progress

    def save(self, progress: dict) -> None:
        """Save the state beside the previous one, then swap: a kill at any moment leaves one of the two whole.

        Raises:
            OSError: the disk is full, or may not be written; the previous state is untouched.
        """
        with replace_folder(self.folder / "last", self.accelerator.is_main_process) as partial:
            self.accelerator.save_state(partial)
            self.accelerator.wait_for_everyone()
            if self.accelerator.is_main_process:
                write_json(partial / "progress.json", progress)
