from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from modeling import BikeImageProcessor
from training.classifier_data import ClassifierExamples
from training.data import Photo, load_photos
from training.files import write_picture
from training.twins import find_twins
from training.views import RandomView


def paint(path: Path, height: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_picture(path, np.zeros((height, 8, 3), np.uint8))


@pytest.fixture
def pair(tmp_path) -> list[Photo]:
    """An intact photo and its damaged twin."""
    for name in ("intact/a_1", "damaged/a_1", "damaged/a_2", "other/damaged/a_1", "masks/damaged/a_1"):
        paint(tmp_path / f"{name}.png", 6)
    named = {"scene": "street", "bike_id": "a"}
    mask = tmp_path / "masks" / "damaged" / "a_1.png"
    return [
        Photo(tmp_path / "intact" / "a_1.png", 0, "train", **named),
        Photo(tmp_path / "damaged" / "a_1.png", 1, "train", mask, **named),
    ]


def test_the_same_picture_intact_and_damaged_is_a_pair_of_twins(pair):
    assert find_twins(pair) == find_twins(pair[::-1]) == {0: 1, 1: 0}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"path": "damaged/a_2.png"}, id="another-name"),
        pytest.param({"path": "other/damaged/a_1.png"}, id="another-folder"),
        pytest.param({"bike_id": "b"}, id="another-bike"),
        pytest.param({"scene": "studio"}, id="another-scene"),
        pytest.param({"label": 0}, id="the-same-class"),
        pytest.param({"mask": None}, id="no-mask"),
    ],
)
def test_photos_that_differ_in_more_than_the_damage_are_no_twins(pair, tmp_path, changes):
    if "path" in changes:
        changes = {"path": tmp_path / changes["path"]}
    assert find_twins([pair[0], replace(pair[1], **changes)]) == {}


def test_before_and_after_at_another_size_are_no_twins(pair):
    paint(pair[1].path, 12)
    assert find_twins(pair) == {}


def test_photos_that_are_numbered_alike_and_say_nothing_more_are_no_twins(pair):
    assert find_twins([replace(photo, bike_id="", scene=None) for photo in pair]) == {}


@pytest.mark.parametrize("is_close_up", [False, True], ids=["whole", "close-up"])
def test_twins_are_seen_in_one_view_and_differ_by_their_damage_alone(sample, is_close_up):
    photos = [photo for photo in load_photos(sample) if photo.split == "train"]
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
