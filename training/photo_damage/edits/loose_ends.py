"""What breakage leaves behind, drawn or moved: tube ends, strips that hang, pieces at another angle."""

import cv2
import numpy as np

from training.photo_damage.damage import stack_rgba

__all__ = ["draw_block", "draw_ribbon", "draw_tube_end", "hang_path", "rotation", "scene_light", "transform"]

FINE = 4  # drawn so many times larger and averaged: OpenCV's polygons have whole pixels for corners


def transform(picture: np.ndarray, matrix: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """A piece (h, w, 4) RGBA under a linear map (2, 2) that takes the pixel `start` to the pixel `end`, both (x, y)."""
    affine = np.column_stack([matrix, end - matrix @ start])
    turned = cv2.warpAffine(picture, affine, picture.shape[1::-1], flags=cv2.INTER_CUBIC)
    return turned.clip(0, 1)


def rotation(degrees: float) -> np.ndarray:
    """(2, 2): anticlockwise as seen, in pixels with y pointing down."""
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[cosine, sine], [-sine, cosine]])


def scene_light(picture: np.ndarray) -> float:
    """How bright something white would be in a picture (h, w, 3) in [0, 1]: 0.3 to 1."""
    return float(np.clip(np.percentile(picture.mean(axis=2), 85) * 1.15, 0.3, 1.0))


def hang_path(start: np.ndarray, length: float, rng: np.random.Generator) -> np.ndarray:
    """(N, 2): from the start (x, y) down with a random sway, `length` pixels long; for what hangs by one end."""
    along = np.linspace(0, 1, 24)
    sway = rng.normal(0, 0.25) * along**1.5 + rng.normal(0, 0.1) * np.sin(rng.uniform(2, 6) * along)
    return np.asarray(start) + length * np.column_stack([sway, along])


def draw_ribbon(
    shape: tuple[int, int], path: np.ndarray, width: float, colour: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """A flat strip of tape or cover that twists along its path, (h, w, 4) float32 RGBA.

    Args:
        path: (N, 2), x and y in pixels.
        width: pixels, where it is seen flat on.
        colour: (3,) RGB in [0, 1].
    """
    count = len(path)
    twist = rng.uniform(0, np.pi) + np.linspace(0, rng.uniform(1.0, 7.0), count)
    seen = width * (0.4 + 0.6 * np.abs(np.cos(twist))) * (1 - 0.75 * np.linspace(0, 1, count) ** 2)
    tangent = np.gradient(path, axis=0)
    normal = (
        np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.maximum(np.linalg.norm(tangent, axis=1), 1e-6)[:, None]
    )
    left, right = path - seen[:, None] / 2 * normal, path + seen[:, None] / 2 * normal
    fine_alpha = np.zeros((FINE * shape[0], FINE * shape[1]), np.uint8)
    fine_shade = np.full_like(fine_alpha, 128)
    shades = 128 * (0.8 + 0.45 * np.cos(twist) ** 2)
    for i in range(count - 1):
        corners = np.array([left[i], left[i + 1], right[i + 1], right[i]])
        quad = np.round((FINE * (corners + 0.5) - 0.5) * 16).astype(np.int32)
        cv2.fillConvexPoly(fine_alpha, quad, 255, cv2.LINE_AA, shift=4)
        cv2.fillConvexPoly(fine_shade, quad, float(shades[i]), shift=4)
    alpha, shade = (cv2.resize(f, shape[::-1], interpolation=cv2.INTER_AREA) for f in (fine_alpha, fine_shade))
    return stack_rgba((np.asarray(colour) * (shade[..., None] / np.float32(128))).clip(0, 1), alpha / np.float32(255))


def draw_tube_end(
    shape: tuple[int, int], point: np.ndarray, up: np.ndarray, width: float, rim: np.ndarray, hole: np.ndarray
) -> np.ndarray:
    """The open or capped end of a round tube seen from a little above, (h, w, 4) float32 RGBA.

    Args:
        point: (2,), the middle of the end.
        up: (2,), the tube's unit vector.
        rim: (3,) RGB of the tube's wall.
        hole: (3,) RGB of what is inside it: dark, or a cap's colour.
    """
    degrees = float(np.degrees(np.arctan2(up[0], -up[1])))
    colour, alpha = np.zeros((*shape, 3), np.float32) + np.asarray(rim, np.float32), np.zeros(shape, np.float32)
    for size, is_hole in ((1.0, False), (0.72, True)):
        fine = np.zeros((FINE * shape[0], FINE * shape[1]), np.uint8)
        axes = (FINE * 0.5 * width * size, FINE * 0.2 * width * size)
        centre = FINE * (np.asarray(point) + 0.5) - 0.5
        cv2.ellipse(fine, (tuple(centre.tolist()), (2 * axes[0], 2 * axes[1]), degrees), 255, -1, cv2.LINE_AA)
        disc = cv2.resize(fine, shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        if is_hole:
            colour += disc[..., None] * (np.asarray(hole, np.float32) - colour)
        else:
            alpha = disc
    return stack_rgba(colour, alpha)


def draw_block(
    shape: tuple[int, int], point: np.ndarray, up: np.ndarray, size: tuple[float, float], colour: np.ndarray
) -> np.ndarray:
    """A small clamp or yoke: a rounded block lit from above, (h, w, 4) float32 RGBA; size is width and height."""
    across = np.array([-up[1], up[0]])
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    corners = np.array([point + sx * across * size[0] / 2 + sy * np.asarray(up) * size[1] / 2 for sx, sy in signs])
    fine = np.zeros((FINE * shape[0], FINE * shape[1]), np.uint8)
    cv2.fillConvexPoly(fine, np.round((FINE * (corners + 0.5) - 0.5) * 16).astype(np.int32), 255, cv2.LINE_AA, shift=4)
    alpha = cv2.resize(fine, shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    alpha = np.clip(2 * cv2.GaussianBlur(alpha, (0, 0), 0.12 * min(size) + 0.3) - 0.5, 0, 1)
    rows, columns = np.indices(shape, dtype=np.float32)
    height = ((columns - point[0]) * up[0] + (rows - point[1]) * up[1]) / max(size[1], 1)
    shade = (1 + 0.7 * height).clip(0.6, 1.5)[..., None]
    return stack_rgba((shade * np.asarray(colour, np.float32)).clip(0, 1), alpha)
