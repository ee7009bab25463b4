"""Train stage 2: where on the bike is the damage? Learned from intact photos and synthetic anomalies.

    accelerate launch -m training.train_draem --config training/configs/draem.yaml \\
        --intact_dir data/processed/intact --epochs 100

Killed at any moment and started again with the same command, a run goes on from its last checkpoint and ends as if it
had never stopped. The best epoch's model is in OUTPUT_DIR/best, and calibrated, complete for `from_pretrained` and the
Hub, in OUTPUT_DIR/model.
"""

import sys
from functools import partial
from pathlib import Path

import torch
from torch.utils.data import RandomSampler

from inspection.photo import find_photos
from inspection.pretrained import load_model
from modeling import BikeImageProcessor, DraemConfig, DraemForAnomalyLocalization
from training.break_batch import break_batch
from training.choosing import choose_evenly
from training.command import run_training_command
from training.data import LABELS, Photo, check_sides, gather_photos, list_photos
from training.data_report import CHECKED, refuse_broken
from training.draem_data import DraemExamples, MaskedExamples
from training.draem_metrics import measure_localizer
from training.draem_recipe import DraemRecipe
from training.draws import NumberedDraws
from training.files import write_json
from training.find_parts import find_parts
from training.loop import count_steps, finish_epoch, make_loader, summarise, train_epoch
from training.narrow_batch_norm import quick_norms
from training.processes import on_first_process
from training.recalibrate import calibrate_draem
from training.run_state import Run
from training.runs import Checkpoints, record_run, start_accelerator, start_trackers
from training.samples import draw_draem_sample
from training.seeding import derive_seed
from training.starting_model import take_over
from training.synthetic_validation import measure_on_synthetic
from training.views import RandomView, smaller_at_first

__all__ = ["DraemRecipe", "main", "train"]

FIRST_SCALE = 0.5  # of the canvas's sides in the first epochs


def main(argv: list[str] | None = None) -> int:
    return run_training_command(
        DraemRecipe,
        train,
        argv,
        prog="accelerate launch -m training.train_draem",
        description="Train the localizer on a folder of intact bikes.",
        example="accelerate launch -m training.train_draem --config training/configs/draem.yaml "
        "--intact_dir data/processed/intact --epochs 100",
    )


def train(recipe: DraemRecipe) -> None:
    """Train, keep the epoch that does best on the validation photos, calibrate it and write it to OUTPUT_DIR/model."""
    photos = gather_photos(list_photos, recipe.intact_dir, recipe.extra_intact_dirs)
    check_sides(photos, ("train",), ("intact",))
    textures = find_photos([recipe.texture_dir]) if recipe.texture_dir else []
    refuse_broken(photos, textures, stamp=Path(recipe.output_dir) / CHECKED)
    accelerator = start_accelerator(recipe)
    photos = find_parts(photos, recipe.part_model, Path(recipe.output_dir) / "parts", accelerator)
    processor = BikeImageProcessor(
        size={"height": recipe.height, "width": recipe.width}, image_mean=(0.0, 0.0, 0.0), image_std=(1.0, 1.0, 1.0)
    )
    training_photos = [photo for photo in photos if photo.split == "train" and photo.label == 0]
    damaged = [photo for photo in photos if photo.label == 1]
    examples = DraemExamples(training_photos, processor, RandomView(), textures, recipe.twin_probability, damaged)
    validation = MaskedExamples(validation_photos(photos, recipe.validation_examples), processor)
    accelerator.print(
        f"{len(examples)} intact photos, {len(textures)} textures; {len(validation)} validation photos", file=sys.stderr
    )
    sampler = RandomSampler(examples, num_samples=recipe.epoch_examples, generator=torch.Generator())
    loader = make_loader(examples, NumberedDraws(sampler), recipe, accelerator)
    model, recipe = build_model(recipe)
    model = model.to(memory_format=torch.channels_last)
    optimizer, schedule = build_optimizer(model, recipe, count_steps(loader, recipe, accelerator))
    model, optimizer, loader, schedule = accelerator.prepare(model, optimizer, loader, schedule)
    start_trackers(accelerator, recipe, "draem")
    checkpoints = Checkpoints(Path(recipe.output_dir), accelerator)
    run = Run(recipe, accelerator, model, optimizer, loader, schedule, checkpoints)
    run.resume()
    record_run(recipe, photos, accelerator)
    prepare = partial(break_batch, recipe=recipe)
    while run.progress["epoch"] < recipe.epochs:
        epoch = run.progress["epoch"]
        examples.epoch_seed = derive_seed(recipe.seed, epoch)
        sampler.generator.manual_seed(examples.epoch_seed)
        examples.processor = smaller_at_first(processor, epoch / recipe.epochs, recipe.first_size_share, FIRST_SCALE)
        model.train()
        with quick_norms(accelerator.device):
            train_epoch(run, prepare, draw_draem_sample)
        network = accelerator.unwrap_model(model)
        # All learn what the first process measures, and so agree on which epoch is best.
        metrics = on_first_process(measure_epoch)(network, validation, textures, recipe, accelerator.device)
        # Without damaged photos to judge by, synthetic anomalies; without any photos, the newest epoch is kept.
        score = metrics.get("pixel_ap", metrics.get("synthetic_pixel_ap", float(epoch)))
        finish_epoch(run, metrics, score, network, processor)
    finish(run, photos)
    accelerator.end_training()


