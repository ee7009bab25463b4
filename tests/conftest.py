"""Fixtures that every part shares, and a test run that never reaches for the network."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

# Before any of these libraries is imported.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photos beside the repository; tests that need it are skipped without it."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real photos not present")
    return folder


SAMPLE = REPOSITORY / "datasets" / "bike-damage-sample"
PAIRS = ("bike_1_000011", "bike_1_000026", "bike_1_000031", "bike_1_000040")  # those that the page offers to try


@pytest.fixture(scope="session")
def sample() -> Path:
    return SAMPLE


@pytest.fixture(scope="session")
def four_pairs(tmp_path_factory) -> Path:
    """A data folder of four rendered bikes, each intact and damaged, with masks and parts, 480 x 360 pixels."""
    folder = tmp_path_factory.mktemp("four") / "pairs"
    for source in (path for pair in PAIRS for path in SAMPLE.rglob(f"{pair}.*")):
        target = folder / source.relative_to(SAMPLE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    return folder


BACKGROUND, BIKE, DAMAGE = (40, 40, 40), (220, 220, 220), (220, 30, 30)  # RGB; what the tiny models tell apart


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory) -> Path:
    """A folder with `classifier` and `localizer`, small and real: what is bright is bike, what is red is damage.

    Their weights are set by hand, so that a test knows what they must answer.
    """
    from modeling import BikeImageProcessor

    folder = tmp_path_factory.mktemp("models")
    size = {"height": 96, "width": 128}
    processor = BikeImageProcessor(size=size)
    _tiny_classifier().save_pretrained(folder / "classifier")
    processor.save_pretrained(folder / "classifier")
    _tiny_localizer().save_pretrained(folder / "localizer")
    BikeImageProcessor(size=size, image_mean=[0.0] * 3, image_std=[1.0] * 3).save_pretrained(folder / "localizer")
    return folder


@pytest.fixture(scope="session")
def bike_photo():
    """Paint a photo (H, W, 3) uint8: boxes of `BIKE` and, on top, of `DAMAGE`, on `BACKGROUND`."""

    def paint(width: int, height: int, bikes=(), damages=()) -> np.ndarray:
        image = np.full((height, width, 3), BACKGROUND, np.uint8)
        for boxes, colour in ((bikes, BIKE), (damages, DAMAGE)):
            for x0, y0, x1, y1 in boxes:
                image[y0:y1, x0:x1] = colour
        return image

    return paint


def _tiny_classifier():
    """Zero everywhere but on one way through, along which the pixels reach the heads at a quarter of their number."""
    import torch

    from modeling import BikeClassifierConfig, BikeClassifierForImageClassification

    names = ["background", "frame", "front_wheel"]
    config = BikeClassifierConfig(decoder_width=3, hidden_size=1, part_names=names, damage_threshold=0.3)
    model = BikeClassifierForImageClassification(config).eval()
    backbone, decoder, classifier = model.backbone, model.decoder, model.classifier
    separable, first = backbone.blocks[0][0], backbone.blocks[1][0]
    with torch.no_grad():
        _silence(model)
        for conv in (backbone.conv_stem, separable.conv_pw, first.conv_pw, first.conv_pwl):
            conv.weight[range(3), range(3), conv.kernel_size[0] // 2, conv.kernel_size[1] // 2] = 1
        backbone.bn1.bias[:3] = 1  # pixels from 0 to 2: ReLUs let them pass
        for conv in (separable.conv_dw, first.conv_dw, decoder.refine[0][0]):
            conv.weight[:3, 0, 1, 1] = 1
        for conv in (decoder.lateral[0][0], decoder.refine[0][1]):
            conv.weight[range(3), range(3), 0, 0] = 1
        model.part_head.weight[2, 0, 0, 0] = 20  # the front wheel is what has much red: bike or damage
        model.part_head.bias[:] = torch.tensor([0.0, -30.0, -20 * 1.4])
        model.damage_head.weight[0, :2, 0, 0], model.damage_head.bias[0] = torch.tensor([10.0, -10.0]), -5
        classifier.hidden.weight[0, -3] = 1  # the strongest evidence
        classifier.output.weight[1, 0], classifier.output.bias[1] = 1, -2
    return model


def _tiny_localizer():
    """Zero everywhere but on one way through, along which red minus green passes unchanged."""
    import torch

    from modeling import DraemConfig, DraemForAnomalyLocalization

    config = DraemConfig(reconstructive_width=1, discriminative_width=1, anomaly_threshold=0.5)
    model = DraemForAnomalyLocalization(config).eval()
    network = model.draem.discriminative
    with torch.no_grad():
        _silence(model)
        red, green = 3, 4  # after the three channels of the reconstruction
        network.encoder[0][0].weight[0, red, 1, 1] = 1
        network.encoder[0][0].weight[0, green, 1, 1] = -1
        network.encoder[0][3].weight[0, 0, 1, 1] = 1
        skip = 1  # after the one channel from below
        network.decoder[-1][0].weight[0, skip, 1, 1] = 1
        network.decoder[-1][3].weight[0, 0, 1, 1] = 1
        network.output.weight[1, 0, 1, 1], network.output.bias[1] = 20, -8
    return model


def _silence(model) -> None:
    """Every weight and bias 0, every batch norm the identity."""
    import torch

    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            parameter.fill_(isinstance(module, torch.nn.BatchNorm2d) and parameter is module.weight)
