"""What the starting model brings along cannot be given another value in silence."""

from dataclasses import replace

import pytest
import torch

from modeling import BikeClassifierConfig
from training.classifier_recipe import ClassifierRecipe
from training.starting_model import mix_weights, take_over

RECIPE = ClassifierRecipe(initial_model="given")
CONFIG = BikeClassifierConfig(backbone="efficientnet_b0", dropout=0.1)


def test_what_the_model_has_goes_on_record():
    taken = take_over(RECIPE, CONFIG, "backbone", "dropout")
    assert (taken.backbone, taken.dropout) == ("efficientnet_b0", 0.1)


def test_a_value_that_would_have_no_effect_is_refused():
    with pytest.raises(ValueError, match=r"dropout is 0\.9, but given was made with 0\.1: leave it out"):
        take_over(replace(RECIPE, dropout=0.9), CONFIG, "backbone", "dropout")


def test_mixed_weights_lie_between_the_two():
    def norm(seed: int) -> torch.nn.BatchNorm2d:
        layer = torch.nn.BatchNorm2d(3)
        layer(torch.randn(4, 3, 5, 5, generator=torch.Generator().manual_seed(seed)))
        return layer

    trained, initial = norm(1), norm(2)
    before = trained.running_mean.clone()
    mixed = mix_weights(trained, initial, 0.25)
    torch.testing.assert_close(mixed.running_mean, 0.75 * trained.running_mean + 0.25 * initial.running_mean)
    assert torch.equal(trained.running_mean, before)
