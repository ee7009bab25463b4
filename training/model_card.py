"""Model cards from measured figures: a README.md with Hub metadata beside each model's metrics.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from training.files import write_json, write_text
from training.model_card_parts import (
    HOW_SURE,
    describe_classifier_data,
    describe_failures,
    describe_localizer_data,
    describe_localizer_failures,
    describe_measured,
    describe_no_bike,
    describe_parts,
    describe_training,
    figure_rows,
    kind_table,
    scene_table,
    wrap,
)
from training.model_card_texts import CLASSIFIER_TEXT, LOCALIZER_TEXT, NAMES

__all__ = ["CardFacts", "model_name", "write_classifier_card", "write_localizer_card"]

TAGS = ("bicycle", "damage-detection", "anomaly-detection", "custom_code")
PLOTS = {"verdicts.png": "Curves, reliability and counts of the verdicts", "kinds.png": "Found, by kind of damage"}
NOTE_PLACE = "(the note)"  # while all around it is wrapped: the note is its author's


@dataclass(frozen=True)
class CardFacts:
    """What a card says that nobody can measure; what is not given is left out.

    Attributes:
        note: Markdown, what the photos are, whose, and what to beware of.
        license: of the weights, as the Hub names it, such as "apache-2.0".
        base_model: Hub id of the model whose weights it started from.
        dataset: Hub id of the photos.
    """

    note: str
    license: str | None = None
    base_model: str | None = None
    dataset: str | None = None


def write_classifier_card(folder: Path, metrics: dict, facts: CardFacts) -> None:
    """Write metrics.json and README.md into a classifier's folder; plots that lie there are shown.

    Args:
        metrics: as training.evaluate makes them.
    """
    record, config = _read(folder / "training.json"), _read(folder / "config.json")
    text = CLASSIFIER_TEXT.format(
        **_shared_fields(folder, metrics, metrics["seen"]["classifier"], ("verdicts.png", "kinds.png")),
        backbone=config["backbone"],
        parts=describe_parts(record),
        training=describe_training(record, describe_classifier_data(record.get("data", {}))),
        figures=figure_rows(
            metrics["classifier"] | metrics["parts"], metrics["classifier_intervals"], metrics["photos"]
        ),
        scenes=scene_table(metrics["false_alarms_by_scene"], metrics["recall_by_scene"]),
        kinds=kind_table(
            metrics["recall_by_type"], "By kind of damage", "photos", {"found": "recall", "AUROC": "auroc"}
        ),
        no_bike=describe_no_bike(metrics),
        failures=describe_failures(metrics),
        threshold=metrics["thresholds"]["damage"],
    )
    reported = {name: metrics["classifier"][name] for name in ("auroc", "recall", "accuracy")}
    _write(folder, text, metrics, facts, "image-classification", reported)


def write_localizer_card(folder: Path, metrics: dict, facts: CardFacts) -> None:
    """Likewise, of a localizer."""
    record, config = _read(folder / "training.json"), _read(folder / "config.json")
    twins = record.get("recipe", {}).get("twin_probability", 0)
    seen = metrics["seen"]["both"]  # the map is of both networks
    kinds = metrics["recall_by_type"]
    text = LOCALIZER_TEXT.format(
        **_shared_fields(folder, metrics, seen, ("kinds.png",)),
        classifier=metrics["models"]["classifier"],
        training=describe_training(record, describe_localizer_data(record.get("data", {}), twins)),
        reconstructive_width=config["reconstructive_width"],
        discriminative_width=config["discriminative_width"],
        figures=figure_rows(
            metrics["localizer"] | metrics["pipeline"], metrics["localizer_intervals"], metrics["photos"]
        ),
        kinds=kind_table(kinds, "A region on the defect, by kind of damage", "masks", {"marked": "hit_rate"}),
        failures=describe_localizer_failures(metrics),
        threshold=metrics["thresholds"]["anomaly"],
    )
    names = ("pixel_ap", "pixel_auroc", "aupro")
    reported = {name: metrics["localizer"][name] for name in names if name in metrics["localizer"]}
    _write(folder, text, metrics, facts, "image-segmentation", reported)


def model_name(folder: Path) -> str:
    """Of a model's folder: its own name, or that of the run it is the `model` of."""
    folder = folder.resolve()
    return folder.parent.name if folder.name == "model" else folder.name


def _shared_fields(folder: Path, metrics: Mapping, seen: int | None, plots: tuple[str, ...]) -> dict[str, str]:
    name = model_name(folder)
    # Where the folder lies on one machine says nothing to others.
    path = f"model_cards/{name}" if folder.resolve().parent.name == "model_cards" else f"path/to/{name}"
    shown = [f"\n![{PLOTS[plot]}]({plot})\n" for plot in plots if (folder / plot).is_file()]
    return {
        "name": name,
        "path": path,
        "measured_on": describe_measured(metrics["photos"], seen),
        "how": HOW_SURE,
        "plots": "".join(shown),
        "note": NOTE_PLACE,
    }


def _write(folder: Path, text: str, metrics: dict, facts: CardFacts, task: str, reported: Mapping[str, float]) -> None:
    results = [
        EvalResult(
            task_type=task,
            dataset_type=facts.dataset or "imagefolder",
            dataset_name=metrics["photos"]["data"],
            dataset_split=metrics["photos"]["split"],
            metric_type=name,
            metric_name=NAMES[name],
            metric_value=round(value, 4),
        )
        for name, value in reported.items()
    ]
    data = ModelCardData(
        license=facts.license,
        library_name="transformers",
        pipeline_tag=task,
        base_model=facts.base_model,
        datasets=[facts.dataset] if facts.dataset else None,
        tags=list(TAGS),
        model_name=model_name(folder) if results else None,
        eval_results=results or None,
    )
    content = wrap(text).replace(NOTE_PLACE, facts.note.strip()).rstrip()
    write_text(folder / "README.md", str(ModelCard(f"---\n{data.to_yaml()}\n---\n\n{content}")) + "\n")
    write_json(folder / "metrics.json", metrics)


def _read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
