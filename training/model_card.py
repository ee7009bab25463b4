"""Model cards from measured figures: a README.md with Hub metadata beside each model's metrics.json."""

import json
from pathlib import Path

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from training.files import write_json

__all__ = ["write_cards"]

DATASET = "Photos of intact and damaged bicycles"
CLASSIFIER_TEXT = """\
# bike-classifier

Says whether the bicycle in a photo is **INTACT** or **DAMAGED**, and which pixels belong to which part of it: stage 1
of bike-defect-detection. An EfficientNet-Lite0 with a
classification head that pools over the bike alone, and a decoder that draws its parts.

```python
from transformers import pipeline

classify = pipeline("image-classification", model="model_cards/bike-classifier", trust_remote_code=True)
classify("bike.jpg")  # DAMAGED from a score of 0.4 up
```

## Figures

On the {split} split, {intact} intact and {damaged} damaged photos of bikes that training never saw, at the threshold of
{threshold:g}. `python -m training.evaluate` computed them.

| | | 95% interval |
|---|---|---|
{figures}

Called DAMAGED, by where the photo was taken or composed (`untouched`: a real photo as it was taken; `home`: the bike
taken out and put back; `composed`: put into another place):

| scene | intact photos | false alarms | damaged photos | found |
|---|---|---|---|---|
{scenes}

By kind of damage:

| kind | photos | found | AUROC |
|---|---|---|---|
{kinds}
{no_bike}
## Data, and what to beware of

{note}

## Training

{training}
"""

LOCALIZER_TEXT = """\
# bike-draem

Shows **where** on a bicycle the damage is: stage 2 of bike-defect-detection. DRAEM (Zavrtanik et al., ICCV 2021),
narrowed for a CPU: it paints the photo as if the bike were intact, then marks what changed. On the photo its map is
joined, by the higher of the two, with the evidence of stage 1's classifier, which learned from photos of damage.

```python
from inspection.inspector import BikeInspector

inspection = BikeInspector.from_pretrained(localizer="model_cards/bike-draem").inspect("bike.jpg", always_localize=True)
inspection.regions, inspection.overlay()
```

## Figures

On the {split} split, {intact} intact and {damaged} damaged photos of bikes that training never saw, over whole photos,
what lies off the bike's mask counted as 0, at the threshold of {threshold:g}. The map is the one that users see, both
networks' together; the line that says so is of this network alone.
`python -m training.evaluate` computed them.

| | |
|---|---|
{figures}

A region on the defect, by kind of damage:

| kind | photos | hit |
|---|---|---|
{kinds}

## Data, and what to beware of

{note}

## Training

{training}
"""

NAMES = {
    "auroc": "AUROC",
    "average_precision": "average precision",
    "recall": "damaged photos found",
    "precision": "right, of those called damaged",
    "f1": "F1",
    "best_f1": "best F1 at any threshold",
    "best_threshold": "the threshold of it",
    "false_alarm_rate": "false alarms on intact photos",
    "accuracy": "accuracy",
    "ece": "expected calibration error",
    "bike_found_rate": "photos in which the bike was found",
    "pixel_ap": "pixel average precision",
    "pixel_auroc": "pixel AUROC",
    "aupro": "AUPRO (to 0.3)",
    "draem_pixel_ap": "pixel average precision of DRAEM alone",
    "iou": "mean IoU of the marked area with the defect",
    "hit_rate": "damaged photos with a region on the defect",
    "clean_rate": "intact photos without any region",
    "false_regions": "regions on an intact photo, on average",
}


def write_cards(classifier: Path, localizer: Path, metrics: dict, note: str) -> None:
    """Write metrics.json and README.md into both model folders.

    Args:
        metrics: as training.evaluate makes them.
        note: Markdown, what the photos are, whose, and what to beware of.
    """
    photos = metrics["photos"]
    scenes = sorted({*metrics["false_alarms_by_scene"], *metrics["recall_by_scene"]})
    intervals = metrics["classifier_intervals"]
    no_bike = ""
    if "no_bike" in metrics:
        rate, count = metrics["no_bike"]["bike_found_rate"], metrics["no_bike"]["photos"]
        no_bike = f"\nOf {count} pictures without a bike, one was found in {rate:.1%}.\n"
    _write(
        classifier,
        CLASSIFIER_TEXT,
        metrics,
        task="image-classification",
        base_model="timm/tf_efficientnet_lite0.in1k",
        reported=("auroc", "recall", "accuracy"),
        group="classifier",
        figures="\n".join(
            f"| {NAMES[name]} | {value:.3f} | {_interval(intervals.get(name))} |"
            for name, value in metrics["classifier"].items()
        ),
        scenes="\n".join(_scene_row(metrics, scene) for scene in scenes),
        kinds="\n".join(
            f"| {kind} | {row['photos']} | {row['recall']:.2f} | {row['auroc']:.2f} |"
            for kind, row in metrics["recall_by_type"].items()
        ),
        no_bike=no_bike,
        threshold=metrics["thresholds"]["damage"],
        note=note.strip(),
        **photos,
    )
    _write(
        localizer,
        LOCALIZER_TEXT,
        metrics,
        task="image-segmentation",
        base_model=None,
        reported=("pixel_ap", "pixel_auroc"),
        group="localizer",
        figures="\n".join(f"| {NAMES[name]} | {value:.3f} |" for name, value in metrics["localizer"].items())
        + f"\n| verdict right and a region on the defect | {metrics['pipeline']['found_and_located']:.3f} |",
        kinds="\n".join(f"| {k} | {r['photos']} | {r['hit_rate']:.2f} |" for k, r in metrics["recall_by_type"].items()),
        threshold=metrics["thresholds"]["anomaly"],
        note=note.strip(),
        **photos,
    )


def _write(
    folder: Path, text: str, metrics: dict, task: str, base_model: str | None, reported, group: str, **fields
) -> None:
    results = [
        EvalResult(
            task_type=task,
            dataset_type="imagefolder",
            dataset_name=DATASET,
            dataset_split=metrics["photos"]["split"],
            metric_type=name,
            metric_name=NAMES[name],
            metric_value=round(metrics[group][name], 4),
        )
        for name in reported
    ]
    data = ModelCardData(
        license="apache-2.0",
        library_name="transformers",
        pipeline_tag=task,
        base_model=base_model,
        tags=["bicycle", "damage-detection", "anomaly-detection", "custom_code"],
        model_name=folder.name,
        eval_results=results,
    )
    content = text.format(training=_training(folder), **fields)
    ModelCard(f"---\n{data.to_yaml()}\n---\n\n{content}").save(folder / "README.md")
    write_json(folder / "metrics.json", metrics)


def _training(folder: Path) -> str:
    """The recipe, as training wrote it beside the weights."""
    path = folder / "training.json"
    if not path.exists():
        return "The recipe was not recorded."
    record = json.loads(path.read_text(encoding="utf-8"))
    rows = "\n".join(f"| `{key}` | {value} |" for key, value in record["recipe"].items())
    versions = ", ".join(f"{name} {version}" for name, version in record["packages"].items())
    return f"| setting | value |\n|---|---|\n{rows}\n\nWith {versions}."


def _scene_row(metrics: dict, scene: str) -> str:
    cells = []
    for table in ("false_alarms_by_scene", "recall_by_scene"):
        row = metrics[table].get(scene)
        cells += [str(row["photos"]), f"{row['called_damaged']:.3f}"] if row else ["0", "-"]
    return f"| {scene} | " + " | ".join(cells) + " |"


def _interval(bounds: list[float] | None) -> str:
    return f"{bounds[0]:.3f} to {bounds[1]:.3f}" if bounds else ""
