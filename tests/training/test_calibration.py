import math

import pytest
import torch

from modeling import (
    BikeClassifierConfig,
    BikeClassifierForImageClassification,
    DraemConfig,
    DraemForAnomalyLocalization,
)
from training.calibration import (
    calibrate,
    calibrate_evidence,
    calibrate_localizer,
    false_alarm_shift,
    fit_temperature,
    region_peak,
)


@pytest.mark.parametrize("shift", [0.0, -6.0], ids=["at-first", "calibrated-before"])
@pytest.mark.parametrize("stretch", [0.5, 1.0, 3.0])
def test_calibration_finds_the_temperature_that_spoilt_honest_logits(stretch, shift):
    torch.manual_seed(0)
    honest = torch.randn(4000, 2, dtype=torch.float64) * 2
    labels = torch.multinomial(honest.softmax(dim=1), 1)[:, 0]
    logits = stretch * honest + torch.tensor([-0.5, 0.5]) * shift
    assert fit_temperature(logits, labels) == pytest.approx(stretch, rel=0.1)


@pytest.mark.parametrize(
    ("rate", "alarms"),
    [pytest.param(0.05, 5, id="5%"), pytest.param(0.2, 20, id="20%"), pytest.param(0.001, 0, id="none")],
)
def test_the_shift_leaves_as_many_false_alarms_as_allowed(rate, alarms):
    torch.manual_seed(0)
    log_odds = torch.randn(100) + 1
    shift = false_alarm_shift(log_odds, rate, threshold=0.4)
    assert ((log_odds + shift).sigmoid() >= 0.4).sum() == alarms


@pytest.mark.parametrize("count", [pytest.param(7, id="none-allowed"), pytest.param(50, id="two-allowed")])
def test_recall_is_given_up_for_no_more_than_the_false_alarms_that_are_too_many(count):
    below = torch.linspace(-4, -1, count)
    assert false_alarm_shift(below, 0.05, threshold=0.4) == 0.0  # however near: not one reaches it
    above = torch.cat([below, torch.tensor([0.5, 1.0, 1.5])])
    limit = math.log(0.4 / 0.6)
    first_refused = 1.5 if count == 7 else 0.5
    assert false_alarm_shift(above, 0.05, threshold=0.4) == pytest.approx(limit - first_refused, abs=0.002)


@pytest.mark.parametrize(("intact", "damaged"), [(60, 5), (5, 60), (19, 19)])
def test_on_few_photos_nothing_is_calibrated_and_it_says_so(intact, damaged, capsys):
    model = BikeClassifierForImageClassification(BikeClassifierConfig(hidden_size=4))
    logits, labels = torch.randn(intact + damaged, 2), torch.tensor([0] * intact + [1] * damaged)
    bias = model.classifier.output.bias.clone()
    calibration, unchanged = calibrate(model, logits, labels, max_false_alarm_rate=0.05)
    assert calibration == {} and torch.equal(unchanged, logits)
    assert model.config.temperature == 1.0 and torch.equal(model.classifier.output.bias, bias)
    assert f"{intact} intact and {damaged} damaged validation photos are too few" in capsys.readouterr().err


def test_scores_that_no_temperature_makes_honest_are_told(capsys):
    model = BikeClassifierForImageClassification(BikeClassifierConfig(hidden_size=4))
    labels = torch.tensor([0, 1] * 30)
    logits = torch.randn(60, 2, generator=torch.Generator().manual_seed(0))
    logits[:, 1] -= 4 * (2 * labels - 1)  # wrong, and sure of it
    assert calibrate(model, logits, labels, max_false_alarm_rate=0.05)[0]["temperature"] == 20
    assert "the temperature stopped at its limit, 20" in capsys.readouterr().err


@pytest.mark.parametrize("count", [0, 19])
def test_the_evidence_stays_where_few_intact_bikes_are_found(count, capsys):
    model = BikeClassifierForImageClassification(BikeClassifierConfig(hidden_size=4))
    before = model.config.to_dict()
    assert calibrate_evidence(model, *torch.rand(3, count), max_false_alarm_rate=0.1, threshold=0.6) == {}
    assert model.config.to_dict() == before
    assert f"a bike was found on {count} intact validation photos, too few" in capsys.readouterr().err


def test_a_model_that_raises_few_false_alarms_is_left_alone():
    assert false_alarm_shift(torch.full((50,), -4.0), 0.05, threshold=0.4) == 0.0


