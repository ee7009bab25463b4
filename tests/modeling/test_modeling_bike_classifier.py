import math
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoImageProcessor, AutoModelForImageClassification

from modeling import BikeClassifierConfig, BikeClassifierForImageClassification, BikeImageProcessor
from modeling.modeling_bike_classifier import damage_loss, label_loss, part_loss, strongest_evidence


@pytest.fixture(scope="module")
def classifier():
    torch.manual_seed(17)
    return BikeClassifierForImageClassification(BikeClassifierConfig(decoder_width=8, hidden_size=8)).eval()


@pytest.fixture(scope="module")
def saved_classifier(classifier, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "classifier"
    classifier.save_pretrained(folder)
    BikeImageProcessor(size={"height": 64, "width": 64}).save_pretrained(folder)
    return folder


@pytest.fixture
def pixel_values():
    return torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(17)) * 2 - 1


def test_the_outputs_have_the_shapes_they_promise(classifier, pixel_values):
    with torch.no_grad():
        output = classifier(pixel_values, output_hidden_states=True)
    assert output.loss is None
    assert output.logits.shape == (2, 2)
    assert output.part_logits.shape == (2, 7, 16, 24)
    assert output.damage_logits.shape == (2, 1, 16, 24)
    assert [tuple(features.shape[-2:]) for features in output.hidden_states] == [(16, 24), (8, 12), (4, 6), (2, 3)]


def test_a_batch_is_its_photos_one_by_one(classifier, pixel_values):
    with torch.no_grad():
        batch = classifier(pixel_values)
        singles = [classifier(photo[None]) for photo in pixel_values]
    for name in ("logits", "part_logits", "damage_logits"):
        expected = torch.cat([single[name] for single in singles])
        torch.testing.assert_close(batch[name], expected, atol=1e-3, rtol=1e-3)  # other kernels for other batch sizes


def test_every_parameter_gets_a_gradient(pixel_values):
    torch.manual_seed(17)
    model = BikeClassifierForImageClassification(BikeClassifierConfig(decoder_width=8, hidden_size=8)).train()
    labels, part_labels = torch.tensor([0, 1]), torch.arange(7).repeat_interleave(64 * 96 * 2 // 7 + 1)[: 2 * 64 * 96]
    output = model(pixel_values, labels, part_labels.view(2, 64, 96), (part_labels.view(2, 64, 96) == 3).long())
    output.loss.backward()
    assert set(output.loss_terms) == {"label", "part", "damage"}
    torch.testing.assert_close(output.loss, sum(output.loss_terms.values()))
    assert not [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_the_verdict_does_not_redraw_the_parts(classifier, pixel_values):
    classifier(pixel_values, labels=torch.tensor([0, 1])).loss.backward()
    gradient = classifier.part_head.weight.grad
    classifier.zero_grad()
    assert gradient is None or not gradient.any()


def test_where_nothing_is_known_the_loss_is_0_and_its_gradient_finite(classifier, pixel_values):
    unknown = torch.full((2, 64, 96), 255)
    output = classifier(pixel_values, torch.tensor([-100, -100]), unknown, unknown)
    output.loss.backward()
    gradients = [parameter.grad for parameter in classifier.parameters() if parameter.grad is not None]
    classifier.zero_grad()
    assert output.loss.item() == 0
    assert gradients
    assert not any(gradient.any() for gradient in gradients)  # a NaN would count


@pytest.mark.parametrize("gamma", [0.0, 2.0])
def test_the_label_loss_is_the_one_by_hand(gamma):
    logits = torch.log(torch.tensor([[0.8, 0.2], [0.75, 0.25], [0.5, 0.5]]))
    expected = -(0.2**gamma * math.log(0.8) + 0.75**gamma * math.log(0.25)) / 2
    assert label_loss(logits, torch.tensor([0, 1, -100]), gamma).item() == pytest.approx(expected, rel=1e-5)


def test_certain_soft_labels_cost_what_hard_ones_do():
    logits = torch.tensor([[0.3, -1.2], [2.0, 0.1], [0.0, 0.4]])
    soft = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    torch.testing.assert_close(label_loss(logits, soft, 2.0), label_loss(logits, torch.tensor([0, 1, -100]), 2.0))


def test_the_part_loss_of_uniform_logits_is_the_logarithm_of_their_number():
    labels = torch.full((1, 8, 8), 255)
    labels[:, :4] = 2
    assert part_loss(torch.zeros(1, 7, 2, 2), labels).item() == pytest.approx(math.log(7), rel=1e-6)


def test_the_damage_loss_is_the_one_by_hand():
    labels = torch.zeros(1, 4, 4, dtype=torch.long)
    labels[0, 0, 0] = 1  # a scratch of one pixel: its cell of 2 x 2 counts as damage
    # Four cells at probability 1/2: cross-entropy ln 2, Dice 1 - (2 * 0.5 + 1) / (2 + 1 + 1).
    assert damage_loss(torch.zeros(1, 1, 2, 2), labels).item() == pytest.approx(math.log(2) + 0.5, rel=1e-6)


def test_a_scratch_weighs_as_much_as_a_wheel_and_an_intact_photo_has_no_overlap_to_find():
    labels = torch.zeros(3, 4, 4, dtype=torch.long)
    labels[0, 0, 0] = 1
    labels[1] = 1
    # Dice of the first as above, of the second 1 - (2 * 2 + 1) / (2 + 4 + 1); the third has none.
    expected = math.log(2) + (0.5 + 2 / 7) / 2
    assert damage_loss(torch.zeros(3, 1, 2, 2), labels).item() == pytest.approx(expected, rel=1e-6)


def test_the_strongest_evidence_is_a_mean_of_the_largest():
    evidence = strongest_evidence(torch.arange(10_000.0).view(1, 1, 100, 100))
    # 5, 40 and 300 of 10000.
    torch.testing.assert_close(evidence, torch.tensor([[9997.0, 9979.5, 9849.5]]))


def test_evidence_off_the_bike_cannot_tip_the_verdict(classifier):
    torch.manual_seed(17)
    features, damage_logits = torch.randn(1, classifier.backbone.num_features, 4, 4), torch.randn(1, 1, 32, 32)
    part_logits = torch.zeros(1, 7, 32, 32)
    part_logits[:, 0], part_logits[:, 1] = 30, -30
    part_logits[:, 0, 8:16, 8:16], part_logits[:, 1, 8:16, 8:16] = -30, 30
    damage_logits[..., 8:16, 8:16] = 2
    alarmed = damage_logits.clone()
    alarmed[..., 24:, :] = 50
    with torch.no_grad():
        logits = [classifier.classifier(features, part_logits, evidence) for evidence in (damage_logits, alarmed)]
    torch.testing.assert_close(*logits)


def test_the_temperature_divides_the_logits(classifier, pixel_values):
    with torch.no_grad():
        plain = classifier(pixel_values).logits
        classifier.config.temperature = 2.5
        tempered = classifier(pixel_values).logits
    classifier.config.temperature = 1.0
    torch.testing.assert_close(tempered * 2.5, plain)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"damage_treshold": 0.5}, "did you mean 'damage_threshold'", id="misspelt"),
        pytest.param({"damage_threshold": 40}, r"use a number in \[0, 1\]", id="percent"),
        pytest.param({"dropout": 1.0}, "dropout is 1.0", id="dropout"),
        pytest.param({"temperature": 0}, "temperature is 0", id="temperature"),
        pytest.param({"verdict_weight": 1.5}, "verdict_weight is 1.5: use a number in", id="verdict-weight"),
        pytest.param({"decoder_width": 0}, "decoder_width is 0", id="width"),
        pytest.param({"part_names": ["frame"]}, "the first is 'background'", id="parts"),
    ],
)
def test_a_wrong_key_or_number_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        BikeClassifierConfig(**arguments)


