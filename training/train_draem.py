"""Train stage 2: where on the bike is the damage? Learned from intact photos and synthetic anomalies.

    accelerate launch -m training.train_draem --config training/configs/draem.yaml \\
        --intact_dir data/processed/intact --epochs 100

Stopped and started again with the same command, a run goes on after its last finished epoch. The best epoch's model
is in OUTPUT_DIR/best, and calibrated, complete for `from_pretrained` and the Hub, in OUTPUT_DIR/model.
"""

import argparse
import sys
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.utils.data import DataLoader, RandomSampler
from tqdm import tqdm

from inspection.photo import find_photos
from inspection.pretrained import load_model
from modeling import BikeImageProcessor, DraemConfig, DraemForAnomalyLocalization
from training.anomalies import lay_anomalies
from training.calibration import calibrate_localizer
from training.data import Photo, list_photos
from training.draem_data import DraemExamples, TwinExamples, find_twin
from training.draem_metrics import measure_intact_maps, measure_localizer
from training.draem_recipe import DraemRecipe
from training.files import write_json
from training.recipe import add_recipe_options, load_recipe
from training.runs import Checkpoints, record_run, save_model, start_accelerator
from training.structural_anomalies import break_structure
from training.textures import draw_textures
from training.views import RandomView, smaller_at_first

__all__ = ["DraemRecipe", "main"]

FIRST_SCALE = 0.5  # of the canvas's sides in the first epochs


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="accelerate launch -m training.train_draem",
        description="Train the localizer on a folder of intact bikes.",
        epilog="example: accelerate launch -m training.train_draem --config training/configs/draem.yaml "
        "--intact_dir data/processed/intact --epochs 100",
    )
    add_recipe_options(parser, DraemRecipe)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = vars(parse_arguments(argv))
    try:
        train(load_recipe(DraemRecipe, **arguments))
    except (FileNotFoundError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


def train(recipe: DraemRecipe) -> None:
    """Train, keep the epoch that does best on the validation photos, calibrate it and write it to OUTPUT_DIR/model."""
    folder = Path(recipe.output_dir)
    photos = list_photos(recipe.intact_dir)
    textures = find_photos([recipe.texture_dir]) if recipe.texture_dir else []
    accelerator = start_accelerator(recipe)
    processor = BikeImageProcessor(
        size={"height": recipe.height, "width": recipe.width}, image_mean=(0.0, 0.0, 0.0), image_std=(1.0, 1.0, 1.0)
    )
    training_photos = [photo for photo in photos if photo.split == "train"]
    examples = DraemExamples(training_photos, processor, RandomView(), textures, recipe.twin_probability)
    validation = TwinExamples(validation_photos(photos, recipe.validation_examples), processor)
    accelerator.print(
        f"{len(examples)} intact photos, {len(textures)} textures; {len(validation)} validation photos", file=sys.stderr
    )
    sampler = RandomSampler(examples, num_samples=recipe.epoch_examples, generator=torch.Generator())
    loader = DataLoader(
        examples,
        recipe.batch_size,
        sampler=sampler,
        num_workers=recipe.workers,
        drop_last=True,
        persistent_workers=False,
    )
    model = build_model(recipe).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.learning_rate)
    milestones = [round(share * recipe.epochs) for share in (0.8, 0.9)]
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones, gamma=0.2)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    accelerator.register_for_checkpointing(schedule)
    accelerator.init_trackers("draem")
    checkpoints = Checkpoints(folder, accelerator)
    record_run(folder, recipe)
    progress = {"epoch": 0, "step": 0, "best_score": -1.0} | checkpoints.resume()
    for epoch in range(progress["epoch"], recipe.epochs):
        set_seed(recipe.seed + epoch)  # a resumed run draws what an unbroken one would
        sampler.generator.manual_seed(recipe.seed + epoch)
        examples.epoch_seed = recipe.seed + epoch
        examples.processor = smaller_at_first(processor, epoch / recipe.epochs, recipe.first_size_share, FIRST_SCALE)
        train_epoch(model, loader, optimizer, recipe, accelerator, progress, epoch)
        schedule.step()
        progress["epoch"] = epoch + 1
        keep_if_better(accelerator, model, processor, validation, progress, recipe)
        checkpoints.save(progress)
    finish(folder, validation, recipe, accelerator)
    accelerator.end_training()


