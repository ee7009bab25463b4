from dataclasses import replace
from pathlib import Path

import pytest
import torch

from modeling import BikeImageProcessor
from training.classifier_data import ClassifierExamples
from training.data import Photo, load_photos
from training.twins import find_twins
from training.views import RandomView

SAMPLE = Path(__file__).parents[2] / "datasets" / "bike-damage-sample"
INTACT = Photo(Path("d/intact/a_1.jpg"), 0, "train", scene="street", bike_id="a")
DAMAGED = Photo(Path("d/damaged/a_1.jpg"), 1, "train", scene="street", bike_id="a")


@pytest.mark.parametrize("order", [[INTACT, DAMAGED], [DAMAGED, INTACT]], ids=["intact-first", "damaged-first"])
def test_the_same_picture_intact_and_damaged_is_a_pair_of_twins(order):
    assert find_twins(order) == {0: 1, 1: 0}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"path": Path("d/damaged/a_2.jpg")}, id="another-name"),
        pytest.param({"path": Path("e/damaged/a_1.jpg")}, id="another-folder"),
        pytest.param({"bike_id": "b"}, id="another-bike"),
        pytest.param({"scene": "studio"}, id="another-scene"),
        pytest.param({"label": 0}, id="the-same-class"),
    ],
)
def test_photos_that_differ_in_more_than_the_damage_are_no_twins(changes):
    assert find_twins([INTACT, replace(DAMAGED, **changes)]) == {}


def test_photos_that_are_numbered_alike_and_say_nothing_more_are_no_twins():
    assert find_twins([replace(photo, bike_id="", scene=None) for photo in (INTACT, DAMAGED)]) == {}


@pytest.mark.parametrize("is_close_up", [False, True], ids=["whole", "close-up"])
def test_twins_are_seen_in_one_view_and_differ_by_their_damage_alone(is_close_up):
    photos = [photo for photo in load_photos(SAMPLE) if photo.split == "train"]
    processor = BikeImageProcessor(size={"height": 96, "width": 128})
    examples = ClassifierExamples(photos, processor, RandomView(occlusion=0.3))
    examples.is_close_up = is_close_up
    assert len(examples.twins) == len(photos)
    with_defect = 0
    for index in range(0, 16):
        for number in range(3):
            one, other = examples[index, number], examples[examples.twins[index], number]
            defect = one["mask_labels"] + other["mask_labels"] == 1  # one of them has none
            defect = torch.nn.functional.max_pool2d(defect[None].float(), 25, stride=1, padding=12)[0] > 0
            differs = (one["pixel_values"] - other["pixel_values"]).abs().amax(dim=0) > 0.5
            assert (differs & ~defect).float().mean() < 0.02
            with_defect += bool((differs & defect).any())
    assert with_defect > 24  # of 48 views
