"""Where the photo is taken from: side-on to 50 degrees oblique, low to overhead, near to far, whole or cropped."""

from dataclasses import dataclass, replace

import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.lighting import BIKE_MIDDLE
from training.synthetic_bikes.raster import Camera

__all__ = ["Viewpoint", "aim"]


@dataclass(frozen=True)
class Viewpoint:
    """Ranges to draw from. field_of_view, yaw: degrees; height: metres; filled: share of the picture's width."""

    field_of_view: tuple[float, float] = (30.0, 50.0)
    yaw: float = 50.0
    height: tuple[float, float] = (0.5, 1.9)
    filled: tuple[float, float] = (0.62, 0.93)
    cropped: float = 0.14  # how often a part of the bike is outside the picture
    roll: float = 2.0  # deviation, degrees


def aim(rng: np.random.Generator, view: Viewpoint, side: float, bike: Bike, aspect: float) -> tuple[Camera, str]:
    """A camera, and what it shows in a word, as "side_facing_right" or "angled_facing_left".

    Args:
        side: of the bike, +1 or -1 along y.
        aspect: the picture's width over its height.
    """
    # Most people stand about square to the bike; the rest, anywhere up to the widest yaw.
    yaw = float(np.clip(rng.normal(0, 0.28 * view.yaw) if rng.random() < 0.6 else rng.uniform(-1, 1) * view.yaw,
                        -view.yaw, view.yaw))  # fmt: skip
    angle = np.radians(yaw)
    target = BIKE_MIDDLE + [rng.normal(0, 0.05), 0.0, rng.normal(-0.01, 0.05)]
    ahead = np.array([np.sin(angle), side * np.cos(angle), 0.0])
    position = target + ahead * 4.0
    low, high = view.height
    position[2] = np.clip(rng.normal(0.62 * high + 0.38 * low, 0.22 * (high - low)), low, high)
    camera = Camera(position, target, rng.uniform(*view.field_of_view), rng.normal(0, view.roll))
    is_cropped = rng.random() < view.cropped
    camera = _step_back(camera, bike, aspect, rng.uniform(1.0, 1.45) if is_cropped else rng.uniform(*view.filled))
    camera = _off_middle(rng, camera, 0.30 if is_cropped else 0.05)
    facing = "right" if side < 0 else "left"
    return camera, f"{'side' if abs(yaw) < 12 else 'angled'}_facing_{facing}"


def _step_back(camera: Camera, bike: Bike, aspect: float, filled: float) -> Camera:
    """Move along the ground until the bike fills that share of the picture's width, or 0.95 of it of the height."""
    corners = bike.points[:: max(1, len(bike.points) // 4000)]
    for _ in range(5):
        place = camera.project(corners, round(1000 * aspect), 1000)
        share = max(np.ptp(place[:, 0]) / (1000 * aspect), np.ptp(place[:, 1]) / 950)
        away = camera.position - camera.target
        away[:2] *= max(share / filled, 0.4)
        # Not nearer than an arm's length to the bike.
        away[:2] *= max(1.0, 1.1 / np.linalg.norm(away[:2]))
        camera = replace(camera, position=camera.target + away)
    return camera


def _off_middle(rng: np.random.Generator, camera: Camera, share: float) -> Camera:
    """Turn the camera so that the bike lies off the middle by about that share of the picture's height."""
    right, up, _ = camera.axes()
    reach = np.linalg.norm(camera.target - camera.position) * np.tan(np.radians(camera.field_of_view / 2)) * 2
    shift = np.clip(rng.normal(0, share, 2), -0.4, 0.4) * [1.0, 0.5] * reach
    return replace(camera, target=camera.target + right * shift[0] + up * shift[1])
