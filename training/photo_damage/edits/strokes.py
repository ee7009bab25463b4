"""Ragged shapes with sharp edges: strokes, chips and flakes, and where paint comes off."""

import cv2
import numpy as np

__all__ = ["break_up", "contrasting", "draw_shapes", "mix", "ragged_stroke"]

FINE = 4  # shapes are drawn so many times larger and averaged
PHOTO_BLUR = 0.5  # pixels, the sigma of an edge in photos that were made smaller, as all of these


def draw_shapes(size: tuple[int, int], shapes: list[np.ndarray]) -> np.ndarray:
    """How much of each pixel the shapes cover.

    Args:
        size: height and width in pixels.
        shapes: each (N, 2), the corners' x and y in pixels.

    Returns:
        (H, W) float32 in [0, 1].
    """
    fine = np.zeros((FINE * size[0], FINE * size[1]), np.uint8)
    for shape in shapes:
        cv2.fillPoly(fine, [np.round((np.asarray(shape) + 0.5) * FINE).astype(np.int32)], 255)
    covered = cv2.resize(fine, size[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return cv2.GaussianBlur(covered, (0, 0), PHOTO_BLUR)


def ragged_stroke(
    points: np.ndarray, widths: np.ndarray, roughness: float, rng: np.random.Generator, step: float = 2.0
) -> np.ndarray:
    """The outline (M, 2) of a stroke along points (N, 2), whose two edges are torn independently.

    Args:
        points: x and y in pixels.
        widths: (N,) in pixels.
        roughness: the edges' deviation, of the width.
        step: pixels between the edges' corners.
    """
    points, widths = np.asarray(points, float), np.asarray(widths, float)
    place = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    fine = np.linspace(0, place[-1], max(3, int(place[-1] / step)))
    line = np.column_stack([np.interp(fine, place, points[:, axis]) for axis in (0, 1)])
    half = np.interp(fine, place, widths) / 2
    heading = np.gradient(line, axis=0)
    normal = np.column_stack([-heading[:, 1], heading[:, 0]]) / np.maximum(np.hypot(*heading.T), 1e-6)[:, None]
    edges = [(half * (1 + roughness * rng.standard_normal(len(fine))))[:, None] * normal for _ in range(2)]
    return np.vstack([line + edges[0], (line - edges[1])[::-1]])


def break_up(field: np.ndarray, share: float, where: np.ndarray) -> np.ndarray:
    """Where a random field is highest, with edges as sharp as a photo's.

    Args:
        field: (H, W) float32.
        share: of the pixels `where` that are covered, in (0, 1).
        where: (H, W) bool, not empty.

    Returns:
        (H, W) float32 in [0, 1].
    """
    covered = (field > np.quantile(field[where], 1 - share)).astype(np.float32)
    return cv2.GaussianBlur(covered, (0, 0), PHOTO_BLUR)


def contrasting(
    below: np.ndarray, choices: list[tuple[float, float, float]], rng: np.random.Generator, light: float = 1.0
) -> np.ndarray:
    """(3,) float32: one of the RGB colours in [0, 1] that stands out by 0.35 from the one below; else the farthest.

    Args:
        below: (3,) RGB in [0, 1], as it looks.
        choices: RGB in [0, 1], as they look in full light.
        light: on both, a factor around 1.
    """
    away = np.array([np.abs(light * np.array(choice) - below).max() for choice in choices])
    fitting = np.flatnonzero(away > 0.35)
    return np.array(choices[rng.choice(fitting) if len(fitting) else away.argmax()], np.float32)


def mix(colour: np.ndarray, share: np.ndarray, paint: np.ndarray) -> np.ndarray:
    """The colour (H, W, 3) with a share (H, W) of paint, (3,) or (H, W, 3), laid over it."""
    return colour + share[..., None] * (paint - colour)
