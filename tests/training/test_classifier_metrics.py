import pytest
import torch

from training.classifier_metrics import measure_verdicts


def logits_of(*probabilities: float) -> torch.Tensor:
    damaged = torch.tensor(probabilities, dtype=torch.float64)
    return torch.stack([(1 - damaged).log(), damaged.log()], dim=1)


def test_verdicts_counted_by_hand():
    logits = logits_of(0.1, 0.3, 0.5, 0.39, 0.41, 0.9)
    labels = torch.tensor([0, 0, 0, 1, 1, 1])
    metrics = measure_verdicts(logits, labels, threshold=0.4)
    assert metrics["recall"] == pytest.approx(2 / 3)
    assert metrics["false_alarm_rate"] == pytest.approx(1 / 3)
    assert metrics["accuracy"] == pytest.approx(4 / 6)
    assert metrics["auroc"] == pytest.approx(7 / 9)  # 7 of the 9 pairs of a damaged and an intact one in order


def test_damaged_counts_from_the_threshold_up():
    logits = torch.log(torch.tensor([[0.5, 0.5], [0.75, 0.25]]))
    assert measure_verdicts(logits, torch.tensor([1, 0]), threshold=0.5)["recall"] == 1.0
