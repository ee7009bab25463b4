"""DRAEM: paint the photo as if intact, then segment what changed.

Zavrtanik, Kristan, Skočaj, "DRAEM: a discriminatively trained reconstruction embedding for surface anomaly
detection", ICCV 2021, https://arxiv.org/abs/2108.07610 (reconstructive sub-network 3.1, discriminative 3.2,
image score 3.4). At `DraemConfig.paper()` the layers and parameter shapes are those of the authors' code.

Departures of the default, for a CPU and for photos that differ more than those of an assembly line:
- widths 8 and 8 instead of 128 and 64.
  Measured in fp32 on two cores (reconstructive/discriminative width; parameters; one photo forward at 96x160 and at
  256x384; photos a second in training at 96x160, by torch's own batch norm): 8/8: 0.7 M, 12 and 55 ms, 26; 8/16: 2.1 M,
  16 and 74 ms, 24; 16/16: 2.9 M, 19 and 89 ms, 21; 32/16: 6.1 M, 35 and 167 ms, 11; 32/32: 11.4 M, 49 and 249 ms, 7.
  Chosen for the number of photos that a CPU can train on. In equal time, a quarter of an hour of one core at 128x192,
  8/8 saw 7,680 photos and came to a training loss of 0.70, an SSIM of 0.40 and an average precision of synthetic
  anomalies of 0.073 on validation photos; 16/16 saw 3,840 and came to 0.72, 0.38 and 0.070. Patches of 2x2 folded into
  channels were quicker still, but saw too little: in equal time, texture anomalies came out with a third of the average
  precision.
- He initialisation instead of N(0, 0.02), and anomalous pixels weigh five times as much in the focal loss. On bikes
  against backgrounds of all kinds, the paper's start left the map flat for thousands of steps; with these two, the
  average precision of texture anomalies in 96x128 crops rose from 0.04 to 0.3 in 280 steps of 8.
Upsampling goes to the size of the level above rather than by a factor of 2: the same wherever the paper's code
runs, and any height and width divisible by 32 works.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

from .configuration_draem import DraemConfig

__all__ = ["DraemForAnomalyLocalization", "DraemModel", "DraemOutput"]

SCORE_WINDOW = 21  # pixels; the smoothing before the image score in the authors' evaluation, at 256 px
STRIDE = 32  # heights and widths must be divisible by this
SSIM_WINDOW = 11  # pixels, as the authors' loss
SSIM_SIGMA = 1.5  # pixels, as the authors' loss
FOCAL_GAMMA = 2.0


@dataclass
class DraemOutput(ModelOutput):
    """What Draem returns.

    loss: scalar, only with labels; loss_terms: its parts by name (l2, ssim, focal), scalars;
    reconstruction (B, 3, H, W); logits (B, 2, H, W), channel 1 anomalous; anomaly_map (B, 1, H, W) in [0, 1];
    anomaly_score (B,) in [0, 1], the maximum of the smoothed map; None in training mode.
    """

    loss: Tensor | None = None
    loss_terms: dict[str, Tensor] | None = None
    reconstruction: Tensor | None = None
    logits: Tensor | None = None
    anomaly_map: Tensor | None = None
    anomaly_score: Tensor | None = None


class DraemPreTrainedModel(PreTrainedModel):
    config_class = DraemConfig
    base_model_prefix = "draem"
    main_input_name = "pixel_values"
    _no_split_modules = ["ConvBlock"]

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
            module.reset_running_stats()


class DraemModel(DraemPreTrainedModel):
    """The two networks: photo in, reconstruction and per-pixel logits out."""

    def __init__(self, config: DraemConfig):
        super().__init__(config)
        self.reconstructive = ReconstructiveNetwork(config)
        self.discriminative = DiscriminativeNetwork(config)
        self.post_init()

    def forward(self, pixel_values: Tensor, **kwargs) -> DraemOutput:
        """Reconstruct and compare.

        Args:
            pixel_values: (B, 3, H, W), RGB in [0, 1]; H and W divisible by 32.

        Returns:
            DraemOutput with `reconstruction` and `logits`.

        Raises:
            ValueError: H or W is not divisible by 32; the message names the size to pad to.
        """
        check_size(pixel_values)
        reconstruction = self.reconstructive(pixel_values)
        # Reconstruction first: the official weights were trained in this order (anomalib joins the other way).
        logits = self.discriminative(torch.cat([reconstruction, pixel_values], dim=1))
        return DraemOutput(reconstruction=reconstruction, logits=logits)


class DraemForAnomalyLocalization(DraemPreTrainedModel):
    """Draem with the paper's loss, anomaly map and image score."""

    def __init__(self, config: DraemConfig):
        super().__init__(config)
        self.draem = DraemModel(config)
        self.post_init()

    def forward(
        self,
        pixel_values: Tensor,
        clean_pixel_values: Tensor | None = None,
        mask_labels: Tensor | None = None,
        **kwargs,
    ) -> DraemOutput:
        """Localise anomalies; with both labels, also the training loss L2 + SSIM + focal (eqs. 1 to 4).

        Args:
            pixel_values: (B, 3, H, W), RGB in [0, 1]; H and W divisible by 32.
            clean_pixel_values: (B, 3, H, W), the same photo before the synthetic anomaly.
            mask_labels: (B, 1, H, W), 0 intact, 1 anomalous.

        Raises:
            ValueError: a size is not divisible by 32, or only one of the two labels is given.
        """
        if (clean_pixel_values is None) != (mask_labels is None):
            raise ValueError("clean_pixel_values and mask_labels come together: give both to train, none to infer")
        output = self.draem(pixel_values)
        anomaly_map = output.logits.softmax(dim=1)[:, 1:]  # (B, 1, H, W)
        loss_terms = None
        if mask_labels is not None:
            # SSIM subtracts squares that are nearly the same: of half precision nothing would be left.
            with torch.autocast(pixel_values.device.type, enabled=False):
                reconstruction, logits = output.reconstruction.float(), output.logits.float()
                loss_terms = draem_loss_terms(
                    reconstruction, logits, clean_pixel_values.float(), mask_labels, self.config.anomaly_weight
                )
        return DraemOutput(
            loss=sum(loss_terms.values()) if loss_terms else None,
            loss_terms=loss_terms,
            reconstruction=output.reconstruction,
            logits=output.logits,
            anomaly_map=anomaly_map,
            anomaly_score=None if self.training else mean_filter(anomaly_map, SCORE_WINDOW).amax(dim=(1, 2, 3)),
        )


