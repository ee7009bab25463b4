"""Light: the surroundings as a picture in all directions, one key lamp, and the shadows that bodies throw."""

from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np

from training.synthetic_bikes.depth_maps import DepthMaps
from training.synthetic_bikes.raster import Body
from training.synthetic_bikes.sampling import sample

__all__ = ["BIKE_MIDDLE", "WIDE", "Environment", "KeyLamp", "Shadows"]

SHARPNESS = (2.0, 12.0, 60.0, 400.0)  # cosine-lobe exponents of the blurred copies; then the picture itself
WIDE = 4.0  # degrees; half the width from which on a lamp is wide
BIKE_MIDDLE = np.array([0.1, 0.0, 0.50])


class Environment:
    """What lights and mirrors in the bike from all around."""

    def __init__(self, picture: np.ndarray):
        """
        Args:
            picture: (H, 2 H, 3) linear radiance; column: azimuth from +x to +y; row: from straight up to straight down.
        """
        self.picture = picture.astype(np.float32)
        small = cv2.resize(self.picture, (64, 32), interpolation=cv2.INTER_AREA).reshape(-1, 3)
        self._levels = [(_lobes(exponent) @ small).reshape(32, 64, 3) for exponent in SHARPNESS[:2]]
        wide = np.concatenate([self.picture] * 3, axis=1)
        width = picture.shape[1]
        for exponent in SHARPNESS[2:]:
            sigma = picture.shape[0] / np.pi / np.sqrt(exponent)
            self._levels.append(cv2.GaussianBlur(wide, (0, 0), sigma)[:, width : 2 * width])
        self._levels.append(self.picture)

    def irradiance(self, normals: np.ndarray) -> np.ndarray:
        """Mean radiance (K, 3) over the hemisphere about each normal, weighted by the cosine."""
        return _look_up(self._levels[0], normals)

    def reflection(self, directions: np.ndarray, roughness: np.ndarray) -> np.ndarray:
        """Radiance (K, 3) from each direction, blurred by roughness (K,)."""
        place = np.interp(roughness, [0.03, 0.12, 0.3, 0.55, 1.0], [4, 3, 2, 1, 0])
        low = np.minimum(place.astype(int), 3)
        share = (place - low)[:, None]
        result = np.zeros((len(directions), 3), np.float32)
        for level in range(4):
            here = low == level
            if here.any():
                a, b = (_look_up(self._levels[level + step], directions[here]) for step in (0, 1))
                result[here] = a + (b - a) * share[here]
        return result


@dataclass
class KeyLamp:
    """The main lamp or the sun. direction: unit vector to it; colour: irradiance; spread: degrees of half its width."""

    direction: np.ndarray
    colour: np.ndarray
    spread: float


