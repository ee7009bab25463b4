"""What stands behind: plaster, brick, planks, concrete, tiles, a metal shutter, rubble stone, a shop window, a hedge.

Each maker takes a generator and returns a Texture; x runs along the wall, y up from its foot.
"""

from collections.abc import Callable

import numpy as np

from training.synthetic_bikes.noise import Cells, Pattern
from training.synthetic_bikes.textures import Texture, joints, linear, stained

__all__ = ["WALLS"]


def plaster(rng: np.random.Generator) -> Texture:
    tints = [(0.80, 0.74, 0.62), (0.74, 0.75, 0.74), (0.74, 0.60, 0.47), (0.62, 0.67, 0.64), (0.82, 0.80, 0.75),
             (0.60, 0.42, 0.36), (0.50, 0.52, 0.55)]  # fmt: skip
    base = linear(tints[rng.integers(len(tints))])
    stain, grain, streaks = stained(rng, 0.09), Pattern(rng, 0.009, 2), Pattern(rng, 0.12, 3, stretch=14.0)
    peeling, under = Pattern(rng, 0.5, 7), linear((0.55, 0.49, 0.43))
    bare = rng.uniform(1.6, 3.2)  # how little of the render has fallen off
    damp, foot = Pattern(rng, 0.3, 3), rng.uniform(0.2, 0.7)

    def fallen(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return np.clip((peeling(x, y, footprint) - bare - 0.5 * y) * 8, 0, 1)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        gone = fallen(x, y, footprint)[:, None]
        colour = base + (under - base) * gone
        low = np.clip(1 - y / foot, 0, 1) ** 1.5 * np.clip(0.8 + 0.4 * damp(x, y, footprint), 0, 1.2)
        streak = 0.05 * streaks(x, y, footprint) + 0.05 * grain(x, y, footprint)
        return colour * stain(x, y, footprint) * (1 + streak)[:, None] * (1 - 0.45 * low)[:, None]

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.0003 * grain(x, y, footprint) - 0.006 * fallen(x, y, footprint)

    return Texture(albedo, relief)


def brick(rng: np.random.Generator) -> Texture:
    tall, long, joint = rng.choice([0.066, 0.075]), rng.choice([0.215, 0.25]), 0.011
    base = linear([(0.46, 0.29, 0.23), (0.54, 0.41, 0.32), (0.40, 0.32, 0.29), (0.60, 0.52, 0.42)][rng.integers(4)])
    mortar = linear((0.56, 0.53, 0.48)) * rng.uniform(0.6, 1.1)
    wobble, grain, stain = Pattern(rng, 0.09, 2), Pattern(rng, 0.02, 3), stained(rng, 0.12)
    each = rng.standard_normal((61, 67, 4)).astype(np.float32)

    def place(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        y = y + 0.002 * wobble(x, y)
        return x + 0.003 * wobble(y, x) + (np.floor(y / tall) % 2) * long / 2, y

    def solid(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return np.minimum(joints(x, long, joint, footprint), joints(y, tall, joint, footprint))

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        bent_x, bent_y = place(x, y)
        one = each[np.floor(bent_y / tall).astype(int) % 61, np.floor(bent_x / long).astype(int) % 67]
        colour = base * (1 + 0.17 * one[:, :1] + 0.03 * one[:, 1:]) * (1 + 0.13 * grain(x, y, footprint))[:, None]
        colour = np.where(one[:, :1] > 1.7, colour * 0.5, colour)  # a few burnt ones
        colour = mortar + (colour - mortar) * solid(bent_x, bent_y, footprint)[:, None]
        return np.clip(colour, 0.01, 0.9) * stain(x, y, footprint)

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.004 * solid(*place(x, y), footprint) + 0.0006 * grain(x, y, footprint)

    return Texture(albedo, relief)


def planks(rng: np.random.Generator) -> Texture:
    wide = rng.uniform(0.09, 0.18)
    tints = [(0.40, 0.28, 0.20), (0.34, 0.39, 0.42), (0.52, 0.48, 0.43), (0.24, 0.29, 0.26), (0.45, 0.24, 0.20)]
    base = linear(tints[rng.integers(len(tints))])
    fibre, stain = Pattern(rng, 0.012, 3, stretch=25.0), stained(rng, 0.12)
    each = rng.standard_normal(97).astype(np.float32)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        index = np.floor(x / wide).astype(int)
        colour = base * (1 + 0.14 * each[index % 97] + 0.12 * fibre(x, y + index * 3.7, footprint))[:, None]
        return colour * (0.3 + 0.7 * joints(x, wide, 0.006, footprint))[:, None] * stain(x, y, footprint)

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.005 * joints(x, wide, 0.008, footprint) + 0.0006 * fibre(x, y, footprint)

    return Texture(albedo, relief)


def concrete(rng: np.random.Generator) -> Texture:
    base = linear((0.53, 0.52, 0.50)) * rng.uniform(0.7, 1.25)
    stain, grain, streaks = stained(rng, 0.13), Pattern(rng, 0.03, 4), Pattern(rng, 0.2, 3, stretch=10.0)
    panel, has_holes = rng.uniform(1.2, 2.6), rng.random() < 0.5

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        seams = 0.55 + 0.45 * joints(x, panel, 0.012, footprint) * joints(y, panel * 0.6, 0.008, footprint)
        if has_holes:
            away = np.hypot((x % 0.6) - 0.3, (y % 0.6) - 0.3)
            seams = seams * (0.4 + 0.6 * np.clip((away - 0.012) / np.maximum(footprint, 0.003), 0, 1))
        shade = 1 + 0.05 * grain(x, y, footprint) + 0.07 * streaks(x, y, footprint)
        return base * (seams * shade)[:, None] * stain(x, y, footprint)

    return Texture(albedo, lambda x, y, footprint: 0.0004 * grain(x, y, footprint))


def tiles(rng: np.random.Generator) -> Texture:
    size = rng.choice([0.10, 0.15, 0.20])
    base = linear([(0.78, 0.79, 0.77), (0.50, 0.60, 0.58), (0.62, 0.55, 0.40)][rng.integers(3)])
    each, stain, wave = rng.standard_normal((53, 59)).astype(np.float32), stained(rng, 0.05), Pattern(rng, 0.1, 2)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        one = each[np.floor(y / size).astype(int) % 53, np.floor(x / size).astype(int) % 59]
        between = np.minimum(joints(x, size, 0.005, footprint), joints(y, size, 0.005, footprint))
        return base * ((1 + 0.035 * one) * (0.45 + 0.55 * between))[:, None] * stain(x, y, footprint)

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.0004 * wave(x, y, footprint)

    return Texture(albedo, relief, gloss=0.5)


def shutter(rng: np.random.Generator) -> Texture:
    """A roller door or corrugated sheet: slats across or ribs upright."""
    pitch = rng.uniform(0.07, 0.11)
    base = linear([(0.55, 0.56, 0.57), (0.36, 0.40, 0.45), (0.42, 0.47, 0.42), (0.60, 0.56, 0.50)][rng.integers(4)])
    stain, streaks, is_upright = stained(rng, 0.10), Pattern(rng, 0.12, 3, stretch=12.0), rng.random() < 0.4
    rust, amount = Pattern(rng, 0.12, 5, stretch=6.0), rng.uniform(1.8, 3.4)

    def rib(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.sin((x if is_upright else y) * (2 * np.pi / pitch))

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        colour = base * (0.85 + 0.15 * rib(x, y) + 0.07 * streaks(x, y, footprint))[:, None]
        eaten = np.clip((rust(x, y, footprint) - amount - 0.5 * y) * 1.2, 0, 0.8)[:, None]
        return (colour + (linear((0.36, 0.22, 0.14)) - colour) * eaten) * stain(x, y, footprint)

    return Texture(albedo, lambda x, y, footprint: 0.006 * rib(x, y), gloss=0.3)


def rubble(rng: np.random.Generator) -> Texture:
    """Natural stones of many sizes in wide joints."""
    stones, grain, stain = Cells(rng, rng.uniform(0.16, 0.28), 0.9), Pattern(rng, 0.04, 4), stained(rng, 0.12)
    bend, flat, joint = Pattern(rng, 0.12, 3), rng.uniform(1.3, 1.9), rng.uniform(0.008, 0.014)
    base = linear([(0.50, 0.45, 0.38), (0.46, 0.45, 0.44), (0.49, 0.42, 0.36)][rng.integers(3)])
    mortar = linear((0.58, 0.55, 0.50)) * rng.uniform(0.5, 1.1)

    def stone(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return stones(x + 0.02 * bend(x, y), flat * y + 0.02 * bend(y, x))

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        to_joint, tone = stone(x, y)
        colour = base * np.clip(1 + 0.2 * tone + 0.22 * grain(x, y, footprint), 0.2, 2)[:, None]
        solid = np.clip((to_joint - joint) / np.maximum(footprint, 0.004) + 0.5, 0, 1)[:, None]
        return np.clip(mortar + (colour - mortar) * solid, 0.01, 0.9) * stain(x, y, footprint)

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.18 * np.minimum(stone(x, y)[0], 0.03) + 0.002 * grain(x, y, footprint)

    return Texture(albedo, relief)


def shop_window(rng: np.random.Generator) -> Texture:
    """Dark panes over a low wall, in frames, with bright things dimly behind them."""
    wide, sill = rng.uniform(1.1, 1.9), rng.uniform(0.15, 0.6)
    frame, wall = linear((0.30, 0.30, 0.31)) * rng.uniform(0.3, 2.0), plaster(rng)
    things, lamps = Pattern(rng, 0.5, 3), Pattern(rng, 0.7, 2)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        dim = np.clip(
            0.05 + 0.05 * things(x, y, footprint) + 0.25 * np.clip(lamps(x, y, footprint) - 1.2, 0, 1), 0.01, 1
        )
        pane = dim[:, None] * np.array([0.95, 0.97, 1.0], np.float32)
        bars = (joints(x, wide, 0.07, footprint) * joints(y - sill, 2.1, 0.07, footprint))[:, None]
        window = frame + (pane - frame) * bars
        above = np.clip((y - sill) / np.maximum(footprint, 0.003), 0, 1)[:, None]
        return wall.albedo(x, y, footprint) * (1 - above) + window * above

    return Texture(albedo, lambda x, y, footprint: np.zeros(len(x), np.float32), gloss=0.9)


def hedge(rng: np.random.Generator) -> Texture:
    leaves, clumps, twigs = Pattern(rng, 0.035, 2), Pattern(rng, 0.3, 3), Pattern(rng, 0.02, 1)
    base, dry = linear((0.25, 0.31, 0.15)) * rng.uniform(0.7, 1.2), linear((0.34, 0.30, 0.18))

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        depth = leaves(x, y, footprint) + 0.7 * clumps(x, y, footprint)
        share = np.clip(0.25 + 0.3 * twigs(x, y, footprint), 0, 1)[:, None]
        return np.clip((base + (dry - base) * share) * np.exp(0.55 * depth)[:, None], 0.004, 0.5)

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.012 * leaves(x, y, footprint) + 0.05 * clumps(x, y, footprint)

    return Texture(albedo, relief)


WALLS: dict[str, Callable[[np.random.Generator], Texture]] = {
    "brick": brick,
    "concrete": concrete,
    "hedge": hedge,
    "planks": planks,
    "plaster": plaster,
    "rubble": rubble,
    "shop_window": shop_window,
    "shutter": shutter,
    "tiles": tiles,
}
