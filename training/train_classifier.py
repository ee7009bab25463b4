"""Train stage 1: INTACT or DAMAGED, and the parts of the bike.

    accelerate launch -m training.train_classifier --config training/configs/classifier.yaml \\
        --data_dir data/processed --epochs 60 --batch_size 16

Stopped and started again with the same command, a run goes on after its last finished epoch. The best epoch's model
is in OUTPUT_DIR/best, and calibrated, complete for `from_pretrained` and the Hub, in OUTPUT_DIR/model.
"""

import argparse
import math
import sys
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from timm.data import Mixup
from timm.utils import ModelEmaV3
from torch.utils.data import DataLoader
from tqdm import tqdm

from inspection.photo import find_photos
from inspection.pretrained import load_model
from modeling import BikeClassifierForImageClassification, BikeImageProcessor, DraemConfig
from training.calibration import calibrate, calibrate_evidence
from training.classifier_data import NO_VERDICT, ClassifierExamples, balanced_sampler
from training.classifier_metrics import measure_classifier, measure_intact_evidence
from training.classifier_model import build_model, build_optimizer, early_stages
from training.classifier_recipe import ClassifierRecipe
from training.data import Photo, count_photos, load_photos
from training.files import write_json
from training.plots import plot_verdicts
from training.recipe import add_recipe_options, load_recipe
from training.runs import Checkpoints, record_run, save_model, start_accelerator
from training.verdict_metrics import measure_verdicts
from training.views import RandomView, smaller_at_first

__all__ = ["ClassifierRecipe", "main"]

