"""Stage 1's examples: a photo on the classifier's canvas, its verdict, its parts and its defect."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from inspection.photo import read_photo
from modeling import BikeImageProcessor
from training.close_ups import close_up_window
from training.data import Photo
from training.draws import BalancedDraws
from training.masks import UNKNOWN, read_labels, read_mask
from training.seeding import seeded
from training.twins import find_twins
from training.views import RandomView, to_canvases

__all__ = ["ClassifierExamples", "balanced_draws"]

NO_VERDICT = -100


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
        self.twins = find_twins(photos) if view else {}  # they share a view; to measure, nobody needs them
        self.is_close_up = False  # windows of photos instead of whole ones, without a verdict
        self.epoch_seed = 0  # with a photo's index and the draw's number, all that its random view follows from

    def __len__(self) -> int:
        return len(self.photos) + len(self.backgrounds)

    def __getitem__(self, index: int | tuple[int, int]) -> dict[str, Tensor]:
        """pixel_values (3, H, W); labels, -100 for none; part_labels and mask_labels (H, W), 255 where not known.

        Args:
            index: of the photo; in training with the number of the draw in the epoch, which makes the view: twins with
                one number are seen in one view.
        """
        index, draw = index if isinstance(index, tuple) else (index, 0)
        if index < len(self.photos):
            photo = self.photos[index]
            image, label = read_photo(photo.path), photo.label
            parts = read_labels(photo.parts, image.shape[:2])
            mask = _read_mask(photo, image.shape[:2])
            defect = mask == 1
            if label == 0 and index in self.twins:
                defect = _read_mask(self.photos[self.twins[index]], image.shape[:2]) == 1
        else:
            image, label = read_photo(self.backgrounds[index - len(self.photos)]), NO_VERDICT
            parts = mask = np.zeros(image.shape[:2], np.uint8)
            defect = mask == 1
        with seeded(self.epoch_seed, min(index, self.twins.get(index, index)), draw):
            picture, parts, mask = self._show(image, parts, mask, defect)
        # Not even around the photo: what is not labelled must not look as if it were.
        if index < len(self.photos):
            parts = parts if photo.parts else torch.full_like(parts, UNKNOWN)
            mask = mask if photo.mask or label == 0 else torch.full_like(mask, UNKNOWN)
        return {
            "pixel_values": self.processor.normalise([picture])[0],
            # Of a window nobody knows whether the damage is all in it, and the verdict is about the whole bike.
            "labels": torch.tensor(NO_VERDICT if self.is_close_up else label),
            "part_labels": parts.long(),
            "mask_labels": mask.long(),
        }

    def _show(
        self, image: np.ndarray, parts: np.ndarray, mask: np.ndarray, defect: np.ndarray
    ) -> tuple[np.ndarray, Tensor, Tensor]:
        """The photo, or a window of it, and its labels on the canvas; in training in a random view.

        Args:
            defect: (H, W) bool, of the photo or of its twin: what the view is about, and must not lose.
        """
        canvas_size = self.processor.canvas_size
        window = close_up_window(canvas_size, defect, parts) if self.is_close_up else None
        labels = [parts, mask, defect.astype(np.uint8)]
        (canvas,), (parts, mask, defect) = to_canvases([image], labels, canvas_size, window)
        if self.view is None:
            return canvas, torch.from_numpy(parts), torch.from_numpy(mask)
        (picture,), (parts, mask), _ = self.view([canvas], [parts, mask], defect)
        return picture.permute(1, 2, 0).numpy(), parts, mask


def balanced_draws(examples: ClassifierExamples, draws: int | None = None) -> BalancedDraws:
    """What an epoch draws of the examples.

    Args:
        draws: how many; None draws as many as there are.
    """
    labels = [photo.label for photo in examples.photos]
    return BalancedDraws(labels, examples.twins, len(examples.backgrounds), draws or len(examples), torch.Generator())


def _read_mask(photo: Photo, size: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8: 1 defect, 0 none; 255 all over for a damaged photo without a mask."""
    if photo.label == 0:
        return np.zeros(size, np.uint8)
    if photo.mask is None:
        return np.full(size, UNKNOWN, np.uint8)
    return read_mask(photo.mask, size)
