"""How each visible point of the bike looks before light falls on it: materials, ink, use, dust."""

from dataclasses import dataclass

import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.lettering import ink_on
from training.synthetic_bikes.materials import find_material
from training.synthetic_bikes.noise import noise_3d
from training.synthetic_bikes.props.stage import Props
from training.synthetic_bikes.raster import Surface

__all__ = ["Look", "look_of", "look_of_props"]

DECALS = {"white": (0.92, 0.92, 0.90), "black": (0.06, 0.06, 0.06)}
PALE_INK = np.array([0.50, 0.50, 0.48])  # linear RGB; on rubber and rims


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

    def blend_where(
        self, where: np.ndarray, share: np.ndarray, albedo: np.ndarray, metallic: float, roughness: float
    ) -> None:
        """Lay a surface without coat over the points that `where` (K,) bool names: share (K',), albedo (K', 3)."""
        full, albedo_of_all = np.zeros(len(where)), self.albedo.copy()
        full[where], albedo_of_all[where] = share, albedo
        self.blend(full, albedo_of_all, metallic, roughness, 0.0)


def look_of(bike: Bike, surface: Surface, dust: float, seed: int) -> Look:
    """The bike as it left the factory, and how it was used and how dusty (0 to 1) it grew since."""
    rng = np.random.default_rng([seed, 1])
    materials = [find_material(piece.material, bike.design.paint, bike.design.finish) for piece in bike.pieces]
    piece = bike.piece[surface.triangle]
    look = Look(
        np.array([material.albedo for material in materials])[piece],
        *(np.array([getattr(m, name) for m in materials])[piece].copy() for name in ("metallic", "roughness", "coat")),
    )
    names = np.array([each.name for each in bike.pieces])[piece]
    made_of = np.array([each.material for each in bike.pieces])[piece]
    _weave(surface, made_of, look)
    ink, pale = ink_on(bike, surface, names)
    look.blend(ink, np.asarray(DECALS[bike.design.decal]) ** 2.2, 0.0, 0.4, 1.0)
    look.blend(0.8 * pale, PALE_INK, 0.0, 0.5, 0.0)
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
