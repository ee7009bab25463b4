"""How good verdicts are, and how sure that is. Photos have weights, so that a bootstrap is one multiplication."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torchmetrics.functional.classification import binary_auroc

from training.data import Photo
from training.intervals import BOOTSTRAP_ROUNDS, bikes_of, draw_bikes, mean_interval, percentiles, share_interval

__all__ = [
    "CALIBRATION_BINS",
    "measure_kinds",
    "measure_verdicts",
    "measure_within_bikes",
    "suggest_threshold",
    "verdict_intervals",
]

CALIBRATION_BINS = 15
AT_ONCE = 10_000_000  # weights in memory


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
    weights = np.ones((1, len(labels)))
    return {
        name: float(value[0])
        for name, value in _weigh(probability.numpy(), labels.numpy() == 1, threshold, weights).items()
    }


def verdict_intervals(
    probability: Tensor, labels: Tensor, threshold: float, photos: Sequence[Photo]
) -> dict[str, list[float]]:
    """The 95% interval, low and high, of the figures of `measure_verdicts`; without those that cannot be told.

    Args:
        probability: (N,), as labels and photos.
    """
    scores, damaged, bikes = probability.numpy(), labels.numpy() == 1, bikes_of(photos)
    draws = draw_bikes(bikes)
    rounds = max(1, AT_ONCE // len(scores))
    parts = [
        _weigh(scores, damaged, threshold, draws[start : start + rounds])
        for start in range(0, BOOTSTRAP_ROUNDS, rounds)
    ]
    intervals = {name: percentiles(np.concatenate([part[name] for part in parts])) for name in parts[0]}
    called = scores >= threshold
    shares = {
        "recall": (called[damaged], bikes[damaged]),
        "precision": (damaged[called], bikes[called]),
        "false_alarm_rate": (called[~damaged], bikes[~damaged]),
        "accuracy": (called == damaged, bikes),
    }
    intervals |= {name: share_interval(*share) for name, share in shares.items()}
    return {name: interval for name, interval in intervals.items() if interval}


def _weigh(scores: np.ndarray, damaged: np.ndarray, threshold: float, weights: np.ndarray) -> dict[str, np.ndarray]:
    """The figures of each row of weights, (R,); NaN where a row has a class without weight.

    Args:
        scores: (N,).
        damaged: (N,) bool.
        weights: (R, N), how often each photo counts.
    """
    order = np.argsort(-scores, kind="stable")
    scores, damaged, weights = scores[order], damaged[order], weights[:, order].astype(float)
    total, positives = weights.sum(axis=1), weights[:, damaged].sum(axis=1)
    negatives = np.where((positives > 0) & (positives < total), total - positives, np.nan)
    positives = np.where(np.isnan(negatives), np.nan, positives)
    # Photos of the same score come in together; before the first, nothing is called damaged.
    ends = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    found, alarms = (np.cumsum(weights * is_class, axis=1)[:, ends] for is_class in (damaged, ~damaged))
    right = found / np.maximum(found + alarms, 1)
    steps = np.diff(found, axis=1, prepend=0) / positives[:, None]
    below = np.diff(alarms, axis=1, prepend=0) / negatives[:, None]
    f1 = 2 * found / (found + alarms + positives[:, None])
    called = scores >= threshold
    hits, false = weights[:, called & damaged].sum(axis=1), weights[:, called & ~damaged].sum(axis=1)
    bins = np.minimum((scores * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    excess = (weights * (damaged - scores)) @ np.eye(CALIBRATION_BINS)[bins]
    best = f1.argmax(axis=1)
    return {
        "auroc": (below * (found / positives[:, None] - steps / 2)).sum(axis=1),
        "average_precision": (steps * right).sum(axis=1),
        "recall": hits / positives,
        "precision": hits / np.maximum(hits + false, 1),
        "f1": 2 * hits / (hits + false + positives),
        "false_alarm_rate": false / negatives,
        "accuracy": (hits + negatives - false) / total,
        "best_f1": f1[np.arange(len(f1)), best],
        "best_threshold": scores[ends][best].astype(float),
        "ece": np.abs(excess).sum(axis=1) / total,
    }


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
        table[kind] = {"photos": len(shown), "recall": (probability[shown] >= threshold).float().mean().item()}
        if intact:
            truth = torch.tensor([0] * len(intact) + [1] * len(shown))
            table[kind]["auroc"] = binary_auroc(probability[intact + shown], truth).item()
    return table


def measure_within_bikes(
    probability: Tensor, labels: Tensor, photos: Sequence[Photo]
) -> tuple[dict[str, float], dict[str, list[float]]]:
    """auroc_within_bikes, the mean over the bikes that have photos of both classes, and its interval; {} without any.

    Only of photos that name their bike: two files of one name may be any bikes.
    Above auroc, it says that scores depend on the bike too: some sound bikes get higher ones than broken others.

    Args:
        probability: (N,), of damage, as labels and photos.
    """
    names = [photo.bike_id for photo in photos]
    of_bikes = [torch.tensor([name == bike for name in names]) for bike in sorted({*names} - {""})]
    of_bikes = [of_bike for of_bike in of_bikes if labels[of_bike].unique().numel() == 2]
    if not of_bikes:
        return {}, {}
    values = [binary_auroc(probability[of_bike], labels[of_bike]).item() for of_bike in of_bikes]
    interval = mean_interval(values, np.arange(len(values)))
    name = "auroc_within_bikes"
    return {name: float(np.mean(values))}, {name: interval} if interval else {}


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
