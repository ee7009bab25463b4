"""What lies on the surface: soot and sprayed paint, which are damage; mud, dust, oil and faded paint, which are not."""

from typing import TYPE_CHECKING

import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.look import Look
from training.synthetic_bikes.noise import noise_3d
from training.synthetic_bikes.raster import Surface

if TYPE_CHECKING:
    from training.synthetic_bikes.wear import Wear

__all__ = ["burnt", "dust", "faded", "mud", "oily", "sprayed"]

SPRAYS = (
    (0.95, 0.15, 0.65),
    (0.15, 0.9, 0.2),
    (0.1, 0.75, 0.95),
    (0.98, 0.85, 0.05),
    (0.95, 0.95, 0.95),
    (0.9, 0.3, 0.05),
)
SOOT, ASH = np.asarray((0.035, 0.033, 0.032)), np.asarray((0.42, 0.41, 0.40)) ** 2.2


def burnt(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Charred black, with grey ash in the middle and scorched, browned paint at the edge; flames lick upwards."""
    rng = np.random.default_rng([wear.seed, 9])
    points = surface.rest_point[here]
    reach = 0.16 + 0.34 * wear.severity
    offset = (points - wear.center) * np.where(points[:, 2:] > wear.center[2], [[1, 1, 0.6]], [[1, 1, 1.2]])
    deep = 1 - np.linalg.norm(offset, axis=1) / reach + 0.22 * noise_3d(points, 0.08, rng, 4)
    scorch, char = np.clip(deep / 0.25, 0, 1), np.clip((deep - 0.12) / 0.18, 0, 1)
    ash = 0.75 * np.clip((noise_3d(points, 0.03, rng, 4) - 0.7) / 0.5, 0, 1) * char
    albedo = look.albedo[here]
    colours = albedo * (1 - 0.75 * scorch)[:, None] * [1.0, 0.85, 0.7]
    colours = colours + (SOOT - colours) * char[:, None]
    look.blend_where(here, scorch, colours + (ASH - colours) * ash[:, None], 0.0, 0.95)
    return scorch


def sprayed(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """A soft-edged band of garish paint, as an arm swings a can, with drops around it."""
    rng = np.random.default_rng([wear.seed, 10])
    points = surface.rest_point[here]
    colour = np.asarray(SPRAYS[rng.integers(len(SPRAYS))]) ** 2.2
    angle = rng.uniform(-0.9, 0.9)
    along, across = np.array([np.cos(angle), 0, np.sin(angle)]), np.array([-np.sin(angle), 0, np.cos(angle)])
    offset = points - wear.center
    wave = 0.05 * np.sin(9 * (offset @ along) + rng.uniform(0, 6))
    band = np.abs(offset @ across + wave) / (0.05 + 0.06 * wear.severity)
    ends = np.abs(offset @ along) / (0.16 + 0.34 * wear.severity)
    thick = 1.35 - np.maximum(band, ends) + 0.10 * noise_3d(points, 0.02, rng, 3)
    drops = np.clip((noise_3d(points, 0.006, rng, 1) - 1.3) / 0.2, 0, 1) * (thick > -0.6)
    share = np.maximum(np.clip(thick / 0.45, 0, 1), drops)
    look.blend_where(here, share, np.broadcast_to(colour, (len(points), 3)), 0.0, 0.6)
    return share


def mud(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Thrown up by the wheels: a film and clods low down, spatter up to the saddle. Greyer and softer than rust."""
    rng = np.random.default_rng([wear.seed, 11])
    points = surface.rest_point[here]
    low = np.clip(1 - points[:, 2] / (0.25 + 0.30 * wear.severity), 0, 1)
    film = low * np.clip(0.5 + 0.3 * noise_3d(points, 0.06, rng, 3), 0, 1) * (0.5 + 0.5 * wear.severity)
    clods = np.clip((0.9 * low + 0.35 * noise_3d(points, 0.018, rng, 4) - 0.85 + 0.2 * wear.severity) / 0.5, 0, 0.9)
    spatter = np.clip((noise_3d(points, 0.006, rng, 2) - 2.1 + 0.4 * wear.severity + 0.9 * low) / 0.4, 0, 0.8)
    share = np.maximum(np.maximum(film, clods), spatter)
    colour = np.asarray((0.45, 0.395, 0.32)) ** 2.2 * np.exp(0.25 * noise_3d(points, 0.02, rng, 3))[:, None]
    look.blend_where(here, share, colour, 0.0, 0.98)
    return share


def dust(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """A pale film, thickest on what faces up."""
    rng = np.random.default_rng([wear.seed, 12])
    share = np.clip(
        0.35 + 0.35 * surface.normal[here][:, 2] + 0.2 * noise_3d(surface.rest_point[here], 0.07, rng, 3), 0, 1
    )
    share *= 0.4 + 0.4 * wear.severity
    look.blend_where(here, share, np.broadcast_to([0.32, 0.29, 0.25], (len(share), 3)), 0.0, 0.95)
    return share


def faded(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Years in the sun: paint pale and dull, in patches, whole all the same."""
    rng = np.random.default_rng([wear.seed, 13])
    share = np.clip(0.45 + 0.25 * noise_3d(surface.rest_point[here], 0.15, rng, 3), 0, 1) * (0.4 + 0.5 * wear.severity)
    albedo = look.albedo[here]
    pale = 0.65 * albedo + 0.35 * albedo.mean(axis=1, keepdims=True) + 0.06
    look.blend_where(here, share, pale, 0.0, 0.8)
    return share


def oily(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Black grease."""
    rng = np.random.default_rng([wear.seed, 14])
    share = np.clip(0.5 + 0.4 * noise_3d(surface.rest_point[here], 0.02, rng, 3), 0, 1) * (0.5 + 0.5 * wear.severity)
    look.blend_where(here, share, np.broadcast_to([0.02, 0.019, 0.017], (len(share), 3)), 0.0, 0.35)
    return share
