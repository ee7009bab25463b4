"""BikeClassifier: is the bike in the photo intact or damaged, and which pixels are which part of it?

One pass of an EfficientNet (Tan and Le, ICML 2019, https://arxiv.org/abs/1905.11946) feeds a decoder in the manner
of feature pyramids (Lin et al., CVPR 2017, https://arxiv.org/abs/1612.03144, section 3), which draws the parts and,
as evidence, the damage, at a quarter of the resolution. The verdict rests on the bike alone: features are averaged
over the pixels that the decoder takes for bike, and joined by the strongest evidence of damage on them. So a
background, or the bars of a letterbox, cannot tip it.
"""

from dataclasses import dataclass

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from .configuration_bike_classifier import BikeClassifierConfig

__all__ = ["BikeClassifierForImageClassification", "BikeClassifierOutput"]

IGNORED = 255  # in part_labels and mask_labels: not known
EVIDENCE_SHARES = (0.0005, 0.004, 0.03)  # of the map: a scratch, a saddle, a wheel
OFF_BIKE_LOGIT = -8.0  # evidence off the bike is brought down to this
PART_WEIGHT, DAMAGE_WEIGHT = 1.0, 1.0  # of the terms in the loss; the verdict's is 1


@dataclass
class BikeClassifierOutput(ModelOutput):
    """What BikeClassifier returns.

    loss: scalar, only with labels; loss_terms: its parts by name (label, part, damage), scalars;
    logits (B, 2), of INTACT and DAMAGED, calibrated; part_logits (B, P, H/4, W/4); damage_logits (B, 1, H/4, W/4),
    positive where the damage seems to be; hidden_states: the backbone's features, fine to coarse, if asked for.
    """

    loss: Tensor | None = None
    loss_terms: dict[str, Tensor] | None = None
    logits: Tensor | None = None
    part_logits: Tensor | None = None
    damage_logits: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None


class BikeClassifierForImageClassification(PreTrainedModel):
    config_class = BikeClassifierConfig
    base_model_prefix = "backbone"
    main_input_name = "pixel_values"

    def __init__(self, config: BikeClassifierConfig):
        super().__init__(config)
        self.backbone, channels = create_backbone(config.backbone)
        self.decoder = PyramidDecoder([*channels, self.backbone.num_features], config.decoder_width)
        self.part_head = nn.Conv2d(config.decoder_width, len(config.part_names), 1)
        self.damage_head = nn.Conv2d(config.decoder_width, 1, 1)
        self.classifier = ClassificationHead(config, self.backbone.num_features)
        self.post_init()

    def forward(
        self,
        pixel_values: Tensor,
        labels: Tensor | None = None,
        part_labels: Tensor | None = None,
        mask_labels: Tensor | None = None,
        output_hidden_states: bool | None = None,
        **kwargs,
    ) -> BikeClassifierOutput:
        """Classify photos; with labels of any kind, also the sum of the losses that they allow.

        Args:
            pixel_values: (B, 3, H, W), normalised as the image processor does.
            labels: (B,) class ids, -100 for a photo without a verdict; or (B, 2) probabilities, as mixup makes them.
            part_labels: (B, H, W) part ids, 255 where not known.
            mask_labels: (B, H, W), 1 defect, 0 none, 255 where not known.
            output_hidden_states: also return the backbone's features.
        """
        features, hidden_states = self.forward_features(pixel_values)
        decoded = self.decoder([*hidden_states, features])  # (B, D, H/4, W/4)
        part_logits, damage_logits = self.part_head(decoded), self.damage_head(decoded)
        logits = self.classifier(features, part_logits, damage_logits) / self.config.temperature
        loss_terms = {}
        if labels is not None:
            loss_terms["label"] = label_loss(logits.float(), labels, self.config.focal_gamma)
        if part_labels is not None:
            loss_terms["part"] = PART_WEIGHT * part_loss(part_logits.float(), part_labels)
        if mask_labels is not None:
            loss_terms["damage"] = DAMAGE_WEIGHT * damage_loss(damage_logits.float(), mask_labels)
        return BikeClassifierOutput(
            loss=sum(loss_terms.values()) if loss_terms else None,
            loss_terms=loss_terms or None,
            logits=logits,
            part_logits=part_logits,
            damage_logits=damage_logits,
            hidden_states=tuple(hidden_states) if output_hidden_states else None,
        )

    def forward_features(self, pixel_values: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The backbone's last features (B, C, H/32, W/32) and those of its stages at 1/4, 1/8, 1/16 and 1/32."""
        features, hidden_states = self.backbone.forward_intermediates(pixel_values, indices=[1, 2, 3, 4])
        return features, hidden_states

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        # As timm initialises EfficientNets: normal by fan-out, each group on its own.
        if isinstance(module, nn.Conv2d):
            fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels // module.groups
            nn.init.normal_(module.weight, 0.0, (2.0 / fan_out) ** 0.5)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
            module.reset_running_stats()
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0.0, module.in_features**-0.5)
            nn.init.zeros_(module.bias)