@dataclass
class Shadows:
    """Which share of the lamps each point sees, from depth maps: some over the key lamp, some over the sky.

    middle, metres: the cube that the maps hold; key_size, sky_size: pixels of a map's side. A wide lamp needs many maps
    and coarse ones, or its soft shadow falls apart into hard ones; for a narrow one few and fine ones do.
    """

    key: KeyLamp
    environment: Environment
    rng: np.random.Generator
    middle: np.ndarray = field(default_factory=lambda: BIKE_MIDDLE)
    metres: float = 2.7
    key_samples: int | None = None
    sky_samples: int = 32
    key_size: int | None = None
    sky_size: int = 256

    def __post_init__(self) -> None:
        is_wide = self.key.spread > WIDE
        self.key_samples = self.key_samples or (36 if is_wide else 12)
        self.key_size = self.key_size or (320 if is_wide else 640)
        self._sky_directions = self._over_sky()
        radiance = self.environment.reflection(self._sky_directions, np.full(self.sky_samples, 0.8)).mean(axis=1)
        # No direction outweighs the others by far, or it throws a hard shadow of its own.
        self._sky_weights = np.clip(radiance, 1e-4, max(1.4 * float(np.median(radiance)), 1e-4))
        self._key = DepthMaps(self._over_lamp(), self.middle, self.metres, self.key_size, self._bias(self.key_size))
        self._sky = DepthMaps(self._sky_directions, self.middle, self.metres, self.sky_size, self._bias(self.sky_size))

    def draw(self, body: Body, chosen: np.ndarray | None = None) -> None:
        """Let the body throw its shadows; only those of its triangles (M,) bool, if chosen."""
        is_shown = ~body.is_hidden if chosen is None else chosen & ~body.is_hidden
        for maps in (self._key, self._sky):
            maps.draw(body.points, body.triangles[is_shown])

    def copy(self) -> "Shadows":
        """Another that starts with the same shadows."""
        twin = copy(self)
        twin._key, twin._sky = self._key.copy(), self._sky.copy()
        return twin

    def key_visibility(self, points: np.ndarray) -> np.ndarray:
        """Share (K,) of the key lamp that each point (K, 3) sees, 0 to 1."""
        return self._key.seen(points, np.ones(self.key_samples))

    def openness(self, points: np.ndarray, normals: np.ndarray) -> np.ndarray:
        """Share (K,) of the sky's light on each surface (K, 3) that reaches it, 0 to 1: ambient occlusion."""
        return self._sky.seen_by(points, normals, self._sky_weights)

    def _bias(self, size: int) -> float:
        return max(0.008, 1.6 * self.metres / size)

    def _over_lamp(self) -> np.ndarray:
        """Directions (D, 3) spread evenly over the lamp's disc (sunflower spiral)."""
        key = self.key.direction
        side = np.cross(key, [0.0, 0.0, 1.0] if abs(key[2]) < 0.99 else [1.0, 0.0, 0.0])
        side /= np.linalg.norm(side)
        other = np.cross(key, side)
        index = np.arange(self.key_samples) + 0.5
        radius = np.tan(np.radians(self.key.spread)) * np.sqrt(index / self.key_samples)
        angle = index * np.pi * (3 - np.sqrt(5)) + self.rng.uniform(0, 6)
        spread = key + radius[:, None] * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * other)
        return spread / np.linalg.norm(spread, axis=1, keepdims=True)

    def _over_sky(self) -> np.ndarray:
        index = np.arange(self.sky_samples) + 0.5
        up = index / self.sky_samples * 0.96 + 0.02
        angle = index * np.pi * (3 - np.sqrt(5)) + self.rng.uniform(0, 6)
        flat = np.sqrt(1 - up**2)
        return np.stack([flat * np.cos(angle), flat * np.sin(angle), up], axis=1)


@lru_cache(maxsize=2)
def _lobes(exponent: float) -> np.ndarray:
    """(2048, 2048) float32: how much each direction of a small environment picture adds to the blur at each other."""
    directions, solid = _sphere(32)
    cosine = np.maximum(directions @ directions.T, 0)
    lobe = (cosine if exponent == 2.0 else cosine**exponent) * solid[None]
    return (lobe / lobe.sum(axis=1, keepdims=True)).astype(np.float32)


def _sphere(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Directions (rows * 2 rows, 3) of an environment picture's pixels, and their solid angles."""
    polar = (np.arange(rows) + 0.5) / rows * np.pi
    azimuth = (np.arange(2 * rows) + 0.5) / (2 * rows) * 2 * np.pi
    polar, azimuth = np.meshgrid(polar, azimuth, indexing="ij")
    directions = np.stack([np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)], axis=2)
    return directions.reshape(-1, 3), (np.sin(polar) * (np.pi / rows) ** 2).ravel()


def _look_up(picture: np.ndarray, directions: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    column = (np.arctan2(directions[:, 1], directions[:, 0]) % (2 * np.pi)) / (2 * np.pi) * width - 0.5
    row = np.arccos(np.clip(directions[:, 2], -1, 1)) / np.pi * height - 0.5
    return sample(picture, column, np.clip(row, 0, height - 1), cv2.BORDER_WRAP)
