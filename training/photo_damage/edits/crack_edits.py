"""The frame's tubes cracked or dented: they hold together, but not as they were."""

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, find_changes, stack_rgba
from training.photo_damage.edits.strokes import contrasting, draw_shapes, mix, ragged_stroke
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.tubes import Tube, jagged_line, pick_tube, put_back

__all__ = ["tube_cracked", "tube_dented"]

WIDEST_CRACK = 0.03  # of the wheel's diameter
NARROWEST_CRACK = 2.2  # pixels; finer ones do not show
DEEPEST_DENT = 0.65  # of the tube's width
SOFT_EDGE = 2.5  # pixels that a tube's soft edge reaches beyond its width
UNDER_PAINT = [(0.72, 0.72, 0.73), (0.45, 0.45, 0.44), (0.09, 0.09, 0.10), (0.62, 0.60, 0.55), (0.42, 0.22, 0.12)]


def tube_cracked(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Dark jagged cracks round or along a tube, with chipped paint beside them; the mask is what changed.

    None without a free tube.
    """
    tube = pick_tube(layers.alpha, parts, rng)
    if tube is None:
        return None
    box = tube.box(layers.alpha.shape, tube.width)
    alpha, colour = layers.alpha[box], layers.colour[box]
    share = float(rng.uniform(0.65, 1.0))
    opening = max(NARROWEST_CRACK, min(share * WIDEST_CRACK * parts.wheel_diameter, 0.28 * tube.width))
    count = int(rng.integers(1, 3))  # far enough apart not to run into one another
    sites = (np.arange(count) + rng.uniform(0.3, 0.7, count)) / count * tube.length
    lines = [line for middle in sites for line in _draw_crack_lines(tube, middle, opening, rng)]
    corner = np.array([box[1].start, box[0].start])
    places = [(tube.point(*line.T[:2]) - corner, line[:, 2]) for line in lines]  # points and widths in the box
    cracks = draw_shapes(alpha.shape, [ragged_stroke(points, widths, 0.25, rng) for points, widths in places])
    chips = [
        ragged_stroke(points, widths * rng.uniform(1.2, 2.2) + rng.uniform(0.02, 0.22) * tube.width, 0.5, rng, step=2.5)
        for points, widths in places
    ]
    on_tube = (alpha > 0.5).astype(np.float32)
    below = np.median(colour[alpha > 0.9], axis=0) if (alpha > 0.9).any() else np.full(3, 0.5)
    chipped = draw_shapes(alpha.shape, chips) * on_tube * rng.choice([0.0, 1.0, 1.0])
    grain = 1 + 0.09 * rng.standard_normal((*alpha.shape, 1)).astype(np.float32)
    painted = mix(colour, chipped, contrasting(below, UNDER_PAINT, rng) * grain * _shade_of(colour, alpha))
    # The far lip of a crack catches the light: it lies beside the dark, away from it.
    rim = np.roll(cracks, (1, 1), axis=(0, 1)) * (1 - cracks)
    painted = mix(painted, rng.uniform(0.35, 0.7) * rim * on_tube, (painted + 0.45).clip(0, 0.92))
    painted = mix(painted, cracks, np.full(3, rng.uniform(0.01, 0.06), np.float32))
    if rng.random() < 0.45:  # it gapes: what lies behind shows
        inner = draw_shapes(alpha.shape, [ragged_stroke(points, 0.75 * widths, 0.2, rng) for points, widths in places])
        alpha = alpha * (1 - inner)
    broken = put_back(layers, box, painted, alpha)
    return Damage(broken, find_changes(layers, broken), "tube_cracked", "frame", share)


def tube_dented(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """A tube is pushed in from one side or crushed from both, with light and shade in the hollow.

    The mask is what changed. None without a free tube.
    """
    tube = pick_tube(layers.alpha, parts, rng)
    if tube is None:
        return None
    box = tube.box(layers.alpha.shape, tube.width)
    along, across = tube.coordinates(box)
    side = rng.choice([-1, 1])
    across = side * across
    depth = float(rng.uniform(0.35, DEEPEST_DENT))  # of the width
    reach = float(np.clip(rng.uniform(0.7, 2.0) * tube.width, 5, 0.3 * tube.length))
    middle = rng.uniform(reach, tube.length - reach)
    away = np.abs(along - middle) / reach
    away = away * (1 + 0.12 * jagged_line(along, 0.5 * reach, rng))
    bite = depth * np.exp(-(away ** rng.choice([2.0, 3.0]))) * (along > 0) * (along < tube.length)
    is_crushed = rng.random() < 0.3
    left = (1 - bite).clip(0.15, 1)  # of the tube's width
    half = tube.width / 2
    source = across / left if is_crushed else np.where(across > -half, (across + half) / left - half, across)
    strip = (half + SOFT_EDGE + 0.5 - np.abs(across)).clip(0, 1)
    colour, alpha = _squeeze(layers, box, tube, strip, side * (source - across))
    # A hollow's height in pixels; its slopes face towards the light or away from it.
    ramp = np.ones_like(across) if is_crushed else (0.5 + across / tube.width).clip(0, 1) ** 0.7
    height = -bite * tube.width * ramp * (0.4 if is_crushed else 1)
    slope_y, slope_x = np.gradient(cv2.GaussianBlur(height, (0, 0), 1.0))
    slant = rng.uniform(-0.6, 0.6)
    facing = slope_y - slant * slope_x  # light from above: what rises downwards faces it
    facing = facing / max(1e-3, np.abs(facing * strip).max())
    strength = rng.uniform(0.55, 0.95)
    shaded = colour * (1 + strength * facing.clip(-1, 0))[..., None]
    shaded = mix(shaded, (0.75 * strength * facing.clip(0, 1) ** 1.5), np.float32(0.9) * np.ones(3, np.float32))
    broken = put_back(layers, box, mix(colour, strip, shaded), alpha)
    return Damage(broken, find_changes(layers, broken), "tube_dented", "frame", depth / DEEPEST_DENT)


def _draw_crack_lines(tube: Tube, middle: float, opening: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Each (N, 3): along and across in pixels of the tube, and the crack's width there."""
    width, way = tube.width, rng.choice(["round", "along", "branching"])
    lines = []
    if way == "round":  # across the tube and round it, widest at one edge
        for offset in np.arange(rng.integers(2, 4)) * rng.uniform(0.5, 1.1) * width:
            across = np.linspace(-0.6, 0.6, 9) * width * rng.choice([-1, 1])
            along = middle + offset + rng.uniform(-0.5, 0.5) * across + rng.normal(0, 0.1 * width, 9)
            lines.append(np.column_stack([along, across, opening * np.linspace(0.35, 1.1, 9)]))
        return lines
    length = min(rng.uniform(3.0, 6.5) * width, 0.45 * tube.length)
    along = np.linspace(max(0, middle - length / 2), min(tube.length, middle + length / 2), 14)
    across = np.cumsum(rng.normal(0, 0.14 * width, 14)) + np.linspace(*rng.uniform(-0.4, 0.4, 2), 14) * width
    across = across.clip(-0.42 * width, 0.42 * width)
    tapered = opening * np.sin(np.linspace(0.15, 0.95, 14) * np.pi) ** 0.7
    lines.append(np.column_stack([along, across, tapered]))
    if way == "branching":
        for root in rng.integers(2, 12, rng.integers(2, 5)):
            side = rng.choice([-1, 1])
            reach = np.linspace(0, 1, 6)
            turned = across[root] + side * reach * (0.55 * width - side * across[root])
            forward = along[root] + reach * rng.uniform(-1, 1) * width + rng.normal(0, 0.07 * width, 6) * (reach > 0)
            lines.append(np.column_stack([forward, turned, 0.7 * opening * (1.1 - reach)]))
    return lines


def _squeeze(
    layers: Layers, box: tuple[slice, slice], tube: Tube, strip: np.ndarray, shift: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Colour and alpha of the box with the tube's strip taken from so many pixels farther across; the rest stays."""
    picture = stack_rgba(layers.colour[box], layers.alpha[box] * strip)
    x, y = tube.direction
    rows, columns = np.indices(strip.shape, dtype=np.float32)
    maps = (columns - y * shift).astype(np.float32), (rows + x * shift).astype(np.float32)
    squeezed = cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    over, behind = squeezed[..., 3], layers.alpha[box] * (1 - strip)
    alpha = over + behind * (1 - over)
    share = over / np.maximum(alpha, 1e-4)
    # A spoke's end may be drawn along: a hollow adds nothing.
    return mix(layers.colour[box], share, squeezed[..., :3]), np.minimum(alpha, layers.alpha[box])


def _shade_of(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """(H, W, 1) float32 around 1: the tube's own light and shade, faint where the paint is dark."""
    light = cv2.GaussianBlur(colour.mean(axis=2), (0, 0), 1.0)
    usual = float(np.median(light[alpha > 0.5])) if (alpha > 0.5).any() else 0.5
    return ((light + 0.15) / (usual + 0.15)).clip(0.55, 1.35)[..., None]
