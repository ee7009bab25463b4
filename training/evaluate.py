"""Measure both stages as a user meets them, on photos held back, and write their model cards.

    python -m training.evaluate --model runs/classifier/model --data_dir data/processed --split test
    python -m training.evaluate --classifier runs/classifier/model --localizer runs/draem/model \\
        --data_dir data/processed --background_dir photos_without_bikes --write_cards model_cards/data_note.md

Prints the figures as JSON. With --output_dir they are written there too, with plots and a sheet of the worst failures;
with --write_cards each model folder gets metrics.json and README.md, and no figure in them comes from anywhere else.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedConfig

from inspection.inspector import EMBEDDED_CLASSIFIER, EMBEDDED_LOCALIZER, BikeInspector
from inspection.photo import find_photos
from modeling import BikeClassifierConfig, DraemConfig
from training.contact_sheet import draw_contact_sheet
from training.data import Photo, count_photos, load_photos
from training.files import write_json, write_picture
from training.model_card import write_cards
from training.pipeline_metrics import Measured, measure_pipeline
from training.plots import plot_kinds, plot_verdicts
from training.splits import SPLITS
from training.verdict_metrics import suggest_threshold

__all__ = ["find_failures", "main"]

MOST_FAILURES, FAILURES_ACROSS, FAILURE_WH = 24, 6, (300, 225)  # on the sheet; pixels


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate",
        description="Measure verdicts, heatmaps and regions on photos held back from training.",
        epilog="example: python -m training.evaluate --model runs/classifier/model --data_dir data/processed",
    )
    parser.add_argument(
        "--model", help="folder or Hub id of a model of either stage (default: the built-in weights of both)"
    )
    parser.add_argument("--classifier", help="folder or Hub id (default: the built-in weights)")
    parser.add_argument("--localizer", help="folder or Hub id (default: the built-in weights)")
    parser.add_argument(
        "--data_dir", default="data/processed", help="with intact/, damaged/, masks/ (default: %(default)s)"
    )
    parser.add_argument(
        "--split", choices=sorted(SPLITS), default="test", help="side of the split (default: %(default)s)"
    )
    parser.add_argument("--background_dir", help="photos without a bike (default: not measured)")
    parser.add_argument("--limit", type=int, help="measure this many photos, evenly chosen (default: all)")
    parser.add_argument(
        "--max_false_alarm_rate",
        type=float,
        default=0.05,
        metavar="RATE",
        help="suggest a damage threshold that at most this share of intact photos reaches (default: %(default)s)",
    )
    parser.add_argument(
        "--output_dir", type=Path, help="folder for metrics.json, plots and failures.jpg (default: print only)"
    )
    parser.add_argument(
        "--write_cards",
        metavar="NOTE",
        type=Path,
        help="write metrics.json and README.md into both model folders; NOTE is a text file that says in Markdown what "
        "the photos are, whose, and what to beware of (default: print only)",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    try:
        classifier, localizer = choose_models(arguments)
        photos = [photo for photo in load_photos(arguments.data_dir) if photo.split == arguments.split]
        backgrounds = find_photos([arguments.background_dir]) if arguments.background_dir else []
        if {photo.label for photo in photos} != {0, 1}:
            raise ValueError(f"the {arguments.split} split of {arguments.data_dir} lacks a class: add photos")
        note = arguments.write_cards.read_text(encoding="utf-8") if arguments.write_cards else None
        if note and (on_hub := [name for name in (classifier, localizer) if not Path(name).is_dir()]):
            raise ValueError(f"--write_cards writes into model folders, and {on_hub[0]} is none: download it first")
        inspector = BikeInspector.from_pretrained(classifier, localizer)
    except (FileNotFoundError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    if arguments.limit and arguments.limit < len(photos):
        photos = [photos[k * len(photos) // arguments.limit] for k in range(arguments.limit)]
    print(count_photos(photos), file=sys.stderr)
    metrics, measured = measure_pipeline(inspector, photos, backgrounds)
    intact = torch.tensor([m.probability for m in measured if m.photo.label == 0])
    metrics["thresholds"] = {
        "damage": inspector.classifier.config.damage_threshold,
        "anomaly": inspector.localizer.config.anomaly_threshold,
        "suggested_damage": suggest_threshold(intact, arguments.max_false_alarm_rate),
    }
    metrics["photos"] = {"split": arguments.split, "intact": _count(photos, 0), "damaged": _count(photos, 1)}
    print(json.dumps(metrics, indent=2))
    if arguments.output_dir:
        write_report(arguments.output_dir, inspector, metrics, measured)
    if note:
        write_cards(Path(classifier), Path(localizer), metrics, note)
    return 0


def choose_models(arguments: argparse.Namespace) -> tuple[str, str]:
    """Classifier and localizer, folders or Hub ids; --model takes the place of the one whose kind it is.

    Raises:
        ValueError: --model is neither, or the model of its stage is given twice.
    """
    given = {"classifier": arguments.classifier, "localizer": arguments.localizer}
    if arguments.model:
        try:
            model_type = PreTrainedConfig.get_config_dict(arguments.model)[0].get("model_type")
        except OSError as error:
            raise FileNotFoundError(f"{arguments.model} is no model folder here, and no model on the Hub") from error
        stages = {BikeClassifierConfig.model_type: "classifier", DraemConfig.model_type: "localizer"}
        if model_type not in stages:
            raise ValueError(f"{arguments.model} is a {model_type!r}: give one of {', '.join(stages)}")
        if given[stages[model_type]]:
            raise ValueError(f"--model is a {stages[model_type]}, and --{stages[model_type]} is given too: drop one")
        given[stages[model_type]] = arguments.model
    return given["classifier"] or str(EMBEDDED_CLASSIFIER), given["localizer"] or str(EMBEDDED_LOCALIZER)


def write_report(folder: Path, inspector: BikeInspector, metrics: dict, measured: list[Measured]) -> None:
    """metrics.json, verdicts.png, kinds.png where kinds are known, and failures.jpg where there are any."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "metrics.json", metrics)
    probability = np.array([m.probability for m in measured])
    labels = np.array([m.photo.label for m in measured])
    plot_verdicts(folder / "verdicts.png", probability, labels, metrics["thresholds"]["damage"])
    if metrics["recall_by_type"]:
        plot_kinds(folder / "kinds.png", metrics["recall_by_type"])
    if worst := find_failures(measured, metrics["thresholds"]["damage"]):
        tiles = [(np.asarray(inspector.inspect(m.photo.path).overlay()), _title(m)) for m in worst]
        write_picture(folder / "failures.jpg", draw_contact_sheet(tiles, FAILURES_ACROSS, FAILURE_WH))


def find_failures(measured: list[Measured], threshold: float) -> list[Measured]:
    """The wrong verdicts, the most certain first, at most MOST_FAILURES."""
    wrong = [m for m in measured if (m.probability >= threshold) != bool(m.photo.label)]
    return sorted(wrong, key=lambda m: abs(m.probability - m.photo.label), reverse=True)[:MOST_FAILURES]


def _title(m: Measured) -> str:
    said = ", ".join(sorted(m.photo.kinds)) or ("damaged" if m.photo.label else "intact")
    return f"{m.probability:.2f} {said}"


def _count(photos: list[Photo], label: int) -> int:
    return sum(photo.label == label for photo in photos)


if __name__ == "__main__":
    raise SystemExit(main())
