"""Model cards from measured figures: a README.md with Hub metadata beside each model's metrics.json."""

import json
from pathlib import Path

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from training.files import write_json, write_text
from training.model_card_texts import CLASSIFIER_TEXT, LOCALIZER_TEXT, NAMES

__all__ = ["write_cards"]

DATASET = "Photos of intact and damaged bicycles"
WORST, FEWEST_PHOTOS = 5, 5  # kinds that are named as failures, of those with as many photos
TAGS = ("bicycle", "damage-detection", "anomaly-detection", "custom_code")


def write_cards(classifier: Path, localizer: Path, metrics: dict, note: str) -> None:
    """Write metrics.json and README.md into both model folders.

    Args:
        metrics: as training.evaluate makes them.
        note: Markdown, what the photos are, whose, and what to beware of.
    """
    photos = metrics["photos"]
    record, config = _read(classifier / "training.json"), _read(classifier / "config.json")
    started_from = record.get("effort", {}).get("started_from", "")
    is_pretrained = not record.get("effort") or started_from.endswith((".safetensors", ".pth"))
    _write(
        classifier,
        CLASSIFIER_TEXT,
        metrics,
        task="image-classification",
        base_model=f"timm/{config['backbone']}.in1k" if is_pretrained else None,
        reported=("auroc", "recall", "accuracy"),
        group="classifier",
        backbone=config["backbone"],
        figures=_figure_rows(metrics["classifier"], metrics["classifier_intervals"]),
        scenes=_scene_rows(metrics),
        kinds=_kind_table(metrics, "By kind of damage", {"found": "recall", "AUROC": "auroc"}),
        no_bike=_no_bike(metrics),
        failures=_classifier_failures(metrics),
        threshold=metrics["thresholds"]["damage"],
        note=note.strip(),
        training=_training(record),
        **photos,
    )
    config = _read(localizer / "config.json")
    _write(
        localizer,
        LOCALIZER_TEXT,
        metrics,
        task="image-segmentation",
        base_model=None,
        reported=("pixel_ap", "pixel_auroc", "aupro"),
        group="localizer",
        reconstructive_width=config["reconstructive_width"],
        discriminative_width=config["discriminative_width"],
        figures=_figure_rows(metrics["localizer"] | metrics["pipeline"], metrics["localizer_intervals"]),
        kinds=_kind_table(metrics, "A region on the defect, by kind of damage", {"hit": "hit_rate"}),
        failures=_worst_kinds(metrics, "hit_rate", "marked", "It puts no region on most damage of some kinds"),
        threshold=metrics["thresholds"]["anomaly"],
        note=note.strip(),
        training=_training(_read(localizer / "training.json")),
        **photos,
    )


def _write(
    folder: Path, text: str, metrics: dict, task: str, base_model: str | None, reported, group: str, **fields
) -> None:
    name = folder.resolve().parent.name if folder.name == "model" else folder.name
    results = [
        EvalResult(
            task_type=task,
            dataset_type="imagefolder",
            dataset_name=DATASET,
            dataset_split=metrics["photos"]["split"],
            metric_type=metric,
            metric_name=NAMES[metric],
            metric_value=round(metrics[group][metric], 4),
        )
        for metric in reported
    ]
    data = ModelCardData(
        license="apache-2.0",
        library_name="transformers",
        pipeline_tag=task,
        base_model=base_model,
        tags=list(TAGS),
        model_name=name,
        eval_results=results,
    )
    # Where the folder lies on one machine says nothing to others.
    path = f"model_cards/{name}" if folder.resolve().parent.name == "model_cards" else f"path/to/{name}"
    content = text.format(name=name, path=path, **fields)
    write_text(folder / "README.md", str(ModelCard(f"---\n{data.to_yaml()}\n---\n\n{content}")))
    write_json(folder / "metrics.json", metrics)


def _figure_rows(figures: dict[str, float], intervals: dict[str, list[float]]) -> str:
    rows = []
    for name, value in figures.items():
        low, high = intervals.get(name, (None, None))
        rows.append(f"| {NAMES[name]} | {value:.3f} | {'' if low is None else f'{low:.3f} to {high:.3f}'} |")
    return "\n".join(rows)


def _scene_rows(metrics: dict) -> str:
    rows = []
    for scene in sorted({*metrics["false_alarms_by_scene"], *metrics["recall_by_scene"]}):
        cells = []
        for table in ("false_alarms_by_scene", "recall_by_scene"):
            row = metrics[table].get(scene)
            cells += [str(row["photos"]), f"{row['called_damaged']:.3f}"] if row else ["0", "-"]
        rows.append(f"| {scene} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _kind_table(metrics: dict, title: str, columns: dict[str, str]) -> str:
    """A table of figures by kind of damage; nothing where the photos name no kinds."""
    if not metrics["recall_by_type"]:
        return ""
    head = f"| kind | photos | {' | '.join(columns)} |\n|---|---|{'---|' * len(columns)}"
    rows = [
        f"| {kind} | {row['photos']} | " + " | ".join(f"{row[name]:.2f}" for name in columns.values()) + " |"
        for kind, row in metrics["recall_by_type"].items()
    ]
    return "\n".join([f"\n{title}:\n", head, *rows, ""])


def _no_bike(metrics: dict) -> str:
    if "no_bike" not in metrics:
        return ""
    rate, count = metrics["no_bike"]["bike_found_rate"], metrics["no_bike"]["photos"]
    return f"\nOf {count} pictures without a bike, one was found in {rate:.1%}.\n"


def _classifier_failures(metrics: dict) -> str:
    figures = metrics["classifier"]
    missed, alarms = 100 - 100 * figures["recall"], 100 * figures["false_alarm_rate"]
    summary = (
        f"Of a hundred damaged bikes it misses {missed:.0f}; of a hundred intact ones it calls {alarms:.0f} damaged. "
        f"Its scores are off by {figures['ece']:.2f} on average from the share of photos that are damaged."
    )
    return "\n\n".join(
        filter(None, [summary, _worst_kinds(metrics, "recall", "found", "It misses most of some kinds")])
    )


def _worst_kinds(metrics: dict, measure: str, verb: str, title: str) -> str:
    kinds = {kind: row for kind, row in metrics["recall_by_type"].items() if row["photos"] >= FEWEST_PHOTOS}
    worst = sorted(kinds, key=lambda kind: kinds[kind][measure])[:WORST]
    if not worst:
        return "The photos measured on name no kinds of damage: look at its worst failures before you rely on it."
    named = ", ".join(f"{kind} ({kinds[kind][measure]:.0%} of {kinds[kind]['photos']} {verb})" for kind in worst)
    return f"{title}: {named}."


def _training(record: dict) -> str:
    """The recipe and what it took, as training wrote them beside the weights."""
    if not record:
        return "The recipe was not recorded."
    rows = "\n".join(f"| `{key}` | {value} |" for key, value in record["recipe"].items())
    versions = ", ".join(f"{name} {version}" for name, version in record["packages"].items())
    effort = ""
    if took := record.get("effort"):
        effort = (
            f"{took['steps']} steps from {took['started_from']} in {took['hours']:g} hours, on {took['device']}"
            f"{', ' + str(took['processes']) + ' processes' if took['processes'] > 1 else ''}.\n\n"
        )
    return f"{effort}| setting | value |\n|---|---|\n{rows}\n\nWith {versions}."


def _read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
