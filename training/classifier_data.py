"""Stage 1's examples: a photo on the classifier's canvas, its verdict, its parts and its defect."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset, Sampler, WeightedRandomSampler

from inspection.photo import read_photo
from modeling import BikeImageProcessor
from training.data import Photo
from training.seeding import seeded
from training.views import RandomView, to_canvases

__all__ = ["ClassifierExamples", "balanced_sampler", "read_labels"]

NO_VERDICT, UNKNOWN = -100, 255


class ClassifierExamples(Dataset):
    """Photos as the classifier takes them; backgrounds, photos without a bike, come after the others."""

    def __init__(
        self,
        photos: Sequence[Photo],
        processor: BikeImageProcessor,
        view: RandomView | None = None,
        backgrounds: Sequence[Path] = (),
    ):
        """
        Args:
            view: random view for training; None shows the photo as it is.
            backgrounds: photos without a bike: they have parts (none) but no verdict.
        """
        self.photos, self.processor, self.view, self.backgrounds = photos, processor, view, backgrounds
        self.epoch_seed = 0  # with a photo's index and the draw's number, all that its random view follows from

    def __len__(self) -> int:
        return len(self.photos) + len(self.backgrounds)

    def __getitem__(self, index: int | tuple[int, int]) -> dict[str, torch.Tensor]:
        """pixel_values (3, H, W); labels, -100 for none; part_labels and mask_labels (H, W), 255 where not known.

        Args:
            index: of the photo; in training with the number of the draw in the epoch, which makes the view.
        """
        index, draw = index if isinstance(index, tuple) else (index, 0)
        if index < len(self.photos):
            photo = self.photos[index]
            image, label = read_photo(photo.path), photo.label
            parts = read_labels(photo.parts, image.shape[:2])
            mask = _read_mask(photo, image.shape[:2])
        else:
            image, label = read_photo(self.backgrounds[index - len(self.photos)]), NO_VERDICT
            parts = mask = np.zeros(image.shape[:2], np.uint8)
        canvases, (parts, mask) = to_canvases([image], [parts, mask], self.processor.canvas_size)
        if self.view is None:
            parts, mask = torch.from_numpy(parts), torch.from_numpy(mask)
        else:
            defect = np.where(mask == 1, 1, 0).astype(np.uint8)
            with seeded(self.epoch_seed, index, draw):
                (picture,), (parts, mask), _ = self.view(canvases, [parts, mask], defect)
            canvases = [picture.permute(1, 2, 0).numpy()]
        # Not even around the photo: what is not labelled must not look as if it were.
        if index < len(self.photos):
            parts = parts if photo.parts else torch.full_like(parts, UNKNOWN)
            mask = mask if photo.mask or label == 0 else torch.full_like(mask, UNKNOWN)
        return {
            "pixel_values": self.processor.normalise(canvases)[0],
            "labels": torch.tensor(label),
            "part_labels": parts.long(),
            "mask_labels": mask.long(),
        }


def balanced_sampler(examples: ClassifierExamples, seed: int, count: int | None = None) -> Sampler[int]:
    """Draw intact and damaged photos equally often, and a background for every tenth of them.

    Args:
        count: examples an epoch; None draws as many as there are.
    """
    labels = np.array([photo.label for photo in examples.photos])
    frequencies = np.bincount(labels, minlength=2)
    weights = [*(1 / frequencies[labels]), *[0.2 / max(1, len(examples.backgrounds))] * len(examples.backgrounds)]
    generator = torch.Generator().manual_seed(seed)
    return WeightedRandomSampler(weights, count or len(examples), generator=generator)


def read_labels(path: Path | None, size: tuple[int, int]) -> np.ndarray:
    """Part ids (H, W) uint8; all unknown without a file.

    Raises:
        ValueError: the file is no picture, or of another size than its photo.
    """
    if path is None:
        return np.full(size, UNKNOWN, np.uint8)
    labels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if labels is None:
        raise ValueError(f"{path} is no picture: export it again, as PNG")
    if labels.shape != size:
        found, expected = (f"{width}x{height}" for height, width in (labels.shape, size))
        raise ValueError(f"{path} is {found} but its photo is {expected}: export it at the photo's size")
    return labels


def _read_mask(photo: Photo, size: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8: 1 defect, 0 none; 255 all over for a damaged photo without a mask."""
    if photo.label == 0:
        return np.zeros(size, np.uint8)
    if photo.mask is None:
        return np.full(size, UNKNOWN, np.uint8)
    return (read_labels(photo.mask, size) > 127).astype(np.uint8)
