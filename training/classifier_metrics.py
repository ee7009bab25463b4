"""How good the classifier is: verdicts, parts and the bike's mask by intersection over union."""

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchmetrics.functional.classification import binary_confusion_matrix, multiclass_confusion_matrix
from tqdm import tqdm

from modeling import BikeClassifierForImageClassification
from modeling.modeling_bike_classifier import IGNORED, label_loss
from training.calibration import region_peak
from training.classifier_data import ClassifierExamples
from training.verdict_metrics import measure_verdicts

__all__ = ["measure_classifier", "measure_intact_evidence", "measure_logits"]

BATCH_SIZE = 16
BIKE_REACH = 5  # cells of the damage map, 4 pixels each: the bike mask reaches this far around the bike


@torch.no_grad()
def measure_classifier(
    model: BikeClassifierForImageClassification, examples: ClassifierExamples, device: torch.device
) -> tuple[dict[str, float], Tensor]:
    """Run the model over examples that have a verdict.

    Returns:
        Metrics by name, of parts only where there are labels; and the logits (N, 2) on the CPU, in the examples' order.
    """
    was_training = model.training
    model.eval()
    all_logits, all_labels = [], []
    num_parts = len(model.config.part_names)
    confusion = torch.zeros(num_parts, num_parts, dtype=torch.long)
    bike = torch.zeros(2, 2, dtype=torch.long)
    for batch in tqdm(
        DataLoader(examples, BATCH_SIZE, num_workers=1), desc="measure", unit="batch", leave=False, delay=2
    ):
        pixel_values = batch["pixel_values"].to(device, memory_format=torch.channels_last)
        output = model(pixel_values)
        all_logits.append(output.logits.float().cpu())
        all_labels.append(batch["labels"])
        parts, labels = _parts_at_label_size(output.part_logits, batch["part_labels"])
        known = labels != IGNORED
        confusion += multiclass_confusion_matrix(parts[known], labels[known], num_parts)
        bike += binary_confusion_matrix((parts > 0)[known].int(), (labels > 0)[known].int())
    model.train(was_training)
    logits, labels = torch.cat(all_logits), torch.cat(all_labels)
    metrics = measure_logits(model, logits, labels)
    seen = confusion.sum(dim=1) > 0
    if seen.any():  # some photos have part labels
        metrics["part_mean_iou"] = _intersection_over_union(confusion)[seen].mean().item()
        metrics["bike_iou"] = _intersection_over_union(bike)[1].item()
    return metrics, logits


def measure_logits(model: BikeClassifierForImageClassification, logits: Tensor, labels: Tensor) -> dict[str, float]:
    """The figures of the verdicts, and the loss, of logits (N, 2) and labels (N,) at the model's threshold."""
    verdicts = measure_verdicts(logits.softmax(dim=1)[:, 1], labels, model.config.damage_threshold)
    return verdicts | {"loss": label_loss(logits, labels, model.config.focal_gamma).item()}


@torch.no_grad()
def measure_intact_evidence(
    model: BikeClassifierForImageClassification, examples: ClassifierExamples, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """Of each intact bike the damage logit's peak and median, and the verdict's log-odds, each (N,).

    Photos where no bike is found do not count.

    Args:
        examples: of intact photos.
    """
    model.eval()
    measured = []
    for batch in tqdm(DataLoader(examples, BATCH_SIZE, num_workers=1), desc="calibrate", leave=False, delay=2):
        output = model(batch["pixel_values"].to(device, memory_format=torch.channels_last))
        is_bike = (1 - output.part_logits.softmax(dim=1)[:, :1] > 0.5).float()
        grown = F.max_pool2d(is_bike, BIKE_REACH, stride=1, padding=BIKE_REACH // 2) > 0
        log_odds = output.logits.float().diff(dim=1)[:, 0]
        maps = output.damage_logits[:, 0].float().cpu(), grown[:, 0].cpu(), log_odds.cpu()
        measured += [
            torch.stack([region_peak(values, bike), values[bike].median(), odds])
            for values, bike, odds in zip(*maps, strict=True)
            if bike.any()  # where no bike is found there is no map
        ]
    peaks, levels, log_odds = torch.stack(measured).unbind(dim=1) if measured else torch.zeros(3, 0)
    return peaks, levels, log_odds


def _parts_at_label_size(part_logits: Tensor, part_labels: Tensor) -> tuple[Tensor, Tensor]:
    """Part ids (B, H, W) as the inspector draws them, at the labels' size, and the labels."""
    upsampled = torch.nn.functional.interpolate(part_logits.float().cpu(), part_labels.shape[-2:], mode="bilinear")
    return upsampled.argmax(dim=1), part_labels


def _intersection_over_union(confusion: Tensor) -> Tensor:
    overlap = confusion.diagonal().double()
    return overlap / (confusion.sum(dim=0) + confusion.sum(dim=1) - overlap).clamp(min=1)
