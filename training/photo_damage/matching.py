"""Fit a bike into a place: its light, black, sharpness and grain move towards the place's, the grain of both meets."""

from dataclasses import dataclass, field

import cv2
import numpy as np

__all__ = ["Look", "estimate_noise", "match_looks"]

LIGHT_MATCHED = (0.2, 0.5)  # of the difference in brightness: bikes differ from their places anyway
TINT_MATCHED = (0.4, 0.8)  # of the difference in white balance
GAINS = (0.55, 1.12)  # factors on the bike's values, at most: brighter, white parts would vanish
TINTS = (0.85, 1.18)  # of a place's mean colour: what differs more is a coloured wall, not coloured light
MOST_NOISE = 0.015  # of the value range; what measures more is texture
MOST_BLUR = 1.2  # pixels
BLURS = (0.0, 0.45, 0.6, 0.75, 0.9, 1.05, MOST_BLUR)
NOISE_KERNEL = np.float32([[1, -2, 1], [-2, 4, -2], [1, -2, 1]]) / 6  # keeps the deviation of white noise


@dataclass
class Look:
    """What is done to the bike and to the place; as built without arguments nothing."""

    gain: np.ndarray = field(default_factory=lambda: np.ones(3, np.float32))  # (3,) on the bike's RGB
    black: float = 0.0  # what the bike's black becomes
    bike_blur: float = 0.0  # sigmas in pixels
    place_blur: float = 0.0
    bike_noise: np.ndarray | None = None  # (H, W), added to the bike
    place_noise: np.ndarray | None = None

    def fit_bike(self, colour: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The bike's colour (H, W, 3) and alpha (H, W) on the canvas, fitted."""
        fitted = self.black + (1 - self.black) * colour * self.gain
        if self.bike_blur:
            alpha = cv2.GaussianBlur(alpha, (0, 0), self.bike_blur)
            fitted = cv2.GaussianBlur(fitted, (0, 0), self.bike_blur)
        if self.bike_noise is not None:
            fitted = fitted + self.bike_noise[..., None]
        return fitted.astype(np.float32), alpha

    def fit_place(self, place: np.ndarray) -> np.ndarray:
        """The place (H, W, 3), fitted."""
        if self.place_blur:
            place = cv2.GaussianBlur(place, (0, 0), self.place_blur)
        return place if self.place_noise is None else place + self.place_noise[..., None]


def match_looks(
    home: np.ndarray, colour: np.ndarray, alpha: np.ndarray, place: np.ndarray, scale: float, rng: np.random.Generator
) -> Look:
    """How to fit a bike into a place.

    Args:
        home: (h, w, 3) RGB in [0, 1], the plate of the bike's own photo: the light it was taken in.
        colour: (H, W, 3), the bike on the canvas; alpha: (H, W).
        place: (H, W, 3), the canvas.
        scale: the bike's magnification: a smaller picture has less noise.
    """
    gain = _match_light(home, place, rng)
    dark = float(np.quantile(place[::4, ::4].mean(axis=2), 0.02))
    look = Look(gain, black=min(0.06, 0.5 * dark) * float(rng.uniform(0, 1)))
    is_bike = alpha > 0.05
    bike_light, place_light = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in (colour, place))
    over_grey = alpha * bike_light + (1 - alpha) * np.float32(bike_light[is_bike].mean() if is_bike.any() else 0.5)
    look.bike_blur, look.place_blur = _match_sharpness(over_grey, is_bike, place_light, float(rng.uniform(0.6, 1.0)))
    bike_noise = estimate_noise(cv2.cvtColor(home, cv2.COLOR_RGB2GRAY)) * min(1.0, scale)
    look.bike_noise, look.place_noise = _match_noise(bike_noise, estimate_noise(place_light), alpha.shape, rng)
    return look


def estimate_noise(light: np.ndarray) -> float:
    """The deviation of the noise in the flattest quarter of a picture (H, W) float32; texture counts little.

    Source: Immerkaer, "Fast Noise Variance Estimation", CVIU 1996; by a quantile here, which edges move less.
    """
    ripple = np.abs(cv2.filter2D(light, -1, NOISE_KERNEL))[1:-1:2, 1:-1:2]
    quarter_of_gauss = 0.3186  # of |x| lies below this deviation
    return min(MOST_NOISE, float(np.quantile(ripple, 0.25)) / quarter_of_gauss)


def _match_light(home: np.ndarray, place: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(3,) float32, factors on the bike's RGB: a part of the way from its own light to the place's."""
    here, there = (picture[::4, ::4].mean(axis=(0, 1)).clip(0.08, 1) for picture in (home, place))
    brightness = (there.mean() / here.mean()) ** rng.uniform(*LIGHT_MATCHED)
    tint = ((there / there.mean()) / (here / here.mean())).clip(*TINTS) ** rng.uniform(*TINT_MATCHED)
    return (brightness * tint * rng.uniform(0.92, 1.08)).clip(*GAINS).astype(np.float32)


def _match_sharpness(bike: np.ndarray, is_bike: np.ndarray, place: np.ndarray, share: float) -> tuple[float, float]:
    """Sigmas of blur for the bike and for the place: the sharper one is softened, most of the way."""
    if not is_bike.any():
        return 0.0, 0.0
    everywhere = np.ones_like(is_bike)
    bike_detail, place_detail = _measure_detail(bike, is_bike), _measure_detail(place, everywhere)
    if place_detail is None or bike_detail is None:
        return 0.0, 0.0
    sharper, mask, goal = (
        (bike, is_bike, place_detail) if bike_detail > place_detail else (place, everywhere, bike_detail)
    )
    for sigma in BLURS[1:]:
        blurred = cv2.GaussianBlur(sharper, (0, 0), sigma)
        if (_measure_detail(blurred, mask) or 0) <= goal:
            break
    sigma *= share
    sigma = sigma if sigma > 0.3 else 0.0
    return (sigma, 0.0) if bike_detail > place_detail else (0.0, sigma)


def _measure_detail(light: np.ndarray, mask: np.ndarray) -> float | None:
    """The finest detail against the next coarser, which only sharpness changes; None where nothing is to be seen."""
    soft, softer, softest = (cv2.GaussianBlur(light, (0, 0), sigma) for sigma in (0.7, 1.5, 3.0))
    coarse = np.square(softer - softest)[mask].mean()
    return None if coarse < 1e-5 else float(np.sqrt(np.square(light - soft)[mask].mean() / coarse))


def _match_noise(
    bike: float, place: float, shape: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """(H, W) float32 of noise for the cleaner of the two, None for the other; slightly soft, as JPEG leaves it."""
    missing = float(np.sqrt(abs(bike**2 - place**2)))
    if missing < 0.002:
        return None, None
    noise = cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), 0.5)
    noise *= np.float32(missing / noise.std())
    return (noise, None) if bike < place else (None, noise)
