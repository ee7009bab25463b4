"""The steps that both stages train by, and how a run that was stopped goes on where it was.

All that is random in a step follows from the recipe's seed, the epoch and the step: a run that was killed and started
again takes the same steps as one that never stopped.
"""

import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from timm.utils import ModelEmaV3
from torch import Tensor
from torch.utils.data import DataLoader, Sampler
from tqdm import tqdm
from transformers.utils import ModelOutput

from training.files import write_json
from training.plots import plot_history
from training.runs import Checkpoints, save_model, save_sample
from training.seeding import derive_seed

__all__ = ["Run", "finish_epoch", "make_loader", "summarise", "train_epoch"]

FRESH = {
    "epoch": 0,
    "step": 0,
    "step_in_epoch": 0,
    "seconds": 0.0,
    "loss_sum": 0.0,
    "terms": "",
    "best": None,
    "best_epoch": 0,
}


@dataclass
class Run:
    """A run and how far it is.

    Attributes:
        recipe: of either stage.
        loader: as Accelerate prepared it, like the model, the optimizer and the schedule.
        schedule: of the learning rate, stepped with the optimizer; None if it is stepped by the epoch.
        averaged: the moving average of the weights; None if none is kept.
        progress: as FRESH, saved with each checkpoint. `epoch` counts those finished, `best` is the highest score of
            an epoch so far, `history` what was measured after each.
    """

    recipe: object
    accelerator: Accelerator
    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    loader: DataLoader
    checkpoints: Checkpoints
    schedule: torch.optim.lr_scheduler.LRScheduler | None = None
    averaged: ModelEmaV3 | None = None
    progress: dict = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return Path(self.recipe.output_dir)

    def resume(self) -> None:
        """Load the last checkpoint, if there is one."""
        self.progress = FRESH | {"history": []} | self.checkpoints.resume()

    def save_model(self, folder: Path, model, processor) -> None:
        """Write a complete model folder, with what it took to train."""
        effort = {
            "steps": self.progress["step"],
            "started_from": _start_of(self.recipe),
            "hours": round(self.progress["seconds"] / 3600, 2),
            "device": device_name(self.accelerator.device),
            "processes": self.accelerator.num_processes,
        }
        save_model(folder, model, processor, self.recipe, effort)


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


def make_loader(examples, sampler: Sampler[int], recipe) -> DataLoader:
    """Whole batches alone, for batch norm's sake; of fewer photos than a batch takes, one batch of them all."""
    return DataLoader(
        examples,
        min(recipe.batch_size, len(sampler)),
        sampler=sampler,
        num_workers=recipe.workers,
        drop_last=True,
        persistent_workers=False,  # or they would go on with the last epoch's seed
    )


def train_epoch(
    run: Run,
    prepare: Callable[[dict[str, Tensor], torch.Generator], dict[str, Tensor]],
    draw_sample: Callable[[dict[str, Tensor], ModelOutput], np.ndarray],
    max_gradient_norm: float | None = None,
) -> None:
    """Take the steps of the epoch that are still to be taken; the model is in training mode already.

    Args:
        prepare: makes a batch into what the model's `forward` takes, labels included; what it draws, it draws from
            torch's and NumPy's own generators, or from the one on the CPU that it is given.
        draw_sample: what the model sees and says, as a picture (H, W, 3) uint8.
        max_gradient_norm: longer gradients are cut to this length.
    """
    recipe, accelerator, progress = run.recipe, run.accelerator, run.progress
    start = time.monotonic()
    for batch in _steps_to_take(run):
        seed = derive_seed(recipe.seed, progress["epoch"], progress["step_in_epoch"])
        set_seed(seed, device_specific=True)
        with accelerator.accumulate(run.model):
            inputs = prepare(batch, torch.Generator().manual_seed(seed + accelerator.process_index))
            output = run.model(**inputs)
            accelerator.backward(output.loss)
            if accelerator.sync_gradients and max_gradient_norm:
                accelerator.clip_grad_norm_(run.model.parameters(), max_gradient_norm)
            run.optimizer.step()
            if run.schedule:
                run.schedule.step()
            run.optimizer.zero_grad()
        progress["seconds"] += time.monotonic() - start
        start = time.monotonic()
        progress["step"] += 1
        progress["step_in_epoch"] += 1
        if run.averaged and accelerator.sync_gradients:
            run.averaged.update(accelerator.unwrap_model(run.model), step=progress["step"])
        _log(run, output)
        if progress["step"] % recipe.sample_steps == 0:
            with torch.no_grad():
                save_sample(run.folder, accelerator, draw_sample(inputs, output), progress["step"])
        if progress["step"] % recipe.checkpoint_steps == 0 and accelerator.sync_gradients:
            run.checkpoints.save(progress)


