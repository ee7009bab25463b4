"""The geometry of damage: buckled wheels, turned parts, bent tubes, and smooth noise.

Pictures are (H, W, 4) float32 RGBA in [0, 1], one piece of the bike each; what is pulled in from outside is clear.
The functions of a disc take u and v, (h, w) each, of a wheel that is the unit disc (v points down), and return from
where in the sound disc each of these points comes.
"""

import cv2
import numpy as np

__all__ = [
    "bend_across",
    "buckle_disc",
    "buckle_wheel",
    "dent_disc",
    "move",
    "smooth_noise",
    "stretch_disc",
    "swirl_disc",
]


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


def stretch_disc(
    u: np.ndarray, v: np.ndarray, depth: float, angle: float, corners: int
) -> tuple[np.ndarray, np.ndarray]:
    """An egg (1 corner), an oval (2) or a rounded triangle (3): the rim moves by `depth` radii, out at `angle`."""
    radius, around = np.hypot(u, v), np.arctan2(v, u)
    growth = 1 + depth * np.cos(corners * (around - angle)) * np.clip(radius, 0, 1)
    return u / growth, v / growth


def dent_disc(
    u: np.ndarray, v: np.ndarray, depth: float, angle: float, half_width: float, form: str
) -> tuple[np.ndarray, np.ndarray]:
    """The rim pushed in at one place; towards the hub less and less moves.

    Args:
        depth: radii, in (0, 0.6).
        angle: of the dent's middle, radians clockwise from the right.
        half_width: radians; a "flat" is as wide as its depth makes it.
        form: "smooth" with shoulders that bulge, a "flat" spot, or a sharp "kink".
    """
    radius, around = np.hypot(u, v), np.arctan2(v, u)
    away = np.abs(np.angle(np.exp(1j * (around - angle)))).astype(np.float32)
    if form == "flat":
        rim = np.minimum(1, (1 - depth) / np.maximum(np.cos(away), 0.1))
    elif form == "kink":
        rim = 1 - depth * np.clip(1 - away / half_width, 0, 1)
    else:
        shoulder = np.exp(-(((away - 2 * half_width) / (0.7 * half_width)) ** 2))
        rim = 1 - depth * np.exp(-((away / half_width) ** 2)) + 0.25 * depth * shoulder
    source = 1 - (1 - rim) * np.clip(radius / rim, 0, 1) ** 3
    return u / source, v / source


def buckle_disc(
    u: np.ndarray, v: np.ndarray, depth: float, angle: float, heading: float, waves: int
) -> tuple[np.ndarray, np.ndarray]:
    """A rim that waves out of its plane, like a crisp, seen obliquely: what bends towards the eye shifts.

    Args:
        depth: radii, up to about 0.35: the shift of the rim's crests.
        angle: radians, of one crest.
        heading: radians, the way in which crests shift, and troughs against it.
        waves: crests around the rim, 2 or 3.
    """
    source_u, source_v = u, v
    for _ in range(5):  # from where a point comes depends on where it comes from: a few rounds settle it
        radius, around = np.hypot(source_u, source_v), np.arctan2(source_v, source_u)
        shift = depth * np.clip(radius, 0, 1.1) ** 2 * np.cos(waves * (around - angle))
        source_u, source_v = u - np.cos(heading) * shift, v - np.sin(heading) * shift
    return source_u, source_v


def swirl_disc(
    u: np.ndarray, v: np.ndarray, turn: float, centre: tuple[float, float], reach: float
) -> tuple[np.ndarray, np.ndarray]:
    """A whirl: turned by `turn` radians at its centre, by less further out, by nothing from `reach` on."""
    right, down = u - centre[0], v - centre[1]
    angle = turn * np.clip(1 - np.hypot(right, down) / reach, 0, 1) ** 1.5
    cosine, sine = np.cos(angle), np.sin(angle)
    return centre[0] + cosine * right + sine * down, centre[1] - sine * right + cosine * down


def _grid(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.indices(picture.shape[:2], dtype=np.float32)
    return rows, columns


def _sample(picture: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    maps = columns.astype(np.float32), rows.astype(np.float32)
    return cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
