"""What the classifier learns from: smoothed labels, and photos mixed in pairs."""

from dataclasses import replace

import pytest
import torch
from timm.data import Mixup

from training.classifier_data import NO_VERDICT, UNKNOWN
from training.classifier_recipe import ClassifierRecipe
from training.train_classifier import prepare_batch

RECIPE = ClassifierRecipe(mixup_alpha=1.0, mixup_probability=1.0)
LABELS = [0, 1, NO_VERDICT, 0, 1, 1]  # the third has no bike; of the other five, four are mixed


@pytest.fixture
def batch() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {
        "pixel_values": torch.rand(6, 3, 32, 48),
        "labels": torch.tensor(LABELS),
        "part_labels": torch.ones(6, 32, 48, dtype=torch.long),
        "mask_labels": torch.zeros(6, 32, 48, dtype=torch.long),
    }


def prepare(batch: dict, recipe: ClassifierRecipe) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    mixup = Mixup(recipe.mixup_alpha, recipe.cutmix_alpha, label_smoothing=recipe.label_smoothing, num_classes=2)
    return prepare_batch(batch, torch.Generator().manual_seed(2), recipe, mixup, teacher=None)


def test_without_mixup_labels_are_smoothed_and_all_else_is_as_it_was(batch):
    inputs = prepare(batch, replace(RECIPE, mixup_probability=0.0))
    torch.testing.assert_close(
        inputs["labels"],
        torch.tensor([[0.95, 0.05], [0.05, 0.95], [0, 0], [0.95, 0.05], [0.05, 0.95], [0.05, 0.95]]),
    )
    for name in ("pixel_values", "part_labels", "mask_labels"):
        assert torch.equal(inputs[name], batch[name])


@pytest.mark.parametrize("alphas", [{"mixup_alpha": 1.0}, {"mixup_alpha": 0.0, "cutmix_alpha": 1.0}], ids=str)
def test_photos_with_a_verdict_are_mixed_though_one_of_the_batch_has_none(batch, alphas):
    inputs = prepare(batch, replace(RECIPE, **alphas))
    mixed, left = [0, 1, 3, 4], [2, 5]
    assert torch.equal(inputs["pixel_values"][left], batch["pixel_values"][left])
    assert torch.equal(inputs["part_labels"][left], batch["part_labels"][left])
    for name in ("part_labels", "mask_labels"):
        assert (inputs[name][mixed] == UNKNOWN).all()
    assert (inputs["pixel_values"][mixed] != batch["pixel_values"][mixed]).any()
    assert inputs["labels"][mixed].sum(dim=1).tolist() == pytest.approx([1, 1, 1, 1])
    assert ((inputs["labels"][mixed] > 0.06) & (inputs["labels"][mixed] < 0.94)).any()
    assert batch["labels"].tolist() == LABELS  # what it was given stays as it was
