"""Labels that photos lack, as the model that training starts from sees them: what it knows is not unlearned.

Most people's photos say only whether a bike is damaged. Trained on the verdict alone, the backbone would move away from
under the heads that draw the parts and the damage. So a copy of the starting model draws both on each such photo, in
the view that the model in training gets (Lee, "Pseudo-Label", ICML workshop 2013; Li and Hoiem, "Learning without
Forgetting", ECCV 2016, https://arxiv.org/abs/1606.09282).
"""

import copy

import torch
from torch import Tensor
from torch.nn import functional as F

from modeling import BikeClassifierForImageClassification
from modeling.modeling_bike_classifier import IGNORED

__all__ = ["Teacher"]

SURE = 0.7  # probability of a part from which it is taken as a label; below, the pixel says nothing
DAMAGED, SOUND = 0.5, 0.1  # probability of damage from which a pixel is taken for a defect, and up to which for sound


class Teacher:
    """A frozen copy of a trained model, which labels what comes without labels."""

    def __init__(self, model: BikeClassifierForImageClassification):
        self.model = copy.deepcopy(model).eval().requires_grad_(False)

    @torch.no_grad()
    def fill(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The batch with parts and defects drawn on the photos on which none are known; the others are left alone.

        A damaged photo on which the model sees no damage stays without a mask: that it sees none proves nothing.

        Args:
            batch: pixel_values (B, 3, H, W); part_labels and mask_labels (B, H, W), 255 where not known.
        """
        no_parts, no_mask = (
            (batch[name] == IGNORED).flatten(1).all(dim=1) for name in ("part_labels", "mask_labels")
        )  # (B,)
        lacking = no_parts | no_mask
        if not lacking.any():
            return batch
        output = self.model(batch["pixel_values"][lacking])
        size = batch["pixel_values"].shape[-2:]
        parts, mask = (batch[name].clone() for name in ("part_labels", "mask_labels"))
        parts[no_parts] = _to_size(_draw_parts(output.part_logits), size)[no_parts[lacking]]
        mask[no_mask] = _to_size(_draw_defects(output.damage_logits), size)[no_mask[lacking]]
        return batch | {"part_labels": parts, "mask_labels": mask}


def _draw_parts(part_logits: Tensor) -> Tensor:
    """(B, P, h, w) -> (B, h, w), 255 where it is not sure."""
    probability, parts = part_logits.softmax(dim=1).max(dim=1)
    return torch.where(probability >= SURE, parts, IGNORED)


def _draw_defects(damage_logits: Tensor) -> Tensor:
    """(B, 1, h, w) -> (B, h, w): 1 defect, 0 sound, 255 between, and all over where there is no defect."""
    probability = damage_logits[:, 0].sigmoid()
    defect = probability >= DAMAGED
    is_known = (defect | (probability <= SOUND)) & defect.flatten(1).any(dim=1)[:, None, None]
    return torch.where(is_known, defect.long(), IGNORED)


def _to_size(labels: Tensor, size: torch.Size) -> Tensor:
    return F.interpolate(labels[:, None].float(), size=tuple(size), mode="nearest")[:, 0].long()
