"""What the bike stands on: asphalt, slabs, cobbles, gravel, earth, grass, snow, concrete and boards.

Each maker takes a generator and returns a Texture; x runs across, y away.
"""

from collections.abc import Callable

import numpy as np

from training.synthetic_bikes.noise import Cells, Pattern
from training.synthetic_bikes.textures import Texture, joints, linear, stained

__all__ = ["GROUNDS"]


def asphalt(rng: np.random.Generator) -> Texture:
    base = linear((0.42, 0.415, 0.41)) * rng.uniform(0.55, 1.3)
    stones, stain, cracks = Pattern(rng, 0.011, 2), stained(rng, 0.14), Pattern(rng, 0.9, 4)
    patch, litter = Pattern(rng, 2.2, 1), scattered(rng)
    has_cracks, is_patched = rng.random() < 0.5, rng.random() < 0.4

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        shade = 1 + 0.20 * stones(x, y, footprint)
        if is_patched:
            shade = shade * np.where(patch(x, y) > 0.9, 0.75, 1.0)
        if has_cracks:
            shade = shade * (1 - 0.5 * np.clip(1 - np.abs(cracks(x, y, footprint)) * 45, 0, 1))
        return litter(x, y, footprint, base * shade[:, None] * stain(x, y, footprint))

    return Texture(albedo, lambda x, y, footprint: 0.0009 * stones(x, y, footprint), gloss=rng.choice([0.0, 0.0, 0.5]))


def slabs(rng: np.random.Generator) -> Texture:
    size = rng.choice([0.30, 0.40, 0.50])
    base = linear([(0.56, 0.55, 0.53), (0.50, 0.47, 0.44), (0.58, 0.53, 0.45)][rng.integers(3)]) * rng.uniform(0.7, 1.1)
    return _laid(rng, base, size, size, 0.007, 0.07)


def cobbles(rng: np.random.Generator) -> Texture:
    """Rounded stones of about the width of a hand, sand or moss between them."""
    stones, grain, stain, litter = (
        Cells(rng, rng.uniform(0.09, 0.13), 0.35),
        Pattern(rng, 0.02, 3),
        stained(rng, 0.13),
        scattered(rng),
    )
    base = linear([(0.47, 0.46, 0.45), (0.50, 0.44, 0.39), (0.40, 0.40, 0.42)][rng.integers(3)]) * rng.uniform(0.7, 1.2)
    between = linear((0.24, 0.25, 0.15) if rng.random() < 0.4 else (0.30, 0.27, 0.23))

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        to_joint, tone = stones(x, y)
        colour = base * np.clip(1 + 0.16 * tone + 0.12 * grain(x, y, footprint), 0.2, 2)[:, None]
        solid = np.clip((to_joint - 0.006) / np.maximum(footprint, 0.006) + 0.5, 0, 1)[:, None]
        return litter(x, y, footprint, (between + (colour - between) * solid) * stain(x, y, footprint))

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.018 * np.sqrt(np.minimum(stones(x, y)[0] / 0.04, 1)) + 0.0008 * grain(x, y, footprint)

    return Texture(albedo, relief)


def pavers(rng: np.random.Generator) -> Texture:
    """Bricks or concrete blocks, 10 by 20 cm."""
    base = linear([(0.48, 0.35, 0.30), (0.47, 0.46, 0.45), (0.45, 0.40, 0.36)][rng.integers(3)]) * rng.uniform(0.7, 1.1)
    return _laid(rng, base, 0.10, 0.20, 0.005, 0.11)


def gravel(rng: np.random.Generator) -> Texture:
    base = linear([(0.55, 0.52, 0.47), (0.50, 0.45, 0.38), (0.46, 0.45, 0.44)][rng.integers(3)])
    stones, fine = Cells(rng, rng.uniform(0.016, 0.03), 1.0), Pattern(rng, 0.012, 2)
    stain, litter = stained(rng, 0.15), scattered(rng)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        to_joint, tone = stones(x, y)
        near = np.clip(0.03 / np.maximum(footprint, 1e-4) - 0.7, 0, 1)  # far stones are one tone
        hollow = 1 - 0.5 * near * np.clip(1 - to_joint / 0.005, 0, 1)
        shade = np.exp(0.25 * near * tone + 0.16 * fine(x, y, footprint)) * hollow
        return litter(x, y, footprint, base * shade[:, None] * stain(x, y, footprint))

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        near = np.clip(0.03 / np.maximum(footprint, 1e-4) - 0.7, 0, 1)
        return 0.5 * near * np.minimum(stones(x, y)[0], 0.008) + 0.002 * fine(x, y, footprint)

    return Texture(albedo, relief)


