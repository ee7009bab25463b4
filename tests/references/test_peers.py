"""Ours against others' code, as benchmarks/make_references.py froze it: losses, a metric, the network of the paper."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from modeling import DraemConfig
from modeling.modeling_draem import DraemModel, focal_loss, structural_similarity
from tests.references.peer_inputs import anomaly_maps, fill, focal_inputs, paper_photo, ssim_images
from training.pixel_curves import PixelCurves


@pytest.fixture(scope="module")
def peers() -> dict:
    return json.loads(Path(__file__).with_name("peers.json").read_text())


def test_focal_loss_is_that_of_kornia(peers):
    assert focal_loss(*focal_inputs()).item() == pytest.approx(peers["focal_loss"], rel=1e-5)


def test_structural_similarity_is_that_of_scikit_image(peers):
    assert structural_similarity(*ssim_images()).item() == pytest.approx(peers["structural_similarity"], abs=1e-4)


def test_aupro_is_that_of_anomalib(peers):
    curves = PixelCurves()
    for anomaly_map, mask in zip(*(values.numpy() for values in anomaly_maps()), strict=True):
        curves.update(anomaly_map, mask > 0, np.ones(mask.shape, bool))
    assert curves.compute()["aupro"] == pytest.approx(peers["aupro"], abs=2e-3)  # ours has a grid of thresholds


@pytest.mark.slow
@torch.no_grad()
def test_the_network_at_the_papers_widths_is_that_of_anomalib(peers):
    model = DraemModel(DraemConfig.paper()).eval()
    photo = paper_photo()
    fill(model, photo)
    output = model(photo)
    middle = photo.shape[-2] // 2
    for name in ("reconstruction", "logits"):
        ours = getattr(output, name)[0, :, middle, ::8].flatten()
        torch.testing.assert_close(ours, torch.tensor(peers["draem"][name]), rtol=1e-3, atol=1e-3)