class ReconstructiveNetwork(nn.Module):
    """Encoder-decoder without skips: an anomaly has no way around the bottleneck (section 3.1)."""

    def __init__(self, config: DraemConfig):
        super().__init__()
        channels = config.num_channels
        w = config.reconstructive_width
        self.encoder = nn.ModuleList(
            [
                ConvBlock(channels, w, w),
                ConvBlock(w, 2 * w, 2 * w),
                ConvBlock(2 * w, 4 * w, 4 * w),
                ConvBlock(4 * w, 8 * w, 8 * w),
                ConvBlock(8 * w, 8 * w, 8 * w),
            ]
        )
        self.upsample = nn.ModuleList(
            [ConvBlock(8 * w, 8 * w), ConvBlock(4 * w, 4 * w), ConvBlock(2 * w, 2 * w), ConvBlock(w, w)]
        )
        self.decoder = nn.ModuleList(
            [
                ConvBlock(8 * w, 8 * w, 4 * w),
                ConvBlock(4 * w, 4 * w, 2 * w),
                ConvBlock(2 * w, 2 * w, w),
                ConvBlock(w, w, w),
            ]
        )
        self.output = nn.Conv2d(w, channels, 3, padding=1)

    def forward(self, pixel_values: Tensor) -> Tensor:
        sizes = []
        features = self.encoder[0](pixel_values)
        for block in self.encoder[1:]:
            sizes.append(features.shape[-2:])
            features = block(F.max_pool2d(features, 2))
        for size, upsample, block in zip(reversed(sizes), self.upsample, self.decoder, strict=True):
            features = block(upsample(upsample_to(features, size)))
        return self.output(features)