def measure_epoch(
    model: DraemForAnomalyLocalization,
    validation: MaskedExamples,
    textures: list[Path],
    recipe: DraemRecipe,
    device: torch.device,
) -> dict[str, float]:
    """Metrics on the validation photos; of intact ones alone, also how well synthetic anomalies are found on them."""
    if not len(validation):
        return {}
    metrics = measure_localizer(model, validation, device)
    if "pixel_ap" not in metrics:
        examples = DraemExamples(validation.photos, validation.processor, RandomView(), textures)
        metrics["synthetic_pixel_ap"] = measure_on_synthetic(model, examples, recipe, device)
    return metrics


def finish(run: Run, photos: list[Photo]) -> None:
    """Calibrate the best model on the intact validation photos, and write it to model/, with its metrics.

    The threshold is learned from intact photos alone: the map is scaled until just `max_false_alarm_rate` of them
    reach it, which is to say that it lies at that quantile of their peaks.
    """
    folder, recipe, accelerator = run.folder, run.recipe, run.accelerator
    if not accelerator.is_main_process:
        return
    model, processor = load_model(folder / "best", DraemForAnomalyLocalization)
    validation = MaskedExamples(validation_photos(photos, recipe.validation_examples), processor)
    intact = MaskedExamples([p for p in photos if p.split == "validation" and p.label == 0], processor)
    calibration = calibrate_draem(model.to(accelerator.device), intact, recipe.max_false_alarm_rate)
    if not calibration:
        note = "no intact bike is for validation: the model is neither measured nor calibrated"
        accelerator.print(note, file=sys.stderr)
        run.save_model(folder / "model", model, processor)
        write_json(folder / "metrics.json", {"note": note})
        return
    metrics = measure_localizer(model, validation, accelerator.device)
    run.save_model(folder / "model", model, processor)
    write_json(folder / "metrics.json", {"validation": metrics, "calibration": calibration})
    accelerator.print(f"best model in {folder / 'model'}: {summarise(metrics | calibration)}", file=sys.stderr)


def build_model(recipe: DraemRecipe) -> tuple[DraemForAnomalyLocalization, DraemRecipe]:
    """The model at its first step, and the recipe with what a model that the run goes on from brings along."""
    if recipe.initial_model:
        model, _ = load_model(recipe.initial_model, DraemForAnomalyLocalization)
        recipe = take_over(recipe, model.config, "reconstructive_width", "discriminative_width")
        model.config.anomaly_weight = recipe.anomaly_weight
        return model, recipe
    config = DraemConfig(
        reconstructive_width=recipe.reconstructive_width,
        discriminative_width=recipe.discriminative_width,
        anomaly_weight=recipe.anomaly_weight,
    )
    return DraemForAnomalyLocalization(config), recipe


def build_optimizer(model: DraemForAnomalyLocalization, recipe: DraemRecipe, steps: int):
    """Adam, and the paper's schedule: the rate falls to a fifth at 80% and again at 90% of the steps."""
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.learning_rate, fused=True)
    falls = [round(share * steps) for share in (0.8, 0.9)]
    return optimizer, torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: 0.2 ** sum(step >= fall for fall in falls)
    )


def validation_photos(photos: list[Photo], count: int | None) -> list[Photo]:
    """Validation photos, evenly chosen: of `count`, half are intact where there are damaged ones."""
    groups = [[p for p in photos if p.split == "validation" and p.label == label] for label in LABELS.values()]
    share = count // sum(map(bool, groups)) if count and any(groups) else None
    return [photo for group in groups for photo in choose_evenly(group, share)]


if __name__ == "__main__":
    raise SystemExit(main())
