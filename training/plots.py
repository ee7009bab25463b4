"""Pictures of figures, for people: curves, calibration, confusion, and what was found kind by kind."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import from_numpy
from torchmetrics.functional.classification import binary_precision_recall_curve, binary_roc

from training.files import write_atomically
from training.verdict_metrics import CALIBRATION_BINS as BINS

__all__ = ["plot_history", "plot_kinds", "plot_verdicts"]

BLUE, ORANGE = "#0072B2", "#D55E00"  # Okabe and Ito's: told apart by everyone
ACROSS = 5  # curves in a row
WHOLE = -0.03, 1.03  # an axis of shares: what lies at 0 and at 1 is seen whole


def plot_verdicts(path: Path, probability: np.ndarray, labels: np.ndarray, threshold: float) -> None:
    """ROC, precision over recall, reliability and confusion matrix, as one PNG.

    Args:
        probability: (N,), of damage.
        labels: (N,), 0 intact, 1 damaged.
        threshold: DAMAGED from this probability up; marked on the curves.
    """
    figure = Figure(figsize=(10, 10), layout="constrained")
    roc, precision, reliability, confusion = figure.subplots(2, 2).flat
    scores, truth = from_numpy(np.ascontiguousarray(probability)), from_numpy(np.ascontiguousarray(labels))
    verdicts = probability >= threshold
    found, alarms = verdicts[labels == 1].mean(), verdicts[labels == 0].mean()
    roc.plot(*binary_roc(scores, truth)[:2], color=BLUE)
    _mark(roc, alarms, found, threshold)
    roc.set(title="Found, over false alarms", xlabel="false alarms, of intact", ylabel="found, of damaged")
    right, share_found, _ = binary_precision_recall_curve(scores, truth)
    precision.plot(share_found, right, color=BLUE)
    _mark(precision, found, labels[verdicts].mean() if verdicts.any() else 1.0, threshold)
    precision.set(title="Right, over found", xlabel="found, of damaged", ylabel="right, of those called damaged")
    _draw_reliability(reliability, probability, labels)
    _draw_confusion(confusion, verdicts.astype(int), labels, threshold)
    _save(figure, path)


def plot_history(path: Path, history: Sequence[Mapping[str, float]]) -> None:
    """What was measured after each epoch, a curve a figure, as one PNG.

    Args:
        history: of each epoch its number, the step, and figures by name; what is no number leaves a gap.
    """
    names = [name for name in history[-1] if name not in ("epoch", "step")]
    figure = Figure(figsize=(12, 2.2 * -(-len(names) // ACROSS)), layout="constrained")
    for name, axes in zip(names, figure.subplots(-(-len(names) // ACROSS), ACROSS, squeeze=False).flat, strict=False):
        axes.plot([row["epoch"] for row in history], [row.get(name, np.nan) for row in history], ".-", color=BLUE)
        axes.set_title(name.replace("_", " "), fontsize="medium")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        axes.grid(alpha=0.4)
    for axes in figure.axes[len(names) :]:
        axes.remove()
    figure.supxlabel("epoch", fontsize="medium")
    _save(figure, path)


def plot_kinds(path: Path, recall_by_type: Mapping[str, Mapping[str, float]]) -> None:
    """What share of each kind of damage was found, and marked on the spot, as one PNG.

    Args:
        recall_by_type: photos, recall and, where regions were measured, hit_rate, by kind.
    """
    kinds = sorted(recall_by_type, key=lambda kind: recall_by_type[kind]["recall"])
    figure = Figure(figsize=(8, 1.2 + 0.32 * len(kinds)), layout="constrained")
    axes = figure.subplots()
    rows = np.arange(len(kinds))
    measures = {"found": "recall", "marked": "hit_rate"}
    shown = {label: name for label, name in measures.items() if any(name in row for row in recall_by_type.values())}
    height = 0.8 / len(shown)
    for place, (label, name) in enumerate(shown.items()):
        shift = height * ((len(shown) - 1) / 2 - place)
        shares = [recall_by_type[kind].get(name, np.nan) for kind in kinds]
        for row in np.flatnonzero(np.isnan(shares)):
            axes.text(0.01, row + shift, "no mask to compare with", va="center", fontsize="x-small", color="gray")
        axes.barh(rows + shift, shares, height, color=(BLUE, ORANGE)[place], label=label)
    axes.set_yticks(rows, [f"{kind.replace('_', ' ')} ({recall_by_type[kind]['photos']})" for kind in kinds])
    axes.set(
        xlim=(0, 1),
        ylim=(-0.7, len(kinds) - 0.3),
        xlabel="share of the photos",
        title=f"{' and '.join(shown).capitalize()}, by kind of damage (photos)",
    )
    axes.grid(axis="x", alpha=0.4)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    _save(figure, path)


def _draw_reliability(axes: Axes, probability: np.ndarray, labels: np.ndarray) -> None:
    """The share that is damaged in each bin of the scores, as the calibration error has them, and how many photos."""
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    shown = counts > 0
    mean_score, share = (np.bincount(bins, values, BINS)[shown] / counts[shown] for values in (probability, labels))
    axes.bar((np.arange(BINS) + 0.5) / BINS, counts / counts.sum(), 0.9 / BINS, color=BLUE, alpha=0.2, label="photos")
    axes.plot([0, 1], [0, 1], ":", color="black", label="perfect")
    axes.plot(mean_score, share, "o-", color=BLUE, label="these photos")
    axes.set(title="Reliability", xlabel="score", ylabel="share that is damaged", xlim=WHOLE, ylim=WHOLE)
    axes.grid(alpha=0.4)
    _put_legend_below(axes)


def _draw_confusion(axes: Axes, verdicts: np.ndarray, labels: np.ndarray, threshold: float) -> None:
    counts = np.bincount(2 * labels + verdicts, minlength=4).reshape(2, 2)
    axes.imshow(counts / counts.sum(axis=1, keepdims=True).clip(1), cmap="Blues", vmin=0, vmax=1.3)
    for (row, column), count in np.ndenumerate(counts):
        axes.text(column, row, str(count), ha="center", va="center", fontsize=16)
    axes.set_xticks([0, 1], ["INTACT", "DAMAGED"])
    axes.set_yticks([0, 1], ["intact", "damaged"])
    axes.set(title=f"Verdicts at {threshold:g}", xlabel="verdict", ylabel="is")


def _mark(axes: Axes, x: float, y: float, threshold: float) -> None:
    axes.plot([x], [y], "o", color=ORANGE, label=f"threshold {threshold:g}")
    axes.set(xlim=WHOLE, ylim=WHOLE)
    axes.grid(alpha=0.4)
    _put_legend_below(axes)


def _put_legend_below(axes: Axes) -> None:
    """Where it hides nothing."""
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3, frameon=False)


def _save(figure: Figure, path: Path) -> None:
    content = BytesIO()
    figure.savefig(content, format="png", dpi=110)
    write_atomically(path, content.getvalue())
