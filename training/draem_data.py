"""Stage 2's examples: an intact bike cropped as the inspector crops it, and what may be done to it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset
from torchvision.transforms import v2

from inspection.bike import CROP_MARGIN
from inspection.photo import read_photo
from modeling import BikeImageProcessor
from training.data import Photo
from training.masks import read_labels, read_mask
from training.seeding import seeded
from training.twins import find_damaged_twins
from training.views import RandomView, bike_box, to_canvases

__all__ = ["DraemExamples", "MaskedExamples"]

TEXTURE_CHANGES = 3  # of TEXTURE_TRANSFORMS, as the authors' code

# The torchvision relatives of the authors' imgaug list.
TEXTURE_TRANSFORMS = (
    v2.ColorJitter(contrast=(0.5, 2.0)),
    v2.ColorJitter(brightness=(0.6, 1.4)),
    v2.ColorJitter(saturation=(0.3, 2.0), hue=0.2),
    v2.RandomAdjustSharpness(3, p=1.0),
    v2.RandomSolarize(128, p=1.0),
    v2.RandomPosterize(4, p=1.0),
    v2.RandomInvert(p=1.0),
    v2.RandomAutocontrast(p=1.0),
    v2.RandomEqualize(p=1.0),
    v2.RandomAffine(45, fill=127),
)


class DraemExamples(Dataset):
    """Intact photos, each with a texture to lay over it or, where there is one, its broken twin."""

    def __init__(
        self,
        photos: Sequence[Photo],
        processor: BikeImageProcessor,
        view: RandomView,
        textures: Sequence[Path],
        twin_probability: float = 0.0,
        damaged: Sequence[Photo] = (),
    ):
        """
        Args:
            photos: of intact bikes; one with part ids is cropped to its bike, another taken whole.
            textures: pictures to lay over them; without any, what is to be laid over is left black, to be drawn later.
            twin_probability: how often the twin that the damage editor made takes the texture's place.
            damaged: photos with masks, among which the twins are looked for.

        Raises:
            ValueError: twins are asked for and there are none, or one is of another size than its photo.
        """
        self.photos, self.processor, self.view, self.textures = photos, processor, view, textures
        self.twin_probability = twin_probability
        self.twins = find_damaged_twins(photos, damaged) if twin_probability else {}
        self.epoch_seed = 0  # with a photo's index and the draw's number, all that is random about it follows from

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, index: int | tuple[int, int]) -> dict[str, torch.Tensor]:
        """clean, other (3, H, W) float in [0, 1]; parts (H, W) ids; mask (H, W) bool; is_twin (): other is the twin.

        Args:
            index: of the photo; in training with the number of the draw in the epoch, which makes the view.
        """
        index, draw = index if isinstance(index, tuple) else (index, 0)
        with seeded(self.epoch_seed, index, draw):
            return self._draw(self.photos[index])

    def _draw(self, photo: Photo) -> dict[str, torch.Tensor]:
        image = read_photo(photo.path)
        parts = read_labels(photo.parts, image.shape[:2]) if photo.parts else np.zeros(image.shape[:2], np.uint8)
        crop = bike_box(parts, CROP_MARGIN * float(torch.empty(()).uniform_(0, 3)))
        twin = self.twins.get(photo.path) if torch.rand(()) < self.twin_probability else None
        images, mask = [image], np.zeros(image.shape[:2], np.uint8)
        if twin is not None:
            images.append(read_photo(twin.path))
            mask = read_mask(twin.mask, image.shape[:2])
        canvases, (parts, mask) = to_canvases(images, [parts, mask], self.processor.canvas_size, crop)
        pictures, (parts, mask), _ = self.view(canvases, [parts, mask], mask)
        pictures = [picture.float() / 255 for picture in pictures]
        return {
            "clean": pictures[0],
            "other": pictures[1] if twin is not None else self._texture(),
            "parts": parts.long(),
            "mask": mask > 0,
            "is_twin": torch.tensor(twin is not None),
        }

    def _texture(self) -> torch.Tensor:
        if not self.textures:
            return torch.zeros(3, *self.processor.canvas_size)
        path = self.textures[int(torch.randint(len(self.textures), ()))]
        texture = torch.from_numpy(read_photo(path)).permute(2, 0, 1)
        texture = v2.RandomResizedCrop(self.processor.canvas_size, (0.3, 1.0), antialias=True)(texture)
        for choice in torch.randperm(len(TEXTURE_TRANSFORMS))[:TEXTURE_CHANGES]:
            texture = TEXTURE_TRANSFORMS[choice](texture)
        return texture.float() / 255


class MaskedExamples(Dataset):
    """Intact photos, and damaged ones with masks, cropped to the bike where its parts are known: to measure on."""

    def __init__(self, photos: Sequence[Photo], processor: BikeImageProcessor):
        self.photos, self.processor = [p for p in photos if p.label == 0 or p.mask], processor

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """pixel_values (3, H, W); mask and bike (H, W) bool, all bike where no parts are known; label ()."""
        photo = self.photos[index]
        image = read_photo(photo.path)
        size = image.shape[:2]
        parts = read_labels(photo.parts, size) if photo.parts else np.ones(size, np.uint8)
        mask = read_mask(photo.mask, size) if photo.mask else np.zeros(size, np.uint8)
        crop = bike_box(np.maximum(parts, mask), CROP_MARGIN)
        canvases, (parts, mask) = to_canvases([image], [parts, mask], self.processor.canvas_size, crop)
        return {
            "pixel_values": self.processor.normalise(canvases)[0],
            "mask": torch.from_numpy(mask) > 0,
            "bike": torch.from_numpy(parts) > 0,
            "label": torch.tensor(photo.label),
        }