MAX_GRADIENT_NORM = 2.0
FIRST_SCALE = 0.75  # of the canvas's sides in the first epochs


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="accelerate launch -m training.train_classifier",
        description="Train the classifier on a folder of intact and damaged bikes.",
        epilog="example: accelerate launch -m training.train_classifier --config training/configs/classifier.yaml "
        "--data_dir data/processed --epochs 60 --batch_size 16",
    )
    add_recipe_options(parser, ClassifierRecipe)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = vars(parse_arguments(argv))
    try:
        train(load_recipe(ClassifierRecipe, **arguments))
    except (FileNotFoundError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


def train(recipe: ClassifierRecipe) -> None:
    """Train, keep the best epoch, calibrate it on the validation photos and write it to OUTPUT_DIR/model."""
    folder = Path(recipe.output_dir)
    photos = leave_out_kinds(load_photos(recipe.data_dir), recipe.left_out_kinds)
    accelerator = start_accelerator(recipe)
    accelerator.print(count_photos(photos), file=sys.stderr)
    model = build_model(recipe)
    processor = BikeImageProcessor(size={"height": recipe.height, "width": recipe.width})
    examples = training_examples(recipe, photos, processor)
    sampler = balanced_sampler(examples, recipe.seed, recipe.epoch_examples)
    loader = DataLoader(
        examples,
        recipe.batch_size,
        sampler=sampler,
        num_workers=recipe.workers,
        drop_last=True,
        persistent_workers=False,
    )
    steps = recipe.epochs * math.ceil(len(loader) / recipe.gradient_accumulation_steps)
    optimizer, schedule = build_optimizer(model, recipe, steps)
    model = model.to(memory_format=torch.channels_last)
    model, optimizer, loader, schedule = accelerator.prepare(model, optimizer, loader, schedule)
    averaged = ModelEmaV3(accelerator.unwrap_model(model), decay=recipe.ema_decay, use_warmup=True)
    accelerator.register_for_checkpointing(averaged)
    accelerator.init_trackers("classifier")
    checkpoints = Checkpoints(folder, accelerator)
    record_run(folder, recipe)
    progress = {"epoch": 0, "step": 0, "best_loss": math.inf, "best_epoch": -1} | checkpoints.resume()
    validation = ClassifierExamples(spread(photos, "validation", recipe.validation_examples), processor)
    for epoch in range(progress["epoch"], recipe.epochs):
        if epoch - progress["best_epoch"] > recipe.patience:
            accelerator.print(f"no better epoch in {recipe.patience}: stopping", file=sys.stderr)
            break
        set_seed(recipe.seed + epoch)  # a resumed run draws what an unbroken one would
        sampler.generator.manual_seed(recipe.seed + epoch)
        examples.epoch_seed = recipe.seed + epoch
        examples.processor = smaller_at_first(processor, epoch / recipe.epochs, recipe.first_size_share, FIRST_SCALE)
        train_epoch(model, averaged, loader, optimizer, schedule, recipe, accelerator, progress, epoch)
        metrics, _ = measure_classifier(averaged.module, validation, accelerator.device)
        accelerator.log({f"validation/{key}": value for key, value in metrics.items()}, step=progress["step"])
        accelerator.print(f"epoch {epoch + 1}/{recipe.epochs}", summarise(metrics), file=sys.stderr, flush=True)
        progress["epoch"] = epoch + 1
        if metrics["loss"] < progress["best_loss"]:
            progress |= {"best_loss": metrics["loss"], "best_epoch": epoch}
            if accelerator.is_main_process:
                save_model(folder / "best", averaged.module, processor, recipe)
        checkpoints.save(progress)
    finish(folder, ClassifierExamples(spread(photos, "validation", None), processor), recipe, accelerator)
    accelerator.end_training()


def train_epoch(model, averaged, loader, optimizer, schedule, recipe, accelerator, progress, epoch: int) -> None:
    model.train()
    for module in early_stages(accelerator.unwrap_model(model), recipe.frozen_stages):
        module.eval()  # batch norm too keeps what it starts with
    mixup = Mixup(
        mixup_alpha=recipe.mixup_alpha,
        cutmix_alpha=recipe.cutmix_alpha,
        label_smoothing=recipe.label_smoothing,
        num_classes=2,
    )
    random = torch.Generator().manual_seed(recipe.seed + epoch)
    bar = tqdm(loader, desc=f"epoch {epoch + 1}", unit="step", disable=not accelerator.is_main_process, mininterval=5)
    can_mix = recipe.mixup_alpha > 0 or recipe.cutmix_alpha > 0
    for batch in bar:
        is_mixed = can_mix and torch.rand((), generator=random).item() < recipe.mixup_probability
        with accelerator.accumulate(model):
            output = model(**prepare_batch(batch, mixup if is_mixed else None, recipe.label_smoothing))
            accelerator.backward(output.loss)
            if accelerator.sync_gradients:
                accelerator.clip_grad_norm_(model.parameters(), MAX_GRADIENT_NORM)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        progress["step"] += 1
        if accelerator.sync_gradients:
            averaged.update(accelerator.unwrap_model(model), step=progress["step"])
        terms = {name: term.item() for name, term in accelerator.reduce(output.loss_terms, "mean").items()}
        rate = {"train/learning_rate": schedule.get_last_lr()[0]}
        accelerator.log({f"train/{name}": term for name, term in terms.items()} | rate, step=progress["step"])
        bar.set_postfix({name: f"{value:.3f}" for name, value in terms.items()})


def prepare_batch(batch: dict, mixup: Mixup | None, label_smoothing: float) -> dict:
    """Smoothed soft labels; with mixup, mixed photos, whose masks and parts no longer apply."""
    batch = batch | {"pixel_values": batch["pixel_values"].contiguous(memory_format=torch.channels_last)}
    has_verdict = batch["labels"] != NO_VERDICT
    if mixup is not None and has_verdict.all() and len(has_verdict) % 2 == 0:
        pixel_values, labels = mixup(batch["pixel_values"], batch["labels"])
        return {"pixel_values": pixel_values, "labels": labels}
    hard = torch.nn.functional.one_hot(batch["labels"].clamp(min=0), 2).float()
    soft = hard * (1 - label_smoothing) + label_smoothing / 2
    return batch | {"labels": soft * has_verdict[:, None]}


def training_examples(recipe: ClassifierRecipe, photos, processor) -> ClassifierExamples:
    backgrounds = find_photos([recipe.background_dir]) if recipe.background_dir else []
    return ClassifierExamples([p for p in photos if p.split == "train"], processor, RandomView(), backgrounds)


def leave_out_kinds(photos: list[Photo], kinds: list[str]) -> list[Photo]:
    """The photos without those kinds of damage: what a classifier makes of them later shows what it knows of new ones.

    Raises:
        ValueError: no photo has a kind.
    """
    known = {kind for photo in photos for kind in photo.kinds}
    if unknown := sorted(set(kinds) - known):
        raise ValueError(f"left_out_kinds: no photo shows {unknown[0]!r}: choose from {', '.join(sorted(known))}")
    return [photo for photo in photos if photo.kinds.isdisjoint(kinds)]


def spread(photos, split: str, count: int | None) -> list:
    """`count` photos of a split, evenly over the list."""
    chosen = [photo for photo in photos if photo.split == split]
    if not count or count >= len(chosen):
        return chosen
    return [chosen[round(k * (len(chosen) - 1) / (count - 1))] for k in range(count)]


def finish(folder: Path, validation: ClassifierExamples, recipe: ClassifierRecipe, accelerator: Accelerator) -> None:
    """Calibrate the best epoch's model on all validation photos, and write it to model/ with its metrics."""
    if not accelerator.is_main_process:
        return
    model, _ = load_model(folder / "best", BikeClassifierForImageClassification)
    metrics, logits = measure_classifier(model.to(accelerator.device), validation, accelerator.device)
    labels = torch.tensor([photo.label for photo in validation.photos])
    calibration = calibrate(model, logits, labels, recipe.max_false_alarm_rate)
    calibrated = logits + torch.tensor([-0.5, 0.5]) * calibration["shift"] * calibration["temperature"]
    probability = (calibrated / calibration["temperature"]).softmax(dim=1)[:, 1]
    metrics |= measure_verdicts(probability, labels, model.config.damage_threshold)
    plot_verdicts(folder / "validation.png", probability.numpy(), labels.numpy(), model.config.damage_threshold)
    intact = ClassifierExamples([photo for photo in validation.photos if photo.label == 0], validation.processor)
    peaks, levels = measure_intact_evidence(model, intact, accelerator.device)
    threshold = DraemConfig().anomaly_threshold
    calibration |= calibrate_evidence(model, peaks, levels, recipe.max_false_alarm_rate, threshold)
    save_model(folder / "model", model, validation.processor, recipe)
    write_json(folder / "validation.json", metrics | calibration)
    accelerator.print(f"best model in {folder / 'model'}: {summarise(metrics | calibration)}", file=sys.stderr)


def summarise(metrics: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in metrics.items())


if __name__ == "__main__":
    raise SystemExit(main())
