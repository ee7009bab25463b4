"""What a phone's camera does to light: it meters, balances white, bends, blurs, veils, adds grain and sharpens."""

from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ["CameraFaults", "Metering"]

MIDDLE_GREY = 0.16  # linear; where the meter sets the picture's mean brightness
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True)
class Metering:
    """gain (3,): what the camera multiplies light by; glare (h, w, 3): the metered picture, blurred over wide areas.

    black, white: brightness, encoded, that the phone's own levels make nearly black and nearly white.
    """

    gain: np.ndarray
    glare: np.ndarray
    black: float
    white: float


@dataclass(frozen=True)
class CameraFaults:
    """One camera in one moment. All lengths in pixels are of a picture 480 pixels wide.

    exposure: stops off what the meter says; warmth, tint: of the white balance, as shares; balanced: how much of a
    cast the camera takes out, 0 to 1; levels: how far it spreads the
    brightness, 0 to 1; contrast, saturation: 1 as is; noise: deviation in 1/255 in the middle greys;
    blur: sigma; shake: length and radians of the hand's movement; sharpening: strength of the halo; vignette: share
    lost in the corners; haze: share of veiling light; bend: of straight lines, barrel above 0; quality: of the JPEG.
    """

    exposure: float
    warmth: float
    tint: float
    balanced: float
    levels: float
    contrast: float
    saturation: float
    noise: float
    blur: float
    shake: tuple[float, float]
    sharpening: float
    vignette: float
    haze: float
    bend: float
    quality: int
    seed: int

    @classmethod
    def random(
        cls, rng: np.random.Generator, quality: int | None = None, scene_exposure: float = 0.0, darkness: float = 0.0
    ) -> "CameraFaults":
        """A phone like another; now and then a bad one, or a shaky hand.

        Args:
            quality: of the JPEG; drawn, if None.
            scene_exposure: stops that this scene wants, white walls and snow more, night less.
            darkness: 0 by day, 1 at night: noise and shake grow.
        """
        is_poor = rng.random() < 0.18 + 0.4 * darkness
        is_shaky = rng.random() < 0.15 + 0.25 * darkness
        is_hazy = rng.random() < 0.2
        drawn_quality = rng.integers(40, 76) if rng.random() < 0.35 else rng.integers(76, 96)
        return cls(
            exposure=scene_exposure + float(np.clip(rng.normal(0, 0.38), -1.1, 0.9)),
            warmth=rng.normal(0, 0.05),
            tint=rng.normal(0, 0.016),
            balanced=rng.uniform(0.55, 0.95),
            levels=rng.uniform(0.35, 0.95) * (1 - 0.6 * darkness),
            contrast=rng.uniform(0.95, 1.25),
            saturation=rng.uniform(0.85, 1.3) * (1 - 0.25 * darkness),
            noise=(rng.uniform(2.5, 5.5) if is_poor else rng.uniform(0.3, 1.8)) * (1 + 0.6 * darkness),
            blur=rng.uniform(0.55, 0.95) if is_poor else rng.uniform(0.3, 0.6),
            shake=(rng.uniform(1.2, 3.2) if is_shaky else 0.0, rng.uniform(0, np.pi)),
            sharpening=rng.uniform(0.0, 0.7),
            vignette=rng.uniform(0.0, 0.35),
            haze=rng.uniform(0.03, 0.14) if is_hazy else rng.uniform(0.0, 0.02),
            bend=float(np.clip(rng.normal(0.015, 0.03), -0.05, 0.09)),
            quality=quality or int(drawn_quality),
            seed=int(rng.integers(2**31)),
        )

    def meter(self, radiance: np.ndarray) -> Metering:
        """Measured on one picture (H, W, 3) and used for its twin too, so that they differ in the damage alone."""
        middle = radiance[radiance.shape[0] // 10 :]
        luminance = middle @ LUMINANCE
        usual = max(float(np.median(luminance)), 1e-6)
        brightness = np.exp(np.mean(np.log(np.clip(luminance, 0.01 * usual, 8 * usual))))
        # Strong colours are things, a lawn or a brick wall; pale ones tell the light's colour.
        paleness = np.exp(-(((np.ptp(middle, axis=2) / (middle.max(axis=2) + 1e-6)) / 0.25) ** 2)) + 0.02
        cast = np.average(np.minimum(middle, 4 * brightness), axis=(0, 1), weights=np.repeat(paleness[..., None], 3, 2))
        cast = cast / (cast @ LUMINANCE)
        white = np.array([1 + self.warmth, 1 - self.tint, 1 - self.warmth]) / cast**self.balanced
        gain = white * MIDDLE_GREY * 2.0**self.exposure / brightness
        small = cv2.resize((radiance * gain).astype(np.float32), (48, 36), interpolation=cv2.INTER_AREA)
        brightness = _encode(cv2.resize((radiance * gain).astype(np.float32), (160, 120), interpolation=cv2.INTER_AREA))
        black, white = np.percentile(brightness @ LUMINANCE, [1.0, 99.0])
        return Metering(gain, cv2.GaussianBlur(small, (0, 0), 6.0), float(black), float(white))

    def develop(self, radiance: np.ndarray, metering: Metering) -> np.ndarray:
        """(H, W, 3) linear radiance to uint8 RGB."""
        height, width = radiance.shape[:2]
        scale = width / 480
        light = self._through_lens((radiance * metering.gain).astype(np.float32), metering.glare, scale)
        encoded = self._tone(light, metering)
        encoded = cv2.GaussianBlur(encoded, (0, 0), self.blur * max(scale, 0.5))
        encoded = self._grain(encoded, scale)
        if self.sharpening > 0:
            soft = cv2.GaussianBlur(encoded, (0, 0), 1.0 * max(scale, 0.6))
            encoded = encoded + self.sharpening * np.clip(encoded - soft, -0.12, 0.12)
        return np.clip(encoded * 255 + 0.5, 0, 255).astype(np.uint8)

    def bent(self, picture: np.ndarray, interpolation: int = cv2.INTER_LINEAR) -> np.ndarray:
        """The picture, labels or mask as the lens bends it; nothing from outside comes in."""
        height, width = picture.shape[:2]
        if abs(self.bend) < 1e-4:
            return picture
        y, x = np.mgrid[:height, :width].astype(np.float32)
        x, y = x - (width - 1) / 2, y - (height - 1) / 2
        away = (x**2 + y**2) / ((width / 2) ** 2 + (height / 2) ** 2)
        stretch = 1 + self.bend * away
        # The farthest look-up, a corner or the middle of an edge, stays inside.
        edges = 1 + self.bend * np.array([1.0, width**2, height**2]) / np.array([1.0, *[width**2 + height**2] * 2])
        stretch = stretch / max(float(edges.max()), 1.0)
        columns, rows = x * stretch + (width - 1) / 2, y * stretch + (height - 1) / 2
        return cv2.remap(picture, columns, rows, interpolation, borderMode=cv2.BORDER_REPLICATE)

    def _through_lens(self, light: np.ndarray, glare: np.ndarray, scale: float) -> np.ndarray:
        height, width = light.shape[:2]
        length, angle = self.shake
        if length * scale > 0.5:
            light = cv2.filter2D(light, -1, _streak(length * scale, angle))
        # A bright sky spills over what stands before it.
        light = light + 0.02 * np.clip(cv2.resize(glare, (width, height)) - light, 0, None)
        light = light * (1 - self.haze) + self.haze * 0.8 * glare.mean(axis=(0, 1)).clip(0, 1) + 0.02 * self.haze
        y, x = np.mgrid[:height, :width].astype(np.float32)
        away = np.hypot(x - width / 2, y - height / 2) / np.hypot(width / 2, height / 2)
        return light * (1 - self.vignette * away**2.5)[..., None]

    def _tone(self, light: np.ndarray, metering: Metering) -> np.ndarray:
        """Gamma with a shoulder, so that highlights roll off; then the phone's levels, contrast and saturation."""
        encoded = _encode(light)
        # Darkest to 0.05 and brightest to 0.93, as far as the phone dares.
        spread = np.clip(0.88 / max(metering.white - metering.black, 0.1), 1.0, 2.2) ** self.levels
        middle = metering.black + (0.46 - 0.05) / 0.88 * (metering.white - metering.black)
        middle = self.levels * middle + (1 - self.levels) * 0.46
        encoded = 0.46 + (encoded - middle) * np.float32(spread * self.contrast)
        encoded = np.where(encoded < 0.06, 0.06 * np.exp(np.minimum(encoded - 0.06, 0) / 0.06), encoded)
        encoded = np.where(encoded > 0.85, 0.85 + 0.17 * np.tanh((encoded - 0.85) / 0.17), encoded)
        grey = (encoded @ LUMINANCE)[..., None]
        return (grey + (encoded - grey) * np.float32(self.saturation)).astype(np.float32)

    def _grain(self, encoded: np.ndarray, scale: float) -> np.ndarray:
        """Shot noise, more in the shadows, as the phone's own smoothing leaves it: fine, and blotchy in colour."""
        height, width = encoded.shape[:2]
        rng = np.random.default_rng(self.seed)
        fine = rng.standard_normal((height, width), np.float32)
        fine = 0.6 * fine + 1.1 * cv2.GaussianBlur(fine, (0, 0), 0.8 * max(scale, 0.7))
        blotches = rng.standard_normal((height // 3 + 1, width // 3 + 1, 3), np.float32)
        blotches = cv2.resize(blotches, (width, height), interpolation=cv2.INTER_CUBIC)
        strength = self.noise / 255 * (1.3 - 0.7 * np.clip(encoded @ LUMINANCE, 0, 1))[..., None]
        return encoded + strength * (fine[..., None] + 0.45 * blotches)


def _encode(light: np.ndarray) -> np.ndarray:
    """Linear light to sRGB's gamma, straight up to 0.7, then a shoulder."""
    encoded = cv2.pow(np.maximum(light, 0).astype(np.float32), 1 / 2.2)
    high = encoded > 0.7
    encoded[high] = 0.7 + 0.31 * np.tanh((encoded[high] - 0.7) / 0.31 * 0.85)
    return encoded


def _streak(length: float, angle: float) -> np.ndarray:
    """A kernel: the line that a point draws while the hand moves."""
    reach = int(np.ceil(length / 2)) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    kernel = np.clip(length / 2 + 0.5 - np.abs(along), 0, 1) * np.clip(1 - np.abs(across), 0, 1)
    return kernel / kernel.sum()
