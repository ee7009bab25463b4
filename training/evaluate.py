"""Measure both stages as a user meets them, on photos held back, and write the cards of the models that are named.

    python -m training.evaluate --model runs/classifier/model --data_dir data/processed --split test
    python -m training.evaluate --classifier model_cards/bike-classifier --localizer model_cards/bike-draem \\
        --data_dir data/processed --background_dir photos_without_bikes --write_cards model_cards/data_note.md \\
        --license apache-2.0 --base_model timm/tf_efficientnet_lite0.in1k

Prints the figures as JSON. With --output_dir they are written there too, with plots and sheets of the worst failures
and of photos taken at random; with --write_cards the folder of each model that is named gets metrics.json, plots and
README.md, and no figure in them comes from anywhere else.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from transformers import PreTrainedConfig

from inspection.inspector import EMBEDDED_CLASSIFIER, EMBEDDED_LOCALIZER, BikeInspector
from inspection.photo import find_photos
from modeling import BikeClassifierConfig, DraemConfig
from training.choosing import choose_evenly
from training.data import LABELS, Photo, count_photos, load_photos
from training.evaluation_report import write_plots, write_report
from training.model_card import CardFacts, model_name, write_classifier_card, write_localizer_card
from training.options import read_rate
from training.pipeline_metrics import measure_pipeline
from training.provenance import count_seen
from training.splits import SPLITS
from training.verdict_metrics import suggest_threshold

__all__ = ["choose_models", "main"]


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
    parser.add_argument(
        "--limit", type=_read_limit, help="measure this many photos, half of them intact, evenly chosen (default: all)"
    )
    parser.add_argument(
        "--max_false_alarm_rate",
        type=read_rate,
        default=0.05,
        metavar="RATE",
        help="suggest a damage threshold that at most this share of intact photos reaches (default: %(default)s)",
    )
    parser.add_argument(
        "--output_dir",
        type=Path,
        help="folder for metrics.json, plots and two sheets of photos (default: print only)",
    )
    card = parser.add_argument_group("model cards")
    card.add_argument(
        "--write_cards",
        metavar="NOTE",
        type=Path,
        help="write metrics.json, plots and README.md into the folder of each model that is named; NOTE is a text file "
        "that says in Markdown what the photos are, whose, and what to beware of (default: print only)",
    )
    card.add_argument("--license", help="of the weights, such as apache-2.0 (default: left out)")
    card.add_argument(
        "--base_model",
        metavar="HUB_ID",
        help="whose weights it started from; with both cards, the classifier (default: left out)",
    )
    card.add_argument("--dataset", metavar="HUB_ID", help="of the photos (default: left out)")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    try:
        classifier, localizer = choose_models(arguments)
        cards = _card_folders(classifier, localizer) if arguments.write_cards else {}
        note = arguments.write_cards.read_text(encoding="utf-8") if arguments.write_cards else ""
        if cards and arguments.split == "train":
            raise ValueError("figures on the photos that it learned from are none for a card: drop --split train")
        photos = choose_photos(arguments)
        backgrounds = find_photos([arguments.background_dir]) if arguments.background_dir else []
        inspector = BikeInspector.from_pretrained(classifier, localizer)
        print(count_photos(photos), file=sys.stderr)
        metrics, measured = measure_pipeline(inspector, photos, backgrounds)
    except (FileNotFoundError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    intact = torch.tensor([m.probability for m in measured if m.photo.label == 0])
    metrics["thresholds"] = {
        "damage": inspector.classifier.config.damage_threshold,
        "anomaly": inspector.localizer.config.anomaly_threshold,
        "suggested_damage": suggest_threshold(intact, arguments.max_false_alarm_rate),
    }
    metrics |= describe_measurement(arguments, photos, classifier, localizer)
    print(json.dumps(metrics, indent=2))
    if arguments.output_dir:
        write_report(arguments.output_dir, inspector, metrics, measured)
    for stage, folder in cards.items():
        write_plots(folder, metrics, measured, of_verdicts=stage == "classifier")
        write_card = {"classifier": write_classifier_card, "localizer": write_localizer_card}[stage]
        base_model = arguments.base_model if stage == next(iter(cards)) else None
        write_card(folder, metrics, CardFacts(note, arguments.license, base_model, arguments.dataset))
    return 0


def choose_models(arguments: argparse.Namespace) -> tuple[str | None, str | None]:
    """Classifier and localizer, folders or Hub ids, None for the built-in one; --model takes the place of its kind.

    Raises:
        FileNotFoundError: --model is nowhere.
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
            within = Path(arguments.model) / "model"
            if model_type is None and within.is_dir():
                raise ValueError(f"{arguments.model} is the folder of a run: give its model, {within}")
            found = f"a {model_type!r}" if model_type else "no model"
            raise ValueError(f"{arguments.model} is {found}: give a {' or a '.join(stages)}")
        if given[stages[model_type]]:
            raise ValueError(f"--model is a {stages[model_type]}, and --{stages[model_type]} is given too: drop one")
        given[stages[model_type]] = arguments.model
    return given["classifier"], given["localizer"]


def choose_photos(arguments: argparse.Namespace) -> list[Photo]:
    """The photos to measure, sorted by path.

    Raises:
        FileNotFoundError, ValueError: as `load_photos`; or the side of the split lacks a class.
    """
    photos = [photo for photo in load_photos(arguments.data_dir) if photo.split == arguments.split]
    if {photo.label for photo in photos} != set(LABELS.values()):
        raise ValueError(f"the {arguments.split} split of {arguments.data_dir} lacks a class: add photos")
    if not arguments.limit or arguments.limit >= len(photos):
        return photos
    groups = ([photo for photo in photos if photo.label == label] for label in LABELS.values())
    chosen = [photo for group in groups for photo in choose_evenly(group, arguments.limit // 2)]
    return sorted(chosen, key=lambda photo: photo.path)


def describe_measurement(
    arguments: argparse.Namespace, photos: list[Photo], classifier: str | None, localizer: str | None
) -> dict:
    """photos: what was measured on; models: what was measured; seen: how many of the photos training knew.

    `both` is of the two models together, whose map users see; null where it is not on record.
    """
    folders = Path(classifier or EMBEDDED_CLASSIFIER), Path(localizer or EMBEDDED_LOCALIZER)
    counts = [count_seen(folder, photos) for folder in folders]
    known = [count for count in counts if count is not None]
    both = max(known) if len(known) == 2 or any(known) else None
    return {
        "photos": {
            "data": arguments.dataset or Path(arguments.data_dir).resolve().name,
            "split": arguments.split,
            "intact": sum(photo.label == 0 for photo in photos),
            "damaged": sum(photo.label == 1 for photo in photos),
            "masks": sum(photo.label == 1 and bool(photo.mask) for photo in photos),
        },
        "models": dict(zip(("classifier", "localizer"), map(model_name, folders), strict=True)),
        "seen": {"classifier": counts[0], "localizer": counts[1], "both": both},
    }


def _card_folders(classifier: str | None, localizer: str | None) -> dict[str, Path]:
    """The folders to write cards into, by stage: of the models that are named, and of no others."""
    named = {stage: name for stage, name in (("classifier", classifier), ("localizer", localizer)) if name}
    if not named:
        raise ValueError("--write_cards writes into the folders of models that you name: give --model FOLDER")
    if on_hub := [name for name in named.values() if not Path(name).is_dir()]:
        raise ValueError(f"--write_cards writes into model folders, and {on_hub[0]} is none: download it first")
    return {stage: Path(name) for stage, name in named.items()}


def _read_limit(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of photos: give 2 or more, one of each class at least")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