class PyramidDecoder(nn.Module):
    """Coarse features, refined stage by stage down to a quarter of the photo's resolution."""

    def __init__(self, channels: list[int], width: int):
        """
        Args:
            channels: of the features at 1/4, 1/8, 1/16, 1/32 and of the backbone's last, in that order.
        """
        super().__init__()
        # Normalised, or the finest features, by far the largest, drown what the coarse ones know of the whole bike.
        self.lateral = nn.ModuleList(
            [nn.Sequential(nn.Conv2d(count, width, 1, bias=False), nn.BatchNorm2d(width)) for count in channels]
        )
        self.refine = nn.ModuleList([SeparableConv(width) for _ in channels[:-1]])

    def forward(self, features: list[Tensor]) -> Tensor:
        laterals = [lateral(feature) for lateral, feature in zip(self.lateral, features, strict=True)]
        decoded = laterals[-1]
        for lateral, refine in zip(reversed(laterals[:-1]), reversed(self.refine), strict=True):
            if decoded.shape[-2:] != lateral.shape[-2:]:
                decoded = F.interpolate(decoded, size=lateral.shape[-2:], mode="bilinear", align_corners=False)
            decoded = refine(decoded + lateral)
        return decoded


class SeparableConv(nn.Sequential):
    """Depthwise 3x3, then 1x1, with batch norm and ReLU."""

    def __init__(self, width: int):
        super().__init__(
            nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False),
            nn.Conv2d(width, width, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )


class ClassificationHead(nn.Module):
    """Pool over the bike, then dropout, a hidden layer, and the logits of INTACT and DAMAGED."""

    def __init__(self, config: BikeClassifierConfig, num_features: int):
        super().__init__()
        self.dropout = nn.Dropout(config.dropout)
        self.hidden = nn.Linear(num_features + len(EVIDENCE_SHARES), config.hidden_size)
        self.output = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, features: Tensor, part_logits: Tensor, damage_logits: Tensor) -> Tensor:
        # Detached: the verdict must not redraw the parts to suit itself.
        on_bike = 1 - part_logits.detach().softmax(dim=1)[:, :1]  # (B, 1, H/4, W/4)
        weights = F.adaptive_max_pool2d(on_bike, features.shape[-2:]) + 0.01  # a photo without a bike keeps a mean
        pooled = (features * weights).sum(dim=(2, 3)) / weights.sum(dim=(2, 3))  # (B, C)
        # Grown a little: a bent wheel reaches out of where the decoder expects one.
        grown = F.max_pool2d(on_bike, 5, stride=1, padding=2)
        evidence = strongest_evidence(OFF_BIKE_LOGIT + grown * (damage_logits - OFF_BIKE_LOGIT))
        hidden = F.silu(self.hidden(torch.cat([self.dropout(pooled), evidence], dim=1)))
        return self.output(self.dropout(hidden))


def strongest_evidence(damage_logits: Tensor) -> Tensor:
    """(B, len(EVIDENCE_SHARES)): mean of the strongest logits of a map (B, 1, h, w), for damage of several sizes."""
    counts = [max(1, round(share * damage_logits[0].numel())) for share in EVIDENCE_SHARES]
    strongest = damage_logits.flatten(1).topk(max(counts), dim=1).values  # (B, most), descending
    return torch.stack([strongest[:, :count].mean(dim=1) for count in counts], dim=1)


