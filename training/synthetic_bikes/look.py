"""How each visible point of the bike looks before light falls on it: materials, lettering, bands, dust, wear."""

from dataclasses import dataclass

import cv2
import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.materials import FINISHES, find_material
from training.synthetic_bikes.noise import noise_3d
from training.synthetic_bikes.props.stage import Props
from training.synthetic_bikes.raster import Surface
from training.synthetic_bikes.sampling import sample

__all__ = ["Look", "look_of", "look_of_props"]

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
    """The bike as it left the factory, and how it was used and how dusty (0 to 1) it grew since."""
    rng = np.random.default_rng([seed, 1])
    finish = str(rng.choice(sorted(FINISHES), p=[0.4, 0.2, 0.25, 0.15]))
    materials = [find_material(piece.material, bike.design.paint, finish) for piece in bike.pieces]
    piece = bike.piece[surface.triangle]
    look = Look(
        np.array([material.albedo for material in materials])[piece],
        *(np.array([getattr(m, name) for m in materials])[piece].copy() for name in ("metallic", "roughness", "coat")),
    )
    names = np.array([each.name for each in bike.pieces])[piece]
    made_of = np.array([each.material for each in bike.pieces])[piece]
    _weave(surface, made_of, look)
    _letter(bike, surface, names, look)
    _band(bike, surface, names, look)
    _use(surface, made_of, dust, look, rng)
    _lay_dust(surface, dust, look, rng)
    # A spoke is thinner than a pixel, which sees all round it at once: its gleam is spread, or it breaks into dots.
    look.roughness[names == "spoke"] = np.maximum(look.roughness[names == "spoke"], 0.55)
    return look


def look_of_props(props: Props, surface: Surface, seed: int) -> Look:
    """Things that stand about: smeared, and dirty towards the ground."""
    rng = np.random.default_rng([seed, 6])
    piece = props.piece[surface.triangle]
    values = (np.array([getattr(m, name) for m in props.materials]) for name in ("metallic", "roughness", "coat"))
    look = Look(np.array([m.albedo for m in props.materials])[piece], *(each[piece] for each in values))
    smears = noise_3d(surface.point, 0.25, rng, 5)
    look.albedo *= np.exp(0.10 * smears * (1 - 0.75 * look.coat))[:, None]
    look.roughness = np.clip(look.roughness + 0.06 * smears, 0.06, 1)
    low = np.clip(0.55 - surface.point[:, 2] / 0.9, 0, 0.45) * np.clip(0.7 + 0.35 * smears, 0, 1)
    look.blend(low * ~props.is_plant[piece], np.array([0.16, 0.14, 0.115]), 0.0, 0.9, 0.0)
    return look


def _weave(surface: Surface, made_of: np.ndarray, look: Look) -> None:
    """Carbon: bundles of fibres, 3 mm wide, over and under each other, that mirror now along and now across."""
    here = np.flatnonzero(made_of == "carbon")
    place = surface.rest_point[here] / 0.003
    over = (np.floor(place[:, 0] + place[:, 2]) + np.floor(place[:, 0] - place[:, 2] + place[:, 1])) % 4 < 2
    look.albedo[here] *= np.where(over, 1.5, 0.75)[:, None]
    look.roughness[here] *= np.where(over, 0.85, 1.15)


def _use(surface: Surface, made_of: np.ndarray, dust: float, look: Look, rng: np.random.Generator) -> None:
    """No surface stays even: leather is rubbed, rubber greys, metal dulls, paint is smeared."""
    smears, grain = noise_3d(surface.rest_point, 0.06, rng, 3), noise_3d(surface.rest_point, 0.006, rng, 2)
    is_soft = np.isin(made_of, ["black_leather", "brown_leather", "rubber", "tape", "tyre"])
    look.albedo *= np.exp(np.where(is_soft, 0.12 * grain + 0.12 * smears, 0.035 * smears))[:, None]
    look.roughness = np.clip(look.roughness + 0.05 * smears + 0.25 * dust, 0.06, 1)
    look.coat = np.clip(look.coat * (1 - 0.5 * dust - 0.10 * smears), 0, 1)
    # Rubber greys with age and road dust; the eye takes a truly black tyre for a drawing.
    grey = np.isin(made_of, ["rubber", "tyre"]) * np.clip(0.10 + 0.5 * dust + 0.06 * smears, 0, 0.6)
    look.blend(grey, np.array([0.060, 0.057, 0.052]), 0.0, 0.9, 0.0)


def _lay_dust(surface: Surface, dust: float, look: Look, rng: np.random.Generator) -> None:
    """Dust and splashes: more near the ground, and on what faces up."""
    if dust <= 0:
        return
    low = np.clip(1.2 - surface.rest_point[:, 2] / 0.5, 0.15, 1)
    cloud = np.clip(0.35 + 0.3 * noise_3d(surface.rest_point, 0.08, rng, 2), 0, 1)
    upward = 0.8 + 0.5 * np.clip(surface.normal[:, 2], 0, 1)
    specks = np.clip(noise_3d(surface.rest_point, 0.008, rng, 2) - 1.2, 0, 1) * low
    share = np.clip(dust * (low * cloud * upward + 0.8 * specks), 0, 0.9)
    look.blend(share, np.array([0.27, 0.24, 0.20]), 0.0, 0.9, 0.0)


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
