"""Where no photo shows damage, epochs are judged by anomalies that are the same every time."""

import torch

from modeling import BikeImageProcessor, DraemConfig, DraemForAnomalyLocalization
from training.data import list_photos
from training.draem_data import DraemExamples
from training.draem_recipe import DraemRecipe
from training.synthetic_validation import measure_on_synthetic
from training.views import RandomView


def test_the_same_model_gets_the_same_mark(bike_folder):
    photos = [photo for photo in list_photos(bike_folder / "validation" / "intact") if photo.label == 0]
    processor = BikeImageProcessor(
        size={"height": 64, "width": 96}, image_mean=(0.0, 0.0, 0.0), image_std=(1.0, 1.0, 1.0)
    )
    examples = DraemExamples(photos, processor, RandomView(), [])
    model = DraemForAnomalyLocalization(DraemConfig(reconstructive_width=4, discriminative_width=4)).train()
    marks = []
    for seed in (1, 2):
        torch.manual_seed(seed)  # whatever the run has drawn so far
        marks.append(measure_on_synthetic(model, examples, DraemRecipe(seed=seed), torch.device("cpu")))
    assert marks[0] == marks[1]
    assert 0 < marks[0] < 1
    assert model.training