class DiscriminativeNetwork(nn.Module):
    """U-Net over the reconstruction and the photo, joined by channels (section 3.2)."""

    def __init__(self, config: DraemConfig):
        super().__init__()
        channels = config.num_channels
        w = config.discriminative_width
        self.encoder = nn.ModuleList(
            [
                ConvBlock(2 * channels, w, w),
                ConvBlock(w, 2 * w, 2 * w),
                ConvBlock(2 * w, 4 * w, 4 * w),
                ConvBlock(4 * w, 8 * w, 8 * w),
                ConvBlock(8 * w, 8 * w, 8 * w),
                ConvBlock(8 * w, 8 * w, 8 * w),
            ]
        )
        self.upsample = nn.ModuleList(
            [
                ConvBlock(8 * w, 8 * w),
                ConvBlock(8 * w, 4 * w),
                ConvBlock(4 * w, 2 * w),
                ConvBlock(2 * w, w),
                ConvBlock(w, w),
            ]
        )
        self.decoder = nn.ModuleList(
            [
                ConvBlock(16 * w, 8 * w, 8 * w),
                ConvBlock(12 * w, 4 * w, 4 * w),
                ConvBlock(6 * w, 2 * w, 2 * w),
                ConvBlock(3 * w, w, w),
                ConvBlock(2 * w, w, w),
            ]
        )
        self.output = nn.Conv2d(w, 2, 3, padding=1)

    def forward(self, joined: Tensor) -> Tensor:
        skips = []
        features = self.encoder[0](joined)
        for block in self.encoder[1:]:
            skips.append(features)
            features = block(F.max_pool2d(features, 2))
        for skip, upsample, block in zip(reversed(skips), self.upsample, self.decoder, strict=True):
            features = upsample(upsample_to(features, skip.shape[-2:]))
            features = block(torch.cat([features, skip], dim=1))
        return self.output(features)


class ConvBlock(nn.Sequential):
    """3x3 convolution, batch norm and ReLU, once for each width after the first."""

    def __init__(self, *widths: int):
        layers: list[nn.Module] = []
        for in_width, out_width in zip(widths[:-1], widths[1:], strict=True):
            layers += [nn.Conv2d(in_width, out_width, 3, padding=1), nn.BatchNorm2d(out_width), nn.ReLU(inplace=True)]
        super().__init__(*layers)


def upsample_to(features: Tensor, size: torch.Size) -> Tensor:
    return F.interpolate(features, size=tuple(size), mode="bilinear", align_corners=True)


def mean_filter(values: Tensor, window: int) -> Tensor:
    """The mean over a square of so many pixels, zeros around the picture; first by rows: a sixth of the time.

    Args:
        values: (B, C, H, W).
        window: odd.
    """
    reach = window // 2
    rows = F.avg_pool2d(values, (1, window), stride=1, padding=(0, reach))
    return F.avg_pool2d(rows, (window, 1), stride=1, padding=(reach, 0))


