"""Paint that is scratched or has flaked off: sharp edges, and primer, metal or carbon below."""

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material
from training.photo_damage.edits.strokes import PHOTO_BLUR, contrasting, draw_shapes, mix, ragged_stroke
from training.photo_damage.edits.surfaces import Surface, cover_tubes, cut_out, finish, pick_surface, read_light
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.tubes import Tube, find_tubes
from training.photo_damage.warps import smooth_noise

__all__ = ["paint_flaked", "scratches"]

# RGB in [0, 1]: steel or aluminium, bright and dull; primer, grey, dark and red; carbon.
BELOW_PAINT = [(0.80, 0.80, 0.82), (0.62, 0.62, 0.63), (0.50, 0.50, 0.49), (0.30, 0.30, 0.31), (0.45, 0.26, 0.20)]
BELOW_PAINT += [(0.10, 0.10, 0.11)]


def scratches(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Bundles of strokes, gouges or long scuffs on one to three tubes; the mask is what changed.

    None without a free tube.
    """
    tubes = find_tubes(layers.alpha, parts)
    if not tubes:
        return None
    sizes = np.array([tube.length * tube.width for tube in tubes])
    count = min(len(tubes), int(rng.integers(1, 4)))
    chosen = [tubes[index] for index in rng.choice(len(tubes), count, replace=False, p=sizes / sizes.sum())]
    surface = cut_out(layers, parts, cover_tubes(layers.alpha.shape, chosen), None, "frame")
    if surface is None:
        return None
    colour = surface.colour
    severity = float(rng.uniform(0.3, 1.0))
    ways = (_draw_bundles, _draw_gouges, _draw_scuffs)
    way = ways[rng.integers(len(ways))]
    scratched = np.max([way(tube, surface, severity, rng) for tube in chosen], axis=0) * surface.where
    light = read_light(surface) * (0.5 + 0.55 * float(layers.plate.mean()))
    usual = float(np.median(light[surface.where]))
    below = contrasting(np.median(colour[surface.where], axis=0), BELOW_PAINT, rng, usual)
    brushed = 1 + 0.1 * cv2.GaussianBlur(rng.standard_normal((*light.shape[:2], 1)).astype(np.float32), (0, 0), 0.6)
    painted = mix(colour, scratched, (below * light * brushed[..., None]).clip(0, 1))
    painted = mix(painted, 0.6 * _shadow_of(scratched), 0.4 * painted)
    return finish(layers, surface, painted, "scratches", severity)


def paint_flaked(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Patches of paint have come off tubes; the mask is what changed. None without a free tube."""
    surface = pick_surface(layers, parts, rng, is_frame=True)
    if surface is None:
        return None
    severity = float(rng.uniform(0.3, 1.0))
    bare = _flake(surface, severity, parts.wheel_diameter, rng) * surface.where
    light = read_light(surface) * (0.5 + 0.55 * float(layers.plate.mean()))
    usual = float(np.median(light[surface.where]))
    below = contrasting(np.median(surface.colour[surface.where], axis=0), BELOW_PAINT, rng, usual)
    grain = 1 + 0.07 * rng.standard_normal((*surface.alpha.shape, 1)).astype(np.float32)
    painted = mix(surface.colour, bare, (below * light * grain).clip(0, 1))
    painted = mix(painted, 0.7 * _shadow_of(bare), 0.35 * painted)
    if rng.random() < 0.35:  # primer round the metal: a second, smaller layer is gone as well
        deeper = contrasting(usual * below, BELOW_PAINT, rng, usual)
        core = cv2.GaussianBlur(cv2.erode((bare > 0.6).astype(np.float32), np.ones((5, 5))), (0, 0), PHOTO_BLUR)
        painted = mix(painted, core, (deeper * light * grain).clip(0, 1))
    return finish(layers, surface, painted, "paint_flaked", severity)


def _draw_bundles(tube: Tube, surface: Surface, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Coverage (h, w) of one to three bundles of nearly parallel strokes."""
    corner = np.array([surface.box[1].start, surface.box[0].start])
    shapes = []
    for _ in range(2 + round(2 * severity)):
        angle = rng.choice([-1, 1]) * rng.uniform(0.05, 1.2)
        middle = np.array([rng.uniform(0.1, 0.9) * tube.length, rng.normal(0, 0.15) * tube.width])
        reach = rng.uniform(2.0, 5.0) * tube.width
        for _ in range(int(rng.integers(6, 10 + round(12 * severity)))):
            offset = rng.normal(0, 0.5) * np.array([tube.width, 0.5 * tube.width])
            heading = angle + rng.normal(0, 0.07)
            ends = np.linspace(-0.5, 0.5, 5)[:, None] * reach * rng.uniform(0.4, 1.2)
            line = middle + offset + ends * [np.cos(heading), np.sin(heading)] + rng.normal(0, 0.4, (5, 2))
            widths = rng.uniform(0.05, 0.09 + 0.08 * severity) * tube.width * np.array([0.5, 1.0, 1.1, 0.9, 0.4])
            shapes.append(ragged_stroke(tube.point(*line.T) - corner, widths.clip(1.2, None), 0.2, rng))
    return draw_shapes(surface.alpha.shape, shapes)


def _draw_gouges(tube: Tube, surface: Surface, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Coverage (h, w) of a few wide strokes with torn edges."""
    corner = np.array([surface.box[1].start, surface.box[0].start])
    shapes = []
    for _ in range(int(rng.integers(2, 4 + round(3 * severity)))):
        middle = np.array([rng.uniform(0.1, 0.9) * tube.length, rng.normal(0, 0.2) * tube.width])
        heading, reach = rng.normal(0, 0.35), rng.uniform(2.0, 6.0) * tube.width
        line = middle + np.linspace(-0.5, 0.5, 8)[:, None] * reach * [np.cos(heading), np.sin(heading)]
        line[:, 1] += np.cumsum(rng.normal(0, 0.03 * tube.width, 8))
        widths = rng.uniform(0.25, 0.35 + 0.3 * severity) * tube.width * np.sin(np.linspace(0.1, 0.95, 8) * np.pi)
        shapes.append(ragged_stroke(tube.point(*line.T) - corner, widths.clip(1, None), 0.35, rng))
    return draw_shapes(surface.alpha.shape, shapes)


def _draw_scuffs(tube: Tube, surface: Surface, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Coverage (h, w) of a streaky worn stretch along one side of the tube."""
    along, across = tube.coordinates(surface.box)
    length = min(rng.uniform(5, 12) * tube.width, 0.95 * tube.length)
    middle = rng.uniform(length / 2, max(length / 2, tube.length - length / 2) + 1e-3)
    # Noise that is long along the tube and fine across it.
    streaks = smooth_noise((int(tube.width) * 2 + 4, int(tube.length / 6) + 4), rng, 2.0)
    rows = (across + tube.width).clip(0, None).astype(np.float32)
    field = cv2.remap(streaks, (along / 6).clip(0, None).astype(np.float32), rows, cv2.INTER_LINEAR)
    side = rng.uniform(-0.35, 0.35) * tube.width
    field = (
        field - 1.5 * (np.abs(along - middle) / (length / 2)) ** 3 - 1.2 * ((across - side) / (0.45 * tube.width)) ** 2
    )
    field = field + 0.25 * rng.standard_normal(field.shape, np.float32)
    worn = (2.5 * (field - 0.4 + 0.8 * severity)).clip(0, 1).astype(np.float32)
    return cv2.GaussianBlur(worn, (0, 0), PHOTO_BLUR)


def _flake(surface: Surface, severity: float, diameter: float, rng: np.random.Generator) -> np.ndarray:
    """Coverage (h, w) of flakes: random cells with straight edges, clustered, drawn at twice the size."""
    height, width = (2 * side for side in surface.alpha.shape)
    cell = rng.uniform(0.022, 0.06) * diameter  # pixels, twice over in the drawing
    seeds = np.ones((height, width), np.uint8)
    count = max(12, int(height * width / (2 * cell) ** 2))
    seeds[rng.integers(height, size=count), rng.integers(width, size=count)] = 0
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    clusters = smooth_noise((height, width), rng, 8 * cell)
    rows, columns = np.nonzero(seeds == 0)
    values = np.zeros(labels.max() + 1, np.float32)
    values[labels[rows, columns]] = clusters[rows, columns] + rng.normal(0, 0.3, len(rows))
    field = values[labels]
    field += 0.16 * smooth_noise((height, width), rng, 6.0)  # ragged where two cells differ little
    small = cv2.resize(field, surface.alpha.shape[::-1], interpolation=cv2.INTER_AREA)
    level = np.quantile(small[surface.where], 1 - (0.15 + 0.4 * severity))
    bare = cv2.resize((field > level).astype(np.float32), surface.alpha.shape[::-1], interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(bare, (0, 0), 0.35)


def _shadow_of(bare: np.ndarray) -> np.ndarray:
    """(h, w) in [0, 1]: the thin shade under the upper edge of what is gone, as the light is above."""
    return (bare - np.roll(bare, (1, 1), axis=(0, 1))).clip(0, 1)
