"""A run and how far it is: what is saved with each checkpoint, and how a run that was stopped goes on."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.scheduler import AcceleratedScheduler
from timm.utils import ModelEmaV3
from torch.utils.data import DataLoader

from training.runs import Checkpoints, save_model

__all__ = ["Run"]


@dataclass
class Run:
    """A run and how far it is.

    Attributes:
        recipe: of either stage.
        loader: as Accelerate prepared it, like the model, the optimizer and the schedule.
        schedule: of the learning rate, a LambdaLR stepped with the optimizer.
        averaged: the moving average of the weights; None if none is kept.
        progress: as `fresh_progress` makes it, saved with each checkpoint.
    """

    recipe: object
    accelerator: Accelerator
    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    loader: DataLoader
    schedule: AcceleratedScheduler
    checkpoints: Checkpoints
    averaged: ModelEmaV3 | None = None
    progress: dict = field(default_factory=dict)
    counted_until: float = field(default_factory=time.monotonic)

    @property
    def folder(self) -> Path:
        return Path(self.recipe.output_dir)

    def resume(self) -> None:
        """Load the last checkpoint, if there is one; rates and decay are the recipe's, which may have been changed."""
        settings = [{name: group[name] for name in ("initial_lr", "weight_decay")} for group in self._groups]
        self.progress = fresh_progress() | self.checkpoints.resume()
        schedule = self.schedule.scheduler
        schedule.base_lrs = [each["initial_lr"] for each in settings]
        for group, each, factor in zip(self._groups, settings, schedule.lr_lambdas, strict=True):
            group.update(each, lr=each["initial_lr"] * factor(schedule.last_epoch))
        self.counted_until = time.monotonic()

    @property
    def _groups(self) -> list[dict]:
        return self.optimizer.param_groups

    def count_time(self) -> None:
        """Add what went by since it was last counted, measuring included."""
        now = time.monotonic()
        self.progress["seconds"] += now - self.counted_until
        self.counted_until = now

    def save_state(self) -> None:
        self.progress["saved_step"] = self.progress["step"]
        self.checkpoints.save(self.progress)

    def save_model(self, folder: Path, model, processor) -> None:
        """Write a complete model folder, with what it took to train."""
        self.count_time()
        effort = {
            "steps": self.progress["step"],
            "started_from": _start_of(self.recipe),
            "hours": round(self.progress["seconds"] / 3600, 2),
            "device": device_name(self.accelerator.device),
            "processes": self.accelerator.num_processes,
        }
        save_model(folder, model, processor, self.recipe, effort)


def fresh_progress() -> dict:
    """How far a run is before its first step.

    `epoch` counts those finished, `losses` holds sum and count of each term in this epoch, `best` is the highest score
    of an epoch so far, `history` what was measured after each.
    """
    counts = {"epoch": 0, "step": 0, "step_in_epoch": 0, "saved_step": 0, "best_epoch": 0}
    return counts | {"seconds": 0.0, "losses": {}, "terms": "", "best": None, "history": []}


def _start_of(recipe) -> str:
    """Name of the file or folder whose weights the run started from."""
    path = recipe.initial_model or getattr(recipe, "backbone_weights", None)
    return Path(path).name if path else "random weights"


def device_name(device: torch.device) -> str:
    """As a person would name it."""
    return (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else f"{device.type.upper()}, {os.cpu_count()} cores"
    )
