"""How each visible point of the bike looks before light falls on it: materials, lettering, bands, dust, wear."""

from dataclasses import dataclass

import cv2
import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.materials import find_material
from training.synthetic_bikes.noise import noise_3d
from training.synthetic_bikes.raster import Surface
from training.synthetic_bikes.sampling import sample

__all__ = ["Look", "look_of"]

DECALS = {"white": (0.92, 0.92, 0.90), "black": (0.06, 0.06, 0.06)}
WORD_PIXEL = 0.0005  # metres


@dataclass
class Look:
    """albedo (K, 3) linear RGB; metallic, roughness, coat (K,), as in Material."""

    albedo: np.ndarray
    metallic: np.ndarray
    roughness: np.ndarray
    coat: np.ndarray

    def blend(self, share: np.ndarray, albedo: np.ndarray, metallic: float, roughness: float, coat: float) -> None:
        """Lay another surface over this one where `share` (K,) says how much of it shows."""
        self.albedo += (albedo - self.albedo) * share[:, None]
        for mine, other in ((self.metallic, metallic), (self.roughness, roughness), (self.coat, coat)):
            mine += (other - mine) * share


def look_of(bike: Bike, surface: Surface, dust: float, seed: int) -> Look:
    """The bike as it left the factory, and a little dust (0 to 1) since."""
    materials = [find_material(piece.material, bike.design.paint) for piece in bike.pieces]
    piece = bike.piece[surface.triangle]
    look = Look(
        np.array([material.albedo for material in materials])[piece],
        *(np.array([getattr(m, name) for m in materials])[piece].copy() for name in ("metallic", "roughness", "coat")),
    )
    names = np.array([each.name for each in bike.pieces])[piece]
    _letter(bike, surface, names, look)
    _band(bike, surface, names, look)
    rng = np.random.default_rng([seed, 1])
    if dust > 0:
        low = np.clip(1.2 - surface.rest_point[:, 2] / 0.5, 0.15, 1)
        cloud = np.clip(0.35 + 0.3 * noise_3d(surface.rest_point, 0.08, rng, 2), 0, 1)
        share = dust * low * cloud
        look.blend(share, np.array([0.30, 0.27, 0.23]), 0.0, 0.9, 0.0)
    return look


def _letter(bike: Bike, surface: Surface, names: np.ndarray, look: Look) -> None:
    """The bike's word on both sides of the down tube, read from left to right."""
    here = np.flatnonzero(names == "down_tube")
    if not len(here):
        return
    word = _draw_word(bike.design.word)
    radius = bike.design.tube_radius * 1.18
    length = float(np.linalg.norm(bike.layout.head_bottom - bike.layout.bottom_bracket))
    u, v = surface.uv[here, 0], surface.uv[here, 1]
    is_right = np.abs(v - 0.5) < 0.25
    start = (length - word.shape[1] * WORD_PIXEL) * 0.45
    # From the right the tube rises to the head; from the left it falls from it.
    along = np.where(is_right, length - u, u) - start
    height = np.where(is_right, v - 0.5, (v + 0.5) % 1 - 0.5) * 2 * np.pi * radius
    flips = _upward_sign(surface, here, height)
    column, row = along / WORD_PIXEL, word.shape[0] / 2 - flips * height / WORD_PIXEL
    share = np.zeros(len(names))
    share[here] = sample(word, column, row, cv2.BORDER_CONSTANT)
    look.blend(share, np.asarray(DECALS[bike.design.decal]) ** 2.2, 0.0, 0.4, 1.0)


def _upward_sign(surface: Surface, here: np.ndarray, height: np.ndarray) -> float:
    """Whether `height` around the tube grows upwards in the world, +1, or downwards, -1."""
    lean = np.mean((height - height.mean()) * (surface.normal[here, 2] - surface.normal[here, 2].mean()))
    return 1.0 if lean >= 0 else -1.0


def _draw_word(word: str) -> np.ndarray:
    """(H, W) float32 ink, bold, letters 24 mm tall."""
    scale = 0.024 / WORD_PIXEL / 22
    (width, height), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_DUPLEX, scale, 7)
    picture = np.zeros((height + 24, width + 24), np.uint8)
    cv2.putText(picture, word, (10, height + 10), cv2.FONT_HERSHEY_DUPLEX, scale, 255, 7, cv2.LINE_AA)
    return cv2.resize(picture, None, fx=1.5, fy=1.0).astype(np.float32) / 255


def _band(bike: Bike, surface: Surface, names: np.ndarray, look: Look) -> None:
    """Two bands on the seat tube, pale fork tips, tan or reflecting tyre walls."""
    u = surface.uv[:, 0]
    length = bike.design.seat_tube
    bands = (names == "seat_tube") & ((np.abs(u - 0.70 * length) < 0.022) | (np.abs(u - 0.78 * length) < 0.004))
    decal = np.asarray(DECALS[bike.design.decal]) ** 2.2
    look.blend(bands.astype(float), decal, 0.0, 0.4, 1.0)
    is_tyre = names == "tyre"
    parts = bike.part_ids[surface.triangle]
    for part, axle in ((2, bike.layout.front_axle), (3, bike.layout.rear_axle)):
        radius = np.linalg.norm((surface.rest_point - axle)[:, [0, 2]], axis=1)
        wall = bike.design.wheel_radius - radius
        tyre = bike.design.tyre_radius
        if bike.design.bike_type == "city":
            stripe = is_tyre & (parts == part) & (np.abs(wall - 1.25 * tyre) < 0.0018)
            look.blend(stripe * 0.85, np.array([0.55, 0.56, 0.55]), 0.0, 0.5, 0.0)
        elif bike.design.bike_type == "road" and bike.design.paint in ("cream", "green", "sky", "burgundy", "teal"):
            tan = is_tyre & (parts == part) & (wall > 0.75 * tyre)
            look.blend(tan.astype(float), np.asarray((0.68, 0.50, 0.30)) ** 2.2, 0.0, 0.7, 0.0)
