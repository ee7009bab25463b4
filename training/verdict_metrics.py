"""How good verdicts are, by torchmetrics."""

from torch import Tensor
from torchmetrics.functional.classification import (
    binary_auroc,
    binary_average_precision,
    binary_calibration_error,
    binary_confusion_matrix,
    binary_precision_recall_curve,
)

__all__ = ["measure_verdicts", "suggest_threshold"]

CALIBRATION_BINS = 15


def measure_verdicts(probability: Tensor, labels: Tensor, threshold: float) -> dict[str, float]:
    """Figures of verdicts, each in [0, 1].

    Args:
        probability: (N,), of damage.
        labels: (N,), 0 intact, 1 damaged; both present.
        threshold: DAMAGED from this probability up.

    Returns:
        auroc, average_precision, ece; recall, precision, f1, false_alarm_rate and accuracy at the threshold; best_f1,
        and best_threshold, at which it is reached on these photos.
    """
    probability = probability.contiguous()  # searchsorted, in the calibration error, warns of any other
    # torchmetrics counts above a threshold, a verdict from it up.
    verdicts = (probability >= threshold).int()
    (true_intact, false_alarms), (missed, found) = binary_confusion_matrix(verdicts, labels).tolist()
    precision, recall, thresholds = binary_precision_recall_curve(probability, labels)
    f1 = 2 * precision * recall / (precision + recall).clamp(min=1e-9)
    best = int(f1[:-1].argmax())  # the last point, at no threshold, is there for the curve alone
    return {
        "auroc": binary_auroc(probability, labels).item(),
        "average_precision": binary_average_precision(probability, labels).item(),
        "recall": found / max(1, found + missed),
        "precision": found / max(1, found + false_alarms),
        "f1": 2 * found / max(1, 2 * found + missed + false_alarms),
        "false_alarm_rate": false_alarms / max(1, false_alarms + true_intact),
        "accuracy": (found + true_intact) / len(labels),
        "best_f1": f1[best].item(),
        "best_threshold": thresholds[best].item(),
        "ece": binary_calibration_error(probability, labels, n_bins=CALIBRATION_BINS).item(),
    }


def suggest_threshold(intact_probability: Tensor, max_false_alarm_rate: float) -> float:
    """The lowest threshold, rounded up to a thousandth, that at most this share of intact photos reaches.

    Args:
        intact_probability: (N,), of damage, of photos of intact bikes.
        max_false_alarm_rate: in [0, 1).

    >>> import torch
    >>> suggest_threshold(torch.tensor([0.1, 0.2, 0.3, 0.9]), max_false_alarm_rate=0.25)
    0.301
    """
    allowed = int(max_false_alarm_rate * len(intact_probability))
    highest_refused = intact_probability.sort(descending=True).values[allowed].item()
    return min(1.0, int(1000 * highest_refused + 1) / 1000)