def earth(rng: np.random.Generator) -> Texture:
    base = linear([(0.45, 0.37, 0.28), (0.40, 0.34, 0.29), (0.52, 0.44, 0.34)][rng.integers(3)])
    lumps, grain, tracks = Pattern(rng, 0.12, 4), Pattern(rng, 0.015, 2), Pattern(rng, 0.5, 3, stretch=0.1)
    stain, litter = stained(rng, 0.15), scattered(rng)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        shade = 1 + 0.10 * lumps(x, y, footprint) + 0.10 * grain(x, y, footprint) + 0.08 * tracks(x, y, footprint)
        return litter(x, y, footprint, base * np.clip(shade, 0.2, 2)[:, None] * stain(x, y, footprint))

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.010 * lumps(x, y, footprint) + 0.0015 * grain(x, y, footprint)

    return Texture(albedo, relief)


def grass(rng: np.random.Generator) -> Texture:
    blades, tufts, wide = Pattern(rng, 0.022, 4), Pattern(rng, 0.11, 3), Pattern(rng, 1.2, 4)
    green, dry = linear((0.34, 0.38, 0.22)) * rng.uniform(0.7, 1.1), linear((0.47, 0.43, 0.28))
    soil, bare, dryness, litter = (
        linear((0.34, 0.28, 0.21)),
        rng.uniform(1.0, 2.4),
        rng.uniform(0.0, 0.5),
        scattered(rng),
    )

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        large, small = wide(x, y, footprint), tufts(x, y, footprint)
        colour = green + (dry - green) * np.clip(dryness + 0.22 * large + 0.12 * small, 0, 1)[:, None]
        colour = colour + (soil - colour) * np.clip((0.7 * large + 0.5 * small - bare) * 3, 0, 1)[:, None]
        shade = np.exp(0.38 * blades(x, y, footprint) + 0.18 * small)
        return litter(x, y, footprint, np.clip(colour * shade[:, None], 0.005, 0.7))

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.004 * blades(x, y, footprint) + 0.015 * tufts(x, y, footprint)

    return Texture(albedo, relief)


