"""Light from all around as pictures of the surroundings, the sun at any hour, and the view far behind the bike."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from training.synthetic_bikes.lighting import Environment, KeyLamp
from training.synthetic_bikes.noise import Pattern, noise_2d

__all__ = ["Daylight", "angles_of", "direction", "far_view", "panel", "random_daylight", "surroundings"]

ROWS = 96  # of the pictures of the surroundings
Radiance = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Daylight:
    """sun: unit vector to it; colour: its irradiance; spread: degrees of half its width; zenith, horizon: sky."""

    sun: np.ndarray
    colour: np.ndarray
    spread: float
    zenith: np.ndarray
    horizon: np.ndarray

    @property
    def lamp(self) -> KeyLamp:
        return KeyLamp(self.sun, self.colour, self.spread)


def random_daylight(rng: np.random.Generator, side: float) -> Daylight:
    """Overcast, hazy or clear, from low sun to noon; the sun never straight behind the wall.

    Args:
        side: where the camera stands, +1 or -1 along y.
    """
    azimuth = np.arctan2(side, 0.0) + rng.uniform(-1.35, 1.35)
    kind = str(rng.choice(["clear", "hazy", "overcast"], p=[0.35, 0.25, 0.4]))
    elevation = np.radians(rng.uniform(14, 62))
    low = np.clip((0.65 - elevation) / 0.5, 0, 1)  # 1 as the sun sets
    warm = np.array([1.0, 0.93 - 0.20 * low, 0.82 - 0.38 * low])
    if kind == "clear":
        strength, spread, zenith, horizon = rng.uniform(1.3, 2.1), 0.4, (0.34, 0.45, 0.66), (0.75, 0.81, 0.89)
    elif kind == "hazy":
        strength, spread, zenith, horizon = rng.uniform(0.5, 1.1), 2.5, (0.60, 0.70, 0.85), (0.90, 0.93, 0.96)
    else:
        strength, spread, zenith, horizon = rng.uniform(0.0, 0.22), 20.0, (0.95, 0.98, 1.02), (0.72, 0.75, 0.79)
    dim = 1 - 0.35 * low
    return Daylight(
        direction(elevation, azimuth), warm * strength, spread, np.array(zenith) * dim, np.array(horizon) * dim
    )


def surroundings(
    rng: np.random.Generator, light: Daylight, side: float, ground: np.ndarray, wall: np.ndarray | None
) -> Environment:
    """What the bike mirrors: sky, far roofs and trees, the ground, and the wall behind it if there is one.

    Args:
        ground, wall: mean albedo (3,).
    """
    elevation, azimuth = angles_of(ROWS)
    height = np.clip(np.sin(elevation), 0, 1)[..., None]
    picture = light.horizon + (light.zenith - light.horizon) * np.sqrt(height)
    picture = picture + np.clip(noise_2d(elevation.shape, 30, rng, 4) - 0.4, 0, 1)[..., None] * 0.3
    around = np.stack([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)], 2)
    glow = np.maximum(around @ light.sun, 0)
    picture += (0.6 * glow**10 + 8.0 * glow**400)[..., None] * light.colour * (light.spread < 5)
    mean = light.zenith * 0.5 + light.horizon * 0.5 + light.colour * 0.3
    profile = rng.uniform(0.15, 0.5) + 0.12 * noise_2d((1, elevation.shape[1]), 12, rng, 3)[0]
    far = np.array([0.17, 0.165, 0.15]) * mean * (1 + 0.4 * noise_2d(elevation.shape, 5, rng, 3))[..., None]
    picture = np.where((elevation < profile[None])[..., None], np.maximum(far, 0.01), picture)
    if wall is not None:
        behind = -side * np.sin(azimuth)
        picture = np.where(((elevation < 0.9) & (behind > 0.3))[..., None], wall * mean * 0.6, picture)
    lit = ground * (mean * 0.8 + light.colour * light.sun[2])
    picture = np.where(
        (elevation < 0)[..., None], lit * (1 + 0.15 * noise_2d(elevation.shape, 8, rng, 3))[..., None], picture
    )
    return Environment(cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 0.6))


def far_view(rng: np.random.Generator, light: Daylight, kind: str) -> Radiance:
    """Beyond the last wall: trees, houses or open country before the sky, a little out of focus and hazy.

    Args:
        kind: "trees", "houses" or "open".
    """
    crowns, leaves, gaps, clouds = (
        Pattern(rng, 0.35, 4),
        Pattern(rng, 0.012, 3),
        Pattern(rng, 0.05, 3),
        Pattern(rng, 0.5, 5),
    )
    base, mean = rng.uniform(0.10, 0.35), light.zenith * 0.5 + light.horizon * 0.5 + light.colour * 0.35
    if kind == "open":
        base = rng.uniform(0.01, 0.05)
    tint = np.array([(0.050, 0.065, 0.028), (0.075, 0.080, 0.035), (0.085, 0.065, 0.040)][rng.integers(3)])
    walls = rng.uniform(0.08, 0.45, (31, 1)) * np.array([1.0, 0.93, 0.84]) * rng.uniform(0.85, 1.1, (31, 3))
    tops, wide = rng.uniform(0.25, 0.7, 31), rng.uniform(0.25, 0.5)

    def radiance(directions: np.ndarray) -> np.ndarray:
        azimuth = np.arctan2(directions[:, 1], directions[:, 0])
        # Distance unrolls into height: near the horizon things are small.
        up = directions[:, 2] / np.maximum(np.hypot(directions[:, 0], directions[:, 1]), 1e-3)
        sky = light.horizon + (light.zenith - light.horizon) * np.sqrt(np.clip(up, 0, 1))[:, None]
        sky = sky + 0.22 * np.clip(clouds(azimuth, up * 2.5), 0, 1)[:, None]
        if kind == "houses":
            index = np.floor(azimuth / wide).astype(int) % 31
            colour = _facade(azimuth / wide, up, walls[index] * (1 + 0.06 * crowns(azimuth, up))[:, None], tops[index])
            solid = np.clip((tops[index] - up) / 0.004, 0, 1)
        else:
            edge = base * (1 + 0.5 * crowns(azimuth, np.zeros_like(azimuth)))
            edge = edge + 0.010 * gaps(azimuth, up) + 0.010 * leaves(azimuth, up)
            colour = tint * np.exp(0.45 * leaves(azimuth, up) + 0.5 * gaps(azimuth, up))[:, None]
            thin = 0.6 * gaps(azimuth + 9.0, up) + 0.8 * leaves(azimuth + 5.0, up) - 3.9 + 1.5 * up / max(base, 0.1)
            holes = np.clip(thin * 1.5, 0, 0.9)
            solid = np.clip((edge - up) / 0.012, 0, 1) * (1 - holes)
        colour = colour * mean + 0.06 * light.horizon  # the air between
        return sky + (colour - sky) * solid[:, None]

    return radiance


def _facade(across: np.ndarray, up: np.ndarray, wall: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Albedo (K, 3) of a row of houses: windows in pale frames, some with curtains, doors below, a roof above.

    Args:
        across: in houses (K,); up: tangent of the elevation; wall: albedo (K, 3); top: where each house ends, as `up`.
    """
    house, storey = np.floor(across).astype(int), np.where(np.floor(across).astype(int) % 3 == 0, 0.085, 0.105)
    columns, level = 3 + house % 3, np.floor(up / storey).astype(int)
    place = np.abs((across % 1) * columns % 1 - 0.5) / (0.20 + 0.02 * (house % 4))
    height = np.abs(up / storey % 1 - 0.52) / np.where(level == 0, 0.46, 0.30)
    outline = np.maximum(place, height)
    chance = np.sin(house * 12.9 + np.floor(across % 1 * columns) * 78.2 + level * 37.7) * 43758.5 % 1
    glass = np.where(chance < 0.3, 0.45, 0.07 + 0.18 * chance * (0.5 + up / np.maximum(top, 0.1)))[:, None]
    colour = np.where((outline < 1.16)[:, None], np.clip(wall * 0.5 + 0.28, 0, 1), wall)
    colour = np.where((outline < 1.0)[:, None], glass * np.array([0.92, 0.97, 1.05]), colour)
    is_roof = up > top - 0.07 - 0.03 * (house % 2)
    roof = np.array([(0.16, 0.09, 0.07), (0.09, 0.09, 0.10), (0.20, 0.12, 0.09)])[house % 3]
    return np.where(is_roof[:, None], roof, colour)


def panel(
    elevation: np.ndarray, azimuth: np.ndarray, at: float, around: float, tall: float, wide: float, strength: float
) -> np.ndarray:
    """(H, W, 1): a lit panel with soft edges in a picture of the surroundings; half-sizes in radians."""
    turn = np.abs((azimuth - around + np.pi) % (2 * np.pi) - np.pi)
    edge = np.clip((tall - np.abs(elevation - at)) / 0.08, 0, 1) * np.clip((wide - turn) / 0.08, 0, 1)
    return (edge * strength)[..., None].astype(np.float32)


def angles_of(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Elevation and azimuth (rows, 2 rows) of the pixels of a picture of the surroundings."""
    elevation = np.pi / 2 - (np.arange(rows) + 0.5) / rows * np.pi
    azimuth = (np.arange(2 * rows) + 0.5) / (2 * rows) * 2 * np.pi
    return tuple(np.meshgrid(elevation, azimuth, indexing="ij"))


def direction(elevation: float, azimuth: float) -> np.ndarray:
    return np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])
