"""What users meet, measured: the inspector's verdicts, maps and regions over photos whose truth is known."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torchmetrics.classification import BinaryAUROC, BinaryAveragePrecision
from tqdm import tqdm

from inspection.inspector import BikeInspector
from inspection.regions import binary_mask
from training.aupro import PerRegionOverlap
from training.data import Photo
from training.draem_metrics import PIXEL_STEP
from training.masks import read_mask
from training.verdict_metrics import BOOTSTRAP_ROUNDS, bootstrap_verdicts, measure_kinds, measure_verdicts

__all__ = ["Measured", "measure_pipeline"]


@dataclass
class Measured:
    """What one photo adds to the figures."""

    photo: Photo
    bike_found: bool
    probability: float
    regions: int
    hits_defect: bool
    intersection_over_union: float | None  # of the thresholded map with the defect; damaged photos with masks only


def measure_pipeline(
    inspector: BikeInspector, photos: list[Photo], backgrounds: list[Path]
) -> tuple[dict, list[Measured]]:
    """Inspect every photo with both stages, and count.

    Returns:
        classifier, localizer, pipeline: figures by name; recall_by_type and found_by_scene: tables. And what each
        photo adds to them.
    """
    curves = PixelCurves()
    measured = [_measure(inspector, photo, curves) for photo in tqdm(photos, unit="photo")]
    threshold = inspector.classifier.config.damage_threshold
    damaged = [m for m in measured if m.photo.label == 1]
    intact = [m for m in measured if m.photo.label == 0]
    masked = [m for m in damaged if m.intersection_over_union is not None]
    probability = torch.tensor([m.probability for m in measured])
    labels = torch.tensor([m.photo.label for m in measured])
    found = [m.bike_found and m.probability >= threshold for m in damaged]
    metrics = {
        "classifier": measure_verdicts(probability, labels, threshold)
        | {"bike_found_rate": _mean(m.bike_found for m in measured)},
        "classifier_intervals": bootstrap_verdicts(probability, labels, threshold),
        "localizer": {
            "pixel_ap": curves.pixel_ap.compute().item(),
            "pixel_auroc": curves.pixel_auroc.compute().item(),
            "aupro": curves.aupro.compute(),
            "draem_pixel_ap": curves.draem_pixel_ap.compute().item(),
            "iou": _mean(m.intersection_over_union for m in masked),
            "hit_rate": _mean(m.hits_defect for m in masked),
            "clean_rate": _mean(not m.regions for m in intact),
            "false_regions": _mean(m.regions for m in intact),
        },
        "localizer_intervals": {
            "iou": _bootstrap_mean([m.intersection_over_union for m in masked]),
            "hit_rate": _bootstrap_mean([m.hits_defect for m in masked]),
            "clean_rate": _bootstrap_mean([not m.regions for m in intact]),
            "false_regions": _bootstrap_mean([m.regions for m in intact]),
            "found_and_located": _bootstrap_mean([f and m.hits_defect for f, m in zip(found, damaged, strict=True)]),
        },
        "pipeline": {"found_and_located": _mean(f and m.hits_defect for f, m in zip(found, damaged, strict=True))},
        "recall_by_type": {
            kind: row | {"hit_rate": _mean(m.hits_defect for m in damaged if kind in m.photo.kinds)}
            for kind, row in measure_kinds(probability, [m.photo for m in measured], threshold).items()
        },
        "false_alarms_by_scene": _by_scene(intact, threshold),
        "recall_by_scene": _by_scene(damaged, threshold),
    }
    if backgrounds:
        empty = [inspector.inspect(path, stage1_only=True).bike_found for path in tqdm(backgrounds, unit="photo")]
        metrics["no_bike"] = {"photos": len(empty), "bike_found_rate": _mean(empty)}
    return metrics, measured


class PixelCurves:
    """Of the map that both networks make, and of the localizer's own."""

    def __init__(self):
        self.pixel_ap, self.pixel_auroc = BinaryAveragePrecision(), BinaryAUROC()
        self.draem_pixel_ap = BinaryAveragePrecision()
        self.aupro = PerRegionOverlap()

    def update(self, anomaly_map: np.ndarray, draem_map: np.ndarray, mask: np.ndarray) -> None:
        """Maps (H, W) float32 in [0, 1], the defect (H, W) bool."""
        self.aupro.update(anomaly_map, mask)
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
        mask = read_mask(photo.mask, size) > 0 if photo.mask else np.zeros(size, bool)
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
    return Measured(photo, inspection.bike_found, inspection.probability, len(inspection.regions), hits, overlap)


def _by_scene(group: list[Measured], threshold: float) -> dict[str, dict[str, float]]:
    by_scene = defaultdict(list)
    for m in group:
        by_scene[m.photo.scene or "unnamed"].append(m.bike_found and m.probability >= threshold)
    return {scene: {"photos": len(calls), "called_damaged": _mean(calls)} for scene, calls in sorted(by_scene.items())}


def _bootstrap_mean(values: list[float]) -> list[float]:
    """The 95% interval of a mean: photos drawn anew with replacement."""
    if not values:
        return [float("nan")] * 2
    drawn = np.random.default_rng(0).choice(np.asarray(values, float), (BOOTSTRAP_ROUNDS, len(values)))
    return [float(bound) for bound in np.quantile(drawn.mean(axis=1), (0.025, 0.975))]


def _mean(values) -> float:
    values = list(values)
    return float(np.mean(values)) if values else float("nan")