def snow(rng: np.random.Generator) -> Texture:
    """Trodden and a little dirty, the ground showing through in places."""
    drifts, prints, grain = Pattern(rng, 1.4, 6), Pattern(rng, 0.16, 4), Pattern(rng, 0.02, 3)
    beneath, cover = [asphalt, grass, pavers][rng.integers(3)](rng), rng.uniform(0.6, 3.0)
    tracks, many = Pattern(rng, 0.35, 4, stretch=0.2), rng.uniform(0.0, 0.2)
    white, slush = linear((0.88, 0.90, 0.92)), linear((0.60, 0.57, 0.53))

    def depth(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        laid = cover + drifts(x, y, footprint) + 0.4 * prints(x, y, footprint) + 0.25 * grain(x, y, footprint)
        return np.clip(0.7 * laid + many * tracks(x, y, footprint), 0, 1)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        deep = depth(x, y, footprint)
        dirty = 0.9 - deep + many * tracks(x, y, footprint) - 0.2 * prints(x, y, footprint)
        dirty = np.clip(dirty + 0.10 * grain(x, y, footprint), 0, 1)[:, None]
        colour = (white + (slush - white) * dirty) * (1 + 0.03 * grain(x, y, footprint))[:, None]
        ground = beneath.albedo(x, y, footprint) * 0.8
        return ground + (colour - ground) * deep[:, None]

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.012 * depth(x, y, footprint) + 0.009 * prints(x, y, footprint) + 0.001 * grain(x, y, footprint)

    return Texture(albedo, relief)


def floor(rng: np.random.Generator) -> Texture:
    """The concrete or painted floor of a hall, with wheel marks."""
    base = linear([(0.52, 0.51, 0.49), (0.42, 0.46, 0.47), (0.47, 0.37, 0.33)][rng.integers(3)]) * rng.uniform(0.7, 1.2)
    stain, grain, marks, bay = stained(rng, 0.12), Pattern(rng, 0.02, 3), Pattern(rng, 0.5, 2), rng.uniform(2.0, 5.0)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        seams = np.minimum(joints(x + 0.7, bay, 0.008, footprint), joints(y + 0.4, bay, 0.008, footprint))
        scuffs = np.clip(1 - np.abs(marks(x, y, footprint)) * 22, 0, 1)
        shade = (0.5 + 0.5 * seams) * (1 - 0.18 * scuffs) * (1 + 0.05 * grain(x, y, footprint))
        return base * shade[:, None] * stain(x, y, footprint)

    return Texture(albedo, lambda x, y, footprint: 0.0003 * grain(x, y, footprint), gloss=rng.uniform(0.1, 0.6))


def boards(rng: np.random.Generator) -> Texture:
    """A wooden floor."""
    wide, base = (
        rng.uniform(0.07, 0.16),
        linear([(0.56, 0.42, 0.28), (0.45, 0.31, 0.21), (0.60, 0.50, 0.38)][rng.integers(3)]),
    )
    fibre, stain, each = Pattern(rng, 0.012, 3, stretch=0.04), stained(rng, 0.08), rng.standard_normal(89)

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        index = np.floor(y / wide).astype(int)
        shade = 1 + 0.13 * each[index % 89] + 0.10 * fibre(x + index * 2.3, y, footprint)
        shade = shade * (0.4 + 0.6 * joints(y, wide, 0.003, footprint))
        return base * shade.astype(np.float32)[:, None] * stain(x, y, footprint)

    return Texture(albedo, lambda x, y, footprint: 0.0004 * fibre(x, y, footprint), gloss=rng.uniform(0.2, 0.7))


GROUNDS: dict[str, Callable[[np.random.Generator], Texture]] = {
    "asphalt": asphalt,
    "boards": boards,
    "cobbles": cobbles,
    "earth": earth,
    "floor": floor,
    "grass": grass,
    "gravel": gravel,
    "pavers": pavers,
    "slabs": slabs,
    "snow": snow,
}


def scattered(rng: np.random.Generator) -> Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
    """Lays fallen leaves and crumbs, 1 to 6 cm, over an albedo (K, 3); on some grounds none."""
    count = int(rng.choice([0, 12, 40, 120]))
    places, sizes = rng.uniform([-3.0, -2.5], [3.0, 3.0], (count, 2)), rng.uniform(0.006, 0.03, count)
    turns, narrow = rng.uniform(0, np.pi, count), rng.uniform(0.35, 0.8, count)
    tints = linear(np.array([(0.50, 0.37, 0.20), (0.38, 0.27, 0.17), (0.45, 0.42, 0.26), (0.75, 0.74, 0.70)]))
    colours = tints[rng.choice(4, count, p=[0.35, 0.35, 0.2, 0.1])] * rng.uniform(0.5, 1.1, (count, 1))

    def lay(x: np.ndarray, y: np.ndarray, footprint: np.ndarray, albedo: np.ndarray) -> np.ndarray:
        order = np.argsort(x, kind="stable")
        ordered = x[order]
        for (at_x, at_y), size, turn, flat, colour in zip(places, sizes, turns, narrow, colours, strict=True):
            first, last = np.searchsorted(ordered, [at_x - 0.06, at_x + 0.06])
            near = order[first:last]
            dx, dy = x[near] - at_x, y[near] - at_y
            along, across = dx * np.cos(turn) + dy * np.sin(turn), (dy * np.cos(turn) - dx * np.sin(turn)) / flat
            share = np.clip((size - np.hypot(along, across)) / np.maximum(footprint[near], 0.002) + 0.5, 0, 1)[:, None]
            albedo[near] += (colour - albedo[near]) * share
        return albedo

    return lay


def _laid(rng: np.random.Generator, base: np.ndarray, tall: float, long: float, joint: float, unlike: float) -> Texture:
    """Stones in staggered rows. unlike: deviation of their brightness."""
    wobble, grain, stain, gaps = (
        Pattern(rng, 0.08, 2),
        Pattern(rng, 0.008, 3),
        stained(rng, 0.13),
        Pattern(rng, 0.25, 3),
    )
    each, litter = rng.standard_normal((61, 67)).astype(np.float32), scattered(rng)
    turn = rng.choice([0.0, 0.0, np.pi / 2, np.pi / 4]) + rng.normal(0, 0.02)
    moss = linear((0.24, 0.25, 0.15)) if rng.random() < 0.5 else linear((0.24, 0.22, 0.20))

    def place(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
        y = y + 0.15 * joint * wobble(x, y)
        return x + 0.15 * joint * wobble(y, x) + (np.floor(y / tall) % 2) * long / 2, y

    def solid(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return np.minimum(joints(x, long, joint, footprint), joints(y, tall, joint, footprint))

    def albedo(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        turned_x, turned_y = place(x, y)
        one = each[np.floor(turned_y / tall).astype(int) % 61, np.floor(turned_x / long).astype(int) % 67]
        colour = base * np.clip(1 + unlike * one + 0.09 * grain(x, y, footprint), 0.2, 2)[:, None]
        filled = np.clip(0.7 + 0.3 * gaps(x, y, footprint), 0, 1)[:, None]
        colour = colour + (moss - colour) * (1 - solid(turned_x, turned_y, footprint))[:, None] * filled
        return litter(x, y, footprint, colour * stain(x, y, footprint))

    def relief(x: np.ndarray, y: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        return 0.5 * joint * solid(*place(x, y), footprint) + 0.0003 * grain(x, y, footprint)

    return Texture(albedo, relief)
