"""Work in a window of the photo: cut layers and parts to a box around a part, and put the broken window back.

An edit of one part touches a tenth of the picture; warping and drawing there alone is as many times faster.
"""

from dataclasses import replace

import numpy as np

from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

__all__ = ["Window", "cut_window", "open_window", "put_window_back"]

Window = tuple[int, int, int, int]  # x0, y0, x1, y1 in whole pixels of the photo


def open_window(shape: tuple[int, int], points: np.ndarray, margin: float) -> Window | None:
    """The box around points (N, 2) of x and y, grown by a margin in pixels; None where it misses the photo."""
    points = np.asarray(points, float)
    x0, y0 = np.floor(points.min(axis=0) - margin).astype(int).clip(0)
    x1, y1 = np.ceil(points.max(axis=0) + margin).astype(int)
    x1, y1 = min(int(x1), shape[1]), min(int(y1), shape[0])
    return (int(x0), int(y0), x1, y1) if x1 - x0 >= 8 and y1 - y0 >= 8 else None


def cut_window(layers: Layers, parts: Parts, window: Window) -> tuple[Layers, Parts]:
    """Views of the layers, and the parts in the window's own pixels."""
    x0, y0, x1, y1 = window
    shift = np.array([x0, y0], float)
    boxes = {name: tuple((np.reshape(box, (2, 2)) - shift).ravel().tolist()) for name, box in parts.boxes.items()}
    points = {name: tuple((np.array(point) - shift).tolist()) for name, point in parts.points.items()}
    inside = (slice(y0, y1), slice(x0, x1))
    return Layers(layers.colour[inside], layers.alpha[inside], layers.plate[inside]), replace(
        parts, boxes=boxes, points=points
    )


def put_window_back(layers: Layers, broken: Layers, window: Window) -> Layers:
    """The layers with the colours and alpha of a broken window; the plate is untouched."""
    x0, y0, x1, y1 = window
    colour, alpha = layers.colour.copy(), layers.alpha.copy()
    colour[y0:y1, x0:x1], alpha[y0:y1, x0:x1] = broken.colour, broken.alpha
    return replace(layers, colour=colour, alpha=alpha)