@pytest.mark.parametrize(
    ("backbone", "message"),
    [
        pytest.param("tf_efficientnet_lite9", "has no model 'tf_efficientnet_lite9'", id="unknown"),
        pytest.param("vit_tiny_patch16_224", "use an EfficientNet", id="no-pyramid"),
    ],
)
def test_a_wrong_backbone_is_named(backbone, message):
    with pytest.raises(ValueError, match=message):
        BikeClassifierForImageClassification(BikeClassifierConfig(backbone=backbone))


def test_the_labels_have_names_both_ways(saved_classifier):
    for config in (BikeClassifierConfig(), BikeClassifierConfig.from_pretrained(saved_classifier)):
        assert config.id2label == {0: "INTACT", 1: "DAMAGED"}
        assert config.label2id == {"INTACT": 0, "DAMAGED": 1}


def test_saved_and_loaded_it_answers_the_same(classifier, saved_classifier, pixel_values):
    loaded = AutoModelForImageClassification.from_pretrained(saved_classifier)
    assert isinstance(loaded, BikeClassifierForImageClassification)
    assert isinstance(AutoConfig.from_pretrained(saved_classifier), BikeClassifierConfig)
    assert isinstance(AutoImageProcessor.from_pretrained(saved_classifier), BikeImageProcessor)
    with torch.no_grad():
        assert torch.equal(loaded(pixel_values).logits, classifier(pixel_values).logits)


@pytest.mark.slow
def test_it_loads_from_its_folder_alone_without_this_repository(classifier, saved_classifier, tmp_path):
    """As from the Hub, with trust_remote_code, where nobody has our packages."""
    script = """
import sys
import numpy as np
import torch
from transformers import AutoImageProcessor, AutoModelForImageClassification
model = AutoModelForImageClassification.from_pretrained(sys.argv[1], trust_remote_code=True)
processor = AutoImageProcessor.from_pretrained(sys.argv[1], trust_remote_code=True)
image = np.arange(64 * 64 * 3, dtype=np.int64).reshape(64, 64, 3).astype(np.uint8)
with torch.no_grad():
    print(*model(**processor(image)).logits[0].tolist())
assert type(model).__module__.startswith("transformers_modules"), type(model)
assert not {"modeling", "inspection", "training"} & set(sys.modules)
"""
    caches = {"HF_HOME": str(tmp_path / "home"), "HF_MODULES_CACHE": str(tmp_path / "modules")}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | caches
    run = subprocess.run(
        # From an empty folder: the repository is not on the path.
        [sys.executable, "-c", script, str(saved_classifier)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    image = np.arange(64 * 64 * 3, dtype=np.int64).reshape(64, 64, 3).astype(np.uint8)
    processor = BikeImageProcessor.from_pretrained(saved_classifier)
    with torch.no_grad():
        expected = classifier(**processor(image)).logits[0].tolist()
    assert [float(value) for value in run.stdout.split()] == pytest.approx(expected, rel=1e-4, abs=1e-5)
