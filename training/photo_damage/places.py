"""Places for a bike to stand in: other photos' plates, rooms papered with textures, and studio sweeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from training.photo_damage.reading import load_picture
from training.photo_damage.sources import Source, load_plate
from training.photo_damage.warps import smooth_noise

__all__ = ["Place", "Places", "draw_room", "draw_sweep"]

PLATE_SHARE, ROOM_SHARE = 0.65, 0.15  # of the places; the others are sweeps
SIDES = (448, 640)  # pixels: smallest and largest longer side of rooms and sweeps
ASPECTS = (3 / 4, 1.0, 4 / 3, 4 / 3, 4 / 3, 3 / 2, 16 / 9)  # width by height, as phones take photos


@dataclass
class Place:
    """A place without a bike.

    picture: (H, W, 3) float32 RGB in [0, 1]; stood: x0, y0, x1, y1 in pixels of it, the box of a bike that stood
    there, None if none did; ground: the row where the ground begins, in pixels.
    """

    picture: np.ndarray
    stood: tuple[float, float, float, float] | None
    ground: float


class Places:
    """All places of one side of the split."""

    def __init__(self, sources: Sequence[Source], textures: Sequence[Path]):
        """
        Args:
            sources: their plates, with the boxes of their bikes, are places.
            textures: pictures of floors and walls.
        """
        self.sources = [source for source in sources if source.plate]
        self.textures = list(textures)

    def draw(self, rng: np.random.Generator) -> Place:
        """A random place; a sweep where there are neither plates nor textures."""
        kind = rng.random()
        if kind < PLATE_SHARE and self.sources:
            return _load_plate(self.sources[rng.integers(len(self.sources))])
        aspect, side = float(rng.choice(ASPECTS)), int(rng.integers(*SIDES, endpoint=True))
        shape = (side, round(side * aspect)) if aspect < 1 else (round(side / aspect), side)
        if kind < PLATE_SHARE + ROOM_SHARE and self.textures:
            wall, floor = (load_picture(self.textures[i]) for i in rng.integers(len(self.textures), size=2))
            return draw_room(shape, wall, floor, rng)
        return draw_sweep(shape, rng)


def draw_sweep(shape: tuple[int, int], rng: np.random.Generator) -> Place:
    """A studio's paper, white or grey: floor and wall run into one another.

    Args:
        shape: height and width in pixels.
    """
    rows = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, shape[1], dtype=np.float32)[None]
    if rng.random() < 0.35:  # cut out on pure white
        picture = np.ones((*shape, 3), np.float32)
        return Place(picture, None, 0.0)
    horizon = rng.uniform(0.5, 0.8)
    wall, floor = rng.uniform(0.45, 1.0, 2)
    if rng.random() < 0.6:  # lit evenly
        floor = wall * rng.uniform(0.88, 1.05)
    turn = 1 / (1 + np.exp(-(rows - horizon) / rng.uniform(0.01, 0.12)))
    light = wall + (floor - wall) * turn - rng.uniform(0, 0.12) * columns**2 + rng.normal(0, 0.03) * columns
    tint = 1 + rng.normal(0, 0.015, 3)
    grain = 0.006 * smooth_noise(shape, rng, scale=0.3 * max(shape))
    picture = ((light + grain)[..., None] * tint).clip(0, 1).astype(np.float32)
    return Place(picture, None, horizon * shape[0])


def draw_room(shape: tuple[int, int], wall: np.ndarray, floor: np.ndarray, rng: np.random.Generator) -> Place:
    """A floor, seen at a slant, before a wall.

    Args:
        shape: height and width in pixels.
        wall: (h, w, 3) float32 RGB in [0, 1], frame-filling; so is `floor`.
    """
    height, width = shape
    horizon = round(height * rng.uniform(0.45, 0.72))
    picture = np.empty((*shape, 3), np.float32)
    picture[:horizon] = _cover(_quieten(wall, rng), (horizon, width), rng)
    flat = _cover(_quieten(floor, rng), (height, 2 * width), rng)
    depth, spread = height - horizon, rng.uniform(0.25, 0.45)
    corners = np.float32([[0, 0], [2 * width, 0], [2 * width, height], [0, height]])
    seen = np.float32([[-spread * width, 0], [(1 + spread) * width, 0], [(2 + spread) * width, depth], [0, depth]])
    seen[2:, 0] = [(1.6 + spread) * width, -(0.6 + spread) * width]
    matrix = cv2.getPerspectiveTransform(corners, seen)
    picture[horizon:] = cv2.warpPerspective(flat, matrix, (width, depth), flags=cv2.INTER_AREA)
    # Less light reaches the corner between them.
    away = np.abs(np.arange(height, dtype=np.float32) - horizon) / (0.06 * height)
    picture *= (1 - rng.uniform(0.1, 0.45) * np.exp(-away))[:, None, None].astype(np.float32)
    if rng.random() < 0.4:
        board = max(2, round(rng.uniform(0.01, 0.035) * height))
        picture[horizon - board : horizon] = np.float32(rng.uniform(0.15, 0.85)) * np.float32([1, 0.97, 0.92])
    fall = 1 + rng.normal(0, 0.12) * np.linspace(-1, 1, width, dtype=np.float32)
    picture = cv2.GaussianBlur(picture * fall[:, None], (0, 0), rng.uniform(0.5, 1.4))
    return Place(picture.clip(0, 1), None, float(horizon))


def _load_plate(source: Source) -> Place:
    picture, annotation = load_plate(source)
    height, width = picture.shape[:2]
    box = (annotation or {}).get("bike")
    stood = tuple(np.array(box) * np.array([width, height] * 2) / 1000) if box else None
    return Place(picture, stood, 0.5 * height)


def _quieten(texture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As floors and walls are: less colour and contrast than what people photograph for its texture."""
    grey = texture.mean(axis=2, keepdims=True)
    muted = grey + rng.uniform(0.1, 0.7) * (texture - grey)
    mean = muted.mean(axis=(0, 1))
    return mean + rng.uniform(0.25, 0.8) * (muted - mean)


def _cover(texture: np.ndarray, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """The texture (h, w, 3) at a random scale, mirrored as often as it takes to cover the shape."""
    scale = rng.uniform(0.35, 1.1) * max(shape) / max(texture.shape)
    small = cv2.resize(texture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    below, beside = (max(0, side - own) for side, own in zip(shape, small.shape, strict=False))
    while below or beside:  # a mirrored border is at most as wide as the picture
        step = min(below, small.shape[0]), min(beside, small.shape[1])
        small = cv2.copyMakeBorder(small, 0, step[0], 0, step[1], cv2.BORDER_REFLECT)
        below, beside = below - step[0], beside - step[1]
    return small[: shape[0], : shape[1]]
