"""What users meet, on painted bikes and models that see them: the figures are known beforehand."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from inspection.inspector import BikeInspector
from training.data import Photo
from training.pipeline_metrics import measure_pipeline

BIKE_BOX, DAMAGE_BOX = (30, 20, 100, 80), (40, 30, 60, 50)


@pytest.fixture(scope="module")
def inspector(tiny_models) -> BikeInspector:
    return BikeInspector.from_pretrained(tiny_models / "classifier", tiny_models / "localizer")


@pytest.fixture
def make_photo(tmp_path, bike_photo):
    """Write a painted photo, with a mask of `mask_box`, if there is one."""

    def make(name: str, damages=(), mask_box=None, kind: str = "", part_box=None) -> Photo:
        path = tmp_path / f"{name}.png"
        cv2.imwrite(str(path), bike_photo(128, 96, [BIKE_BOX], damages)[..., ::-1])
        mask, parts = (
            box and fill(tmp_path / f"{name}_{label}.png", box, value)
            for label, box, value in (("mask", mask_box, 255), ("parts", part_box, 2))
        )
        damages = [{"type": kind}] if kind else []
        return Photo(path, int(bool(damages) or "damaged" in name), "test", mask, parts, damages=damages)

    def fill(path: Path, box, value: int) -> Path:
        x0, y0, x1, y1 = box
        values = np.zeros((96, 128), np.uint8)
        values[y0:y1, x0:x1] = value
        cv2.imwrite(str(path), values)
        return path

    return make


def test_damaged_photos_without_a_mask_are_no_misses(inspector, make_photo):
    intact = [make_photo(f"intact{k}") for k in range(2)]
    with_mask = [make_photo(f"damaged{k}", [DAMAGE_BOX], DAMAGE_BOX, "scratch") for k in range(2)]
    without = [make_photo(f"damaged{k}", [DAMAGE_BOX], None, "scratch") for k in range(2, 6)]
    metrics, _ = measure_pipeline(inspector, [*intact, *with_mask, *without], [])
    assert metrics["classifier"]["recall"] == 1.0
    assert metrics["localizer"]["hit_rate"] == metrics["pipeline"]["found_and_located"] == 1.0
    assert metrics["recall_by_type"]["scratch"]["photos"] == 6
    assert metrics["recall_by_type"]["scratch"]["masks"] == 2
    assert metrics["recall_by_type"]["scratch"]["hit_rate"] == 1.0
    assert metrics["localizer"]["pixel_ap"] > 0.9


def test_without_masks_there_are_no_figures_of_places(inspector, make_photo):
    photos = [make_photo("intact"), make_photo("damaged", [DAMAGE_BOX], kind="scratch")]
    metrics, _ = measure_pipeline(inspector, photos, [])
    assert metrics["localizer"] == {"clean_rate": 1.0, "false_regions": 0.0}
    assert metrics["pipeline"] == {}
    assert metrics["recall_by_type"]["scratch"] == {"photos": 1, "recall": 1.0, "auroc": 1.0}


def test_a_map_that_says_nothing_scores_as_chance_whatever_is_around_the_bike(inspector, make_photo):
    # The bike is sound to the eye: what the mask says of it, the map cannot know.
    photos = [make_photo("intact"), make_photo("damaged", mask_box=DAMAGE_BOX)]
    metrics, _ = measure_pipeline(inspector, photos, [])
    assert metrics["localizer"]["pixel_auroc"] == pytest.approx(0.5, abs=0.05)
    assert metrics["localizer"]["aupro"] == pytest.approx(0.15, abs=0.05)
    assert metrics["localizer"]["hit_rate"] == 0.0


def test_the_bike_as_found_is_compared_with_the_part_labels(inspector, make_photo):
    exact = [make_photo(f"intact{k}", part_box=BIKE_BOX) for k in range(2)]
    metrics, _ = measure_pipeline(inspector, [*exact, make_photo("damaged", mask_box=DAMAGE_BOX)], [])
    assert metrics["parts"]["bike_iou"] > 0.8
    assert metrics["parts"]["bike_on_mask"] > 0.98
    half_beside = (65, 20, 135, 80)
    metrics, _ = measure_pipeline(inspector, [make_photo("intact", part_box=half_beside), *exact], [])
    assert 0.6 < metrics["parts"]["bike_iou"] < 0.85
    assert metrics["parts"]["bike_on_mask"] == pytest.approx((1 + 1 + 37 / 63) / 3, abs=0.02)  # grown by 2 pixels


def test_with_parts_that_the_model_does_not_know_the_bike_alone_is_compared(inspector, make_photo):
    photo = make_photo("intact", part_box=BIKE_BOX)
    cv2.imwrite(str(photo.parts), np.where(cv2.imread(str(photo.parts), 0) > 0, 6, 0))
    metrics, _ = measure_pipeline(inspector, [photo, make_photo("damaged", mask_box=DAMAGE_BOX)], [])
    assert set(metrics["parts"]) == {"bike_iou", "bike_on_mask"}
    assert metrics["parts"]["bike_iou"] > 0.8


def test_part_labels_of_which_none_is_known_say_nothing(inspector, make_photo):
    photo = make_photo("intact", part_box=BIKE_BOX)
    cv2.imwrite(str(photo.parts), np.full((96, 128), 255, np.uint8))
    metrics, _ = measure_pipeline(inspector, [photo, make_photo("damaged", mask_box=DAMAGE_BOX)], [])
    assert metrics["parts"] == {}


def test_without_part_labels_nothing_is_said_of_parts(inspector, make_photo):
    metrics, _ = measure_pipeline(inspector, [make_photo("intact"), make_photo("damaged", mask_box=DAMAGE_BOX)], [])
    assert metrics["parts"] == {}


@pytest.mark.parametrize(
    ("box", "share"),
    [
        pytest.param(DAMAGE_BOX, 1.0, id="on-the-bike"),
        pytest.param((92, 30, 112, 50), 0.5, id="half-beside-it"),
        pytest.param((105, 30, 120, 50), 0.0, id="beside-it"),
    ],
)
def test_how_much_of_the_damage_could_be_marked_at_all_is_told(inspector, make_photo, box, share):
    metrics, _ = measure_pipeline(inspector, [make_photo("intact"), make_photo("damaged", mask_box=box)], [])
    assert metrics["localizer"]["defect_on_bike"] == pytest.approx(share, abs=0.11)
