"""Light: the surroundings as a picture in all directions, one key lamp, and the shadows the bike throws."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from training.synthetic_bikes.raster import Camera, Rasteriser
from training.synthetic_bikes.sampling import sample

__all__ = ["BIKE_MIDDLE", "Environment", "KeyLamp", "Shadows"]

SHARPNESS = (2.0, 12.0, 60.0, 400.0)  # cosine-lobe exponents of the blurred copies; then the picture itself
MAP_METRES = 2.7  # side of a shadow map: holds the bike from any direction
BIKE_MIDDLE = np.array([0.1, 0.0, 0.50])


class Environment:
    """What lights and mirrors in the bike from all around."""

    def __init__(self, picture: np.ndarray):
        """
        Args:
            picture: (H, 2 H, 3) linear radiance; column: azimuth from +x to +y; row: from straight up to straight down.
        """
        self.picture = picture.astype(np.float32)
        small = cv2.resize(self.picture, (64, 32), interpolation=cv2.INTER_AREA)
        directions, solid = _sphere(32)
        self._levels = []
        for exponent in SHARPNESS[:2]:
            lobe = np.maximum(directions @ directions.T, 0) ** (1.0 if exponent == 2.0 else exponent) * solid[None]
            blurred = lobe @ small.reshape(-1, 3) / lobe.sum(axis=1, keepdims=True)
            self._levels.append(blurred.reshape(32, 64, 3).astype(np.float32))
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
    """Which lamps each point sees, from depth maps of the bike: some over the key lamp, some over the sky."""

    key: KeyLamp
    environment: Environment
    rng: np.random.Generator
    key_samples: int = 20
    sky_samples: int = 28
    size: int = 768
    _maps: list[tuple[Camera, np.ndarray]] = field(init=False, default_factory=list)

    def draw(self, rasteriser: Rasteriser) -> None:
        """Make the depth maps of the bike now loaded."""
        self._maps = []
        for direction in self._key_directions() + self._sky_directions():
            camera = Camera(BIKE_MIDDLE + 3.0 * direction, BIKE_MIDDLE, height_m=MAP_METRES)
            self._maps.append((camera, rasteriser.depth(camera, self.size)))

    def key_visibility(self, points: np.ndarray) -> np.ndarray:
        """Share (K,) of the key lamp that each point sees, 0 to 1."""
        return np.mean([self._sees(points, *each) for each in self._maps[: self.key_samples]], axis=0)

    def sky_light(self, points: np.ndarray, normals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Irradiance (K, 3), in units of radiance, from the upper half of the surroundings, and the share seen (K,)."""
        seen, whole = np.zeros((len(points), 3)), np.zeros((len(points), 3))
        for camera, depth in self._maps[self.key_samples :]:
            toward = -camera.axes()[2]
            radiance = self.environment.reflection(toward[None], np.array([0.5]))
            light = np.maximum(normals @ toward, 0)[:, None] * radiance * 2 / self.sky_samples
            whole += light
            seen += light * self._sees(points, camera, depth)[:, None]
        return seen, seen.sum(axis=1) / np.maximum(whole.sum(axis=1), 1e-3)

    def _sees(self, points: np.ndarray, camera: Camera, depth: np.ndarray) -> np.ndarray:
        right, up, ahead = camera.axes()
        local = points - camera.position
        scale = self.size / MAP_METRES
        column = np.round(local @ right * scale + self.size / 2 - 0.5).astype(int)
        row = np.round(self.size / 2 - local @ up * scale - 0.5).astype(int)
        is_inside = (column >= 0) & (column < self.size) & (row >= 0) & (row < self.size)
        nearest = depth[np.clip(row, 0, self.size - 1), np.clip(column, 0, self.size - 1)]
        return ~is_inside | (local @ ahead < nearest + 0.012)

    def _key_directions(self) -> list[np.ndarray]:
        """Spread evenly over the lamp's disc (sunflower spiral)."""
        key = self.key.direction
        side = np.cross(key, [0.0, 0.0, 1.0])
        side /= np.linalg.norm(side)
        other = np.cross(key, side)
        index = np.arange(self.key_samples) + 0.5
        radius = np.tan(np.radians(self.key.spread)) * np.sqrt(index / self.key_samples)
        angle = index * np.pi * (3 - np.sqrt(5)) + self.rng.uniform(0, 6)
        spread = key + radius[:, None] * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * other)
        return list(spread / np.linalg.norm(spread, axis=1, keepdims=True))

    def _sky_directions(self) -> list[np.ndarray]:
        index = np.arange(self.sky_samples) + 0.5
        up = index / self.sky_samples * 0.96 + 0.02
        angle = index * np.pi * (3 - np.sqrt(5)) + self.rng.uniform(0, 6)
        flat = np.sqrt(1 - up**2)
        return list(np.stack([flat * np.cos(angle), flat * np.sin(angle), up], axis=1))


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
