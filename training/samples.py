"""What the models do while they learn, as pictures."""

import matplotlib
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from inspection.overlay import COLOUR_MAP
from modeling import BikeImageProcessor
from modeling.modeling_bike_classifier import BikeClassifierOutput
from modeling.modeling_draem import DraemOutput
from training.contact_sheet import draw_contact_sheet, outline

__all__ = ["draw_classifier_sample", "draw_draem_sample"]

MOST_PHOTOS = 8
TILE_WIDTH = 240  # pixels


def draw_classifier_sample(
    inputs: dict[str, Tensor], output: BikeClassifierOutput, processor: BikeImageProcessor
) -> np.ndarray:
    """Each photo of a batch, its verdicts and the bike as drawn; below, the damage that it sees and what is labelled.

    Args:
        inputs: what the model was given: pixel_values (B, 3, H, W), labels (B, 2), mask_labels (B, H, W), and more.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (processor.image_mean, processor.image_std))
    photos = [to_picture(values.float().cpu() * std + mean) for values in inputs["pixel_values"][:MOST_PHOTOS]]
    size = photos[0].shape[:2]
    bikes = output.part_logits.argmax(dim=1, keepdim=True) > 0
    drawn = F.interpolate(bikes.float(), size, mode="nearest")[:, 0].byte().cpu().numpy()
    heats = F.interpolate(output.damage_logits.float().sigmoid(), size, mode="bilinear").cpu()[:, 0].numpy()
    probabilities = output.logits.float().softmax(dim=1)[:, 1].tolist()
    labels = inputs["labels"].tolist()  # zeros: no verdict
    verdicts = [
        f"says {said:.2f}" + (f", is {truth[1]:.2f}" if any(truth) else "")
        for said, truth in zip(probabilities, labels, strict=True)
    ]
    top = [(outline(photo, bike), title) for photo, bike, title in zip(photos, drawn, verdicts, strict=False)]
    seen = [(to_heat(heat), "damage seen") for heat in heats[: len(photos)]]
    masks = (inputs["mask_labels"] == 1).float().cpu().numpy()
    return _draw_rows([top, seen, [(to_heat(mask), "damage labelled") for mask in masks[: len(photos)]]])


def draw_draem_sample(inputs: dict[str, Tensor], output: DraemOutput) -> np.ndarray:
    """A column for each photo of a batch: with its anomaly, the anomaly's mask, the reconstruction, and the map.

    Args:
        inputs: what the model was given: pixel_values and clean_pixel_values (B, 3, H, W), mask_labels (B, 1, H, W).

    Returns:
        (H, W, 3) uint8 RGB.
    """
    rows = [
        [(to_picture(values), "input") for values in inputs["pixel_values"]],
        [(to_heat(mask[0]), "anomaly") for mask in inputs["mask_labels"].float().cpu().numpy()],
        [(to_picture(values), "reconstruction") for values in output.reconstruction],
        [(to_heat(values[0]), "map") for values in output.anomaly_map.float().cpu().numpy()],
    ]
    return _draw_rows([row[:MOST_PHOTOS] for row in rows])


def to_picture(values: Tensor) -> np.ndarray:
    """(3, H, W) in [0, 1], what lies outside cut off, as (H, W, 3) uint8."""
    return (255 * values.float().clamp(0, 1)).round().byte().cpu().permute(1, 2, 0).numpy()


def to_heat(values: np.ndarray) -> np.ndarray:
    """(H, W) in [0, 1] as (H, W, 3) uint8, in the colours of the overlay."""
    return matplotlib.colormaps[COLOUR_MAP](values, bytes=True)[..., :3]


def _draw_rows(rows: list[list[tuple[np.ndarray, str]]]) -> np.ndarray:
    height, width = rows[0][0][0].shape[:2]
    tile_wh = TILE_WIDTH, round(TILE_WIDTH * height / width)
    return draw_contact_sheet([tile for row in rows for tile in row], len(rows[0]), tile_wh)
