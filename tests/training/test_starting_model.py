"""What the starting model brings along cannot be given another value in silence."""

from dataclasses import replace

import pytest

from modeling import BikeClassifierConfig
from training.classifier_recipe import ClassifierRecipe
from training.starting_model import take_over

RECIPE = ClassifierRecipe(initial_model="given")
CONFIG = BikeClassifierConfig(backbone="efficientnet_b0", dropout=0.1)


def test_what_the_model_has_goes_on_record():
    taken = take_over(RECIPE, CONFIG, "backbone", "dropout")
    assert (taken.backbone, taken.dropout) == ("efficientnet_b0", 0.1)


def test_a_value_that_would_have_no_effect_is_refused():
    with pytest.raises(ValueError, match=r"dropout is 0\.9, but given was made with 0\.1: leave it out"):
        take_over(replace(RECIPE, dropout=0.9), CONFIG, "backbone", "dropout")
