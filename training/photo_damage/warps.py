"""The geometry of damage: buckled wheels, turned parts, bent tubes, and smooth noise.

Pictures are (H, W, 4) float32 RGBA in [0, 1], one piece of the bike each; what is pulled in from outside is clear.
"""

import cv2
import numpy as np

__all__ = ["bend_across", "buckle_wheel", "move", "smooth_noise"]


def buckle_wheel(
    picture: np.ndarray, wheel: tuple[float, float, float, float], severity: float, rng: np.random.Generator
) -> np.ndarray:
    """Push the rim in and out along the circle; the hub stays.

    Args:
        picture: (H, W, 4), the wheel alone.
        wheel: centre x, centre y, half width, half height, in pixels.
        severity: displacement as a fraction of the radius; a single dent is 1.3 times as deep.
    """
    centre_x, centre_y, half_width, half_height = wheel
    rows, columns = _grid(picture)
    x, y = (columns - centre_x) / half_width, (rows - centre_y) / half_height
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    if rng.random() < 0.5:  # oval or three-cornered all the way round
        waves = int(rng.choice([2, 2, 3]))
        bump = np.sin(waves * angle + rng.uniform(0, 2 * np.pi))
    else:  # one dent, as from a kerb
        away = np.angle(np.exp(1j * (angle - rng.uniform(0, 2 * np.pi))))
        bump = -1.3 * np.exp(-((away / rng.uniform(0.35, 0.8)) ** 2))
    growth = 1 + severity * bump * np.clip(radius, 0, 1)
    return _sample(picture, centre_x + (columns - centre_x) / growth, centre_y + (rows - centre_y) / growth)


def move(picture: np.ndarray, pivot: tuple[float, float], shift: tuple[float, float], degrees: float) -> np.ndarray:
    """Turn the picture about a pivot (x, y), anticlockwise, and shift it by (x, y); in pixels and degrees."""
    matrix = cv2.getRotationMatrix2D((float(pivot[0]), float(pivot[1])), float(degrees), 1.0)
    matrix[:, 2] += shift
    return cv2.warpAffine(picture, matrix, picture.shape[1::-1], flags=cv2.INTER_LINEAR)


def bend_across(
    picture: np.ndarray, point: np.ndarray, direction: tuple[float, float], depth: float, reach: float
) -> np.ndarray:
    """Push the picture sideways around a point of a tube.

    Args:
        picture: (H, W, 4), the bike.
        point: (2,), x and y in pixels.
        direction: of the tube, a unit vector; the push is across it.
        depth: pixels, to either side by its sign; the tube itself moves a little less, as the push fades out.
        reach: pixels over which the push fades out.
    """
    rows, columns = _grid(picture)
    falloff = np.exp(-((columns - point[0]) ** 2 + (rows - point[1]) ** 2) / (2 * (0.6 * reach) ** 2))
    normal_x, normal_y = -direction[1], direction[0]
    return _sample(picture, columns - depth * normal_x * falloff, rows - depth * normal_y * falloff)


def smooth_noise(shape: tuple[int, int], rng: np.random.Generator, scale: float) -> np.ndarray:
    """(H, W) float32 noise of zero mean, with features of about `scale` pixels and of half and a quarter of it."""
    noise = np.zeros(shape, np.float32)
    for octave in range(3):
        cell = max(1.0, scale / 2**octave)
        grid = rng.standard_normal((int(shape[0] / cell) + 3, int(shape[1] / cell) + 3)).astype(np.float32)
        noise += cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC) / 2**octave
    return noise


def _grid(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.indices(picture.shape[:2], dtype=np.float32)
    return rows, columns


def _sample(picture: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    maps = columns.astype(np.float32), rows.astype(np.float32)
    return cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
