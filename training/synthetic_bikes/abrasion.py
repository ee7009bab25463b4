"""Where the surface is broken: scratched, flaked, torn, dented, cracked."""

from typing import TYPE_CHECKING

import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.look import Look
from training.synthetic_bikes.noise import noise_3d
from training.synthetic_bikes.raster import Surface

if TYPE_CHECKING:
    from training.synthetic_bikes.wear import Wear

__all__ = ["crack", "dent", "flaked", "scratches", "torn"]

BARE_METAL = np.asarray((0.74, 0.73, 0.71)) ** 2.2
PRIMER = np.asarray((0.55, 0.53, 0.50)) ** 2.2
RUSTY = np.asarray((0.36, 0.22, 0.14)) ** 2.2
FOAM = np.asarray((0.80, 0.69, 0.42)) ** 2.2
DARK = np.asarray((0.03, 0.03, 0.03))
CELL = 0.04  # metres; where damage may begin


def scratches(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Scrapes along the tubes and chips beside them, down to bare metal."""
    rng = np.random.default_rng([wear.seed, 3])
    points = surface.rest_point[here]
    corners = bike.rest_points[bike.points_of(wear.triangles)]
    share = np.zeros(len(points))
    for _ in range(1 + round(2 * wear.severity)):
        center = _pick_seen(wear, bike, surface, here, rng)
        near = np.linalg.norm(corners - center, axis=1) < 0.16
        spread = np.cov((corners[near] - center).T) if near.sum() > 8 else np.eye(3)
        along = np.linalg.eigh(spread)[1][:, -1]  # the tube's own direction
        for _ in range(4 + round(8 * wear.severity)):
            start = center + rng.normal(0, 0.010, 3) + along * rng.normal(0, 0.05)
            direction = along + rng.normal(0, 0.14, 3)
            direction /= np.linalg.norm(direction)
            length, width = rng.uniform(0.03, 0.12), rng.uniform(0.0008, 0.0026)
            offset = points - start
            reach = offset @ direction
            away = np.linalg.norm(offset - reach[:, None] * direction, axis=1)
            taper = np.sqrt(np.clip(1 - (2 * reach / length - 1) ** 2, 0, 1))
            share = np.maximum(share, np.clip(1.5 - away / np.maximum(width * taper, 1e-6), 0, 1) * (taper > 0))
        chips = noise_3d(points, 0.010, rng, 3)
        close = np.linalg.norm(points - center, axis=1)
        share = np.maximum(share, np.clip((chips - 0.9 - 14 * np.clip(close - 0.02, 0, None)) / 0.2, 0, 1))
    full = np.zeros(len(here))
    full[here] = share
    look.blend(full, BARE_METAL, 0.55, 0.45, 0.0)
    return share


def flaked(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Paint has come off in flakes with sharp edges; primer shows at their rims, rusting metal within."""
    rng = np.random.default_rng([wear.seed, 5])
    points = surface.rest_point[here]
    deep = noise_3d(points, 0.045, rng, 4) + 0.5 * noise_3d(points, 0.25, rng, 1) - (1.25 - 1.15 * wear.severity)
    share, core = np.clip(deep / 0.08, 0, 1), np.clip((deep - 0.22) / 0.15, 0, 1)
    metal = (
        BARE_METAL * 0.55
        + (RUSTY - BARE_METAL * 0.55) * np.clip(0.5 + 0.5 * noise_3d(points, 0.02, rng, 3), 0, 1)[:, None]
    )
    colours = PRIMER + (metal - PRIMER) * core[:, None]
    look.blend_where(here, share, colours, 0.0, 0.8)
    return share


def torn(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """One to three rips in the cover, foam in them, dark at the edges."""
    rng = np.random.default_rng([wear.seed, 6])
    points = surface.rest_point[here]
    length = float(np.ptp(bike.rest_points[bike.points_of(wear.triangles), 0]))
    share, shade = np.zeros(len(points)), np.zeros(len(points))
    for _ in range(int(rng.integers(1, 3 + (wear.severity > 0.6)))):
        # On the flank or the edge, where it is seen from the side.
        center = _pick_seen(wear, bike, surface, here, rng)
        along = np.array([rng.choice([-1, 1]), 0.3 * rng.normal(), 0.35 * rng.normal()])
        along /= np.linalg.norm(along)
        half = length * rng.uniform(0.10, 0.16 + 0.20 * wear.severity)
        wide = rng.uniform(0.006, 0.010 + 0.018 * wear.severity)
        offset = points - center
        reach = offset @ along
        away = np.linalg.norm(offset - reach[:, None] * along, axis=1) + 0.003 * noise_3d(points, 0.012, rng, 3)
        lens = wide * np.sqrt(np.clip(1 - (reach / half) ** 2, 0, 1))
        share = np.maximum(share, np.clip((lens - away) / 0.0015 + 0.5, 0, 1) * (np.abs(reach) < half))
        shade = np.maximum(shade, np.clip((lens + 0.004 - away) / 0.003, 0, 1) * (np.abs(reach) < half + 0.004))
    look.blend_where(here, shade, np.broadcast_to(DARK, (len(points), 3)), 0.0, 0.9)
    crumbs = np.exp(0.22 * noise_3d(points, 0.006, rng, 3))[:, None]
    look.blend_where(here, share, FOAM * crumbs, 0.0, 1.0)
    return np.maximum(share, shade)


def dent(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """Cracked paint around a dent: creases in rings, chips of bare metal in its middle."""
    rng = np.random.default_rng([wear.seed, 7])
    points = surface.rest_point[here]
    away = np.linalg.norm(points - wear.center, axis=1)
    chips = noise_3d(points, 0.008, rng, 3) - 0.2 - 1.2 * np.clip(away / 0.025 - 0.5, 0, None)
    share = np.clip(chips / 0.15, 0, 1)
    look.blend_where(here, share, np.broadcast_to(BARE_METAL * 0.8, (len(points), 3)), 0.4, 0.6)
    return share


def crack(wear: "Wear", bike: Bike, surface: Surface, look: Look, here: np.ndarray) -> np.ndarray:
    """A jagged gap round the tube, its lips bare metal, rust below it."""
    rng = np.random.default_rng([wear.seed, 8])
    points = surface.rest_point[here]
    along = (points - wear.center) @ wear.axis
    away = np.abs(along + 0.006 * noise_3d(points, 0.018, rng, 3))
    wide = 0.0015 + 0.0035 * wear.severity
    gap = np.clip((wide - away) / 0.0008 + 0.5, 0, 1)
    lips = np.clip((wide + 0.004 + 0.003 * noise_3d(points, 0.01, rng, 2) - away) / 0.0015, 0, 1)
    stain = 0.8 * np.clip(1 - away / (0.012 + 0.02 * wear.severity) + 0.35 * noise_3d(points, 0.012, rng, 3), 0, 1)
    stain *= away < 0.05
    look.blend_where(here, stain, np.broadcast_to(RUSTY, (len(points), 3)), 0.0, 0.9)
    look.blend_where(here, lips, np.broadcast_to(BARE_METAL * 0.6, (len(points), 3)), 0.2, 0.7)
    look.blend_where(here, gap, np.broadcast_to(DARK, (len(points), 3)), 0.0, 1.0)
    return np.maximum(np.maximum(gap, lips), stain)


def _pick_seen(wear: "Wear", bike: Bike, surface: Surface, here: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(3,) a point of the bike as built, where it is seen: the same however finely the picture is drawn."""
    chances = rng.random((32, 32, 32))  # of each cell of space, which repeat after 1.3 m
    facing = here & (np.sum(surface.normal * -surface.view, axis=1) > 0.4)
    points = surface.rest_point[facing if facing.any() else here]
    cells, count = np.unique(np.floor(points / CELL).astype(int), axis=0, return_counts=True)
    cells = cells[count >= 0.3 * count.max()]
    cell = cells[chances[tuple((cells % 32).T)].argmax()]
    corners = bike.rest_points[bike.points_of(wear.triangles)]
    return corners[np.linalg.norm(corners - (cell + 0.5) * CELL, axis=1).argmin()]
