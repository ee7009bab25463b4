import numpy as np
import pytest
import torch

from modeling import BikeImageProcessor
from training.classifier_data import ClassifierExamples
from training.close_ups import close_up, close_up_window
from training.data import load_photos
from training.views import RandomView

PHOTO_SIZE = (300, 400)
CANVAS_SIZE = (192, 256)  # of which the whole photo would take (384, 512)


def place(box: tuple[int, int, int, int]) -> np.ndarray:
    x0, y0, x1, y1 = box
    mask = np.zeros(PHOTO_SIZE, bool)
    mask[y0:y1, x0:x1] = True
    return mask


NOWHERE = np.zeros(PHOTO_SIZE, bool)


@pytest.mark.parametrize("box", [(0, 0, 3, 3), (397, 297, 400, 300), (150, 100, 260, 104)])
def test_a_window_shows_some_of_the_defect_wherever_it_is(box):
    defect = place(box)
    for seed in range(40):
        torch.manual_seed(seed)
        x0, y0, x1, y1 = close_up_window(CANVAS_SIZE, defect, np.zeros(PHOTO_SIZE, np.uint8))
        assert 0 <= x0 < x1 <= 400
        assert 0 <= y0 < y1 <= 300
        assert defect[y0:y1, x0:x1].any()


def test_a_window_is_half_as_wide_and_high_as_the_photo_give_or_take_its_magnification():
    widths, heights = [], []
    for seed in range(200):
        torch.manual_seed(seed)
        x0, y0, x1, y1 = close_up_window(CANVAS_SIZE, NOWHERE, np.zeros(PHOTO_SIZE, np.uint8))
        widths.append((x1 - x0) / 400)
        heights.append((y1 - y0) / 300)
    assert np.allclose(widths, heights, atol=0.01)
    assert 0.5 / 1.4 - 0.01 <= min(widths) < 0.4
    assert 0.65 < max(widths) <= 0.5 / 0.7 + 0.01


def test_without_a_defect_a_window_is_on_the_bike_and_unknown_pixels_are_no_bike():
    parts = np.where(place((300, 200, 340, 240)), 3, 255).astype(np.uint8)
    for seed in range(40):
        torch.manual_seed(seed)
        x0, y0, x1, y1 = close_up_window(CANVAS_SIZE, NOWHERE, parts)
        assert (parts[y0:y1, x0:x1] == 3).any()


def test_a_photo_smaller_than_a_window_is_shown_whole():
    torch.manual_seed(0)
    box = close_up_window(CANVAS_SIZE, np.zeros((1, 1), bool), np.zeros((1, 1), np.uint8))
    assert box == (0, 0, 1, 1)


def test_a_close_up_has_its_labels_and_no_verdict(bike_folder):
    photos = [photo for photo in load_photos(bike_folder) if photo.split == "train" and photo.label == 1]
    processor = BikeImageProcessor(size={"height": 128, "width": 192})
    examples = ClassifierExamples(photos, close_up(processor), RandomView())
    examples.is_close_up = True
    for index in range(len(photos)):
        example = examples[index]
        assert example["pixel_values"].shape == (3, 64, 96)
        assert example["labels"] == -100
        assert (example["mask_labels"] == 1).any()
        assert (example["part_labels"] > 0).any()


def test_the_same_seed_shows_the_same_close_up(bike_folder):
    photos = [photo for photo in load_photos(bike_folder) if photo.split == "train"]
    examples = ClassifierExamples(photos, close_up(BikeImageProcessor(size={"height": 128, "width": 192})))
    examples.is_close_up = True
    first, again = examples[(0, 4)], examples[(0, 4)]
    assert torch.equal(first["pixel_values"], again["pixel_values"])
    assert not torch.equal(first["pixel_values"], examples[(0, 5)]["pixel_values"])
