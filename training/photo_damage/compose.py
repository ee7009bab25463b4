"""Put the bike back: over its own plate or another place, then through a phone's faults.

Everything random is drawn once for a pair and applied to both twins, so nothing but the damage tells them apart.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from training.photo_damage.layers import Layers

__all__ = ["Camera", "Placement"]

ELSEWHERE_SIZE = (480, 640)  # height and width in pixels of a picture composed over another place


@dataclass
class Placement:
    """Where a bike goes: on which spot of which place, in which light."""

    matrix: np.ndarray  # (2, 3) affine, from pixels of its photo to pixels of the canvas
    place: np.ndarray | None  # (H, W, 3) RGB in [0, 1], as large as the canvas; None: the photo's own plate
    gain: np.ndarray  # (3,) the light of the new place on the bike, around 1
    shadow: float  # opacity of the contact shadow, in [0, 1]
    size: tuple[int, int]  # height, width of the canvas in pixels

    @classmethod
    def at_home(cls, layers: Layers) -> "Placement":
        """Over the photo's own plate, where the bike was."""
        identity = np.eye(2, 3, dtype=np.float32)
        return cls(identity, None, np.ones(3, np.float32), 0.0, layers.alpha.shape)

    @classmethod
    def elsewhere(cls, layers: Layers, place: np.ndarray, rng: np.random.Generator) -> "Placement":
        """Standing in another place at a random size, the whole bike in view.

        Args:
            place: (h, w, 3) float32 RGB in [0, 1]; a random crop of it becomes the canvas.
        """
        height, width = ELSEWHERE_SIZE
        rows, columns = np.nonzero(layers.alpha > 0.3)
        x0, x1, y0, y1 = columns.min(), columns.max(), rows.min(), rows.max()
        fit = min(width / (x1 - x0 + 1), height / (y1 - y0 + 1))
        scale = fit * rng.uniform(0.5, 0.97)
        free_x, free_y = width - scale * (x1 - x0 + 1), height - scale * (y1 - y0 + 1)
        # Bikes stand on the ground: low in the picture more often than high.
        shift = rng.uniform(0, 1) * free_x - scale * x0, rng.beta(3, 2) * free_y - scale * y0
        degrees = np.deg2rad(rng.normal(0, 2))
        cosine, sine = scale * np.cos(degrees), scale * np.sin(degrees)
        matrix = np.array([[cosine, -sine, shift[0]], [sine, cosine, shift[1]]], np.float32)
        cropped = _crop_to(place, ELSEWHERE_SIZE, rng)
        warmth = cropped.mean(axis=(0, 1)) / max(cropped.mean(), 1e-3)
        gain = (0.75 + 0.5 * cropped.mean()) * (0.6 + 0.4 * warmth) * rng.uniform(0.9, 1.15)
        return cls(matrix, cropped, gain.astype(np.float32), float(rng.uniform(0.2, 0.6)), ELSEWHERE_SIZE)

    def picture(self, layers: Layers) -> np.ndarray:
        """(H, W, 3) float32 RGB in [0, 1]: the layers put together in this place."""
        if self.place is None:
            return layers.put_together()
        colour = self._warp(layers.colour, cv2.BORDER_REPLICATE) * self.gain
        alpha = self._warp(layers.alpha, cv2.BORDER_CONSTANT)
        plate = self.place * (1 - self.shadow * self._contact_shadow(alpha))[..., None]
        return replace(layers, colour=colour.clip(0, 1), alpha=alpha, plate=plate).put_together()

    def mask(self, mask: np.ndarray) -> np.ndarray:
        """A mask or part ids (H, W) uint8 in the same place, each pixel one of the values it had."""
        if self.place is None:
            return mask
        return cv2.warpAffine(mask, self.matrix, self.size[::-1], flags=cv2.INTER_NEAREST)

    def _warp(self, picture: np.ndarray, border: int) -> np.ndarray:
        scale = float(np.hypot(*self.matrix[:, 0]))
        if scale < 0.8:  # warpAffine does not average: soften first, as a smaller picture would be
            picture = cv2.GaussianBlur(picture, (0, 0), 0.4 / scale)
        return cv2.warpAffine(picture, self.matrix, self.size[::-1], flags=cv2.INTER_LINEAR, borderMode=border)

    def _contact_shadow(self, alpha: np.ndarray) -> np.ndarray:
        """(H, W) in [0, 1]: the bike's lowest fifth, flattened and blurred, just under it."""
        rows = np.flatnonzero((alpha > 0.3).any(axis=1))
        if not len(rows):
            return np.zeros_like(alpha)
        bottom, tall = int(rows[-1]), int(rows[-1] - rows[0] + 1)
        feet = alpha[max(0, bottom - tall // 5) : bottom + 1].max(axis=0)
        band = np.exp(-(((np.arange(alpha.shape[0]) - bottom) / (0.03 * tall + 1)) ** 2))
        shadow = band[:, None] * feet[None, :]
        return cv2.GaussianBlur(shadow.astype(np.float32), (0, 0), 0.03 * tall + 1)


@dataclass
class Camera:
    """A phone's faults, the same for both twins."""

    exposure: float  # factor on the values, around 1
    white_balance: np.ndarray  # (3,) factors on red, green and blue, around 1
    blur: float  # sigma in pixels; 0: none
    noise: float  # deviation, of the value range
    quality: int  # of the JPEG, 1 to 100
    seed: int  # of the noise

    @classmethod
    def random(cls, rng: np.random.Generator) -> "Camera":
        """A phone as people hold it: mostly mild."""
        return cls(
            exposure=float(np.exp(rng.normal(0, 0.12))),
            white_balance=rng.normal(1, 0.03, 3).astype(np.float32),
            blur=float(rng.choice([0, 0, rng.uniform(0.3, 1.0)])),
            noise=float(rng.choice([0, rng.uniform(0, 0.025)])),
            quality=int(rng.integers(60, 97)),
            seed=int(rng.integers(2**31)),
        )

    def expose(self, picture: np.ndarray) -> np.ndarray:
        """The photo (H, W, 3) uint8 RGB of a picture (H, W, 3) float32 RGB in [0, 1]."""
        exposed = picture * self.exposure * self.white_balance
        if self.blur:
            exposed = cv2.GaussianBlur(exposed, (0, 0), self.blur)
        if self.noise:
            exposed = exposed + self.noise * np.random.default_rng(self.seed).standard_normal(exposed.shape, np.float32)
        return np.round(255 * exposed.clip(0, 1)).astype(np.uint8)


def _crop_to(place: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A random crop of the place that fills the size, magnified at least as much as that takes."""
    height, width = size
    scale = max(height / place.shape[0], width / place.shape[1]) * rng.uniform(1.0, 1.4)
    resized = cv2.resize(place, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    resized = cv2.resize(resized, (max(width, resized.shape[1]), max(height, resized.shape[0])))
    top = rng.integers(resized.shape[0] - height + 1)
    left = rng.integers(resized.shape[1] - width + 1)
    crop = resized[top : top + height, left : left + width]
    return np.ascontiguousarray(crop[:, ::-1] if rng.random() < 0.5 else crop)
