from pathlib import Path

import pytest
import torch
from torchmetrics.functional import classification as peers

from training.data import Photo
from training.verdict_metrics import (
    CALIBRATION_BINS,
    measure_verdicts,
    measure_within_bikes,
    suggest_threshold,
    verdict_intervals,
)


def test_verdicts_counted_by_hand():
    probability = torch.tensor([0.1, 0.3, 0.5, 0.39, 0.41, 0.9])
    labels = torch.tensor([0, 0, 0, 1, 1, 1])
    metrics = measure_verdicts(probability, labels, threshold=0.4)
    assert metrics["recall"] == pytest.approx(2 / 3)
    assert metrics["precision"] == pytest.approx(2 / 3)
    assert metrics["f1"] == pytest.approx(2 / 3)
    assert metrics["false_alarm_rate"] == pytest.approx(1 / 3)
    assert metrics["accuracy"] == pytest.approx(4 / 6)
    assert metrics["auroc"] == pytest.approx(7 / 9)  # 7 of the 9 pairs of a damaged and an intact one in order
    assert metrics["best_f1"] == pytest.approx(6 / 7)  # from 0.39 up: all three, and one false alarm
    assert metrics["best_threshold"] == pytest.approx(0.39)


def test_a_column_of_probabilities_is_as_good_as_a_row():
    pairs = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    assert measure_verdicts(pairs[:, 1], torch.tensor([0, 1, 0]), threshold=0.4)["accuracy"] == 1.0


def test_damaged_counts_from_the_threshold_up():
    metrics = measure_verdicts(torch.tensor([0.5, 0.25]), torch.tensor([1, 0]), threshold=0.5)
    assert metrics["recall"] == 1.0


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.3])
def test_suggested_threshold_keeps_to_the_rate_and_is_the_lowest_to_do_so(rate):
    intact = torch.rand(200, generator=torch.Generator().manual_seed(1))
    threshold = suggest_threshold(intact, rate)
    assert (intact >= threshold).float().mean() <= rate
    assert (intact >= threshold - 0.02).float().mean() > rate


@pytest.mark.parametrize("levels", [pytest.param(10_000, id="few-ties"), pytest.param(12, id="many-ties")])
def test_figures_are_those_of_torchmetrics(levels):
    generator = torch.Generator().manual_seed(2)
    labels = (torch.rand(300, generator=generator) < 0.4).int()
    probability = (torch.rand(300, generator=generator) * 0.8 + 0.2 * labels).mul(levels).floor() / levels
    metrics = measure_verdicts(probability, labels, threshold=0.4)
    assert metrics["auroc"] == pytest.approx(peers.binary_auroc(probability, labels).item(), abs=1e-5)
    expected = peers.binary_average_precision(probability, labels).item()
    assert metrics["average_precision"] == pytest.approx(expected, abs=1e-5)
    expected = peers.binary_calibration_error(probability, labels, n_bins=CALIBRATION_BINS).item()
    assert metrics["ece"] == pytest.approx(expected, abs=1e-5)
    precision, recall, _ = peers.binary_precision_recall_curve(probability, labels)
    expected = (2 * precision * recall / (precision + recall)).nan_to_num().max().item()
    assert metrics["best_f1"] == pytest.approx(expected, abs=1e-5)


def photos_of(bikes: list[str], labels: list[int]) -> list[Photo]:
    return [
        Photo(Path(f"{k}.jpg"), label, "test", bike_id=b)
        for k, (b, label) in enumerate(zip(bikes, labels, strict=True))
    ]


def test_perfect_verdicts_on_few_photos_are_not_called_certain():
    probability, labels = torch.tensor([0.1] * 7 + [0.9] * 7), [0] * 7 + [1] * 7
    photos = photos_of([str(k) for k in range(14)], labels)
    intervals = verdict_intervals(probability, torch.tensor(labels), 0.4, photos)
    assert intervals["false_alarm_rate"] == pytest.approx([0.0, 0.354], abs=1e-3)
    assert intervals["recall"] == pytest.approx([0.646, 1.0], abs=1e-3)
    assert "auroc" not in intervals  # every draw has 1: nothing can be told of it


def test_more_photos_of_the_same_bikes_do_not_make_a_figure_surer():
    generator = torch.Generator().manual_seed(4)
    labels = torch.tensor([0, 1] * 20)
    probability = torch.rand(40, generator=generator) * 0.7 + 0.3 * labels
    bikes = [str(k) for k in range(40)]
    once = verdict_intervals(probability, labels, 0.5, photos_of(bikes, labels.tolist()))
    labels, probability = labels.repeat(9), probability.repeat(9)
    often = verdict_intervals(probability, labels, 0.5, photos_of(bikes * 9, labels.tolist()))
    for name in ("auroc", "average_precision", "recall", "accuracy", "ece", "f1"):
        assert often[name] == pytest.approx(once[name], abs=0.03), name


def test_damage_is_told_within_each_bike_though_one_bike_scores_higher_than_the_other():
    labels = torch.tensor([0, 0, 1, 1] * 2 + [0])
    probability = torch.tensor([0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 0.7, 0.9, 0.5])
    photos = photos_of(["plain"] * 4 + ["odd"] * 4 + ["never broken"], labels.tolist())
    figures, intervals = measure_within_bikes(probability, labels, photos)
    assert figures["auroc_within_bikes"] == pytest.approx((1.0 + 0.75) / 2)
    assert intervals["auroc_within_bikes"] == pytest.approx([0.75, 1.0])
    assert measure_verdicts(probability, labels, 0.5)["auroc"] < 0.8


@pytest.mark.parametrize("bikes", [["a", "b"], ["", ""]], ids=["two bikes", "unnamed ones"])
def test_without_a_bike_photographed_both_sound_and_broken_nothing_is_said_of_it(bikes):
    photos = photos_of(bikes, [0, 1])
    assert measure_within_bikes(torch.tensor([0.1, 0.9]), torch.tensor([0, 1]), photos) == ({}, {})
