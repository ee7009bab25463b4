"""Light meets surface: colours of the bike's pixels from their look and the lamps.

Lambert below, a metallic-roughness specular layer after Karis, "Real Shading in Unreal Engine 4", SIGGRAPH 2013, and a
smooth clear coat on top.
"""

import numpy as np

from training.synthetic_bikes.lighting import Environment, KeyLamp
from training.synthetic_bikes.look import Look
from training.synthetic_bikes.raster import Surface

__all__ = ["shade"]

COAT_REFLECTANCE, COAT_ROUGHNESS = 0.04, 0.06


def shade(
    surface: Surface, look: Look, environment: Environment, key: KeyLamp, visible: np.ndarray, openness: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Radiance of each visible point, linear RGB, (K, 3) each: from the surroundings, and from the key lamp.

    Args:
        visible: share (K,) or colour (K, 3) of the key lamp that reaches each point.
        openness: share (K,) of the sky's light that does.
    """
    normal, view = surface.normal, -surface.view
    visible = visible if visible.ndim == 2 else visible[:, None]
    # Light from the sky is blocked as measured; from the ground, by about half as much.
    openness = np.where(normal[:, 2] > 0, openness, 0.5 + 0.5 * openness)
    # The ground below the bike is dimmer than around it.
    near_ground = np.clip(0.45 + surface.point[:, 2] / 0.5, 0.45, 1)
    openness = openness * np.where(normal[:, 2] < 0, 1 + normal[:, 2] * (1 - near_ground), 1)

    facing = np.clip(normal @ key.direction, 0, 1)
    sky = look.albedo * (1 - look.metallic)[:, None] * environment.irradiance(normal) * openness[:, None]
    lamp = look.albedo * (1 - look.metallic)[:, None] * facing[:, None] * visible * key.colour
    reflectance = 0.04 + (look.albedo - 0.04) * look.metallic[:, None]
    mirrored, glint = _specular(normal, view, look.roughness, reflectance, environment, key)
    sky, lamp = sky + mirrored * openness[:, None], lamp + glint * visible
    grazing = np.clip(np.sum(normal * view, axis=1), 0, 1)
    fresnel = (COAT_REFLECTANCE + (1 - COAT_REFLECTANCE) * (1 - grazing) ** 5) * look.coat
    smooth = np.maximum(COAT_ROUGHNESS, 0.35 * look.roughness)  # a dull surface dulls its coat
    mirrored, glint = _specular(normal, view, smooth, np.full((1, 3), COAT_REFLECTANCE), environment, key)
    sky = sky * (1 - fresnel)[:, None] + mirrored * (openness * look.coat)[:, None]
    return sky, lamp * (1 - fresnel)[:, None] + glint * visible * look.coat[:, None]


def _specular(
    normal: np.ndarray,
    view: np.ndarray,
    roughness: np.ndarray,
    reflectance: np.ndarray,
    environment: Environment,
    key: KeyLamp,
) -> tuple[np.ndarray, np.ndarray]:
    """What mirrors in the surface, (K, 3) each, before anything blocks it: the surroundings, and the lamp."""
    grazing = np.clip(np.sum(normal * view, axis=1), 1e-3, 1)
    mirrored = 2 * grazing[:, None] * normal - view
    scale, shift = _environment_weights(roughness, grazing)
    surroundings = environment.reflection(mirrored, roughness) * (reflectance * scale[:, None] + shift[:, None])
    # A lamp of some width looks like a point lamp on a rougher surface.
    alpha = np.clip(roughness**2 + np.radians(key.spread) / 2, 0.012, 1)
    half = view + key.direction
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    cosine = np.clip(np.sum(normal * half, axis=1), 0, 1)
    spread = alpha**2 / (np.pi * (cosine**2 * (alpha**2 - 1) + 1) ** 2)
    facing = np.clip(normal @ key.direction, 0, 1)
    shadowing = 0.25 / (grazing * facing * (1 - alpha / 2) ** 2 + alpha)
    lamp = np.minimum(spread * shadowing * facing * np.pi, 30)[:, None] * key.colour * reflectance
    return surroundings, lamp


def _environment_weights(roughness: np.ndarray, grazing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scale and shift of the reflectance (Karis, "Physically Based Shading on Mobile", 2014)."""
    r = [roughness * a + b for a, b in ((-1, 1), (-0.0275, 0.0425), (-0.572, 1.04), (0.022, -0.04))]
    mixed = np.minimum(r[0] ** 2, 2.0 ** (-9.28 * grazing)) * r[0] + r[1]
    return -1.04 * mixed + r[2], 1.04 * mixed + r[3]
