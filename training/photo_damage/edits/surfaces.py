"""Where on the bike a surface is damaged, and how the light falls there, whatever colour the paint has."""

from dataclasses import dataclass

import cv2
import numpy as np

from training.photo_damage.damage import Damage, find_changes
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts, box_mask, ellipse_mask, is_closed, line_mask
from training.photo_damage.tubes import Tube, find_tubes, put_back
from training.photo_damage.warps import smooth_noise

__all__ = [
    "SMALLEST",
    "Surface",
    "cover_tubes",
    "cut_out",
    "find_rubber",
    "finish",
    "pick_blob",
    "pick_surface",
    "read_light",
    "roundness",
]

SMALLEST = 60  # pixels of bike; fewer do not show
RIM, TYRE = 0.7, 0.9  # of the radius, where the rim begins at the earliest, and where there is rubber
AIR = 0.16  # of the value range: what differs less from the plate is air that the matte took in between the spokes


@dataclass
class Surface:
    """A piece of the bike in the box around it.

    box: rows and columns in the photo; part: which it is; where: (h, w) bool, its pixels; solid: (h, w) float32 in
    [0, 1], what can be painted; density: (h, w) float32 in [0, 1], how likely the damage is, fading out unevenly;
    colour (h, w, 3) and alpha (h, w) of the layer there.
    """

    box: tuple[slice, slice]
    part: str
    where: np.ndarray
    solid: np.ndarray
    density: np.ndarray
    colour: np.ndarray
    alpha: np.ndarray


def pick_surface(layers: Layers, parts: Parts, rng: np.random.Generator, is_frame: bool = False) -> Surface | None:
    """One or some tubes, the drivetrain, a wheel's rim, an uneven blob anywhere, or most of the bike.

    Args:
        is_frame: only tubes and blobs on the frame.

    Returns:
        None where there is too little bike.
    """
    tubes = find_tubes(layers.alpha, parts)
    wheels = [part for part in ("front_wheel", "rear_wheel") if part in parts.boxes]
    ways = ["tubes", "tubes", "frame"] if tubes else []
    if not is_frame:
        ways += ["drivetrain"] if "drivetrain" in parts.boxes else []
        ways += ["rim"] if wheels else []
        ways += ["blob", "bike"]
    if not ways:
        return None
    way = str(rng.choice(ways))
    shape, part, density = layers.alpha.shape, "frame", None
    if way == "blob":
        return pick_blob(layers, parts, rng, rng.uniform(0.25, 0.6) * parts.wheel_diameter)
    if way in ("tubes", "frame"):
        count = len(tubes) if way == "frame" else min(len(tubes), int(rng.integers(1, 3)))
        chosen = [tubes[index] for index in rng.choice(len(tubes), count, replace=False)]
        where = cover_tubes(shape, chosen)
    elif way == "drivetrain":
        where, part = box_mask(shape, parts.boxes["drivetrain"]), "drivetrain"
        reach = 0.12 * parts.wheel_diameter
        density = (cv2.distanceTransform(where.astype(np.uint8), cv2.DIST_L2, 3) / reach).clip(0, 1)
        where &= density + 0.3 * smooth_noise(shape, rng, reach) > 0.4  # drawn boxes end anywhere: no straight edge
    elif way == "rim":
        part = str(rng.choice(wheels))
        wheel = parts.wheel(part)
        where = ellipse_mask(shape, wheel, TYRE) & ~ellipse_mask(shape, wheel, RIM)
    else:
        where = np.ones(shape, bool)
    return cut_out(layers, parts, where, density, part)


def pick_blob(layers: Layers, parts: Parts, rng: np.random.Generator, radius: float) -> Surface | None:
    """The bike within about `radius` pixels of a random place on it, with no edge that can be seen."""
    rows, columns = np.nonzero(layers.alpha[::2, ::2] > 0.6)
    if not len(rows):
        return None
    pick = rng.integers(len(rows))
    row, column = 2 * int(rows[pick]), 2 * int(columns[pick])
    part = next(
        (p for p in ("front_wheel", "rear_wheel") if p in parts.boxes and _is_inside(parts.wheel(p), column, row)),
        "frame",
    )
    y, x = np.indices(layers.alpha.shape, dtype=np.float32)
    away = np.hypot(x - column, y - row) / radius
    away += 0.25 * smooth_noise(away.shape, rng, 0.7 * radius)
    return cut_out(layers, parts, away < 1, (1.15 - away).clip(0, 1), part)


