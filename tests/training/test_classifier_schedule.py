"""Close-ups first, then whole photos: which epoch sees what, and how the learning rate goes."""

import pytest
import torch

from modeling import BikeImageProcessor
from training.classifier_model import build_optimizer, count_close_up_epochs
from training.classifier_recipe import ClassifierRecipe
from training.close_ups import check_close_ups
from training.data import Photo
from training.train_classifier import choose_processor


@pytest.mark.parametrize(
    ("epochs", "share", "expected"),
    [(1, 0.7, 0), (2, 0.7, 1), (3, 0.99, 2), (10, 0.7, 7), (100, 0.29, 29), (60, 0.0, 0), (60, 0.999, 59)],
)
def test_whole_photos_always_have_the_last_word(epochs, share, expected):
    assert count_close_up_epochs(ClassifierRecipe(epochs=epochs, close_up_share=share)) == expected


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_the_rate_rises_and_falls_once_for_close_ups_and_once_for_whole_photos(share):
    recipe = ClassifierRecipe(epochs=4, close_up_share=share, learning_rate=1.0, warmup_share=0.1)
    optimizer, schedule = build_optimizer(torch.nn.Linear(2, 2), recipe, steps=400)
    rates = []
    for _ in range(400):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    phases = [rates[:200], rates[200:]] if share else [rates]
    for phase in phases:
        warm = len(phase) // 10
        assert phase[0] == pytest.approx(1 / warm)
        assert max(phase) == pytest.approx(1.0)
        assert phase[warm - 1 : warm + 2].count(max(phase)) >= 1
        assert all(later <= earlier for earlier, later in zip(phase[warm:], phase[warm + 1 :], strict=False))
        assert phase[-1] < 0.001


def test_first_close_ups_then_small_photos_then_whole_ones():
    processor = BikeImageProcessor(size={"height": 384, "width": 512})
    recipe = ClassifierRecipe(epochs=8, close_up_share=0.5, first_size_share=0.5)
    sizes = [choose_processor(processor, recipe, epoch, epoch < 4).canvas_size for epoch in range(8)]
    assert sizes == [(192, 256)] * 4 + [(288, 384)] * 2 + [(384, 512)] * 2


def test_close_ups_without_masks_are_refused(tmp_path):
    bare = [Photo(tmp_path / "a.jpg", 1, "train"), Photo(tmp_path / "b.jpg", 1, "validation", mask=tmp_path / "b.png")]
    with pytest.raises(ValueError, match="close_up_share is 0.5, and no photo to learn from has a mask"):
        check_close_ups(0.5, bare)
    check_close_ups(0.0, bare)
