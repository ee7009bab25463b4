"""What an evaluation leaves to look at: metrics.json, plots, the worst failures, and photos taken at random."""

import random
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from inspection.inspector import BikeInspector
from training.contact_sheet import draw_contact_sheet, outline
from training.files import write_json, write_picture
from training.masks import read_mask
from training.pipeline_metrics import Measured
from training.plots import plot_kinds, plot_verdicts

__all__ = ["find_failures", "take_examples", "write_plots", "write_report"]

MOST_FAILURES, MOST_EXAMPLES = 24, 40  # on a sheet
TILES_ACROSS, TILE_WH = 4, (400, 300)  # pixels
LONGEST_SIDE = 800  # of a picture, pixels, before it is fitted into its tile


def write_report(folder: Path, inspector: BikeInspector, metrics: dict, measured: list[Measured]) -> None:
    """metrics.json, the plots, examples.jpg of photos taken at random, and failures.jpg where there are any."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "metrics.json", metrics)
    write_plots(folder, metrics, measured)
    worst = find_failures(measured, metrics["thresholds"]["damage"])
    _write_sheet(folder / "examples.jpg", inspector, take_examples(measured))
    if worst:
        _write_sheet(folder / "failures.jpg", inspector, worst)
    else:
        (folder / "failures.jpg").unlink(missing_ok=True)


def write_plots(folder: Path, metrics: dict, measured: list[Measured], of_verdicts: bool = True) -> None:
    """verdicts.png, if wanted, and kinds.png where kinds are known; what an earlier evaluation left is not kept."""
    if of_verdicts:
        probability = np.array([m.probability for m in measured])
        labels = np.array([m.photo.label for m in measured])
        plot_verdicts(folder / "verdicts.png", probability, labels, metrics["thresholds"]["damage"])
    if metrics["recall_by_type"]:
        plot_kinds(folder / "kinds.png", metrics["recall_by_type"])
    else:
        (folder / "kinds.png").unlink(missing_ok=True)


def find_failures(measured: list[Measured], threshold: float) -> list[Measured]:
    """The wrong verdicts, the most certain first, at most MOST_FAILURES."""
    wrong = [m for m in measured if (m.probability >= threshold) != bool(m.photo.label)]
    return sorted(wrong, key=lambda m: abs(m.probability - m.photo.label), reverse=True)[:MOST_FAILURES]


def take_examples(measured: list[Measured]) -> list[Measured]:
    """At most MOST_EXAMPLES, at random, whatever the verdict: the same each time."""
    return random.Random(0).sample(measured, min(MOST_EXAMPLES, len(measured)))


def _write_sheet(path: Path, inspector: BikeInspector, measured: list[Measured]) -> None:
    tiles = [(_draw(inspector, m), _title(m)) for m in tqdm(measured, desc=path.stem, unit="photo", delay=2)]
    write_picture(path, draw_contact_sheet(tiles, TILES_ACROSS, TILE_WH))


def _draw(inspector: BikeInspector, m: Measured) -> np.ndarray:
    """What users see, were stage 2 to run, and around the defect, where it is known, an outline."""
    inspection = inspector.inspect(m.photo.path, always_localize=True)
    picture = np.asarray(inspection.overlay(max_side=LONGEST_SIDE))
    if m.photo.mask:
        mask = (read_mask(m.photo.mask, (inspection.height, inspection.width)) > 0).astype(np.float32)
        picture = outline(picture, cv2.resize(mask, picture.shape[1::-1], interpolation=cv2.INTER_AREA))
    return picture


def _title(m: Measured) -> str:
    said = ", ".join(sorted(m.photo.kinds)) or ("damaged" if m.photo.label else "intact")
    return f"{m.probability:.2f} {said}: {m.photo.path.name}"
