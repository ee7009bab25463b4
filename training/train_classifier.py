"""Train stage 1: INTACT or DAMAGED, and the parts of the bike.

    accelerate launch -m training.train_classifier --config training/configs/classifier.yaml \\
        --data_dir data/processed --epochs 60 --batch_size 16

Killed at any moment and started again with the same command, a run goes on from its last checkpoint and ends as if it
had never stopped. The best epoch's model is in OUTPUT_DIR/best, and calibrated, complete for `from_pretrained` and the
Hub, in OUTPUT_DIR/model.
"""

import math
import sys
from functools import partial
from pathlib import Path

import torch
from timm.data import Mixup
from timm.utils import ModelEmaV3

from inspection.inspector import EMBEDDED_CLASSIFIER
from inspection.photo import find_photos
from inspection.pretrained import load_model
from modeling import BikeClassifierForImageClassification, BikeImageProcessor
from training.choosing import choose_evenly
from training.classifier_data import NO_VERDICT, UNKNOWN, ClassifierExamples, balanced_draws
from training.classifier_metrics import measure_classifier, measure_logits
from training.classifier_model import build_model, build_optimizer, count_close_up_epochs, early_stages, known_parts
from training.classifier_recipe import ClassifierRecipe
from training.close_ups import check_close_ups, close_up
from training.command import run_training_command
from training.data import Photo, check_sides, count_photos, gather_photos, load_photos
from training.data_report import CHECKED, refuse_broken
from training.depthwise import quick_gradients
from training.files import write_json
from training.loop import count_steps, finish_epoch, make_loader, summarise, train_epoch
from training.plots import plot_kinds, plot_verdicts
from training.processes import on_first_process
from training.pseudo_labels import Teacher
from training.recalibrate import calibrate_classifier
from training.run_state import Run
from training.runs import Checkpoints, record_run, start_accelerator, start_trackers
from training.samples import draw_classifier_sample
from training.seeding import derive_seed
from training.starting_model import mix_weights
from training.verdict_metrics import measure_kinds, suggest_threshold, verdict_intervals
from training.views import RandomView, smaller_at_first

__all__ = ["ClassifierRecipe", "main", "train"]

MAX_GRADIENT_NORM = 2.0
FIRST_SCALE = 0.75  # of the canvas's sides in the first epochs


def main(argv: list[str] | None = None) -> int:
    return run_training_command(
        ClassifierRecipe,
        train,
        argv,
        prog="accelerate launch -m training.train_classifier",
        description="Train the classifier on a folder of intact and damaged bikes.",
        example="accelerate launch -m training.train_classifier --config training/configs/classifier.yaml "
        "--data_dir data/processed --epochs 60 --batch_size 16",
    )