def create_backbone(name: str) -> tuple[nn.Module, list[int]]:
    """A timm model without its classifier, and the channels of its stages at 1/4, 1/8, 1/16 and 1/32.

    Raises:
        ValueError: timm has no such model, or it is not made of five stages up to a stride of 32.
    """
    try:
        backbone = timm.create_model(name, pretrained=False, num_classes=0, global_pool="")
    except RuntimeError as error:
        known = "timm.list_models('*efficientnet*')"
        raise ValueError(f"timm {timm.__version__} has no model {name!r}: see {known}") from error
    reductions = [stage["reduction"] for stage in getattr(backbone, "feature_info", [])]
    if reductions != [2, 4, 8, 16, 32]:
        found = f"backbone {name!r} has stages at {reductions}, expected [2, 4, 8, 16, 32]"
        raise ValueError(f"{found}: use an EfficientNet")
    return backbone, [stage["num_chs"] for stage in backbone.feature_info[1:]]


def label_loss(logits: Tensor, labels: Tensor, gamma: float) -> Tensor:
    """Mean focal loss of the verdict over the photos that have one; 0 where none has.

    Args:
        logits: (B, 2), unnormalised.
        labels: (B,) class ids, -100 for none; or (B, 2) probabilities, zeros for none.
        gamma: discount exponent, at least 0.

    Source: Lin et al., ICCV 2017, https://arxiv.org/abs/1708.02002, eq. 4; for soft labels the mean over the classes.
    """
    if labels.ndim == 1:
        known = labels >= 0
        labels = F.one_hot(labels.clamp(min=0), logits.shape[1]) * known[:, None]
    log_probabilities = logits.log_softmax(dim=1)
    losses = -(labels * (1 - log_probabilities.exp()) ** gamma * log_probabilities).sum(dim=1)
    return losses.sum() / labels.sum().clamp(min=1e-6)


def part_loss(part_logits: Tensor, part_labels: Tensor) -> Tensor:
    """Mean cross-entropy over the known pixels, 0 where none is.

    Args:
        part_logits: (B, P, h, w), unnormalised.
        part_labels: (B, H, W) part ids, 255 where not known; sampled down to h, w.
    """
    labels = F.interpolate(part_labels[:, None].float(), size=part_logits.shape[-2:], mode="nearest")[:, 0].long()
    total = F.cross_entropy(part_logits, labels, ignore_index=IGNORED, reduction="sum")
    return total / (labels != IGNORED).sum().clamp(min=1)


def damage_loss(damage_logits: Tensor, mask_labels: Tensor) -> Tensor:
    """Cross-entropy over the known pixels, plus soft Dice of each photo with a defect; 0 where nothing is known.

    Dice photo by photo, so that a scratch weighs as much as a wheel.

    Args:
        damage_logits: (B, 1, h, w), unnormalised.
        mask_labels: (B, H, W), 1 defect, 0 none, 255 where not known; of each cell the largest counts, so that a
            scratch stays whole.

    Source: Milletari et al., 3DV 2016, https://arxiv.org/abs/1606.04797, section 3 (Dice).
    """
    known = (mask_labels != IGNORED)[:, None].float()  # (B, 1, H, W)
    size = damage_logits.shape[-2:]
    mask = F.adaptive_max_pool2d((mask_labels[:, None] == 1).float(), size)
    known = F.adaptive_max_pool2d(known, size)
    cross_entropy = F.binary_cross_entropy_with_logits(damage_logits, mask, reduction="none") * known
    probability, mask = damage_logits.sigmoid() * known, mask * known
    area = mask.flatten(1).sum(dim=1)  # (B,)
    overlap = (probability * mask).flatten(1).sum(dim=1)
    dice = 1 - (2 * overlap + 1) / (probability.flatten(1).sum(dim=1) + area + 1)
    has_defect = (area > 0).float()
    mean_dice = (dice * has_defect).sum() / has_defect.sum().clamp(min=1)
    return cross_entropy.sum() / known.sum().clamp(min=1) + mean_dice


BikeClassifierForImageClassification.register_for_auto_class("AutoModelForImageClassification")
