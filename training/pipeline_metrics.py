"""What users meet, measured: the inspector's verdicts, maps and regions over photos whose truth is known.

A figure that the photos cannot tell, of a place without a mask to compare with, is left out; none is made up.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from inspection.inspection import Inspection
from inspection.inspector import BikeInspector
from inspection.regions import binary_mask
from training.classifier_data import ClassifierExamples
from training.classifier_metrics import measure_parts
from training.data import Photo
from training.intervals import bikes_of, mean_interval, share_interval
from training.masks import UNKNOWN, read_labels, read_mask
from training.pixel_curves import PixelCurves
from training.verdict_metrics import measure_kinds, measure_verdicts, measure_within_bikes, verdict_intervals

__all__ = ["Measured", "measure_pipeline"]


@dataclass
class Measured:
    """What one photo adds to the figures.

    Attributes:
        regions: how many the inspector found.
        intersection_over_union: of the thresholded map with the defect; of damaged photos with a mask alone, else None.
        hits_defect: whether a region is on the defect; likewise.
        defect_on_bike: share of the defect that lies on the bike's mask, off which nothing is marked; likewise.
        bike_on_mask: share of the labelled bike that lies on it; None where no bike is labelled.
    """

    photo: Photo
    bike_found: bool
    probability: float
    regions: int
    intersection_over_union: float | None = None
    hits_defect: bool | None = None
    defect_on_bike: float | None = None
    bike_on_mask: float | None = None

    @property
    def has_mask(self) -> bool:
        return self.hits_defect is not None


def measure_pipeline(
    inspector: BikeInspector, photos: list[Photo], backgrounds: list[Path]
) -> tuple[dict, list[Measured]]:
    """Inspect every photo with both stages, and count.

    Returns:
        classifier, localizer, pipeline, parts: figures by name, their 95% intervals in classifier_intervals and
        localizer_intervals; recall_by_type, false_alarms_by_scene, recall_by_scene: tables; no_bike, where there are
        backgrounds. And what each photo adds to them.
    """
    bikes, curves, draem_curves = bikes_of(photos), PixelCurves(), PixelCurves()
    measured = []
    for photo, bike in zip(tqdm(photos, unit="photo"), bikes, strict=True):
        inspection = inspector.inspect(photo.path, always_localize=True)
        measured.append(_measure(photo, inspection, bike, curves, draem_curves))
        measured[-1].bike_on_mask = _bike_on_mask(photo, inspection)
    threshold = inspector.classifier.config.damage_threshold
    metrics = _verdict_figures(measured, photos, bikes, threshold)
    metrics |= _place_figures(measured, bikes, threshold)
    for name, of_users, of_draem in (
        ("localizer", curves.compute(), draem_curves.compute()),
        ("localizer_intervals", curves.intervals(), draem_curves.intervals()),
    ):
        alone = {"draem_pixel_ap": of_draem["pixel_ap"]} if "pixel_ap" in of_draem else {}
        metrics[name] = of_users | alone | metrics[name]
    metrics["parts"] = _part_figures(inspector, measured)
    if backgrounds:
        empty = [inspector.inspect(path, stage1_only=True).bike_found for path in tqdm(backgrounds, unit="photo")]
        metrics["no_bike"] = {"photos": len(empty), "bike_found_rate": float(np.mean(empty))}
    return metrics, measured


def _measure(
    photo: Photo, inspection: Inspection, bike: int, curves: PixelCurves, draem_curves: PixelCurves
) -> Measured:
    measured = Measured(photo, inspection.bike_found, inspection.probability, len(inspection.regions))
    if photo.label == 1 and not photo.mask:
        return measured  # where its damage is, nobody knows
    size, on_bike = (inspection.height, inspection.width), inspection.bike_mask
    mask = read_mask(photo.mask, size) > 0 if photo.mask else np.zeros(size, bool)
    anomaly_map, draem_map = np.zeros((2, *size), np.float32)
    if inspection.has_anomaly_map:
        anomaly_map, draem_map = inspection.anomaly_map, inspection.evidence.localizer_map.on_photo(size)
    curves.update(anomaly_map, mask, on_bike, bike)
    draem_curves.update(draem_map, mask, on_bike, bike)
    if photo.label == 1:
        marked = binary_mask(anomaly_map, on_bike, inspection.anomaly_threshold)
        measured.defect_on_bike = _share(mask, on_bike)
        measured.intersection_over_union = (marked & mask).sum() / max(1, (marked | mask).sum())
        boxes = (region.box for region in inspection.regions)
        measured.hits_defect = any((marked & mask)[y0:y1, x0:x1].any() for x0, y0, x1, y1 in boxes)
    return measured


def _share(inner: np.ndarray, outer: np.ndarray) -> float:
    """Share of one mask that lies on another, both (H, W) bool."""
    return np.count_nonzero(inner & outer) / max(1, np.count_nonzero(inner))


def _bike_on_mask(photo: Photo, inspection: Inspection) -> float | None:
    if not photo.parts:
        return None
    parts = read_labels(photo.parts, (inspection.height, inspection.width))
    bike = (parts > 0) & (parts != UNKNOWN)
    return _share(bike, inspection.bike_mask) if bike.any() else None


def _part_figures(inspector: BikeInspector, measured: Sequence[Measured]) -> dict[str, float]:
    """How well the bike and its parts are found, on the photos with part labels."""
    labelled = [m.photo for m in measured if m.photo.parts]
    if not labelled:
        return {}
    examples = ClassifierExamples(labelled, inspector.classifier_processor)
    figures = measure_parts(inspector.classifier, examples, inspector.device)
    shares = [m.bike_on_mask for m in measured if m.bike_on_mask is not None]
    return figures | ({"bike_on_mask": float(np.mean(shares))} if shares else {})


def _verdict_figures(measured: list[Measured], photos: list[Photo], bikes: np.ndarray, threshold: float) -> dict:
    """What stage 1 says, and whether it finds the bike."""
    probability = torch.tensor([m.probability for m in measured])
    labels = torch.tensor([photo.label for photo in photos])
    bike_found = [m.bike_found for m in measured]
    within, within_interval = measure_within_bikes(probability, labels, photos)
    kinds = measure_kinds(probability, photos, threshold)
    for kind, row in kinds.items():
        hits = [m.hits_defect for m in measured if m.has_mask and kind in m.photo.kinds]
        if hits:
            row |= {"masks": len(hits), "hit_rate": float(np.mean(hits))}
    return {
        "classifier": measure_verdicts(probability, labels, threshold)
        | within
        | {"bike_found_rate": float(np.mean(bike_found))},
        "classifier_intervals": verdict_intervals(probability, labels, threshold, photos)
        | within_interval
        | {"bike_found_rate": share_interval(bike_found, bikes)},
        "recall_by_type": kinds,
        "false_alarms_by_scene": _by_scene([m for m in measured if m.photo.label == 0], threshold),
        "recall_by_scene": _by_scene([m for m in measured if m.photo.label == 1], threshold),
    }


def _place_figures(measured: list[Measured], bikes: np.ndarray, threshold: float) -> dict:
    """Whether what users see marked is on the defect."""
    masked, intact = (
        np.array([index for index, m in enumerate(measured) if is_meant(m)], int)
        for is_meant in (lambda m: m.has_mask, lambda m: m.photo.label == 0)
    )
    values = {
        "iou": (masked, lambda m: m.intersection_over_union),
        "hit_rate": (masked, lambda m: m.hits_defect),
        "defect_on_bike": (masked, lambda m: m.defect_on_bike),
        "clean_rate": (intact, lambda m: m.regions == 0),
        "false_regions": (intact, lambda m: m.regions),
        "found_and_located": (masked, lambda m: m.hits_defect and m.bike_found and m.probability >= threshold),
    }
    figures, intervals = {}, {}
    for name, (indices, value) in values.items():
        if len(indices):
            of_photos = [value(measured[index]) for index in indices]
            interval = mean_interval if name in ("iou", "defect_on_bike", "false_regions") else share_interval
            figures[name] = float(np.mean(of_photos))
            intervals[name] = interval(of_photos, bikes[indices])
    pipeline = {name: figures.pop(name) for name in ("found_and_located",) if name in figures}
    intervals = {name: interval for name, interval in intervals.items() if interval}
    return {"localizer": figures, "localizer_intervals": intervals, "pipeline": pipeline}


def _by_scene(group: Sequence[Measured], threshold: float) -> dict[str, dict[str, float]]:
    by_scene = defaultdict(list)
    for m in group:
        by_scene[m.photo.scene or "unnamed"].append(m.bike_found and m.probability >= threshold)
    return {
        scene: {"photos": len(calls), "called_damaged": float(np.mean(calls))}
        for scene, calls in sorted(by_scene.items())
    }