def train(recipe: ClassifierRecipe) -> None:
    """Train, keep the best epoch, calibrate it on the validation photos and write it to OUTPUT_DIR/model."""
    photos = gather_photos(load_photos, recipe.data_dir, recipe.extra_data_dirs)
    photos = leave_out_kinds(photos, recipe.left_out_kinds)
    refuse_broken(photos, find_backgrounds(recipe), known_parts(recipe), Path(recipe.output_dir) / CHECKED)
    check_sides(photos, ("train", "validation"))
    check_close_ups(recipe.close_up_share, photos)
    accelerator = start_accelerator(recipe)
    accelerator.print(count_photos(photos), file=sys.stderr)
    processor = BikeImageProcessor(size={"height": recipe.height, "width": recipe.width})
    examples = training_examples(recipe, photos, processor)
    sampler = balanced_draws(examples, recipe.epoch_examples)
    loader = make_loader(examples, sampler, recipe, accelerator)
    model, recipe = build_model(recipe)
    teacher = find_teacher(model.to(accelerator.device), recipe, examples)
    optimizer, schedule = build_optimizer(model, recipe, count_steps(loader, recipe, accelerator))
    model = model.to(memory_format=torch.channels_last)
    model, optimizer, loader, schedule = accelerator.prepare(model, optimizer, loader, schedule)
    averaged = ModelEmaV3(accelerator.unwrap_model(model), decay=recipe.ema_decay, use_warmup=True)
    accelerator.register_for_checkpointing(averaged)
    start_trackers(accelerator, recipe, "classifier")
    checkpoints = Checkpoints(Path(recipe.output_dir), accelerator)
    run = Run(recipe, accelerator, model, optimizer, loader, schedule, checkpoints, averaged)
    run.resume()
    record_run(recipe, photos, accelerator)
    held_back = [photo for photo in photos if photo.split == "validation"]
    validation = ClassifierExamples(choose_evenly(held_back, recipe.validation_examples), processor)
    mixup = Mixup(recipe.mixup_alpha, recipe.cutmix_alpha, label_smoothing=recipe.label_smoothing, num_classes=2)
    prepare = partial(prepare_batch, recipe=recipe, mixup=mixup, teacher=teacher)
    while run.progress["epoch"] < recipe.epochs:
        epoch = run.progress["epoch"]
        if epoch - run.progress["best_epoch"] >= recipe.patience:
            accelerator.print(f"no better epoch in {recipe.patience}: stopping", file=sys.stderr)
            break
        examples.epoch_seed = derive_seed(recipe.seed, epoch)
        sampler.generator.manual_seed(examples.epoch_seed)
        # Never again once a verdict was learned, should the run go on with more epochs.
        examples.is_close_up = epoch < count_close_up_epochs(recipe) and run.progress["best"] is None
        examples.processor = choose_processor(processor, recipe, epoch, examples.is_close_up)
        model.train()
        for module in early_stages(accelerator.unwrap_model(model), recipe.frozen_stages):
            module.eval()  # batch norm too keeps what it starts with
        with quick_gradients(accelerator.device, recipe.mixed_precision):
            train_epoch(run, prepare, partial(draw_classifier_sample, processor=processor), MAX_GRADIENT_NORM)
        kept = averaged.module
        if recipe.initial_share:
            kept = mix_weights(kept, teacher.model, recipe.initial_share)
        # All learn what the first process measures, and so agree on which epoch is best and when to stop.
        metrics, _ = on_first_process(measure_classifier)(kept, validation, accelerator.device)
        # Close-ups teach no verdict, so that one of their epochs may be the last kept but never beats another.
        score = math.nan if examples.is_close_up else -metrics["loss"]
        finish_epoch(run, metrics, score, kept, processor)
    finish(run, ClassifierExamples(held_back, processor))
    accelerator.end_training()


def choose_processor(
    processor: BikeImageProcessor, recipe: ClassifierRecipe, epoch: int, is_close_up: bool
) -> BikeImageProcessor:
    """For close-ups at first, then for small photos, then for those of the size that the model is for.

    Args:
        epoch: from 0.
    """
    if is_close_up:
        return close_up(processor)
    close_ups = count_close_up_epochs(recipe)
    progress = max(0, epoch - close_ups) / (recipe.epochs - close_ups)
    return smaller_at_first(processor, progress, recipe.first_size_share, FIRST_SCALE)


def find_teacher(
    model: BikeClassifierForImageClassification, recipe: ClassifierRecipe, examples: ClassifierExamples
) -> Teacher | None:
    """Who draws what is not labelled: the starting model; or, where no photo has part labels, the built-in classifier.

    Without either, the bike that the verdict is pooled over would never be learned.
    """
    if recipe.initial_model:
        return Teacher(model)
    if any(photo.parts for photo in examples.photos):
        return None
    print(f"no photo has part labels: {recipe.part_model or 'the built-in classifier'} draws them", file=sys.stderr)
    drawing, _ = load_model(recipe.part_model or EMBEDDED_CLASSIFIER, BikeClassifierForImageClassification)
    return Teacher(drawing.to(model.device))


