import pytest
import torch

from training.verdict_metrics import measure_verdicts, suggest_threshold


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