def finish_epoch(run: Run, metrics: dict[str, float], score: float, model, processor) -> None:
    """Count the epoch, log what was measured after it, keep the model if it is the best so far, and save the state.

    Args:
        metrics: on validation photos; empty where there are none.
        score: the higher the better.
        model: with its processor, what to keep if it is the best so far.
    """
    progress = run.progress
    loss = progress["loss_sum"] / max(1, progress["step_in_epoch"])
    progress |= {"epoch": progress["epoch"] + 1, "step_in_epoch": 0, "loss_sum": 0.0}
    progress["history"].append({"epoch": progress["epoch"], "step": progress["step"], "train_loss": loss} | metrics)
    run.accelerator.log({f"validation/{name}": value for name, value in metrics.items()}, step=progress["step"])
    summary = f"epoch {progress['epoch']}/{run.recipe.epochs}: train_loss {loss:.4f}, {summarise(metrics)}"
    run.accelerator.print(summary, file=sys.stderr, flush=True)
    is_best = progress["best"] is None or score > progress["best"]  # a score that is no number is never better
    if is_best:
        progress |= {"best": None if math.isnan(score) else score, "best_epoch": progress["epoch"]}
    if run.accelerator.is_main_process:
        if is_best:
            run.save_model(run.folder / "best", model, processor)
        write_json(run.folder / "history.json", progress["history"])
        plot_history(run.folder / "history.png", progress["history"])
    run.checkpoints.save(progress)


def summarise(metrics: dict[str, float]) -> str:
    """One line for people."""
    return ", ".join(f"{name} {value:.3f}" for name, value in metrics.items())


def _steps_to_take(run: Run) -> Iterator[dict[str, Tensor]]:
    """The batches of the epoch that progress has not seen, with a bar that tells photos a second and the time left."""
    done = run.progress["step_in_epoch"]
    loader = run.accelerator.skip_first_batches(run.loader, done) if done else run.loader
    photos = run.recipe.batch_size * run.accelerator.num_processes
    with tqdm(
        desc=f"epoch {run.progress['epoch'] + 1}/{run.recipe.epochs}",
        initial=done * photos,
        total=len(run.loader) * photos,
        unit="photo",
        disable=not run.accelerator.is_main_process,
        mininterval=5,
    ) as bar:
        for batch in loader:
            yield batch
            bar.set_postfix_str(run.progress["terms"], refresh=False)
            bar.update(photos)


def _log(run: Run, output: ModelOutput) -> None:
    terms = {name: term.item() for name, term in run.accelerator.reduce(output.loss_terms, "mean").items()}
    if not math.isfinite(sum(terms.values())):
        raise ValueError(
            f"the loss is {sum(terms.values())} at step {run.progress['step']}: lower the learning rate, delete "
            f"{run.folder / 'last'} if it is broken too, and start again"
        )
    run.progress["loss_sum"] += sum(terms.values())
    run.progress["terms"] = ", ".join(f"{name} {value:.4f}" for name, value in terms.items())
    rate = run.optimizer.param_groups[0]["lr"]
    logged = {f"train/{name}": value for name, value in terms.items()} | {"train/learning_rate": rate}
    run.accelerator.log(logged, step=run.progress["step"])
