"""Measure both stages as a user meets them, on photos held back, and write their model cards.

    python -m training.evaluate --data_dir data/processed --split test
    python -m training.evaluate --classifier runs/classifier/model --localizer runs/draem/model \\
        --data_dir data/processed --background_dir photos_without_bikes --write_cards model_cards/data_note.md

Prints the figures as JSON. With --write_cards each model folder gets metrics.json and README.md, and no figure in them
comes from anywhere else.
"""

import argparse
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torchmetrics.classification import BinaryAUROC, BinaryAveragePrecision
from torchmetrics.functional.classification import binary_auroc
from tqdm import tqdm

from inspection.inspector import EMBEDDED_CLASSIFIER, EMBEDDED_LOCALIZER, BikeInspector
from inspection.photo import find_photos
from inspection.regions import binary_mask
from training.classifier_data import read_labels
from training.classifier_metrics import measure_verdicts
from training.data import Photo, count_photos, load_photos
from training.draem_metrics import PIXEL_STEP
from training.model_card import write_cards
from training.splits import SPLITS

__all__ = ["main", "measure_pipeline"]

BOOTSTRAP_ROUNDS = 1000


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate",
        description="Measure verdicts, heatmaps and regions on photos held back from training.",
        epilog="example: python -m training.evaluate --data_dir data/processed --split test",
    )
    parser.add_argument("--classifier", default=str(EMBEDDED_CLASSIFIER), help="folder (default: the built-in weights)")
    parser.add_argument("--localizer", default=str(EMBEDDED_LOCALIZER), help="folder (default: the built-in weights)")
    parser.add_argument(
        "--data_dir", default="data/processed", help="with intact/, damaged/, masks/ (default: %(default)s)"
    )
    parser.add_argument(
        "--split", choices=sorted(SPLITS), default="test", help="side of the split (default: %(default)s)"
    )
    parser.add_argument("--background_dir", help="photos without a bike (default: not measured)")
    parser.add_argument("--limit", type=int, help="measure this many photos, evenly chosen (default: all)")
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
        photos = [photo for photo in load_photos(arguments.data_dir) if photo.split == arguments.split]
        backgrounds = find_photos([arguments.background_dir]) if arguments.background_dir else []
        if {photo.label for photo in photos} != {0, 1}:
            raise ValueError(f"the {arguments.split} split of {arguments.data_dir} lacks a class: add photos")
        note = arguments.write_cards.read_text(encoding="utf-8") if arguments.write_cards else None
        inspector = BikeInspector.from_pretrained(arguments.classifier, arguments.localizer)
    except (FileNotFoundError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    if arguments.limit and arguments.limit < len(photos):
        photos = [photos[k * len(photos) // arguments.limit] for k in range(arguments.limit)]
    print(count_photos(photos), file=sys.stderr)
    metrics = measure_pipeline(inspector, photos, backgrounds)
    metrics["thresholds"] = {
        "damage": inspector.classifier.config.damage_threshold,
        "anomaly": inspector.localizer.config.anomaly_threshold,
    }
    metrics["photos"] = {"split": arguments.split, "intact": _count(photos, 0), "damaged": _count(photos, 1)}
    print(json.dumps(metrics, indent=2))
    if note:
        write_cards(Path(arguments.classifier), Path(arguments.localizer), metrics, note)
    return 0


@dataclass
class Measured:
    """What one photo adds to the figures."""

    photo: Photo
    bike_found: bool
    probability: float
    has_region: bool
    hits_defect: bool
    intersection_over_union: float | None  # of the thresholded map with the defect; damaged photos with masks only


def measure_pipeline(inspector: BikeInspector, photos: list[Photo], backgrounds: list[Path]) -> dict:
    """Inspect every photo with both stages, and count.

    Returns:
        classifier, localizer, pipeline: figures by name, in [0, 1]; recall_by_type and found_by_scene: tables.
    """
    curves = PixelCurves()
    measured = [_measure(inspector, photo, curves) for photo in tqdm(photos, unit="photo")]
    threshold = inspector.classifier.config.damage_threshold
    damaged = [m for m in measured if m.photo.label == 1]
    intact = [m for m in measured if m.photo.label == 0]
    masked = [m for m in damaged if m.intersection_over_union is not None]
    probability = np.array([m.probability for m in measured])
    labels = np.array([m.photo.label for m in measured])
    found = [m.bike_found and m.probability >= threshold for m in damaged]
    metrics = {
        "classifier": _verdicts(probability, labels, threshold)
        | {"bike_found_rate": _mean(m.bike_found for m in measured)},
        "classifier_intervals": _bootstrap(probability, labels, threshold),
        "localizer": {
            "pixel_ap": curves.pixel_ap.compute().item(),
            "pixel_auroc": curves.pixel_auroc.compute().item(),
            "draem_pixel_ap": curves.draem_pixel_ap.compute().item(),
            "iou": _mean(m.intersection_over_union for m in masked),
            "hit_rate": _mean(m.hits_defect for m in masked),
            "clean_rate": _mean(not m.has_region for m in intact),
        },
        "pipeline": {"found_and_located": _mean(f and m.hits_defect for f, m in zip(found, damaged, strict=True))},
        "recall_by_type": _recall_by_type(intact, damaged, threshold),
        "false_alarms_by_scene": _by_scene(intact, threshold),
        "recall_by_scene": _by_scene(damaged, threshold),
    }
    if backgrounds:
        empty = [inspector.inspect(path, stage1_only=True).bike_found for path in tqdm(backgrounds, unit="photo")]
        metrics["no_bike"] = {"photos": len(empty), "bike_found_rate": _mean(empty)}
    return metrics


class PixelCurves:
    """Of the map that both networks make, and of the localizer's own."""

    def __init__(self):
        self.pixel_ap, self.pixel_auroc = BinaryAveragePrecision(), BinaryAUROC()
        self.draem_pixel_ap = BinaryAveragePrecision()

    def update(self, anomaly_map: np.ndarray, draem_map: np.ndarray, mask: np.ndarray) -> None:
        """Maps (H, W) float32 in [0, 1], the defect (H, W) bool."""
        sampled = (slice(None, None, PIXEL_STEP),) * 2
        anomalous = torch.from_numpy(mask[sampled]).flatten().int()
        for metric, values in (
            (self.pixel_ap, anomaly_map),
            (self.pixel_auroc, anomaly_map),
            (self.draem_pixel_ap, draem_map),
        ):
            metric.update(torch.from_numpy(np.ascontiguousarray(values[sampled])).flatten(), anomalous)


def _measure(inspector: BikeInspector, photo: Photo, curves: PixelCurves) -> Measured:
    inspection = inspector.inspect(photo.path, always_localize=True)
    size = inspection.height, inspection.width
    overlap, hits = None, False
    if photo.mask or photo.label == 0:
        mask = read_labels(photo.mask, size) > 127 if photo.mask else np.zeros(size, bool)
        anomaly_map = draem_map = np.zeros(size, np.float32)
        if inspection.has_anomaly_map:
            off_bike = ~inspection.bike_mask
            anomaly_map, draem_map = inspection.anomaly_map, inspection.evidence.localizer_map.on_photo(size)
            anomaly_map[off_bike] = draem_map[off_bike] = 0
        curves.update(anomaly_map, draem_map, mask)
        if photo.label == 1:
            marked = binary_mask(anomaly_map, inspection.bike_mask, inspection.anomaly_threshold)
            overlap = (marked & mask).sum() / max(1, (marked | mask).sum())
            hits = any((marked & mask)[y0:y1, x0:x1].any() for x0, y0, x1, y1 in (r.box for r in inspection.regions))
    return Measured(photo, inspection.bike_found, inspection.probability, bool(inspection.regions), hits, overlap)


def _verdicts(probability: np.ndarray, labels: np.ndarray, threshold: float) -> dict[str, float]:
    # measure_verdicts takes logits: these two give back the probability.
    clipped = torch.from_numpy(probability).clamp(1e-7, 1 - 1e-7)
    logits = torch.stack([(1 - clipped).log(), clipped.log()], dim=1)
    return measure_verdicts(logits, torch.from_numpy(labels), threshold)


def _bootstrap(probability: np.ndarray, labels: np.ndarray, threshold: float) -> dict[str, list[float]]:
    """95% intervals of AUROC, recall and false alarm rate, photos drawn anew with replacement."""
    rng = np.random.default_rng(0)
    rounds = defaultdict(list)
    for _ in range(BOOTSTRAP_ROUNDS):
        drawn = rng.integers(len(labels), size=len(labels))
        if len(set(labels[drawn])) < 2:
            continue
        for name, value in _verdicts(probability[drawn], labels[drawn], threshold).items():
            rounds[name].append(value)
    return {name: [float(q) for q in np.quantile(values, (0.025, 0.975))] for name, values in rounds.items()}


def _recall_by_type(intact: list[Measured], damaged: list[Measured], threshold: float) -> dict[str, dict[str, float]]:
    by_type = defaultdict(list)
    for m in damaged:
        for kind in m.photo.kinds:
            by_type[kind].append(m)
    return {
        kind: {
            "photos": len(group),
            "recall": _mean(m.probability >= threshold for m in group),
            "auroc": _auroc(intact, group),
            "hit_rate": _mean(m.hits_defect for m in group),
        }
        for kind, group in sorted(by_type.items())
    }


def _auroc(intact: list[Measured], damaged: list[Measured]) -> float:
    probability = torch.tensor([m.probability for m in (*intact, *damaged)])
    labels = torch.tensor([0] * len(intact) + [1] * len(damaged))
    return binary_auroc(probability, labels).item() if intact and damaged else float("nan")


def _by_scene(group: list[Measured], threshold: float) -> dict[str, dict[str, float]]:
    by_scene = defaultdict(list)
    for m in group:
        by_scene[m.photo.scene or "unnamed"].append(m.bike_found and m.probability >= threshold)
    return {scene: {"photos": len(calls), "called_damaged": _mean(calls)} for scene, calls in sorted(by_scene.items())}


def _mean(values) -> float:
    values = list(values)
    return float(np.mean(values)) if values else float("nan")


def _count(photos: list[Photo], label: int) -> int:
    return sum(photo.label == label for photo in photos)


if __name__ == "__main__":
    raise SystemExit(main())
