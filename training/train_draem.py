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

from inspection.inspector import EMBEDDED_CLASSIFIER
from inspection.photo import find_photos
from inspection.pretrained import load_model
from modeling import BikeImageProcessor, DraemConfig, DraemForAnomalyLocalization
from training.anomalies import lay_anomalies
from training.calibration import calibrate_localizer
from training.command import run_training_command
from training.data import LABELS, Photo, check_sides, choose_evenly, list_photos
from training.data_report import CHECKED, refuse_broken
from training.draem_data import DraemExamples, MaskedExamples
from training.draem_metrics import measure_intact_maps, measure_localizer
from training.draem_recipe import DraemRecipe
from training.files import write_json
from training.find_parts import find_parts
from training.loop import Run, finish_epoch, make_loader, summarise, train_epoch
from training.runs import Checkpoints, record_run, start_accelerator
from training.samples import draw_draem_sample
from training.structural_anomalies import break_structure
from training.textures import draw_textures
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
    photos = list_photos(recipe.intact_dir)
    check_sides(photos, ("train",), ("intact",))
    textures = find_photos([recipe.texture_dir]) if recipe.texture_dir else []
    refuse_broken(photos, textures, stamp=Path(recipe.output_dir) / CHECKED)
    accelerator = start_accelerator(recipe)
    photos = find_parts(
        photos, recipe.part_model or EMBEDDED_CLASSIFIER, Path(recipe.output_dir) / "parts", accelerator
    )
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
    loader = make_loader(examples, sampler, recipe)
    model = build_model(recipe).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.learning_rate)
    milestones = [round(share * recipe.epochs) for share in (0.8, 0.9)]
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones, gamma=0.2)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    accelerator.register_for_checkpointing(schedule)
    accelerator.init_trackers("draem")
    run = Run(recipe, accelerator, model, optimizer, loader, Checkpoints(Path(recipe.output_dir), accelerator))
    record_run(recipe, photos, accelerator)
    run.resume()
    prepare = partial(break_batch, recipe=recipe)
    while run.progress["epoch"] < recipe.epochs:
        epoch = run.progress["epoch"]
        sampler.generator.manual_seed(recipe.seed + epoch)
        examples.epoch_seed = recipe.seed + epoch
        examples.processor = smaller_at_first(processor, epoch / recipe.epochs, recipe.first_size_share, FIRST_SCALE)
        model.train()
        train_epoch(run, prepare, draw_draem_sample)
        schedule.step()
        network = accelerator.unwrap_model(model)
        metrics = measure_localizer(network, validation, accelerator.device) if len(validation) else {}
        # Without damaged photos to judge by, the reconstruction of intact ones; without any, the newest is kept.
        score = metrics.get("pixel_ap", metrics.get("ssim", float(epoch)))
        finish_epoch(run, metrics, score, network, processor)
    finish(run, photos)
    accelerator.end_training()


def break_batch(
    batch: dict[str, torch.Tensor], generator: torch.Generator, recipe: DraemRecipe
) -> dict[str, torch.Tensor]:
    """Photos with anomalies, the same without, and the masks, as the model's `forward` takes them.

    What is an anomaly: the damage editor's twin where the batch has one, else a texture or a change of structure.
    """
    clean, parts = batch["clean"], batch["parts"][:, None]
    count, _, height, width = clean.shape
    photos, mask = clean.clone(), torch.zeros_like(clean[:, :1])
    is_anomalous, is_structural = torch.rand(2, count, generator=generator)
    is_anomalous = (is_anomalous < recipe.anomaly_probability) & ~batch["is_twin"].cpu()
    is_structural = is_structural < recipe.structural_probability
    broken = (is_anomalous & is_structural).nonzero()[:, 0].to(clean.device)
    if len(broken):
        photos[broken], mask[broken] = break_structure(clean[broken], parts[broken], generator)
    covered = (is_anomalous & ~is_structural).nonzero()[:, 0].to(clean.device)
    if len(covered):
        textures = batch["other"][covered]
        if not recipe.texture_dir:
            textures = draw_textures(len(covered), height, width, generator).to(clean)
        photos[covered], mask[covered] = lay_anomalies(clean[covered], textures, parts[covered] > 0, generator)
    twins = batch["is_twin"].nonzero()[:, 0]
    photos[twins], mask[twins] = batch["other"][twins], batch["mask"][twins, None].to(mask)
    pixel_values, clean = (values.contiguous(memory_format=torch.channels_last) for values in (photos, clean))
    return {"pixel_values": pixel_values, "clean_pixel_values": clean, "mask_labels": mask}


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
    peaks, levels = measure_intact_maps(model.to(accelerator.device), intact, accelerator.device)
    if not len(peaks):
        accelerator.print("no intact bike is for validation: the model stays uncalibrated", file=sys.stderr)
        run.save_model(folder / "model", model, processor)
        return
    calibration = calibrate_localizer(model, peaks, levels, recipe.max_false_alarm_rate)
    metrics = measure_localizer(model, validation, accelerator.device)
    run.save_model(folder / "model", model, processor)
    write_json(folder / "metrics.json", {"validation": metrics, "calibration": calibration})
    accelerator.print(f"best model in {folder / 'model'}: {summarise(metrics | calibration)}", file=sys.stderr)


def build_model(recipe: DraemRecipe) -> DraemForAnomalyLocalization:
    if recipe.initial_model:
        return load_model(recipe.initial_model, DraemForAnomalyLocalization)[0]
    return DraemForAnomalyLocalization(
        DraemConfig(
            reconstructive_width=recipe.reconstructive_width,
            discriminative_width=recipe.discriminative_width,
            anomaly_weight=recipe.anomaly_weight,
        )
    )


def validation_photos(photos: list[Photo], count: int | None) -> list[Photo]:
    """Validation photos, evenly chosen: of `count`, half are intact where there are damaged ones."""
    groups = [[p for p in photos if p.split == "validation" and p.label == label] for label in LABELS.values()]
    share = count // sum(map(bool, groups)) if count and any(groups) else None
    return [photo for group in groups for photo in choose_evenly(group, share)]


if __name__ == "__main__":
    raise SystemExit(main())
