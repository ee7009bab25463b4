import pytest
import torch

from modeling import (
    BikeClassifierConfig,
    BikeClassifierForImageClassification,
    DraemConfig,
    DraemForAnomalyLocalization,
)
from training.calibration import calibrate, calibrate_localizer, false_alarm_shift, fit_temperature


@pytest.mark.parametrize("stretch", [0.5, 1.0, 3.0])
def test_calibration_finds_the_temperature_that_spoilt_honest_logits(stretch):
    torch.manual_seed(0)
    honest = torch.randn(4000, 2, dtype=torch.float64) * 2
    labels = torch.multinomial(honest.softmax(dim=1), 1)[:, 0]
    assert fit_temperature(stretch * honest, labels) == pytest.approx(stretch, rel=0.1)


@pytest.mark.parametrize(
    ("rate", "alarms"),
    [pytest.param(0.05, 5, id="5%"), pytest.param(0.2, 20, id="20%"), pytest.param(0.001, 0, id="none")],
)
def test_the_shift_leaves_as_many_false_alarms_as_allowed(rate, alarms):
    torch.manual_seed(0)
    log_odds = torch.randn(100) + 1
    shift = false_alarm_shift(log_odds, rate, threshold=0.4)
    assert ((log_odds + shift).sigmoid() >= 0.4).sum() == alarms


def test_a_model_that_raises_few_false_alarms_is_left_alone():
    assert false_alarm_shift(torch.full((50,), -4.0), 0.05, threshold=0.4) == 0.0


def test_the_calibrated_model_gives_the_calibrated_probabilities():
    torch.manual_seed(0)
    model = BikeClassifierForImageClassification(BikeClassifierConfig(hidden_size=4)).eval()
    photos = torch.rand(6, 3, 64, 96)
    labels = torch.tensor([0, 0, 0, 1, 1, 1])
    with torch.no_grad():
        logits = model(photos).logits
        found = calibrate(model, logits, labels, max_false_alarm_rate=0.05)
        probability = model(photos).logits.softmax(dim=1)[:, 1]
    expected = ((logits[:, 1] - logits[:, 0]) / found["temperature"] + found["shift"]).sigmoid()
    torch.testing.assert_close(probability, expected, atol=1e-4, rtol=1e-4)
    assert (probability[labels == 0] < model.config.damage_threshold).all()


@pytest.mark.parametrize("patch_size", [1, 2])
@pytest.mark.parametrize("level", [0.05, 0.95], ids=["timid", "bold"])
def test_the_calibrated_map_reaches_the_threshold_on_as_many_intact_bikes_as_allowed(patch_size, level):
    torch.manual_seed(0)
    model = DraemForAnomalyLocalization(
        DraemConfig(reconstructive_width=4, discriminative_width=4, patch_size=patch_size)
    ).eval()
    photos = torch.rand(20, 3, 64, 64)
    peaks = torch.linspace(level - 0.04, level + 0.04, 20)
    with torch.no_grad():
        before = model(photos).anomaly_map.logit()
        shift = calibrate_localizer(model, peaks, max_false_alarm_rate=0.1)["map_shift"]
        after = model(photos).anomaly_map.logit()
    torch.testing.assert_close(after - before, torch.full_like(before, shift), atol=1e-3, rtol=0)
    assert ((peaks.logit() + shift).sigmoid() >= model.config.anomaly_threshold).sum() == 2
