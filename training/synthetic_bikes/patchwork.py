"""Surfaces made of others: a wall over its plinth, a kerb and the road, frayed edges, lines, graffiti, posters."""

import cv2
import numpy as np

from training.synthetic_bikes.noise import Pattern
from training.synthetic_bikes.sampling import sample
from training.synthetic_bikes.textures import Texture, linear, stained

__all__ = ["bounded", "kerbed", "lined", "over_plinth", "painted"]

CANVAS_WH = (384, 256)  # pixels of a picture painted on a wall


def bounded(near: Texture, beyond: Texture, at: float, rng: np.random.Generator, frayed: float = 0.0) -> Texture:
    """One surface up to y = `at` metres, another beyond.

    Args:
        frayed: metres by which the boundary strays, as that of grass does.
    """
    stray = Pattern(rng, 0.35, 5)

    def share(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        edge = at + frayed * stray(x, y, footprint) if frayed else at
        return np.clip((y - edge) / np.maximum(footprint, 0.004) + 0.5, 0, 1)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        first = near.albedo(x, y, footprint)
        return first + (beyond.albedo(x, y, footprint) - first) * share(x, y, footprint)[:, None]

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        first = near.relief(x, y, footprint)
        return first + (beyond.relief(x, y, footprint) - first) * share(x, y, footprint)

    return Texture(albedo, relief, near.gloss)


def kerbed(near: Texture, road: Texture, at: float, rng: np.random.Generator) -> Texture:
    """A pavement that ends in kerbstones; dirt lies in the gutter."""
    stone, gutter = _stones(rng), _plain(linear((0.20, 0.19, 0.18)), rng)
    beyond = bounded(gutter, road, at + rng.uniform(0.16, 0.24), rng, frayed=0.02)
    return bounded(near, bounded(stone, beyond, at + rng.uniform(0.10, 0.15), rng), at, rng)


def lined(ground: Texture, at: float, rng: np.random.Generator) -> Texture:
    """A painted line along x, worn by wheels."""
    colour = linear([(0.85, 0.84, 0.80), (0.85, 0.66, 0.12), (0.70, 0.70, 0.68)][rng.integers(3)])
    wear, wide, lost = Pattern(rng, 0.12, 5), rng.uniform(0.07, 0.14), rng.uniform(0.4, 2.0)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        below = ground.albedo(x, y, footprint)
        shown = np.clip((wide / 2 - np.abs(y - at)) / np.maximum(footprint, 0.003) + 0.5, 0, 1)
        shown = shown * np.clip(lost + wear(x, y, footprint), 0, 1)
        return below + (colour - below) * (0.9 * shown)[:, None]

    return Texture(albedo, ground.relief, ground.gloss)


def over_plinth(wall: Texture, rng: np.random.Generator) -> Texture:
    """A wall whose foot is of another colour, or of stone."""
    tone = linear([(0.40, 0.39, 0.38), (0.28, 0.27, 0.26), (0.50, 0.44, 0.38), (0.34, 0.24, 0.20)][rng.integers(4)])
    return bounded(_plain(tone, rng), wall, rng.choice([0.12, 0.25, 0.4, 0.6, 0.9]), rng)


def painted(wall: Texture, rng: np.random.Generator, kind: str) -> Texture:
    """A wall with a tag or a few posters on it.

    Args:
        kind: "graffiti" or "posters".
    """
    colours, cover = _tag(rng) if kind == "graffiti" else _posters(rng)
    wide, foot, left = rng.uniform(1.0, 2.6), rng.uniform(0.1, 1.0), rng.uniform(-1.8, 0.6)
    pixel, worn = wide / CANVAS_WH[0], Pattern(rng, 0.1, 4)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        below = wall.albedo(x, y, footprint)
        column, row = (x - left) / pixel, CANVAS_WH[1] - (y - foot) / pixel
        share = sample(cover, column, row, cv2.BORDER_CONSTANT) * np.clip(1.6 + 0.5 * worn(x, y, footprint), 0.3, 0.95)
        return below + (sample(colours, column, row, cv2.BORDER_REPLICATE) - below) * share[:, None]

    return Texture(albedo, wall.relief, wall.gloss)


def _tag(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Letters as a spray can writes them: (H, W, 3) linear RGB, (H, W) how well they cover; float32."""
    width, height = CANVAS_WH
    cover = np.zeros((height, width), np.float32)
    can = float(rng.uniform(4, 12))
    for x in np.linspace(40, width - 70, int(rng.integers(3, 7))):
        turns = np.cumsum(rng.normal(0, 0.55, 40)) + rng.uniform(0, 2 * np.pi)
        steps = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1), axis=0)
        steps = (steps - steps.min(axis=0)) / max(float(np.ptp(steps, axis=0).max()), 1e-6)
        places = (steps * [90, 130] + [x - 20, height / 2 - 65]).astype(np.int32)
        cv2.polylines(cover, [places], False, 1.0, round(can), cv2.LINE_AA)
    tints = [(0.08, 0.08, 0.09), (0.10, 0.18, 0.50), (0.70, 0.10, 0.12), (0.85, 0.85, 0.83), (0.10, 0.45, 0.25)]
    colours = np.broadcast_to(linear(tints[rng.integers(5)]), (height, width, 3)).astype(np.float32)
    return np.ascontiguousarray(colours), cv2.GaussianBlur(cover, (0, 0), 0.18 * can)


def _posters(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Sheets of paper with blocks and lines printed on them, as _tag returns it."""
    width, height = CANVAS_WH
    colours, cover = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        wide = int(rng.integers(40, 90))
        tall = round(wide * 1.41)
        x, y = int(rng.integers(5, width - wide - 5)), int(rng.integers(5, height - tall - 5))
        paper, ink = linear(rng.uniform(0.5, 0.92, 3)), linear(rng.uniform(0.05, 0.6, 3))
        cv2.rectangle(cover, (x, y), (x + wide, y + tall), 1.0, cv2.FILLED)
        cv2.rectangle(colours, (x, y), (x + wide, y + tall), paper.tolist(), cv2.FILLED)
        middle = y + round(tall * rng.uniform(0.3, 0.6))
        cv2.rectangle(colours, (x + 5, y + 5), (x + wide - 5, middle), ink.tolist(), cv2.FILLED)
        for row in range(middle + 6, y + tall - 5, 7):
            cv2.line(
                colours, (x + 6, row), (x + 6 + int(rng.uniform(0.3, 0.85) * (wide - 12)), row), (0.1, 0.1, 0.1), 2
            )
    return colours, cover


def _plain(colour: np.ndarray, rng: np.random.Generator) -> Texture:
    stain, grain = stained(rng, 0.14), Pattern(rng, 0.02, 3)
    return Texture(
        lambda x, y, footprint: colour * (1 + 0.10 * grain(x, y, footprint))[:, None] * stain(x, y, footprint),
        lambda x, y, footprint: 0.0006 * grain(x, y, footprint),
    )


def _stones(rng: np.random.Generator) -> Texture:
    """Kerbstones, a metre long."""
    base, tones = _plain(linear((0.56, 0.55, 0.53)) * rng.uniform(0.7, 1.1), rng), rng.normal(1, 0.07, 41)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        one = tones[np.floor(x).astype(int) % 41]
        gap = np.clip((np.abs(x % 1 - 0.5) - 0.494) / np.maximum(footprint, 0.004), -1, 0) + 1
        return base.albedo(x, y, footprint) * (one * (1 - 0.5 * np.clip(gap, 0, 1)))[:, None].astype(np.float32)

    return Texture(albedo, base.relief)