def read_light(surface: Surface) -> np.ndarray:
    """(h, w, 1) float32 around 1: light and shade along and round the tubes, on black, white and chrome alike."""
    lightness = cv2.GaussianBlur(surface.colour.mean(axis=2), (0, 0), 0.6)
    low, high = np.quantile(lightness[surface.where], (0.1, 0.9))
    share = ((lightness - low) / (high - low + 0.12)).clip(-0.1, 1.25)
    # Dark things hardly show their roundness: what their outline says of it helps out.
    return ((0.62 + 0.45 * share) * (0.72 + 0.34 * roundness(surface.alpha)))[..., None]


def roundness(alpha: np.ndarray) -> np.ndarray:
    """(h, w) float32 in [0, 1]: 0 on an outline, 1 along the middle of what is round."""
    inside = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    widest = cv2.dilate(inside, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17)))
    away = 1 - inside / np.maximum(widest, 1)
    return np.sqrt((1 - away**2).clip(0, 1))


def finish(
    layers: Layers, surface: Surface, colour: np.ndarray, kind: str, severity: float, alpha: np.ndarray | None = None
) -> Damage:
    """The damage with the surface's new colour (h, w, 3) and, at times, alpha (h, w); the mask is what changed."""
    broken = put_back(layers, surface.box, colour, surface.alpha if alpha is None else alpha)
    return Damage(broken, find_changes(layers, broken), kind, surface.part, float(severity))


def cover_tubes(shape: tuple[int, int], tubes: list[Tube]) -> np.ndarray:
    """(H, W) bool: the tubes, and a little of the joints at their ends."""
    where = np.zeros(shape, bool)
    for tube in tubes:
        past = 0.6 * tube.width * tube.direction
        where |= line_mask(shape, tube.start - past, tube.end + past, tube.width + 3)
    return where


def cut_out(layers: Layers, parts: Parts, where: np.ndarray, density: np.ndarray | None, part: str) -> Surface | None:
    """The surface with the bike's pixels among `where` (H, W) bool; density (H, W) in [0, 1], None: 1 all over."""
    where = where & (layers.alpha > 0.4)
    x, y, width, height = cv2.boundingRect(where.astype(np.uint8))
    margin = 4
    box = (
        slice(max(0, y - margin), min(where.shape[0], y + height + margin)),
        slice(max(0, x - margin), min(where.shape[1], x + width + margin)),
    )
    solid = _find_solid(layers, parts, box)
    where = where[box] & (solid > 0.5)
    if where.sum() < SMALLEST:
        return None
    near = np.ones_like(solid) if density is None else density[box].astype(np.float32)
    return Surface(box, part, where, solid, near, layers.colour[box], layers.alpha[box])


def find_rubber(parts: Parts, box: tuple[slice, slice]) -> np.ndarray:
    """(h, w) bool of the box: tyres, saddle and grips."""
    shape = tuple(side.stop for side in box)
    rubber = np.zeros(shape, bool)
    for part in ("front_wheel", "rear_wheel"):
        if (wheel := parts.wheel(part)) is not None:
            rubber |= ellipse_mask(shape, wheel, 1.06) & ~ellipse_mask(shape, wheel, TYRE)
    for part in ("saddle", "handlebar"):
        if part in parts.boxes:
            rubber |= box_mask(shape, parts.boxes[part])
    return rubber[box]


def _find_solid(layers: Layers, parts: Parts, box: tuple[slice, slice]) -> np.ndarray:
    """(h, w) float32 in [0, 1]: not the air between spokes, which some mattes hold."""
    shape = layers.alpha.shape
    airy, closed = np.zeros(shape, bool), np.zeros(shape, bool)
    for part in ("front_wheel", "rear_wheel"):
        if (wheel := parts.wheel(part)) is not None:
            inside = ellipse_mask(shape, wheel, TYRE)
            airy |= inside
            if is_closed(layers.alpha, wheel):
                closed |= inside
    unlike = np.abs(layers.colour[box] - layers.plate[box]).max(axis=2)
    solid = np.where(airy[box], ((unlike - 0.5 * AIR) / (0.5 * AIR)).clip(0, 1), 1)
    return np.where(closed[box], 0, solid).astype(np.float32)


def _is_inside(wheel: tuple[float, float, float, float], x: float, y: float) -> bool:
    centre_x, centre_y, half_width, half_height = wheel
    return ((x - centre_x) / max(half_width, 1)) ** 2 + ((y - centre_y) / max(half_height, 1)) ** 2 < 1
