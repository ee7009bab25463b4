"""The handlebar: gone, bent, turned, or broken off at one side."""

import cv2
import numpy as np

from training.photo_damage.damage import (
    Damage,
    Material,
    draw_hull,
    draw_strand,
    find_changes,
    put_behind,
    put_in_front,
    soften,
    stack_rgba,
)
from training.photo_damage.edits.detachable import Detachable, find_detachable
from training.photo_damage.edits.handlebar_sides import (
    beyond_stem,
    find_seam,
    pick_side,
    solid_part,
    take_away,
    without_cables,
)
from training.photo_damage.edits.loose_ends import draw_tube_end, hang_path, rotation, scene_light, transform
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.warps import smooth_noise

__all__ = ["handlebar_bent", "handlebar_broken", "handlebar_missing", "handlebar_turned"]

MOST_BENT = 80.0  # degrees


def handlebar_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The handlebar is gone, with its stem or without; the mask is the hull of what is gone.

    Cables go with it, stay, or hang from the head tube. None where no handlebar can be told from the frame.
    """
    bar = find_detachable(layers, parts, "handlebar")
    if bar is None:
        return None
    gone, keeps_stem = bar.piece, False
    if rng.random() < 0.4:
        gone, keeps_stem = beyond_stem(bar), True
        if (gone & solid_part(bar)).sum() < 0.45 * solid_part(bar).sum():
            gone, keeps_stem = bar.piece, False
    before = bar.layers.alpha
    rest = take_away(before, gone)
    if rng.random() < 0.6:
        rest = without_cables(rest, bar)
    bare = Layers(bar.layers.colour, rest, bar.layers.plate)
    if not keeps_stem:
        bare = _close_steerer(bare, bar, rng)
    if rng.random() < 0.4:
        bare = _hang_cables(bare, bar, rng)
    mask = draw_hull(bar.in_photo((before - rest > 0.1) & _near(gone, bar), layers.alpha.shape))
    whole = bar.paste(layers, bare)
    mask |= find_changes(layers, whole)  # the cables too
    return Damage(whole, mask, "handlebar_missing", "handlebar", 0.85 if keeps_stem else 1.0)


def handlebar_turned(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Turned about the steerer (foreshortened, or pointing backwards) or round in its clamp; the mask is what changed.

    None where no handlebar can be told from the frame.
    """
    bar = find_detachable(layers, parts, "handlebar")
    if bar is None:
        return None
    is_head_on = np.ptp(np.nonzero(bar.piece)[1]) > 0.55 * bar.scale  # both halves are seen: backwards looks the same
    way = str(rng.choice(["steerer", "clamp"], p=[0.85, 0.15] if is_head_on else [0.6, 0.4]))
    if way == "steerer":
        length = float(
            rng.uniform(0.2, 0.5) if is_head_on else rng.choice([rng.uniform(0.2, 0.5), -rng.uniform(0.4, 1)])
        )
        across = np.array([-bar.up[1], bar.up[0]])
        matrix = np.eye(2) + (length - 1) * np.outer(across, across)
        moving, centre, severity = bar.piece, bar.neck, (1 - length) / 2
    else:
        moving = beyond_stem(bar)
        if (moving & solid_part(bar)).sum() < 0.45 * solid_part(bar).sum():
            return None
        degrees = float(rng.uniform(30, 180))
        matrix, centre, severity = rotation(degrees * rng.choice([-1, 1])), find_seam(moving, bar), degrees / 180
    rest = take_away(bar.layers.alpha, moving, keep=(centre, 0.5 * bar.width))
    rest = without_cables(rest, bar)
    piece = stack_rgba(bar.layers.colour, bar.layers.alpha * _soft(moving, bar))
    moved = transform(piece, matrix, centre, centre)
    behind = Layers(bar.layers.colour, rest, bar.layers.plate)
    broken = put_in_front(moved, behind) if rng.random() < 0.6 else put_behind(moved, rest, behind)
    return bar.with_change(layers, broken, "handlebar_turned", max(0.3, severity))


