"""What do 40 labelled photos of another place buy, and what do they cost where the model came from?

    python -m benchmarks.fine_tune --home data/processed --away data/other --out runs/fine_tune_40

takes 20 intact and 20 damaged photos of `--away`, their verdicts alone or, with `--annotated`, their masks and parts
too, goes on from the built-in classifier with training/configs/classifier_fine_tune.yaml, and prints how well both
models tell damage on all photos of `--away` that were not among the 40, on the test photos of `--home`, and, where
there are part labels, the parts.
"""

import argparse
import hashlib
from pathlib import Path

import torch

from inspection.inspector import EMBEDDED_CLASSIFIER
from inspection.pretrained import load_model
from modeling import BikeClassifierForImageClassification
from training.classifier_data import ClassifierExamples
from training.classifier_metrics import measure_classifier
from training.classifier_recipe import ClassifierRecipe
from training.data import LABELS, Photo, load_photos
from training.files import write_json
from training.recipe import load_recipe
from training.train_classifier import train

CHOSEN = 20  # of each class
SHOWN = ("auroc", "accuracy", "recall", "false_alarm_rate", "part_mean_iou", "bike_iou")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fine_tune", description=__doc__.split("\n")[0])
    parser.add_argument("--home", required=True, help="data folder that the built-in model was trained on")
    parser.add_argument("--away", required=True, help="data folder of another kind of photos")
    parser.add_argument("--out", type=Path, default=Path("runs/fine_tune_40"), help="(default: %(default)s)")
    parser.add_argument("--annotated", action="store_true", help="learn from their masks and parts too")
    parser.add_argument("--limit", type=int, default=300, help="photos of each place to measure on (default: 300)")
    parser.add_argument("--seed", type=int, default=17, help="of the run, and of which are chosen (default: 17)")
    arguments = parser.parse_args()
    away = load_photos(arguments.away)
    chosen = choose(away, arguments.seed)
    link(chosen, arguments.out / "data", arguments.annotated)
    tests = {
        "away": [photo for photo in away if photo not in chosen and not shares_bike(photo, chosen)],
        "home": [photo for photo in load_photos(arguments.home) if photo.split == "test"],
    }
    recipe = load_recipe(
        ClassifierRecipe,
        "training/configs/classifier_fine_tune.yaml",
        data_dir=str(arguments.out / "data"),
        output_dir=str(arguments.out / "run"),
        seed=arguments.seed,
    )
    train(recipe)
    rows = {}
    for model_name, source in (("built in", EMBEDDED_CLASSIFIER), ("fine-tuned", arguments.out / "run" / "model")):
        model, processor = load_model(source, BikeClassifierForImageClassification)
        for place, photos in tests.items():
            step = max(1, len(photos) // arguments.limit)
            examples = ClassifierExamples(photos[::step], processor)
            rows[f"{place}, {model_name}"] = measure_classifier(model, examples, torch.device("cpu"))[0]
    write_json(arguments.out / "fine_tune.json", rows)
    print("| photos and model | " + " | ".join(SHOWN) + " |\n|---|" + "---|" * len(SHOWN))
    for name, row in rows.items():
        print(f"| {name} | " + " | ".join(f"{row[key]:.3f}" if key in row else "" for key in SHOWN) + " |")


def choose(photos: list[Photo], seed: int) -> list[Photo]:
    """CHOSEN photos of each class, drawn by name and seed; of twins, the damaged and the intact one of other bikes."""
    ranked = sorted(photos, key=lambda photo: hashlib.sha256(f"{seed} {photo.path.stem}".encode()).digest())
    intact = [photo for photo in ranked if photo.label == LABELS["intact"]][:CHOSEN]
    damaged = [photo for photo in ranked if photo.label == LABELS["damaged"] and not shares_bike(photo, intact)]
    return intact + damaged[:CHOSEN]


def shares_bike(photo: Photo, others: list[Photo]) -> bool:
    """Twins, made by the damage editor or the renderer, have the same name."""
    return photo.path.stem in {other.path.stem for other in others}


def link(photos: list[Photo], folder: Path, is_annotated: bool) -> None:
    """A data folder of these photos, one in five to choose the epoch by, with nothing else of them if not annotated."""
    for number, photo in enumerate(photos):
        side, name = folder / ("train" if number % 5 else "validation"), photo.path.parent.name
        sources = {side / name / photo.path.name: photo.path}
        if is_annotated:
            sources[side / "masks" / name / f"{photo.path.stem}.png"] = photo.mask
            sources[side / "parts" / name / f"{photo.path.stem}.png"] = photo.parts
        for target, source in sources.items():
            if source:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                target.symlink_to(source.resolve())


if __name__ == "__main__":
    main()