def prepare_batch(
    batch: dict, generator: torch.Generator, recipe: ClassifierRecipe, mixup: Mixup, teacher: Teacher | None
) -> dict:
    """Smoothed soft labels, parts and masks; some photos mixed in pairs, which have neither.

    Args:
        teacher: draws what is not labelled; None leaves it out.
    """
    if teacher:
        batch = teacher.fill(batch)
    has_verdict = batch["labels"] != NO_VERDICT
    hard = torch.nn.functional.one_hot(batch["labels"].clamp(min=0), 2).float()
    soft = hard * (1 - recipe.label_smoothing) + recipe.label_smoothing / 2
    inputs = {name: values.clone() for name, values in batch.items()} | {"labels": soft * has_verdict[:, None]}
    can_mix = recipe.mixup_alpha > 0 or recipe.cutmix_alpha > 0
    if can_mix and torch.rand((), generator=generator) < recipe.mixup_probability:
        pairs = has_verdict.nonzero()[:, 0]
        pairs = pairs[: len(pairs) // 2 * 2]
        if len(pairs):
            mixed = mixup(batch["pixel_values"][pairs], batch["labels"][pairs])
            inputs["pixel_values"][pairs], inputs["labels"][pairs] = mixed
            inputs["part_labels"][pairs] = inputs["mask_labels"][pairs] = UNKNOWN
    inputs["pixel_values"] = inputs["pixel_values"].contiguous(memory_format=torch.channels_last)
    return inputs


def training_examples(recipe: ClassifierRecipe, photos, processor) -> ClassifierExamples:
    view = RandomView(occlusion=recipe.occlusion_probability)
    return ClassifierExamples([p for p in photos if p.split == "train"], processor, view, find_backgrounds(recipe))


def find_backgrounds(recipe: ClassifierRecipe) -> list[Path]:
    return find_photos([recipe.background_dir]) if recipe.background_dir else []


def leave_out_kinds(photos: list[Photo], kinds: list[str]) -> list[Photo]:
    """The photos without those kinds of damage: what a classifier makes of them later shows what it knows of new ones.

    Raises:
        ValueError: no photo has a kind.
    """
    known = {kind for photo in photos for kind in photo.kinds}
    if unknown := sorted(set(kinds) - known):
        raise ValueError(f"left_out_kinds: no photo shows {unknown[0]!r}: choose from {', '.join(sorted(known))}")
    return [photo for photo in photos if photo.kinds.isdisjoint(kinds)]


def finish(run: Run, validation: ClassifierExamples) -> None:
    """Calibrate the best epoch's model on all validation photos, and write it to model/, with metrics and plots."""
    folder, recipe, accelerator = run.folder, run.recipe, run.accelerator
    if not accelerator.is_main_process:
        return
    model, _ = load_model(folder / "best", BikeClassifierForImageClassification)
    model.to(accelerator.device)
    metrics, logits, calibration = calibrate_classifier(model, validation, recipe.max_false_alarm_rate)
    labels = torch.tensor([photo.label for photo in validation.photos])
    probability = logits.softmax(dim=1)[:, 1]
    run.save_model(folder / "model", model, validation.processor)
    threshold = model.config.damage_threshold
    metrics |= measure_logits(model, logits, labels)
    kinds = measure_kinds(probability, validation.photos, threshold)
    report = {
        "photos": "those for validation, which chose the epoch and the calibration too: evaluate on others",
        "validation": metrics,
        "intervals": verdict_intervals(probability, labels, threshold, validation.photos),
        "recall_by_type": kinds,
        "suggested_threshold": suggest_threshold(probability[labels == 0], recipe.max_false_alarm_rate),
        "calibration": calibration,
    }
    write_json(folder / "metrics.json", report)
    plot_verdicts(folder / "verdicts.png", probability.numpy(), labels.numpy(), threshold)
    if kinds:
        plot_kinds(folder / "kinds.png", kinds)
    accelerator.print(f"best model in {folder / 'model'}: {summarise(metrics | calibration)}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
