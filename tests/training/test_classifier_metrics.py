import numpy as np
import pytest
import torch

from inspection.pretrained import load_model
from modeling import BikeClassifierForImageClassification
from training.classifier_data import ClassifierExamples
from training.classifier_metrics import measure_intact_evidence
from training.data import Photo
from training.files import write_picture


@pytest.mark.parametrize(
    ("boxes", "found"), [pytest.param([(30, 20, 100, 80)], 1, id="bike"), pytest.param([], 0, id="none")]
)
def test_evidence_is_measured_on_the_bikes_that_are_found(tiny_models, bike_photo, tmp_path, boxes, found):
    model, processor = load_model(tiny_models / "classifier", BikeClassifierForImageClassification)
    write_picture(tmp_path / "a.png", np.asarray(bike_photo(128, 96, boxes)))
    examples = ClassifierExamples([Photo(tmp_path / "a.png", 0, "validation")], processor)
    peaks, levels, log_odds = measure_intact_evidence(model, examples, torch.device("cpu"))
    assert len(peaks) == len(levels) == len(log_odds) == found
