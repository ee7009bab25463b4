"""How good the classifier is: verdicts, parts and the bike's mask by intersection over union."""

import torch
from torch import Tensor
from torch.nn import functional as F
from torchmetrics.functional.classification import binary_confusion_matrix, multiclass_confusion_matrix

from inspection.bike import BIKE_MIN_PROBABILITY
from modeling import BikeClassifierForImageClassification
from modeling.modeling_bike_classifier import IGNORED, label_loss
from training.calibration import region_peak
from training.classifier_data import ClassifierExamples
from training.dilation import grow_bikes
from training.run_model import run_model
from training.verdict_metrics import measure_verdicts

__all__ = ["measure_classifier", "measure_intact_evidence", "measure_logits", "measure_parts"]

BATCH_SIZE = 16


def measure_classifier(
    model: BikeClassifierForImageClassification, examples: ClassifierExamples, device: torch.device
) -> tuple[dict[str, float], Tensor]:
    """Run the model over examples that have a verdict.

    Returns:
        Metrics by name, of parts only where there are labels; and the logits (N, 2) on the CPU, in the examples' order.
    """
    all_logits, all_labels, parts = [], [], _PartOverlap(len(model.config.part_names))
    for batch, output in run_model(model, examples, device, BATCH_SIZE):
        all_logits.append(output.logits.float().cpu())
        all_labels.append(batch["labels"])
        parts.update(output.part_logits, batch["part_labels"])
    logits, labels = torch.cat(all_logits), torch.cat(all_labels)
    return measure_logits(model, logits, labels) | parts.compute(), logits


def measure_parts(
    model: BikeClassifierForImageClassification, examples: ClassifierExamples, device: torch.device
) -> dict[str, float]:
    """bike_iou, and part_mean_iou, of parts and background, over all pixels with labels; {} where there are none."""
    parts = _PartOverlap(len(model.config.part_names))
    for batch, output in run_model(model, examples, device, BATCH_SIZE):
        parts.update(output.part_logits, batch["part_labels"])
    return parts.compute()


def measure_logits(model: BikeClassifierForImageClassification, logits: Tensor, labels: Tensor) -> dict[str, float]:
    """The figures of the verdicts, and the loss, of logits (N, 2) and labels (N,) at the model's threshold."""
    verdicts = measure_verdicts(logits.softmax(dim=1)[:, 1], labels, model.config.damage_threshold)
    return verdicts | {"loss": label_loss(logits, labels, model.config.focal_gamma).item()}


def measure_intact_evidence(
    model: BikeClassifierForImageClassification, examples: ClassifierExamples, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """Of each intact bike the damage logit's peak and median, and the verdict's log-odds, each (N,).

    Photos where no bike is found do not count.

    Args:
        examples: of intact photos.
    """
    measured = []
    for _, output in run_model(model, examples, device, BATCH_SIZE):
        is_bike = (1 - output.part_logits.softmax(dim=1)[:, 0] > BIKE_MIN_PROBABILITY).cpu()
        log_odds = output.logits.float().diff(dim=1)[:, 0].cpu()
        maps = output.damage_logits[:, 0].float().cpu()
        for values, bike, near, odds in zip(maps, is_bike, grow_bikes(is_bike), log_odds, strict=True):
            if bike.any():  # where no bike is found there is no map
                peak = region_peak(values, near, int(bike.sum()))
                measured.append(torch.stack([peak, values[near].median(), odds]))
    peaks, levels, log_odds = torch.stack(measured).unbind(dim=1) if measured else torch.zeros(3, 0)
    return peaks, levels, log_odds


class _PartOverlap:
    """Counts, over batches, which pixels are of which part, by the labels and by the model."""

    def __init__(self, num_parts: int):
        self.confusion = torch.zeros(num_parts, num_parts, dtype=torch.long)
        self.bike = torch.zeros(2, 2, dtype=torch.long)
        self.knows_all = True

    def update(self, part_logits: Tensor, part_labels: Tensor) -> None:
        """Part ids as the inspector draws them, at the labels' size, against the labels (B, H, W)."""
        upsampled = F.interpolate(part_logits.float().cpu(), part_labels.shape[-2:], mode="bilinear")
        labelled = part_labels != IGNORED
        parts, labels = upsampled.argmax(dim=1)[labelled], part_labels[labelled]
        self.bike += binary_confusion_matrix((parts > 0).int(), (labels > 0).int())
        known = labels < len(self.confusion)
        self.knows_all &= bool(known.all())
        self.confusion += multiclass_confusion_matrix(parts[known], labels[known], len(self.confusion))

    def compute(self) -> dict[str, float]:
        """{} where nothing has a label; no part_mean_iou where a label is of a part that the model does not know."""
        if not self.bike.any():
            return {}
        figures = {"bike_iou": _intersection_over_union(self.bike)[1].item()}
        if self.knows_all:
            seen = self.confusion.sum(dim=1) > 0
            figures["part_mean_iou"] = _intersection_over_union(self.confusion)[seen].mean().item()
        return figures


def _intersection_over_union(confusion: Tensor) -> Tensor:
    overlap = confusion.diagonal().double()
    return overlap / (confusion.sum(dim=0) + confusion.sum(dim=1) - overlap).clamp(min=1)
