"""The steps that both stages train by, and how a run that was stopped goes on where it was.

All that is random in a step follows from the recipe's seed, the epoch and the step: a run that was killed and started
again takes the same steps as one that never stopped.
"""

import math
import sys
from collections.abc import Callable, Iterator

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import Tensor
from torch.utils.data import DataLoader, Sampler
from tqdm import tqdm
from transformers.utils import ModelOutput

from training.files import write_json
from training.plots import plot_history
from training.run_state import Run
from training.runs import save_sample
from training.seeding import derive_seed

__all__ = ["count_steps", "finish_epoch", "make_loader", "summarise", "train_epoch"]


def make_loader(examples, sampler: Sampler[tuple[int, int]], recipe, accelerator: Accelerator) -> DataLoader:
    """Whole batches alone, for batch norm's sake; of fewer photos than a batch takes, one batch of them all.

    Args:
        sampler: of indices of examples and numbers of draws.

    Raises:
        ValueError: there are not enough photos to give each process one.
    """
    processes = accelerator.num_processes
    batch_size = min(recipe.batch_size, len(sampler) // processes)
    if batch_size == 0:
        raise ValueError(f"{len(sampler)} photos an epoch are too few for {processes} processes: start fewer")
    return DataLoader(
        examples,
        batch_size,
        sampler=sampler,
        num_workers=recipe.workers,
        drop_last=True,
        pin_memory=accelerator.device.type == "cuda",
        persistent_workers=False,  # or they would go on with the last epoch's seed
    )


def count_steps(loader: DataLoader, recipe, accelerator: Accelerator) -> int:
    """How many steps the schedule takes in the whole run: of several processes, each step of theirs counts for all.

    Args:
        loader: before Accelerate shares it out among the processes.
    """
    batches = len(loader) // accelerator.num_processes  # of each process; what is left over is dropped
    return recipe.epochs * accelerator.num_processes * math.ceil(batches / recipe.gradient_accumulation_steps)


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
            run.schedule.step()
            run.optimizer.zero_grad()
        run.count_time()
        progress["step"] += 1
        progress["step_in_epoch"] += 1
        if run.averaged and accelerator.sync_gradients:
            moves = progress["step"] // recipe.gradient_accumulation_steps
            run.averaged.update(accelerator.unwrap_model(run.model), step=moves)
        _log(run, output)
        if _is_sample_due(run):
            with torch.no_grad():
                save_sample(run.folder, accelerator, draw_sample(inputs, output), progress["step"])
        is_due = progress["step"] - progress["saved_step"] >= recipe.checkpoint_steps
        if is_due and accelerator.sync_gradients:
            run.save_state()


def finish_epoch(run: Run, metrics: dict[str, float], score: float, model, processor) -> None:
    """Count the epoch, log what was measured after it, keep the model if it is the best so far, and save the state.

    Args:
        metrics: on validation photos; empty where there are none.
        score: the higher the better.
        model: with its processor, what to keep if it is the best so far.
    """
    progress = run.progress
    loss = sum(total / count for total, count in progress["losses"].values())
    progress |= {"epoch": progress["epoch"] + 1, "step_in_epoch": 0, "losses": {}}
    progress["history"].append({"epoch": progress["epoch"], "step": progress["step"], "train_loss": loss} | metrics)
    run.accelerator.log({f"validation/{name}": value for name, value in metrics.items()}, step=progress["step"])
    summary = f"epoch {progress['epoch']}/{run.recipe.epochs}: {summarise({'train_loss': loss} | metrics)}"
    run.accelerator.print(summary, file=sys.stderr, flush=True)
    is_best = progress["best"] is None or score > progress["best"]  # a score that is no number is never better
    if is_best:
        progress |= {"best": None if math.isnan(score) else score, "best_epoch": progress["epoch"]}
    if run.accelerator.is_main_process:
        if is_best:
            run.save_model(run.folder / "best", model, processor)
        write_json(run.folder / "history.json", progress["history"])
        plot_history(run.folder / "history.png", progress["history"])
    run.count_time()
    run.save_state()


def summarise(metrics: dict[str, float]) -> str:
    """One line for people."""
    return ", ".join(f"{name} {value:.3f}" for name, value in metrics.items())


def _steps_to_take(run: Run) -> Iterator[dict[str, Tensor]]:
    """The batches of the epoch that progress has not seen, with a bar that tells photos a second and the time left."""
    done = run.progress["step_in_epoch"]
    loader = run.accelerator.skip_first_batches(run.loader, done) if done else run.loader
    photos = run.loader.total_batch_size
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


def _is_sample_due(run: Run) -> bool:
    """Each `sample_steps`, and after the first epoch and the last step, however few steps there are."""
    step, steps = run.progress["step"], len(run.loader)
    return step % run.recipe.sample_steps == 0 or step in (steps, run.recipe.epochs * steps)


def _log(run: Run, output: ModelOutput) -> None:
    terms = {name: term.item() for name, term in run.accelerator.reduce(output.loss_terms, "mean").items()}
    if not math.isfinite(sum(terms.values())):
        raise ValueError(
            f"the loss is {sum(terms.values())} at step {run.progress['step']}: give a lower learning_rate, and it "
            f"goes on from the last checkpoint; if it fails again, delete {run.folder / 'last'} and start afresh"
        )
    terms = {name: term for name, term in terms.items() if term}  # 0: no photo of the batch has such labels
    for name, term in terms.items():
        total, count = run.progress["losses"].get(name, (0.0, 0))
        run.progress["losses"][name] = (total + term, count + 1)
    run.progress["terms"] = ", ".join(f"{name} {value:.4f}" for name, value in terms.items())
    rate = run.optimizer.param_groups[0]["lr"]
    logged = {f"train/{name}": value for name, value in terms.items()} | {"train/learning_rate": rate}
    run.accelerator.log(logged, step=run.progress["step"])
