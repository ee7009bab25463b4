"""The sheets show what was missed, where it is, and what the models make of photos that nobody picked."""

import cv2
import numpy as np

from inspection.inspector import BikeInspector
from training.contact_sheet import OUTLINE_COLOUR, TITLE_HEIGHT
from training.data import Photo
from training.evaluation_report import MOST_EXAMPLES, TILE_WH, TILES_ACROSS, find_failures, take_examples, write_report
from training.files import write_picture
from training.pipeline_metrics import Measured, measure_pipeline


def test_the_most_certain_of_the_wrong_verdicts_come_first(tmp_path):
    probabilities = {"a": (0.9, 0), "b": (0.6, 0), "c": (0.1, 1), "d": (0.45, 1), "e": (0.2, 0)}
    measured = [
        Measured(Photo(tmp_path / name, label, "test"), True, p, 0) for name, (p, label) in probabilities.items()
    ]
    assert [m.photo.path.name for m in find_failures(measured, 0.4)] == ["a", "c", "b"]


def test_examples_are_as_random_as_photos_that_nobody_picked_and_the_same_each_time(tmp_path):
    measured = [Measured(Photo(tmp_path / f"{n}.jpg", n % 2, "test"), True, n / 200, 0) for n in range(200)]
    examples = take_examples(measured)
    assert len({m.photo.path for m in examples}) == MOST_EXAMPLES
    assert examples == take_examples(measured)
    assert 10 < sum(m.probability >= 0.5 for m in examples) < 30
    assert len(take_examples(measured[:7])) == 7


def test_a_missed_defect_is_outlined(tiny_models, bike_photo, tmp_path):
    inspector = BikeInspector.from_pretrained(tiny_models / "classifier", tiny_models / "localizer")
    picture = np.asarray(bike_photo(128, 96, [(30, 20, 100, 80)]))  # the damage is one that no model sees
    mask = np.zeros((96, 128), np.uint8)
    mask[30:60, 40:70] = 255
    for name, image in (("missed.png", picture), ("intact.png", picture), ("mask.png", mask)):
        write_picture(tmp_path / name, image)
    photos = [
        Photo(tmp_path / "intact.png", 0, "test"),
        Photo(tmp_path / "missed.png", 1, "test", tmp_path / "mask.png"),
    ]
    metrics, measured = measure_pipeline(inspector, photos, [])
    metrics["thresholds"] = {"damage": inspector.classifier.config.damage_threshold}
    write_report(tmp_path / "report", inspector, metrics, measured)
    sheet = cv2.imread(str(tmp_path / "report" / "failures.jpg"))[..., ::-1].astype(int)
    assert (np.abs(sheet - OUTLINE_COLOUR).max(axis=2) < 60).sum() > 100
    examples = cv2.imread(str(tmp_path / "report" / "examples.jpg"))
    assert examples.shape == (TILE_WH[1] + TITLE_HEIGHT, TILES_ACROSS * TILE_WH[0], 3)  # both photos in one row
