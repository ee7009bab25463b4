"""Light meets surface: colours of the bike's pixels from their look and the lamps.

Lambert below, a metallic-roughness specular layer after Karis, "Real Shading in Unreal Engine 4", SIGGRAPH 2013, and a
smooth clear coat on top.
"""

import numpy as np

from training.synthetic_bikes.lighting import Environment, KeyLamp, Shadows
from training.synthetic_bikes.look import Look
from training.synthetic_bikes.raster import Surface

__all__ = ["shade"]

COAT_REFLECTANCE, COAT_ROUGHNESS = 0.04, 0.06


def shade(surface: Surface, look: Look, shadows: Shadows) -> np.ndarray:
    """Radiance (K, 3) of each visible point, linear RGB."""
    key, environment = shadows.key, shadows.environment
    normal, view = surface.normal, -surface.view
    points = surface.point + 0.004 * normal
    visible = shadows.key_visibility(points)
    _, sky_share = shadows.sky_light(points, normal)
    # Light from the sky is blocked as measured; from the ground, by about half as much.
    openness = np.where(normal[:, 2] > 0, sky_share, 0.5 + 0.5 * sky_share)
    # The ground below the bike is dimmer than around it.
    near_ground = np.clip(0.45 + surface.point[:, 2] / 0.5, 0.45, 1)
    openness = openness * np.where(normal[:, 2] < 0, 1 + normal[:, 2] * (near_ground - 1) * -1, 1)

    facing = np.clip(normal @ key.direction, 0, 1)
    diffuse = environment.irradiance(normal) * openness[:, None] + (facing * visible)[:, None] * key.colour
    reflectance = 0.04 + (look.albedo - 0.04) * look.metallic[:, None]
    colour = look.albedo * (1 - look.metallic)[:, None] * diffuse
    colour += _specular(normal, view, look.roughness, reflectance, environment, key, visible, openness)
    grazing = np.clip(np.sum(normal * view, axis=1), 0, 1)
    fresnel = (COAT_REFLECTANCE + (1 - COAT_REFLECTANCE) * (1 - grazing) ** 5) * look.coat
    smooth = np.full(len(normal), COAT_ROUGHNESS)
    coat = _specular(normal, view, smooth, np.full((1, 3), COAT_REFLECTANCE), environment, key, visible, openness)
    return colour * (1 - fresnel)[:, None] + coat * look.coat[:, None]


def _specular(
    normal: np.ndarray,
    view: np.ndarray,
    roughness: np.ndarray,
    reflectance: np.ndarray,
    environment: Environment,
    key: KeyLamp,
    visible: np.ndarray,
    openness: np.ndarray,
) -> np.ndarray:
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
    lamp = np.minimum(spread * shadowing * facing * visible * np.pi, 30)[:, None] * key.colour * reflectance
    return surroundings * openness[:, None] + lamp


def _environment_weights(roughness: np.ndarray, grazing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scale and shift of the reflectance (Karis, "Physically Based Shading on Mobile", 2014)."""
    r = [roughness * a + b for a, b in ((-1, 1), (-0.0275, 0.0425), (-0.572, 1.04), (0.022, -0.04))]
    mixed = np.minimum(r[0] ** 2, 2.0 ** (-9.28 * grazing)) * r[0] + r[1]
    return -1.04 * mixed + r[2], 1.04 * mixed + r[3]
