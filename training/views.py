"""What the networks see of a photo in training: a canvas with its labels, turned, lit and worn as phone photos are."""

from collections.abc import Sequence

import numpy as np
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

from modeling import BikeImageProcessor
from modeling.letterbox import Box, Letterbox
from training.jpeg import through_jpeg
from training.occlusion import occlude

__all__ = ["RandomView", "bike_box", "scale_canvas", "smaller_at_first", "to_canvases"]

BAR = 127  # gray of what lies outside the photo, as in Letterbox.to_canvas
KEPT_SHARE = 0.4  # of a defect must stay in the picture, or the view is not turned
UNKNOWN_PART = 255


class RandomView:
    """One random view, the same for every picture and label given together."""

    def __init__(
        self,
        degrees: float = 8.0,
        scale: tuple[float, float] = (0.75, 1.1),
        light: float = 0.3,
        occlusion: float = 0.0,
    ):
        """
        Args:
            degrees: turned by up to this much either way.
            scale: smallest and largest magnification.
            light: brightness and contrast vary by up to this share.
            occlusion: probability that something stands before the bike, behind which all labels are 255, not known.
        """
        self.occlusion = occlusion
        inside = {tv_tensors.Image: BAR, tv_tensors.Mask: 0}
        bilinear = v2.InterpolationMode.BILINEAR
        self.turn = v2.Compose(
            [
                v2.RandomHorizontalFlip(),
                v2.RandomChoice(
                    [
                        v2.RandomAffine(degrees, (0.06, 0.06), scale, shear=4, interpolation=bilinear, fill=inside),
                        v2.RandomPerspective(0.2, p=1.0, interpolation=bilinear, fill=inside),
                        v2.Identity(),
                    ],
                    p=[0.45, 0.2, 0.35],
                ),
            ]
        )
        self.expose = v2.Compose(
            [
                v2.ColorJitter(brightness=light, contrast=light),
                v2.RandomApply([v2.ColorJitter(saturation=0.4, hue=0.03)], p=0.25),
                v2.RandomGrayscale(p=0.03),
                v2.RandomApply([v2.GaussianBlur(5, sigma=(0.3, 1.2))], p=0.15),
                v2.RandomApply([v2.GaussianNoise(sigma=0.03)], p=0.2),
                v2.RandomApply([Jpeg(40, 95)], p=0.4),
            ]
        )

    def __call__(
        self, images: Sequence[np.ndarray], labels: Sequence[np.ndarray], mask: np.ndarray
    ) -> tuple[list[torch.Tensor], list[torch.Tensor], torch.Tensor]:
        """Turn and expose canvases.

        Args:
            images: canvases (H, W, 3) uint8 RGB.
            labels: (H, W) uint8 each, turned with them.
            mask: (H, W) uint8, above 0 on the defect: it must not leave the picture.

        Returns:
            images (3, H, W) uint8, labels (H, W) uint8, mask (H, W) uint8.
        """
        pictures = [tv_tensors.Image(torch.from_numpy(image).permute(2, 0, 1)) for image in images]
        masks = [tv_tensors.Mask(torch.from_numpy(label)) for label in (*labels, mask)]
        turned = self.turn(*pictures, *masks)
        if (turned[-1] > 0).sum() < KEPT_SHARE * (masks[-1] > 0).sum():
            turned = (*pictures, *masks)
        if self.occlusion and torch.rand(()) < self.occlusion:
            turned = occlude(turned, len(images), UNKNOWN_PART, KEPT_SHARE)
        exposed = self.expose(*turned[: len(images)])
        exposed = list(exposed) if len(images) > 1 else [exposed]
        return exposed, list(turned[len(images) : -1]), turned[-1]


class Jpeg(v2.Transform):
    """Compress and decompress; not by torchvision's own encoder, which is on its way out."""

    _transformed_types = (tv_tensors.Image,)

    def __init__(self, worst_quality: int, best_quality: int):
        super().__init__()
        self.worst_quality, self.best_quality = worst_quality, best_quality

    def make_params(self, flat_inputs: list) -> dict:
        return {"quality": int(torch.randint(self.worst_quality, self.best_quality + 1, ()))}

    def transform(self, inpt: tv_tensors.Image, params: dict) -> tv_tensors.Image:
        compressed = through_jpeg(inpt.permute(1, 2, 0).numpy(), params["quality"])
        return tv_tensors.wrap(torch.from_numpy(compressed).permute(2, 0, 1), like=inpt)


def to_canvases(
    images: Sequence[np.ndarray], labels: Sequence[np.ndarray], canvas_size: tuple[int, int], crop: Box | None = None
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Pictures (H, W, 3) and labels (H, W) of one photo, or a crop of it, on canvases of one size."""
    letterbox = Letterbox.fit(images[0].shape[:2], canvas_size, crop)
    return [letterbox.to_canvas(image) for image in images], [letterbox.labels_to_canvas(label) for label in labels]


def bike_box(part_labels: np.ndarray, margin: float) -> Box | None:
    """The box of the bike in part ids (H, W), grown by `margin` of its longer side; None where there is no bike."""
    rows, columns = (
        np.flatnonzero(((part_labels > 0) & (part_labels != UNKNOWN_PART)).any(axis=axis)) for axis in (1, 0)
    )
    if not len(rows):
        return None
    x0, x1, y0, y1 = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    grown = round(margin * max(x1 - x0, y1 - y0))
    height, width = part_labels.shape
    return max(0, int(x0) - grown), max(0, int(y0) - grown), min(width, int(x1) + grown), min(height, int(y1) + grown)


def smaller_at_first(processor: BikeImageProcessor, progress: float, share: float, scale: float) -> BikeImageProcessor:
    """The processor to train with: on a smaller canvas for the first part of the run, which takes a part of the time.

    Args:
        progress: of the run, in [0, 1).
        share: of the run that is small, in [0, 1].
        scale: of the small canvas's sides.
    """
    return processor if progress >= share else scale_canvas(processor, scale)


def scale_canvas(processor: BikeImageProcessor, scale: float, stride: int = 32) -> BikeImageProcessor:
    """The processor with a canvas whose sides are scaled, to multiples of `stride` pixels."""
    height, width = (max(stride, round(scale * side / stride) * stride) for side in processor.canvas_size)
    size = {"height": height, "width": width}
    return BikeImageProcessor(size=size, image_mean=processor.image_mean, image_std=processor.image_std)
