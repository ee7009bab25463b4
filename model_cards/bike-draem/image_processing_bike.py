"""From photos to pixel_values, for both models: letterbox, scale, normalise; and the geometry to come back by."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from transformers.image_processing_utils import BaseImageProcessor, BatchFeature

from .configuration_checks import refuse_unknown_keys
from .letterbox import Box, Letterbox

__all__ = ["BikeImageProcessor"]

# What transformers writes into preprocessor_config.json beside our own keys.
SAVED_KEYS = frozenset({"image_processor_type", "processor_class", "feature_extractor_type"})


class BikeImageProcessor(BaseImageProcessor):
    """Fits photos into a canvas of fixed size, so that photos of any shape make one batch.

    Args:
        size: {"height", "width"} of the canvas in pixels.
        image_mean: of each channel, on the scale [0, 1].
        image_std: of each channel, on the scale [0, 1].

    Raises:
        ValueError: an unknown key, or a size without height and width.
    """

    model_input_names = ["pixel_values"]

    def __init__(
        self,
        size: dict[str, int] | None = None,
        image_mean: Sequence[float] = (0.5, 0.5, 0.5),
        image_std: Sequence[float] = (0.5, 0.5, 0.5),
        **kwargs,
    ):
        extra_keys = {key: value for key, value in kwargs.items() if key not in SAVED_KEYS}
        refuse_unknown_keys(type(self).__name__, extra_keys, ("size", "image_mean", "image_std"))
        super().__init__(**kwargs)
        size = size or {"height": 384, "width": 512}
        if set(size) != {"height", "width"}:
            raise ValueError(f"size is {size}: expected height and width")
        self.size = dict(size)
        self.image_mean, self.image_std = list(image_mean), list(image_std)

    @property
    def canvas_size(self) -> tuple[int, int]:
        """Height, width of pixel_values."""
        return self.size["height"], self.size["width"]

    def preprocess(self, images, return_tensors: str = "pt", **kwargs) -> BatchFeature:
        """Turn photos into a batch.

        Args:
            images: one photo or a list: PIL images, or (H, W, 3) uint8 RGB arrays.
            return_tensors: "pt" alone is known.

        Returns:
            pixel_values: (B, 3, height, width) float32, normalised.

        Raises:
            ValueError: another return_tensors, or something that is no photo.
        """
        if return_tensors != "pt":
            raise ValueError(f"return_tensors is {return_tensors!r}: only 'pt' is known")
        photos = images if isinstance(images, (list, tuple)) else [images]
        canvases = [self.fit(photo)[0] for photo in map(_as_array, photos)]
        return BatchFeature({"pixel_values": self.normalise(canvases)})

    def fit(self, image: np.ndarray, crop: Box | None = None) -> tuple[np.ndarray, Letterbox]:
        """One photo (H, W, 3) uint8 RGB, or a crop of it, on the canvas (height, width, 3), and how it got there."""
        letterbox = Letterbox.fit(image.shape[:2], self.canvas_size, crop)
        return letterbox.to_canvas(image), letterbox

    def normalise(self, canvases: Sequence[np.ndarray]) -> torch.Tensor:
        """Canvases (height, width, 3) uint8 as pixel_values (B, 3, height, width) float32."""
        pixels = torch.from_numpy(np.stack(canvases)).permute(0, 3, 1, 2).float()
        mean, std = (torch.tensor(values).view(1, -1, 1, 1) * 255 for values in (self.image_mean, self.image_std))
        return (pixels - mean) / std


def _as_array(photo) -> np.ndarray:
    if isinstance(photo, Image.Image):
        return np.asarray(photo.convert("RGB"))
    if isinstance(photo, np.ndarray) and photo.dtype == np.uint8 and photo.ndim == 3 and photo.shape[2] == 3:
        return photo
    found = f"{photo.dtype} of shape {photo.shape}" if isinstance(photo, np.ndarray) else type(photo).__name__
    raise ValueError(f"a photo is {found}: give a PIL image or an (H, W, 3) uint8 RGB array")


BikeImageProcessor.register_for_auto_class("AutoImageProcessor")