def handlebar_bent(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """One side is bent up, down, forward or back in a smooth bow; the mask is what changed.

    None where no handlebar can be told from the frame, or none of its sides.
    """
    bar = find_detachable(layers, parts, "handlebar")
    side = pick_side(bar, rng, ragged=0.0) if bar else None
    if side is None:
        return None
    hinge = find_seam(side, bar)
    degrees = float(rng.uniform(25, MOST_BENT))
    piece = stack_rgba(bar.layers.colour, bar.layers.alpha * _soft(side, bar))
    rows, columns = np.nonzero(side)
    reach = float(np.hypot(columns - hinge[0], rows - hinge[1]).max())
    bent = _bow(piece, hinge, np.deg2rad(degrees * rng.choice([-1, 1])), rng.uniform(0.4, 0.9) * reach)
    rest = without_cables(take_away(bar.layers.alpha, side, keep=(hinge, 0.4 * bar.width)), bar, only=side)
    behind = Layers(bar.layers.colour, rest, bar.layers.plate)
    broken = put_in_front(bent, behind) if rng.random() < 0.5 else put_behind(bent, rest, behind)
    return bar.with_change(layers, broken, "handlebar_bent", degrees / MOST_BENT)


def handlebar_broken(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """One side has broken off and left a ragged end; the mask is what changed.

    None where no handlebar can be told from the frame, or none of its sides.
    """
    bar = find_detachable(layers, parts, "handlebar")
    side = pick_side(bar, rng, ragged=float(rng.uniform(0.01, 0.03))) if bar else None
    if side is None:
        return None
    rest = without_cables(take_away(bar.layers.alpha, side), bar, only=side)
    light = scene_light(bar.layers.put_together())
    # The wall of the tube shows bright or rusty, the hole in it dark.
    edge = soften(cv2.dilate(side.astype(np.uint8), np.ones((5, 5))).astype(bool) & ~side, 0.7) * (rest > 0.4)
    noise = smooth_noise(side.shape, rng, scale=3.0) > -0.2
    metal = np.where(noise[..., None], rng.uniform(0.5, 0.8) * light * np.array([1, 0.98, 0.95]), 0.08 * light)
    colour = bar.layers.colour + edge[..., None] * (metal - bar.layers.colour)
    broken = Layers(colour.astype(np.float32), rest, bar.layers.plate)
    area = (side & solid_part(bar)).sum() / max(1, solid_part(bar).sum())
    return bar.with_change(layers, broken, "handlebar_broken", float(np.clip(1.5 * area, 0.3, 1)))


def _near(gone: np.ndarray, bar: Detachable) -> np.ndarray:
    """(h, w) bool: a little more than what is gone."""
    return cv2.dilate(gone.astype(np.uint8), np.ones((5, 5))).astype(bool)


def _soft(mask: np.ndarray, bar: Detachable) -> np.ndarray:
    """(h, w) in [0, 1]: soft where the mask meets the rest of the bike, full along the matte's own soft edge."""
    return np.maximum(soften(mask, 0.7), mask & (bar.layers.alpha < 0.5)).astype(np.float32)


def _hang_cables(bare: Layers, bar: Detachable, rng: np.random.Generator) -> Layers:
    """Draw loose cables that come out of the head tube's top and hang down in front."""
    light = scene_light(bare.put_together())
    rows, columns = np.nonzero(bar.piece)
    ahead = np.sign(columns.mean() - bar.neck[0]) or 1.0
    for _ in range(rng.integers(1, 4)):
        start = bar.neck - rng.uniform(0.3, 0.9) * bar.width * bar.up
        out = rng.uniform(0.06, 0.2) * bar.scale * ahead
        path = hang_path(start, rng.uniform(0.15, 0.35) * bar.scale, rng)
        along = np.linspace(0, 1, len(path))
        path += np.column_stack([out * np.sin(0.5 * np.pi * along), -0.35 * abs(out) * np.sin(np.pi * along)])
        colour = np.full(3, rng.choice([0.06, 0.1, 0.5]) * light, np.float32)
        bare = put_in_front(draw_strand(bare.alpha.shape, path, max(1.2, 0.009 * bar.scale), colour), bare)
    return bare


def _close_steerer(bare: Layers, bar: Detachable, rng: np.random.Generator) -> Layers:
    inside = np.clip(np.round(bar.neck - 0.6 * bar.width * bar.up).astype(int), 0, np.array(bare.alpha.shape[::-1]) - 1)
    own, light = bare.colour[inside[1], inside[0]], scene_light(bare.put_together())
    hole = np.full(3, 0.05 * light) if rng.random() < 0.6 else own * 0.7
    end = draw_tube_end(bare.alpha.shape, bar.neck, bar.up, bar.width, np.clip(own + 0.08 * light, 0, 1), hole)
    return put_in_front(end, bare)


def _bow(piece: np.ndarray, hinge: np.ndarray, radians: float, reach: float) -> np.ndarray:
    """The piece (h, w, 4) turned about the hinge, not at all there and fully from `reach` pixels on."""
    rows, columns = np.indices(piece.shape[:2], dtype=np.float32)
    x, y = columns - np.float32(hinge[0]), rows - np.float32(hinge[1])
    share = np.clip(np.hypot(x, y) / reach, 0, 1)
    angle = (radians * share * share * (3 - 2 * share)).astype(np.float32)
    cosine, sine = np.cos(angle), np.sin(angle)
    maps = np.float32(hinge[0]) + cosine * x - sine * y, np.float32(hinge[1]) + sine * x + cosine * y
    return cv2.remap(piece, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT).clip(0, 1)
