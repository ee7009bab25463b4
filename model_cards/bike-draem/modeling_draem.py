"""DRAEM: paint the photo as if intact, then segment what changed.

Zavrtanik, Kristan, Skočaj, "DRAEM: a discriminatively trained reconstruction embedding for surface anomaly
detection", ICCV 2021, https://arxiv.org/abs/2108.07610 (reconstructive sub-network 3.1, discriminative 3.2,
image score 3.4). At `DraemConfig.paper()` the layers and parameter shapes are those of the authors' code.

Departures of the default, for a CPU:
- `patch_size` 2: both networks work on 2x2 pixels folded into channels, so every level runs at half the
  resolution and a quarter of the cost, and a pixel shuffle restores the full resolution.
- widths 16 and 24 instead of 128 and 64.
  Measured at 256x384, fp32, on two cores (reconstructive/discriminative width, patch; parameters; one photo forward;
  photos a second in training): 32/16, 1: 6.1 M, 172 ms, 1.2; 48/32, 2: 16.8 M, 140 ms, 2.9; 32/32, 2: 11.4 M, 83 ms,
  4.1; 64/64, 4: 45.8 M, 95 ms, 4.1; 16/32, 2: 8.2 M, 60 ms, 5.6; 16/24, 2: 5.1 M, 52 ms, 6.8. Chosen for speed, and
  for 20 MB of weights; how accuracy moves with width is yet to be compared. bf16 made training slower here.
Upsampling goes to the size of the level above rather than by a factor of 2: the same wherever the paper's code
runs, and any height and width divisible by 32 works at every patch size, from 32 patches up.
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
    anomaly_score (B,) in [0, 1], the maximum of the smoothed map.
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
        # The authors' initialisation: N(0, 0.02) for convolutions, N(1, 0.02) for batch norm.
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight, 0.0, 0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
            nn.init.zeros_(module.bias)
            module.reset_running_stats()


class DraemModel(DraemPreTrainedModel):
    """The two networks: photo in, reconstruction and per-pixel logits out."""

    def __init__(self, config: DraemConfig):
        super().__init__(config)
        self.fold = nn.PixelUnshuffle(config.patch_size)
        self.reconstructive = ReconstructiveNetwork(config)
        self.discriminative = DiscriminativeNetwork(config)
        self.unfold = nn.PixelShuffle(config.patch_size)
        self.post_init()

    def forward(self, pixel_values: Tensor, **kwargs) -> DraemOutput:
        """Reconstruct and compare.

        Args:
            pixel_values: (B, 3, H, W), RGB in [0, 1]; H and W divisible by 32.

        Returns:
            DraemOutput with `reconstruction` and `logits`.

        Raises:
            ValueError: H or W is not divisible by 32, or too small; the message names the size to pad to.
        """
        check_size(pixel_values, self.config.patch_size)
        folded = self.fold(pixel_values)
        folded_reconstruction = self.reconstructive(folded)
        # Reconstruction first: the official weights were trained in this order (anomalib joins the other way).
        folded_logits = self.discriminative(torch.cat([folded_reconstruction, folded], dim=1))
        return DraemOutput(reconstruction=self.unfold(folded_reconstruction), logits=self.unfold(folded_logits))


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
        smoothed = F.avg_pool2d(anomaly_map, SCORE_WINDOW, stride=1, padding=SCORE_WINDOW // 2)
        loss_terms = None
        if mask_labels is not None:
            loss_terms = draem_loss_terms(output.reconstruction, output.logits, clean_pixel_values, mask_labels)
        return DraemOutput(
            loss=sum(loss_terms.values()) if loss_terms else None,
            loss_terms=loss_terms,
            reconstruction=output.reconstruction,
            logits=output.logits,
            anomaly_map=anomaly_map,
            anomaly_score=smoothed.amax(dim=(1, 2, 3)),
        )


class ReconstructiveNetwork(nn.Module):
    """Encoder-decoder without skips: an anomaly has no way around the bottleneck (section 3.1)."""

    def __init__(self, config: DraemConfig):
        super().__init__()
        channels = config.num_channels * config.patch_size**2
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

    def forward(self, folded: Tensor) -> Tensor:
        sizes = []
        features = self.encoder[0](folded)
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
        channels = config.num_channels * config.patch_size**2
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
        self.output = nn.Conv2d(w, 2 * config.patch_size**2, 3, padding=1)

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


def check_size(pixel_values: Tensor, patch_size: int) -> None:
    height, width = pixel_values.shape[-2:]
    smallest = STRIDE * patch_size  # below, the deepest level would have no pixel left
    padded = tuple(max(smallest, -(-side // STRIDE) * STRIDE) for side in (height, width))
    if padded != (height, width):
        raise ValueError(
            f"pixel_values are {height}x{width}, not divisible by {STRIDE} or below {smallest} a side: "
            f"pad to {padded[0]}x{padded[1]}"
        )


def draem_loss_terms(
    reconstruction: Tensor, logits: Tensor, clean_pixel_values: Tensor, mask_labels: Tensor
) -> dict[str, Tensor]:
    """The terms of the training loss, each of weight 1: L2 and SSIM of the reconstruction, focal of the mask.

    Args:
        reconstruction: (B, 3, H, W).
        logits: (B, 2, H, W), unnormalised; channel 1 is the defect.
        clean_pixel_values: (B, 3, H, W), RGB in [0, 1].
        mask_labels: (B, 1, H, W), 0 or 1.

    Returns:
        l2, ssim (1 - SSIM, in [0, 2]) and focal, scalars.

    Source: Zavrtanik et al., ICCV 2021, eqs. 1 to 4; weights as in the authors' code.
    """
    return {
        "l2": F.mse_loss(reconstruction, clean_pixel_values),
        "ssim": 1 - structural_similarity(reconstruction, clean_pixel_values),
        "focal": focal_loss(logits, mask_labels),
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
    channels = image.shape[1]
    offsets = torch.arange(SSIM_WINDOW, device=image.device, dtype=image.dtype) - SSIM_WINDOW // 2
    gaussian = torch.exp(-(offsets**2) / (2 * SSIM_SIGMA**2))
    gaussian = gaussian / gaussian.sum()

    def blur(values: Tensor) -> Tensor:  # separable: two passes of 11 instead of one of 121
        groups = values.shape[1]
        rows = F.conv2d(values, gaussian.view(1, 1, 1, -1).expand(groups, 1, 1, -1), groups=groups)
        return F.conv2d(rows, gaussian.view(1, 1, -1, 1).expand(groups, 1, -1, 1), groups=groups)

    moments = blur(torch.cat([image, reference, image * image, reference * reference, image * reference], dim=1))
    mean_x, mean_y, mean_xx, mean_yy, mean_xy = moments.split(channels, dim=1)
    variance_x, variance_y = mean_xx - mean_x**2, mean_yy - mean_y**2
    covariance = mean_xy - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    contrast_structure = (2 * covariance + c2) / (variance_x + variance_y + c2)
    return (luminance * contrast_structure).mean()


def focal_loss(logits: Tensor, mask: Tensor, gamma: float = FOCAL_GAMMA) -> Tensor:
    """Mean per-pixel focal loss: cross-entropy that discounts pixels already right.

    Args:
        logits: (B, 2, H, W), unnormalised; channel 1 is the defect.
        mask: (B, 1, H, W), 0 intact, 1 defect.
        gamma: discount exponent, at least 0; 0 is plain cross-entropy.

    Returns:
        Scalar, at least 0.

    Raises:
        ValueError: mask and logits differ in height or width.

    Source: Lin et al., ICCV 2017, https://arxiv.org/abs/1708.02002, eq. 4.
    """
    if mask.shape[-2:] != logits.shape[-2:]:
        raise ValueError(
            f"mask is {tuple(mask.shape[-2:])}, logits are {tuple(logits.shape[-2:])}: resize the mask (nearest)"
        )
    cross_entropy = F.cross_entropy(logits, mask[:, 0].long(), reduction="none")  # (B, H, W)
    true_class_probability = torch.exp(-cross_entropy)
    return ((1 - true_class_probability) ** gamma * cross_entropy).mean()


DraemForAnomalyLocalization.register_for_auto_class("AutoModel")
