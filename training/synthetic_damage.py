"""Stage 1's photos damaged by stage 2's synthetic anomalies: damage that no editor has thought of.

A classifier knows the kinds of damage it was shown. Textures over the bike and pieces of it moved, warped, gone or
recoloured have no kind, and never come twice, so what they have in common is that they do not belong there.
"""

import torch
from torch import Tensor

from modeling import BikeImageProcessor
from training.anomalies import BIKE_REACH, lay_anomalies
from training.dilation import close, dilate
from training.masks import UNKNOWN
from training.structural_anomalies import FEWEST_PIXELS, VISIBLE, break_structure
from training.textures import draw_textures

__all__ = ["damage_batch"]

INTACT, DAMAGED = 0, 1
STRUCTURAL_SHARE = 0.6  # of the anomalies are made of the photo itself, the others are textures


def damage_batch(
    batch: dict[str, Tensor], probability: float, processor: BikeImageProcessor, generator: torch.Generator
) -> dict[str, Tensor]:
    """Some of the damaged photos replaced by copies of intact ones with an anomaly on the bike.

    Damaged and intact photos are taken in the order in which they come, so that where twins lie side by side the copy
    takes the place of its own damaged twin: the batch keeps its balance and its views. Where no bike is known, or
    nothing would show, the damaged photo stays.

    Args:
        batch: pixel_values (B, 3, H, W), normalised; labels (B,) class ids, -100 for none; part_labels and mask_labels
            (B, H, W), 255 where not known.
        probability: that a damaged photo is to be replaced, in [0, 1].
        generator: on the CPU; the same state gives the same anomalies on every device.
    """
    if not probability:
        return batch
    is_bike = (batch["part_labels"] > 0) & (batch["part_labels"] != UNKNOWN)
    has_bike = is_bike.flatten(1).any(dim=1)
    intact = ((batch["labels"] == INTACT) & has_bike).nonzero()[:, 0]
    damaged = (batch["labels"] == DAMAGED).nonzero()[:, 0]
    count = min(len(intact), len(damaged))
    chosen = (torch.rand(count, generator=generator) < probability).nonzero()[:, 0].to(intact.device)
    if not len(chosen):
        return batch
    intact, damaged = intact[chosen], damaged[chosen]
    mean, std = (
        torch.tensor(values).view(1, 3, 1, 1).to(batch["pixel_values"])
        for values in (processor.image_mean, processor.image_std)
    )
    clean = (batch["pixel_values"][intact] * std + mean).clamp(0, 1)
    photos, masks = _damage(clean, batch["part_labels"][intact, None], is_bike[intact, None], generator)
    shows = masks.flatten(1).sum(dim=1) >= FEWEST_PIXELS
    intact, damaged, photos, masks = (values[shows] for values in (intact, damaged, photos, masks))
    replaced = {name: batch[name].clone() for name in ("pixel_values", "part_labels", "mask_labels")}
    replaced["pixel_values"][damaged] = (photos - mean) / std
    replaced["part_labels"][damaged] = batch["part_labels"][intact]
    # What was not known of the intact photo, as it is hidden, is not known of the damaged one.
    replaced["mask_labels"][damaged] = torch.where(masks[:, 0] > 0, 1, batch["mask_labels"][intact])
    return batch | replaced


def _damage(clean: Tensor, parts: Tensor, is_bike: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Photos (B, 3, H, W) in [0, 1] with an anomaly on the bike, and masks (B, 1, H, W), 0 or 1, where it shows.

    Args:
        parts: (B, 1, H, W) part ids, 255 where not known.
        is_bike: (B, 1, H, W) bool, without what is not known.
    """
    photos, masks = clean.clone(), torch.zeros_like(clean[:, :1])
    is_structural = torch.rand(len(clean), generator=generator) < STRUCTURAL_SHARE
    broken, covered = (which.nonzero()[:, 0].to(clean.device) for which in (is_structural, ~is_structural))
    if len(broken):
        photos[broken], masks[broken] = break_structure(clean[broken], parts[broken], generator)
    if len(covered):
        textures = draw_textures(len(covered), *clean.shape[-2:], generator).to(clean)
        photos[covered], masks[covered] = lay_anomalies(clean[covered], textures, is_bike[covered], generator)
    shows = close((photos - clean).abs().amax(dim=1, keepdim=True) > VISIBLE, 2)
    masks *= dilate(is_bike, BIKE_REACH) & (parts != UNKNOWN) & shows
    return torch.lerp(clean, photos, masks), masks
