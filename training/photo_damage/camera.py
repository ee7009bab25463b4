"""A phone's faults: light, haze, blur, grain, sharpening, changes of size and JPEG history.

Drawn once for a pair and applied to both twins, grain for grain, so nothing but the damage tells them apart.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

from training.jpeg import through_jpeg

__all__ = ["Camera"]

SUBSAMPLINGS = (
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
)
INTERPOLATIONS = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
SHADOW_GRAIN = 0.35  # of the grain of white is left in black: photon noise grows with the root of the light
JPEG_BLOCK = 8  # pixels


@dataclass
class Camera:
    """One phone on one day; as built without arguments it is without faults."""

    exposure: float = 1.0  # factor on the values
    contrast: float = 1.0  # exponent on the values; above 1 the darks get darker
    white_balance: np.ndarray = field(default_factory=lambda: np.ones(3, np.float32))  # (3,) factors on RGB, around 1
    vignette: float = 0.0  # share of the light that the corners lose
    haze: float = 0.0  # share of the picture that a light veil hides
    blur: float = 0.0  # sigma in pixels
    motion: tuple[float, float] = (0.0, 0.0)  # the hand's way during the exposure, x and y in pixels
    noise: float = 0.0  # deviation in white, of the value range
    grain: float = 0.0  # sigma in pixels of what the phone's denoising left of the noise
    sharpening: float = 0.0  # strength of the halo
    shrink: float = 1.0  # the picture was once this much smaller; 1: never
    interpolations: tuple[int, int] = (cv2.INTER_AREA, cv2.INTER_CUBIC)  # of that: down, and up again
    first_jpeg: tuple[int, int, int, int] | None = None  # quality, subsampling, x and y offset of its blocks
    quality: int = 95  # of the JPEG to write, 1 to 100
    seed: int = 0  # of the noise

    @classmethod
    def random(cls, rng: np.random.Generator) -> "Camera":
        """A phone as people hold it: mostly mild."""

        def at_times(chance: float, smallest: float, largest: float) -> float:
            strength = rng.uniform(smallest, largest)  # drawn always, so that each fault draws alike
            return float(strength) if rng.random() < chance else 0.0

        way = at_times(0.15, 1.0, 5.0) * np.exp(1j * rng.uniform(0, np.pi))
        is_shrunk, is_compressed = rng.random(2) < (0.35, 0.6)
        first_jpeg = (
            int(rng.integers(45, 96)),
            int(rng.choice(SUBSAMPLINGS)),
            *(int(v) for v in rng.integers(JPEG_BLOCK, size=2)),
        )
        shrink = float(rng.uniform(0.55, 0.95))
        return cls(
            exposure=float(np.exp(np.clip(rng.normal(0, 0.12), -0.4, 0.4))),
            contrast=float(np.exp(np.clip(rng.normal(0, 0.08), -0.25, 0.25))),
            white_balance=rng.normal(1, 0.03, 3).clip(0.88, 1.12).astype(np.float32),
            vignette=at_times(0.4, 0.03, 0.25),
            haze=at_times(0.15, 0.02, 0.12),
            blur=at_times(0.4, 0.3, 1.1),
            motion=(float(way.real), float(way.imag)),
            noise=at_times(0.65, 0.004, 0.035),
            grain=at_times(0.6, 0.35, 0.9),
            sharpening=at_times(0.4, 0.2, 0.9),
            shrink=shrink if is_shrunk else 1.0,
            interpolations=tuple(int(v) for v in rng.choice(INTERPOLATIONS, 2)),
            first_jpeg=first_jpeg if is_compressed else None,
            quality=int(rng.integers(60, 97)),
            seed=int(rng.integers(2**31)),
        )

    def expose(self, picture: np.ndarray) -> np.ndarray:
        """The photo (H, W, 3) uint8 RGB of a picture (H, W, 3) float32 RGB in [0, 1]; to be written at `quality`."""
        exposed = self._blur(self._light(picture))
        if self.shrink < 1:
            exposed = self._resample(exposed)
        if self.noise:
            exposed = self._add_noise(exposed)
        if self.sharpening:
            exposed = exposed + self.sharpening * (exposed - cv2.GaussianBlur(exposed, (0, 0), 1.2))
        photo = np.round(255 * exposed.clip(0, 1)).astype(np.uint8)
        return photo if self.first_jpeg is None else self._compress(photo)

    def _light(self, picture: np.ndarray) -> np.ndarray:
        lit = picture * (self.exposure * self.white_balance)
        if self.contrast != 1:
            lit = cv2.pow(np.maximum(lit, 0), self.contrast)
        if self.haze:
            lit = lit + self.haze * (np.float32(0.85) - lit)
        if self.vignette:
            rows, columns = (np.linspace(-1, 1, side, dtype=np.float32) ** 2 for side in lit.shape[:2])
            lit = lit * (1 - np.float32(self.vignette / 2) * (rows[:, None] + columns))[..., None]
        return lit.astype(np.float32, copy=False)

    def _blur(self, picture: np.ndarray) -> np.ndarray:
        if self.blur:
            picture = cv2.GaussianBlur(picture, (0, 0), self.blur)
        if any(self.motion):
            picture = cv2.filter2D(picture, -1, _motion_kernel(self.motion))
        return picture

    def _resample(self, picture: np.ndarray) -> np.ndarray:
        down, up = self.interpolations
        small = cv2.resize(picture, None, fx=self.shrink, fy=self.shrink, interpolation=down)
        return cv2.resize(small, picture.shape[1::-1], interpolation=up)

    def _add_noise(self, picture: np.ndarray) -> np.ndarray:
        """Noise that grows with the light; its colour is coarser than its brightness, as a phone leaves it."""
        height, width = picture.shape[:2]
        rng = np.random.default_rng(self.seed)
        brightness = rng.standard_normal((height, width), np.float32)
        colour = rng.standard_normal((height // 2 + 1, width // 2 + 1, 3), np.float32)
        if self.grain:  # blur takes noise away; what is left keeps its strength
            brightness = cv2.GaussianBlur(brightness, (0, 0), self.grain)
            brightness /= brightness.std()
        noise = 0.5 * cv2.resize(colour, (width, height), interpolation=cv2.INTER_LINEAR)
        noise += brightness[..., None]
        light = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).clip(0, 1)
        strength = self.noise * (SHADOW_GRAIN + (1 - SHADOW_GRAIN) * np.sqrt(light))
        return picture + strength[..., None] * noise

    def _compress(self, photo: np.ndarray) -> np.ndarray:
        """Through an earlier JPEG, whose blocks lay elsewhere."""
        quality, subsampling, left, top = self.first_jpeg
        shifted = cv2.copyMakeBorder(photo, top, 0, left, 0, cv2.BORDER_REFLECT)
        compressed = through_jpeg(shifted, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, subsampling)
        return np.ascontiguousarray(compressed[top:, left:])


def _motion_kernel(way: tuple[float, float]) -> np.ndarray:
    """(n, n) float32 that sums to 1: a straight, soft line."""
    length = float(np.hypot(*way))
    side = 2 * int(np.ceil(length / 2)) + 3
    centre = side // 2
    kernel = np.zeros((side, side), np.float32)
    for share in np.linspace(-0.5, 0.5, 4 * side):
        x, y = centre + share * way[0], centre + share * way[1]
        column, row = int(x), int(y)
        right, below = x - column, y - row
        for i, j, weight in (
            (row, column, (1 - right) * (1 - below)),
            (row, column + 1, right * (1 - below)),
            (row + 1, column, (1 - right) * below),
            (row + 1, column + 1, right * below),
        ):
            kernel[i, j] += weight
    return kernel / kernel.sum()
