import cv2
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from inspection.photo import find_photos
from modeling import BikeImageProcessor
from training.classifier_data import UNKNOWN, ClassifierExamples
from training.data import Photo, load_photos
from training.draws import NumberedDraws
from training.views import RandomView

PROCESSOR = BikeImageProcessor(size={"height": 64, "width": 96})


@pytest.fixture
def photos(bike_folder) -> list[Photo]:
    return [photo for photo in load_photos(bike_folder) if photo.split == "train"]


def test_an_example_is_what_the_classifier_takes(photos):
    examples = ClassifierExamples(photos, PROCESSOR)
    damaged = next(index for index, photo in enumerate(photos) if photo.label == 1)
    example = examples[damaged]
    assert example["pixel_values"].shape == (3, 64, 96)
    assert example["labels"] == 1
    assert set(example["mask_labels"].unique().tolist()) == {0, 1}
    assert {1, 2, 3} < set(example["part_labels"].unique().tolist()) <= set(range(7))


def test_what_is_not_known_is_ignored_and_not_background(photos):
    damaged = next(photo for photo in photos if photo.label == 1)
    bare = Photo(damaged.path, damaged.label, damaged.split)
    example = ClassifierExamples([bare], PROCESSOR)[0]
    content = example["part_labels"][:, 20:70]  # clear of the letterbox's bars
    assert (content == 255).all()
    assert (example["mask_labels"][:, 20:70] == 255).all()


def test_a_photo_without_a_bike_has_no_verdict_and_no_parts(photos, tmp_path):
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((64, 96, 3), 90, np.uint8))
    examples = ClassifierExamples(photos, PROCESSOR, RandomView(), find_photos([tmp_path]))
    example = examples[len(photos)]
    assert example["labels"] == -100
    assert example["part_labels"].sum() == example["mask_labels"].sum() == 0


def test_the_same_seed_shows_the_same_view(photos):
    examples = ClassifierExamples(photos, PROCESSOR, RandomView())
    views = []
    for seed in (5, 5, 6):
        examples.epoch_seed = seed
        torch.rand(seed)  # what was drawn before does not matter
        views.append(examples[0]["pixel_values"])
    assert torch.equal(views[0], views[1])
    assert not torch.equal(views[0], views[2])


def test_a_photo_drawn_twice_is_seen_in_two_views(photos):
    examples = ClassifierExamples(photos, PROCESSOR, RandomView())
    loader = DataLoader(examples, 3, sampler=NumberedDraws([0, 0, 0]))
    views, again = (next(iter(loader))["pixel_values"] for _ in range(2))
    assert torch.equal(views, again)
    assert not torch.equal(views[0], views[1])
    assert not torch.equal(views[1], views[2])


def test_of_an_unlabelled_photo_nothing_is_known_not_even_around_it(tmp_path):
    photo = Photo(tmp_path / "tall.png", label=1, split="train")
    cv2.imwrite(str(photo.path), np.full((200, 90, 3), 120, np.uint8))  # bars left and right of it
    for view in (None, RandomView(occlusion=0.5)):
        example = ClassifierExamples([photo], PROCESSOR, view)[0]
        assert (example["part_labels"] == UNKNOWN).all()
        assert (example["mask_labels"] == UNKNOWN).all()