def train_epoch(model, loader, optimizer, recipe: DraemRecipe, accelerator, progress: dict, epoch: int) -> None:
    model.train()
    generator = torch.Generator().manual_seed(recipe.seed + epoch)
    bar = tqdm(loader, desc=f"epoch {epoch + 1}", unit="step", disable=not accelerator.is_main_process, mininterval=5)
    for batch in bar:
        pixel_values, mask = break_batch(batch, generator, recipe)
        clean = batch["clean"].contiguous(memory_format=torch.channels_last)
        with accelerator.accumulate(model):
            output = model(
                pixel_values.contiguous(memory_format=torch.channels_last), clean_pixel_values=clean, mask_labels=mask
            )
            accelerator.backward(output.loss)
            optimizer.step()
            optimizer.zero_grad()
        progress["step"] += 1
        terms = {name: term.item() for name, term in accelerator.reduce(output.loss_terms, "mean").items()}
        accelerator.log({f"train/{name}": term for name, term in terms.items()}, step=progress["step"])
        bar.set_postfix({name: f"{value:.4f}" for name, value in terms.items()})


def break_batch(
    batch: dict[str, torch.Tensor], generator: torch.Generator, recipe: DraemRecipe
) -> tuple[torch.Tensor, torch.Tensor]:
    """Photos (B, 3, H, W) with anomalies, and their masks (B, 1, H, W), 0 or 1.

    What is an anomaly: the damage editor's twin where the batch has one, else a texture or a change of structure.
    """
    clean, parts = batch["clean"], batch["parts"][:, None]
    count, _, height, width = clean.shape
    texture = batch["other"] if recipe.texture_dir else draw_textures(count, height, width, generator).to(clean)
    photos, mask = lay_anomalies(clean, texture, parts > 0, generator, recipe.anomaly_probability)
    if recipe.structural_probability:
        broken, broken_mask = break_structure(clean, parts, generator)
        is_structural, is_anomalous = torch.rand(2, count, 1, 1, 1, generator=generator).to(clean.device)
        is_anomalous = is_anomalous < recipe.anomaly_probability
        is_structural = is_structural < recipe.structural_probability
        photos = torch.where(is_structural, torch.where(is_anomalous, broken, clean), photos)
        mask = torch.where(is_structural, broken_mask * is_anomalous, mask)
    is_twin = batch["is_twin"].view(-1, 1, 1, 1)
    mask = torch.where(is_twin, batch["mask"][:, None].float(), mask)
    return torch.where(is_twin, batch["other"], photos), mask


def keep_if_better(
    accelerator, model, processor, validation: TwinExamples, progress: dict, recipe: DraemRecipe
) -> None:
    """Save the model if it marks pixels better than the best before it; without twins to measure on, always."""
    folder = Path(recipe.output_dir)
    network, metrics, score = accelerator.unwrap_model(model), {}, float(progress["epoch"])
    if len(validation):
        metrics = measure_localizer(network, validation, accelerator.device)
        score = metrics["pixel_ap"]
        accelerator.log({f"validation/{key}": value for key, value in metrics.items()}, step=progress["step"])
        summary = ", ".join(f"{name} {value:.3f}" for name, value in metrics.items())
        accelerator.print(f"epoch {progress['epoch']}: {summary}", file=sys.stderr, flush=True)
    if score > progress["best_score"] and accelerator.is_main_process:
        progress["best_score"] = score
        save_model(folder / "best", network, processor, recipe)
        write_json(folder / "validation.json", metrics | {"epoch": progress["epoch"]})


def finish(folder: Path, validation: TwinExamples, recipe: DraemRecipe, accelerator: Accelerator) -> None:
    """Calibrate the best model on the validation photos, where there are twins to tell, and write it to model/."""
    if not accelerator.is_main_process:
        return
    model, processor = load_model(folder / "best", DraemForAnomalyLocalization)
    if not len(validation):
        save_model(folder / "model", model, processor, recipe)
        return
    intact = TwinExamples([photo for photo in validation.photos if photo.label == 0], processor)
    peaks, levels = measure_intact_maps(model.to(accelerator.device), intact, accelerator.device)
    calibration = calibrate_localizer(model, peaks, levels, recipe.max_false_alarm_rate)
    metrics = measure_localizer(model, validation, accelerator.device)
    save_model(folder / "model", model, processor, recipe)
    write_json(folder / "validation.json", metrics | calibration)
    summary = ", ".join(f"{name} {value:.3f}" for name, value in (metrics | calibration).items())
    accelerator.print(f"best model in {folder / 'model'}: {summary}", file=sys.stderr)


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
    """Intact validation photos and their damaged twins, evenly chosen."""
    pairs = [(photo, twin) for photo in photos if photo.split == "validation" and (twin := find_twin(photo))]
    if count and count // 2 < len(pairs):
        pairs = [pairs[k * len(pairs) // (count // 2)] for k in range(count // 2)]
    return [photo for pair in pairs for photo in pair]


if __name__ == "__main__":
    raise SystemExit(main())