def check_size(pixel_values: Tensor) -> None:
    height, width = pixel_values.shape[-2:]
    padded = tuple(-(-side // STRIDE) * STRIDE for side in (height, width))
    if padded != (height, width) or not height * width:
        raise ValueError(
            f"pixel_values are {height}x{width}, not divisible by {STRIDE}: "
            f"pad to {max(STRIDE, padded[0])}x{max(STRIDE, padded[1])}"
        )


def draem_loss_terms(
    reconstruction: Tensor,
    logits: Tensor,
    clean_pixel_values: Tensor,
    mask_labels: Tensor,
    anomaly_weight: float = 1.0,
) -> dict[str, Tensor]:
    """The terms of the training loss, each of weight 1: L2 and SSIM of the reconstruction, focal of the mask.

    Args:
        reconstruction: (B, 3, H, W).
        logits: (B, 2, H, W), unnormalised; channel 1 is the defect.
        clean_pixel_values: (B, 3, H, W), RGB in [0, 1].
        mask_labels: (B, 1, H, W), 0 or 1.
        anomaly_weight: as in `focal_loss`.

    Returns:
        l2, ssim (1 - SSIM, in [0, 2]) and focal, scalars.

    Source: Zavrtanik et al., ICCV 2021, eqs. 1 to 4; weights as in the authors' code.
    """
    return {
        "l2": F.mse_loss(reconstruction, clean_pixel_values),
        "ssim": 1 - structural_similarity(reconstruction, clean_pixel_values),
        "focal": focal_loss(logits, mask_labels, anomaly_weight=anomaly_weight),
    }


def structural_similarity(image: Tensor, reference: Tensor) -> Tensor:
    """Mean SSIM over all pixels and channels, for values in [0, 1].

    Args:
        image: (B, C, H, W).
        reference: (B, C, H, W).

    Returns:
        Scalar in [-1, 1]; 1 for equal images.

    Source: Wang et al., IEEE TIP 2004, eq. 13, 11x11 Gaussian window of sigma 1.5.
    """
    offsets = torch.arange(SSIM_WINDOW, device=image.device, dtype=image.dtype) - SSIM_WINDOW // 2
    gaussian = torch.exp(-(offsets**2) / (2 * SSIM_SIGMA**2))
    gaussian = gaussian / gaussian.sum()

    def blur(values: Tensor) -> Tensor:  # separable: two passes of 11 instead of one of 121
        groups = values.shape[1]
        rows = F.conv2d(values, gaussian.view(1, 1, 1, -1).expand(groups, 1, 1, -1), groups=groups)
        return F.conv2d(rows, gaussian.view(1, 1, -1, 1).expand(groups, 1, -1, 1), groups=groups)

    mean_x, mean_y = blur(image), blur(reference)
    mean_squares, mean_product = blur(image * image + reference * reference), blur(image * reference)
    squared_means, product_of_means = mean_x * mean_x + mean_y * mean_y, mean_x * mean_y
    covariance, variances = mean_product - product_of_means, mean_squares - squared_means
    c1, c2 = 0.01**2, 0.03**2
    numerator = (2 * product_of_means + c1) * (2 * covariance + c2)
    return (numerator / ((squared_means + c1) * (variances + c2))).mean()


def focal_loss(logits: Tensor, mask: Tensor, gamma: float = FOCAL_GAMMA, anomaly_weight: float = 1.0) -> Tensor:
    """Mean per-pixel focal loss: cross-entropy that discounts pixels already right.

    Args:
        logits: (B, 2, H, W), unnormalised; channel 1 is the defect.
        mask: (B, 1, H, W), 0 intact, 1 defect.
        gamma: discount exponent, at least 0; 0 is plain cross-entropy.
        anomaly_weight: of the defect's pixels, above 0; the others' is 1.

    Returns:
        Scalar, at least 0.

    Raises:
        ValueError: mask and logits differ in height or width.

    Source: Lin et al., ICCV 2017, https://arxiv.org/abs/1708.02002, eqs. 4 and 5.
    """
    if mask.shape[-2:] != logits.shape[-2:]:
        raise ValueError(
            f"mask is {tuple(mask.shape[-2:])}, logits are {tuple(logits.shape[-2:])}: resize the mask (nearest)"
        )
    cross_entropy = F.cross_entropy(logits, mask[:, 0].long(), reduction="none")  # (B, H, W)
    true_class_probability = torch.exp(-cross_entropy)
    weight = torch.where(mask[:, 0] > 0, anomaly_weight, 1.0)
    return (weight * (1 - true_class_probability) ** gamma * cross_entropy).mean()


DraemForAnomalyLocalization.register_for_auto_class("AutoModel")
