"""How good verdicts are, by torchmetrics."""

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor
from torchmetrics.functional.classification import (
    binary_auroc,
    binary_average_precision,
    binary_calibration_error,
    binary_confusion_matrix,
    binary_precision_recall_curve,
)
from tqdm import tqdm

from training.data import Photo

__all__ = ["bootstrap_verdicts", "measure_kinds", "measure_verdicts", "suggest_threshold"]

CALIBRATION_BINS = 15
BOOTSTRAP_ROUNDS = 1000
QUANTILES = torch.tensor([0.025, 0.975])


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


def bootstrap_verdicts(probability: Tensor, labels: Tensor, threshold: float) -> dict[str, list[float]]:
    """The 95% interval, low and high, of each figure of `measure_verdicts`: photos drawn anew with replacement.

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3 (percentiles).
    """
    generator = torch.Generator().manual_seed(0)
    rounds = defaultdict(list)
    for _ in tqdm(range(BOOTSTRAP_ROUNDS), desc="bootstrap", leave=False, delay=2):
        drawn = torch.randint(len(labels), (len(labels),), generator=generator)
        if len(labels[drawn].unique()) == 2:
            for name, value in measure_verdicts(probability[drawn], labels[drawn], threshold).items():
                rounds[name].append(value)
    return {name: torch.tensor(values).quantile(QUANTILES).tolist() for name, values in rounds.items()}


def measure_kinds(probability: Tensor, photos: Sequence[Photo], threshold: float) -> dict[str, dict[str, float]]:
    """By kind of damage, where the photos name any: photos; recall; and auroc against the intact photos, if any.

    Args:
        probability: (N,), of damage, one of each photo.
    """
    intact = [index for index, photo in enumerate(photos) if photo.label == 0]
    kinds = defaultdict(list)
    for index, photo in enumerate(photos):
        for kind in photo.kinds:
            kinds[kind].append(index)
    table = {}
    for kind, shown in sorted(kinds.items()):
        truth = torch.tensor([0] * len(intact) + [1] * len(shown))
        auroc = binary_auroc(probability[intact + shown], truth).item() if intact else float("nan")
        recall = (probability[shown] >= threshold).float().mean().item()
        table[kind] = {"photos": len(shown), "recall": recall, "auroc": auroc}
    return table


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
