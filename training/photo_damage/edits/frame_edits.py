"""The frame's tubes: sawn through, snapped, or bent. Each edit works along a stretch of tube that stands free."""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, draw_hull, find_changes, stack_rgba
from training.photo_damage.edits.fork_edits import collapse_front
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.tubes import Tube, jagged_line, pick_tube, put_back
from training.photo_damage.warps import bend_across

__all__ = ["tube_bent", "tube_cut", "tube_snapped"]

SMALLEST_GAP, WIDEST_GAP = 0.07, 0.34  # of the wheel's diameter
SOFT_EDGE = 2.5  # pixels that a tube's soft edge reaches beyond its width
MOST_BESIDE = 0.2  # of the sides of a tube that moves may hold something: spokes behind, but no cage hung on it
OVER_WHEELS = ("fork", "chain_stay", "seat_stay")  # bent alone: a wheel behind a bent stay stays round
OVERLAP = 1.5  # pixels that pieces of one tube go past the line where they meet
STEEPEST = 0.75  # of a broken half: pixels across for each along
DEEPEST_BEND = 0.14  # of the wheel's diameter
COLLAPSE_SHARE = 0.45  # of the bent frames have gone in at the front, as after a crash


def tube_cut(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """A piece of a tube is gone, sawn straight, at a slant or torn; the mask is its hull. None without a free tube."""
    tube = pick_tube(layers.alpha, parts, rng)
    if tube is None:
        return None
    gap = min(float(rng.uniform(SMALLEST_GAP, WIDEST_GAP)) * parts.wheel_diameter, 0.8 * tube.length)
    first = float(rng.uniform(0.05, 0.95)) * (tube.length - gap)
    broken = _open_gap(layers, tube, first, first + gap, rng)
    gone = layers.alpha - broken.alpha > 0.3
    if gone.sum() < 20:
        return None
    mask = draw_hull(gone) | find_changes(layers, broken)
    return Damage(broken, mask, "tube_cut", "frame", gap / (WIDEST_GAP * parts.wheel_diameter))


def tube_snapped(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """A tube is torn through and its halves stand at an angle; the mask is what changed. None without a free tube."""
    tube = pick_tube(layers.alpha, parts, rng, most_beside=MOST_BESIDE)
    if tube is None:
        return None
    split = float(rng.uniform(0.3, 0.7)) * tube.length
    gap = float(rng.uniform(0.1, 0.6)) * tube.width
    torn = _open_gap(layers, tube, split - gap / 2, split + gap / 2, rng, torn=True)
    side = rng.choice([-1, 1])
    lean = rng.uniform(0.25, STEEPEST)
    # Both to one side: a kink. To opposite sides: the ends miss each other. One alone: the other still holds.
    leans = [(lean, lean * rng.uniform(0.5, 1)), (lean, -lean * rng.uniform(0.3, 1)), (lean, 0.0)][rng.integers(3)]
    reach = max(abs(leans[0]) * split, abs(leans[1]) * (tube.length - split))
    limit = min(1.0, 0.3 * parts.wheel_diameter / reach)
    broken = _lean_halves(torn, tube, split, side * limit * leans[0], side * limit * leans[1], rng)
    return Damage(broken, find_changes(layers, broken), "tube_snapped", "frame", float(lean / STEEPEST))


def tube_bent(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """A tube is bowed or kinked, or the whole front has gone in; the mask is what changed. None without a free tube."""
    if rng.random() < COLLAPSE_SHARE and (collapsed := collapse_front(layers, parts, rng)) is not None:
        broken, severity = collapsed
        return Damage(broken, find_changes(layers, broken), "tube_bent", "frame", severity)
    tube = pick_tube(layers.alpha, parts, rng)
    if tube is None:
        return None
    depth = float(rng.uniform(0.06, DEEPEST_BEND)) * parts.wheel_diameter
    severity = depth / (DEEPEST_BEND * parts.wheel_diameter)
    depth *= rng.choice([-1, 1])
    if rng.random() < 0.5 and tube.name not in OVER_WHEELS:
        middle = tube.start + rng.uniform(0.35, 0.65) * (tube.end - tube.start)
        picture = stack_rgba(layers.colour, layers.alpha)
        warped = bend_across(picture, middle, tuple(tube.direction), depth, reach=2.2 * abs(depth))
        broken = replace(layers, colour=warped[..., :3], alpha=warped[..., 3])
    else:
        split = float(rng.uniform(0.35, 0.65)) * tube.length
        depth = float(np.clip(depth, *(sign * 0.6 * min(split, tube.length - split) for sign in (-1, 1))))
        broken = _lean_halves(layers, tube, split, depth / split, depth / (tube.length - split), rng)
    return Damage(broken, find_changes(layers, broken), "tube_bent", "frame", severity)


def _open_gap(
    layers: Layers, tube: Tube, first: float, last: float, rng: np.random.Generator, torn: bool | None = None
) -> Layers:
    """Take out the tube between two places along it, and show the ends' metal.

    Args:
        first: pixels from the tube's start to the gap.
        last: pixels from the tube's start to the gap's end.
        torn: jagged ends that fit each other; None: straight, slanted or jagged by chance.
    """
    box = tube.box(layers.alpha.shape, 2 * tube.width + SOFT_EDGE)
    along, across = tube.coordinates(box)
    slants = rng.uniform(-0.5, 0.5, 2) if rng.random() < 0.5 else rng.uniform(-0.08, 0.08, 2)
    is_jagged = rng.random() < 0.35 if torn is None else torn
    if torn:
        slants[1] = slants[0]
    if is_jagged:
        cell, depth = tube.width * rng.uniform(0.1, 0.25), tube.width * rng.uniform(0.12, 0.35)
        jags = [depth * jagged_line(across, cell, rng) for _ in range(2)]
        edges = [first + slants[0] * across + jags[0], last + slants[1] * across + jags[0 if torn else 1]]
    else:
        edges = [first + slants[0] * across, last + slants[1] * across]
    colour, alpha = layers.colour[box].copy(), layers.alpha[box].copy()
    inside = (tube.width / 2 + SOFT_EDGE + 0.5 - np.abs(across)).clip(0, 1)
    gap = inside * (along - edges[0] + 0.5).clip(0, 1) * (edges[1] - along + 0.5).clip(0, 1)
    gap = cv2.GaussianBlur(gap, (0, 0), 0.6)
    metal = _pick_metal(layers.plate[box], rng)
    # A wide open end shows towards one side, as tubes are seldom seen quite from their side.
    hollow = -1 if is_jagged else rng.integers(-1, 3)
    rim = rng.uniform(0.06, 0.14) * tube.width + 0.6
    for number, inward in enumerate((edges[0] - along, along - edges[1])):
        band = (inward + 0.5).clip(0, 1) * (rim + 0.5 - inward).clip(0, 1)
        if is_jagged:
            band *= (jagged_line(across, 0.15 * tube.width, rng) > -0.3).astype(np.float32)
        colour += (0.85 * band * inside)[..., None] * (metal - colour)
        if hollow in (number, 2):
            gap, colour = _open_end(gap, colour, inward, across, tube.width, metal, rng)
    alpha *= 1 - gap
    return put_back(layers, box, colour, alpha)


def _open_end(
    gap: np.ndarray,
    colour: np.ndarray,
    inward: np.ndarray,
    across: np.ndarray,
    width: float,
    metal: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """The gap's share and the colours with the tube's mouth in them: a dark ellipse within a ring of metal."""
    depth = width * rng.uniform(0.12, 0.28)
    mouth = np.sqrt((inward / depth) ** 2 + (across / (width / 2)) ** 2)
    covered = ((1 - mouth) * depth + 0.5).clip(0, 1)
    wall = rng.uniform(0.14, 0.26) + 0.8 / width
    dark = ((1 - wall - mouth) * depth + 0.5).clip(0, 1)[..., None]
    hole = np.float32(rng.uniform(0.02, 0.07)) + 0.1 * (across / width).clip(-0.5, 0.5)[..., None]
    inside = metal + dark * (hole - metal)
    return gap * (1 - covered), colour + covered[..., None] * (inside.clip(0, 1) - colour)


def _lean_halves(
    layers: Layers, tube: Tube, split: float, lean_first: float, lean_last: float, rng: np.random.Generator
) -> Layers:
    """Swing both halves of a tube sideways about the ends of its free stretch.

    Args:
        split: pixels from the tube's start to where the halves part.
        lean_first: pixels across for each along, of the half at the start; to either side by its sign.
        lean_last: of the other half; equal displacements at the split leave the tube in one piece.
    """
    reach = max(abs(lean_first) * split, abs(lean_last) * (tube.length - split))
    box = tube.box(layers.alpha.shape, reach + tube.width + SOFT_EDGE)
    along, across = tube.coordinates(box)
    picture = stack_rgba(layers.colour[box], layers.alpha[box])
    inside = (tube.width / 2 + SOFT_EDGE + 0.5 - np.abs(across)).clip(0, 1)
    strip = inside * (along + 0.5).clip(0, 1) * (tube.length - along + 0.5).clip(0, 1)
    # The halves reach a little under what they join, so that no seam opens there.
    picture[..., 3] *= inside * (along + OVERLAP).clip(0, 1) * (tube.length + OVERLAP - along).clip(0, 1)
    alpha = layers.alpha[box] * (1 - strip)
    colour = layers.colour[box]
    bow = rng.choice([1.0, rng.uniform(1.0, 1.5)])  # 1: straight halves; more: they curve
    x, y = tube.direction
    for lean, length, is_last in ((lean_first, split, False), (lean_last, tube.length - split, True)):
        place = ((tube.length - along if is_last else along) / length).clip(0, 1.6)
        swing = lean * length * place**bow
        half = picture.copy()
        half[..., 3] *= ((along - split if is_last else split - along) + OVERLAP).clip(0, 1)
        # A leaning tube is as thick as before: squeezed across by as much as the slope stretches it.
        slope = lean * bow * place ** (bow - 1)
        source_across = (across - swing) * np.sqrt(1 + slope**2)
        shift = source_across - across
        half = _sample_shifted(half, -y * shift, x * shift)
        over = half[..., 3]
        total = over + alpha * (1 - over)
        colour = (over[..., None] * half[..., :3] + (alpha * (1 - over))[..., None] * colour) / np.maximum(total, 1e-4)[
            ..., None
        ]
        alpha = total
    return put_back(layers, box, colour, alpha)


def _sample_shifted(picture: np.ndarray, shift_x: np.ndarray, shift_y: np.ndarray) -> np.ndarray:
    rows, columns = np.indices(picture.shape[:2], dtype=np.float32)
    maps = (columns + shift_x).astype(np.float32), (rows + shift_y).astype(np.float32)
    return cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def _pick_metal(plate: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(3,) float32: bare metal or, at times, carbon, in the light of the place around the tube."""
    light = 0.4 + 0.6 * float(plate.mean())
    if rng.random() < 0.2:
        return np.full(3, 0.16 * light, np.float32)
    tint = np.array([1.0, 1.0, 1.0]) + rng.uniform(-0.04, 0.04, 3)
    return (rng.uniform(0.62, 0.95) * light * tint).clip(0, 1).astype(np.float32)
