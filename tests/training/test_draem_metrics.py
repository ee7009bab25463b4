import pytest
import torch

from training.draem_metrics import Gathered


def test_noise_on_small_bikes_scores_as_chance():
    torch.manual_seed(0)
    bikes = torch.zeros(40, 96, 128, dtype=torch.bool)
    bikes[:, 30:60, 40:90] = True  # a tenth of the photo
    masks = torch.zeros_like(bikes)
    masks[::2, 35:50, 50:70] = True
    gathered = Gathered()
    gathered.add_maps(torch.rand(bikes.shape) * bikes, masks, bikes, masks.any(dim=(1, 2)).int())
    figures = gathered.pixels.compute()
    assert figures["aupro"] == pytest.approx(0.15, abs=0.01)
    assert figures["pixel_auroc"] == pytest.approx(0.5, abs=0.01)