@pytest.mark.parametrize("temperature", [1.0, 1.7])
def test_the_calibrated_model_gives_the_calibrated_probabilities(temperature):
    torch.manual_seed(0)
    config = BikeClassifierConfig(hidden_size=4, temperature=temperature)
    model = BikeClassifierForImageClassification(config).eval()
    photos = torch.rand(40, 3, 32, 64)
    labels = torch.tensor([0] * 20 + [1] * 20)
    with torch.no_grad():
        logits = model(photos).logits
        found, calibrated = calibrate(model, logits, labels, max_false_alarm_rate=0.05)
        given = model(photos).logits
    torch.testing.assert_close(given, calibrated, atol=1e-4, rtol=1e-4)
    probability = given.softmax(dim=1)[:, 1]
    log_odds = (logits[:, 1] - logits[:, 0]) * temperature
    expected = (log_odds / found["temperature"] + found["shift"]).sigmoid()
    torch.testing.assert_close(probability, expected, atol=1e-4, rtol=1e-4)
    assert (probability[labels == 0] >= model.config.damage_threshold).sum() <= 1


@pytest.mark.parametrize(
    "peaks",
    [
        pytest.param((0.31, 0.4), id="timid"),
        pytest.param((0.91, 0.99), id="bold"),
        pytest.param((0.001, 0.999), id="wide"),
        pytest.param((0.4, 0.4), id="flat"),
    ],
)
def test_the_calibrated_map_is_cold_on_usual_sound_bikes_and_reaches_the_threshold_on_as_many_as_allowed(peaks):
    torch.manual_seed(0)
    model = DraemForAnomalyLocalization(DraemConfig(reconstructive_width=4, discriminative_width=4)).eval()
    peaks = torch.linspace(*peaks, 20)
    photos = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        before = model(photos).logits.diff(dim=1)
        found = calibrate_localizer(model, peaks, max_false_alarm_rate=0.1)
        after = model(photos).logits.diff(dim=1)
    scale, shift = found["map_scale"], found["map_shift"]
    torch.testing.assert_close(after, scale * before + shift, atol=1e-2, rtol=1e-3)
    threshold = model.config.anomaly_threshold
    calibrated = (scale * peaks.double().logit() + shift).sigmoid()
    assert (calibrated > threshold + 1e-4).sum() <= 2
    assert scale > 0
    if peaks[-1] > peaks[0]:
        assert (calibrated >= threshold).sum() == 2
        assert calibrated.quantile(0.45) < 0.06


def test_the_peak_on_a_sound_bike_is_the_highest_level_at_which_there_would_be_a_region():
    bike = torch.zeros(80, 100, dtype=torch.bool)
    bike[10:70, 10:90] = True  # 4,800 pixels, of which a region must have at least 3
    values = torch.full((80, 100), -4.0)
    values[20:60:4, 20:80:4] = 5.0  # specks
    values[30, 31:34] = torch.tensor([2.0, 1.0, 3.0])  # a row of three, beside a speck
    values[5, 10:40] = 9.0  # off the bike
    assert region_peak(values, bike, 4800) == pytest.approx(1.0)
    assert region_peak(values, bike, 1000) == 5.0  # of a bike so small, specks are large enough
    assert region_peak(torch.full_like(values, 0.5), bike, 4800) == 0.5


@pytest.mark.parametrize("verdicts", [(0.0, 0.0), (-4.0, 4.0), (4.0, -4.0)], ids=["level", "agreeing", "contrary"])
def test_the_calibrated_map_of_stage_1_reaches_the_threshold_on_as_many_intact_bikes_as_allowed(verdicts):
    model = BikeClassifierForImageClassification(BikeClassifierConfig(hidden_size=4))
    peaks, levels, log_odds = torch.linspace(-3, 9, 20), torch.full((20,), -8.0), torch.linspace(*verdicts, 20)
    found = calibrate_evidence(model, peaks, levels, log_odds, max_false_alarm_rate=0.1, threshold=0.6)
    config = model.config
    assert found == {name: getattr(config, name) for name in ("evidence_scale", "evidence_shift", "verdict_weight")}
    assert found["verdict_weight"] > 0
    calibrated = config.evidence_scale * peaks + config.evidence_shift + config.verdict_weight * log_odds
    assert (calibrated.sigmoid() >= 0.6).sum() == 2


def test_without_verdicts_in_it_the_calibrated_evidence_is_cold_on_sound_bikes():
    model = BikeClassifierForImageClassification(BikeClassifierConfig(hidden_size=4))
    peaks, levels = torch.linspace(-3, 9, 20), torch.full((20,), -8.0)
    calibrate_evidence(model, peaks, levels, torch.zeros(20), max_false_alarm_rate=0.1, threshold=0.6)
    cold = (model.config.evidence_scale * levels + model.config.evidence_shift).sigmoid()
    torch.testing.assert_close(cold, torch.full((20,), 0.05))
