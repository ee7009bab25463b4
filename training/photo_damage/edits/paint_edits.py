"""The bike burnt, or sprayed with paint: soot, ash and blisters; soft strokes, droplets and runs."""

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, soften
from training.photo_damage.edits.strokes import break_up, contrasting, mix
from training.photo_damage.edits.surfaces import Surface, find_rubber, finish, pick_blob, read_light
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.warps import smooth_noise

__all__ = ["burnt", "sprayed"]

SPRAY_COLOURS = [(0.05, 0.05, 0.05), (0.72, 0.73, 0.75), (0.92, 0.92, 0.90), (0.85, 0.10, 0.12), (0.10, 0.25, 0.75)]
SPRAY_COLOURS += [(0.10, 0.60, 0.25), (0.95, 0.80, 0.10), (0.95, 0.45, 0.08), (0.90, 0.20, 0.60), (0.20, 0.75, 0.85)]
ASH = [(0.46, 0.44, 0.42), (0.62, 0.60, 0.58), (0.36, 0.20, 0.12), (0.28, 0.24, 0.21)]  # and bare, browned steel
SOOT = np.array([0.045, 0.038, 0.034], np.float32)


def burnt(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Part of the bike has been on fire: soot, ash and blisters, melted tyres, saddle and grips.

    The mask is what changed. None where there is too little bike.
    """
    severity = float(rng.uniform(0.4, 1.0))
    surface = pick_blob(layers, parts, rng, (0.35 + 0.75 * severity) * parts.wheel_diameter)
    if surface is None:
        return None
    shape, diameter = surface.alpha.shape, parts.wheel_diameter
    colour, alpha = _melt(surface, parts, diameter, severity, rng)
    light = read_light(surface)
    heat = surface.solid * (surface.density + 0.18 * smooth_noise(shape, rng, 0.12 * diameter))
    sooty = (2.6 * heat).clip(0, 0.96)
    brown = mix(colour, (1.8 * heat).clip(0, 0.7), 0.55 * colour * np.array([1.0, 0.8, 0.62], np.float32))
    blackened = mix(brown, sooty, SOOT * (0.5 + light))
    # Where it burnt hottest nothing is left of paint and soot.
    grain = rng.standard_normal(shape, np.float32)
    crumbs = smooth_noise(shape, rng, 0.09 * diameter) + cv2.GaussianBlur(grain, (0, 0), 1.0) + 4 * heat
    ashen = break_up(crumbs, rng.uniform(0.08, 0.35), surface.where) * (3 * heat - 0.6).clip(0, 1)
    ash = np.array(ASH[rng.integers(len(ASH))], np.float32) * light * (0.45 + 0.55 * float(layers.plate.mean()))
    burned = mix(blackened, ashen, (ash * (1 + 0.1 * grain[..., None])).clip(0, 1))
    blisters = 1.3 * cv2.GaussianBlur(grain, (0, 0), 1.3)
    relief = (blisters - np.roll(blisters, (1, 1), axis=(0, 1))) * (2 * heat).clip(0, 1)
    burned = burned * (1 + 0.7 * relief)[..., None] + (0.12 * relief.clip(0, 1))[..., None]
    return finish(layers, surface, burned, "burnt", severity, alpha)


def sprayed(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Spray paint in strokes, loops or clouds across the bike; the mask is what changed. None without a bike."""
    severity = float(rng.uniform(0.3, 1.0))
    surface = pick_blob(layers, parts, rng, (0.5 + 0.5 * severity) * parts.wheel_diameter)
    if surface is None:
        return None
    size = surface.alpha.shape
    width = rng.uniform(0.03, 0.07) * parts.wheel_diameter
    ways = (_write_tag, _sweep, _spray_clouds)
    lines = ways[rng.integers(len(ways))](size, width, severity, rng)
    covered = np.zeros(size, np.float32)
    for points, line_width in lines:
        covered = np.maximum(covered, _spray(size, points, line_width, rng))
    light = (0.35 + 0.65 * read_light(surface)) * (0.55 + 0.5 * float(layers.plate.mean()))
    usual = float(np.median(light[surface.where]))
    paint = contrasting(np.median(surface.colour[surface.where], axis=0), SPRAY_COLOURS, rng, usual)
    lit = paint * light
    colour = mix(surface.colour, surface.solid * covered * rng.uniform(0.88, 1.0), lit.clip(0, 1))
    return finish(layers, surface, colour, "sprayed", severity)


def _melt(
    surface: Surface, parts: Parts, diameter: float, severity: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Colour and alpha with rubber and plastic sagged where it was hot; metal keeps its shape."""
    soft = find_rubber(parts, surface.box)
    heat = soften(soft, 3.0) * (2 * surface.density).clip(0, 1)
    depth = 0.025 * severity * diameter
    noise = [smooth_noise(surface.alpha.shape, rng, rng.uniform(0.15, 0.3) * diameter) for _ in range(2)]
    rows, columns = np.indices(surface.alpha.shape, dtype=np.float32)
    maps = columns - 0.4 * depth * heat * noise[0], rows - depth * heat * np.abs(noise[1])
    picture = np.dstack([surface.colour, surface.alpha])
    sagged = cv2.remap(
        picture, *(m.astype(np.float32) for m in maps), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return sagged[..., :3], sagged[..., 3]


def _write_tag(
    size: tuple[int, int], width: float, severity: float, rng: np.random.Generator
) -> list[tuple[np.ndarray, float]]:
    """A signature: loops and corners from one side to the other. Points (N, 2) and a width each, in pixels."""
    height, length = size
    lines = []
    for _ in range(1 + round(severity)):
        count = int(rng.integers(5, 10))
        corners = np.column_stack([np.linspace(0.05, 0.95, count) * length, rng.uniform(0.2, 0.8, count) * height])
        corners += rng.normal(0, 0.1, (count, 2)) * [length, height]
        lines.append((_smooth_line(corners), width * rng.uniform(0.6, 1.0)))
    return lines


def _sweep(
    size: tuple[int, int], width: float, severity: float, rng: np.random.Generator
) -> list[tuple[np.ndarray, float]]:
    """Strokes to and fro, nearly straight, in one direction."""
    height, length = size
    angle, lines = rng.uniform(0, np.pi), []
    for _ in range(int(rng.integers(2, 4 + round(3 * severity)))):
        middle = rng.uniform(0.25, 0.75, 2) * [length, height]
        reach = rng.uniform(0.3, 0.6) * max(size)
        heading = angle + rng.normal(0, 0.15)
        corners = middle + np.linspace(-1, 1, 4)[:, None] * reach * [np.cos(heading), np.sin(heading)]
        lines.append((_smooth_line(corners + rng.normal(0, 0.3 * width, (4, 2))), width * rng.uniform(0.8, 1.6)))
    return lines


def _spray_clouds(
    size: tuple[int, int], width: float, severity: float, rng: np.random.Generator
) -> list[tuple[np.ndarray, float]]:
    """Wide clouds where the can was held still."""
    lines = []
    for _ in range(int(rng.integers(2, 4 + round(4 * severity)))):
        middle = rng.uniform(0.2, 0.8, 2) * size[::-1]
        lines.append((_smooth_line(middle + rng.normal(0, width, (3, 2))), width * rng.uniform(2.5, 5)))
    return lines


def _smooth_line(corners: np.ndarray) -> np.ndarray:
    """(N, 2): a curve close to the corners, by cutting them off three times (Chaikin)."""
    line = np.asarray(corners, float)
    for _ in range(3):
        quarter = 0.75 * line[:-1] + 0.25 * line[1:]
        three_quarters = 0.25 * line[:-1] + 0.75 * line[1:]
        line = np.vstack([line[:1], np.stack([quarter, three_quarters], axis=1).reshape(-1, 2), line[-1:]])
    return line


def _spray(size: tuple[int, int], points: np.ndarray, width: float, rng: np.random.Generator) -> np.ndarray:
    """Coverage (h, w) in [0, 1] of one stroke: soft at its edges, with droplets round it, and runs below it."""
    stroke = np.zeros(size, np.uint8)
    cv2.polylines(stroke, [np.round(points * 8).astype(np.int32)], False, 255, max(1, round(width)), cv2.LINE_AA, 3)
    covered = cv2.GaussianBlur(stroke.astype(np.float32) / 255, (0, 0), max(0.8, 0.16 * width))
    droplets = np.zeros(size, np.uint8)
    count = int(rng.uniform(1.0, 3.0) * len(points)) + 30
    places = points[rng.integers(len(points), size=count)] + rng.normal(0, 0.75 * width + 2, (count, 2))
    for place, radius in zip(places, rng.uniform(0.4, 1.3, count), strict=True):
        cv2.circle(
            droplets, tuple(np.round(place * 8).astype(int).tolist()), round(8 * radius), 255, -1, cv2.LINE_AA, 3
        )
    for start in points[rng.integers(len(points), size=int(rng.integers(0, 5)))]:  # paint that runs
        end = start + [rng.normal(0, 0.5), rng.uniform(1, 4) * width]
        ends = [tuple(np.round(8 * place).astype(int).tolist()) for place in (start, end)]
        cv2.line(droplets, *ends, 255, max(1, round(0.12 * width)), cv2.LINE_AA, 3)
    return np.maximum((1.25 * covered).clip(0, 1), cv2.GaussianBlur(droplets.astype(np.float32) / 255, (0, 0), 0.5))
