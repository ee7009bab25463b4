"""Covers torn: the saddle's, down to its foam, and the handlebar's grips or tape, down to the metal."""

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, put_in_front, soften
from training.photo_damage.edits.detachable import Detachable, find_detachable
from training.photo_damage.edits.handlebar_sides import measure_way
from training.photo_damage.edits.loose_ends import draw_ribbon, hang_path, scene_light
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.warps import smooth_noise

__all__ = ["find_padding", "grips_torn", "saddle_torn"]

FOAMS = np.array([[0.90, 0.81, 0.57], [0.94, 0.90, 0.79], [0.84, 0.70, 0.45], [0.96, 0.95, 0.91]], np.float32)
GRIP = 0.22  # of the wheel's diameter: a grip's length, from the handlebar's end
SMALLEST_TEAR = 12  # pixels


def saddle_torn(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The cover is torn and the foam shows: patches, slits, or one end bare; at times a strip hangs down.

    The mask is what changed. None where no saddle can be told from its post.
    """
    saddle = find_detachable(layers, parts, "saddle")
    if saddle is None:
        return None
    body = find_padding(saddle)
    x, y, width, height = cv2.boundingRect(body.astype(np.uint8))
    if width < 12 or height < 5:
        return None
    way = str(rng.choice(["patches", "slits", "end"]))
    severity = float(rng.uniform(0.35, 1.0))
    tears = _draw_tears(body, (x, y, width, height), way, severity, rng) & body
    if tears.sum() < SMALLEST_TEAR:
        return None
    broken = _show_foam(saddle, tears, rng)
    if rng.random() < 0.5:
        broken = _hang_strips(broken, saddle, tears, int(rng.integers(1, 3)), rng)
    return saddle.with_change(layers, broken, "saddle_torn", severity)


def grips_torn(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Grips or bar tape torn off in rings or patches, down to the metal; strips of it hang down.

    The mask is what changed. None where no handlebar can be told from the frame.
    """
    bar = find_detachable(layers, parts, "handlebar")
    if bar is None:
        return None
    way = measure_way(bar)
    farthest = float(way.max())
    covered = way > max(0.3 * farthest, farthest - GRIP * bar.scale)
    if not covered.any():
        return None
    ragged = smooth_noise(way.shape, rng, scale=max(2.5, 0.05 * bar.scale))
    severity = float(rng.uniform(0.35, 1.0))
    if rng.random() < 0.5:  # unwound: ring after ring, as tape comes off
        turns, phase = rng.uniform(0.06, 0.14) * bar.scale, rng.uniform(0, 1)
        tears = covered & ((way / turns + phase + 0.18 * ragged) % 1 < 0.35 + 0.4 * severity)
    else:
        tears = covered & (ragged > np.quantile(ragged[covered], 0.72 - 0.4 * severity))
    if tears.sum() < SMALLEST_TEAR:
        return None
    broken = _hang_strips(_show_metal(bar, tears, rng), bar, tears, int(rng.integers(1, 4)), rng)
    return bar.with_change(layers, broken, "grips_torn", severity)


def _show_metal(bar: Detachable, tears: np.ndarray, rng: np.random.Generator) -> Layers:
    """Bare tube in the tears: bright along its middle, dark towards its edges; dark metal where the cover is light."""
    layers = bar.layers
    light = scene_light(layers.put_together())
    is_light = float(layers.colour[tears].mean()) > 0.6 * light
    metal = np.float32(rng.uniform(0.12, 0.3) if is_light else rng.uniform(0.6, 0.9)) * light
    depth = cv2.distanceTransform((layers.alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    widest = cv2.dilate(depth, np.ones((2 * max(2, round(0.025 * bar.scale)) + 1,) * 2))
    shading = 0.5 + 0.6 * np.sqrt(depth / np.maximum(widest, 1))
    inside = soften(tears, 0.5)
    shaded = np.clip(inside - cv2.warpAffine(inside, np.float32([[1, 0, 0.5], [0, 1, 1]]), tears.shape[::-1]), 0, 1)
    colour = (metal * shading * (1 - 0.5 * shaded))[..., None] * np.array([1.0, 0.99, 0.97], np.float32)
    painted = layers.colour + inside[..., None] * (colour - layers.colour)
    return Layers(painted.clip(0, 1).astype(np.float32), layers.alpha, layers.plate)


def _show_foam(saddle: Detachable, tears: np.ndarray, rng: np.random.Generator) -> Layers:
    """Foam in the tears, shaded by the cover's upper edge; along the lower the torn edge is turned up."""
    layers = saddle.layers
    light = scene_light(layers.put_together())
    foam = FOAMS[rng.integers(len(FOAMS))] * rng.uniform(0.85, 1.05) * light
    luma = cv2.GaussianBlur(layers.colour.mean(axis=2), (0, 0), max(1.5, 0.012 * saddle.scale))
    shading = (luma / max(float(luma[tears].mean()), 1e-3)).clip(0.6, 1.5) ** 0.5
    grain = 1 + 0.07 * smooth_noise(tears.shape, rng, scale=3.0) + 0.04 * smooth_noise(tears.shape, rng, scale=12.0)
    depth = max(1.0, 0.008 * saddle.scale)
    lower = np.float32([[1, 0, 0.4 * depth], [0, 1, depth]])
    inside = soften(tears, 0.6)
    shaded = np.clip(inside - cv2.warpAffine(inside, lower, tears.shape[::-1]), 0, 1)
    colour = foam * (shading * grain * (1 - 0.55 * shaded))[..., None]
    painted = layers.colour + inside[..., None] * (colour - layers.colour)
    edge = np.clip(cv2.warpAffine(inside, lower, tears.shape[::-1]) - inside, 0, 1)[..., None]
    painted = painted + edge * rng.uniform(0.05, 0.25) * light * saddle.piece[..., None]
    return Layers(painted.clip(0, 1).astype(np.float32), layers.alpha, layers.plate)


def _draw_tears(
    body: np.ndarray, box: tuple[int, int, int, int], way: str, severity: float, rng: np.random.Generator
) -> np.ndarray:
    """(h, w) bool, ragged: where the cover is gone."""
    x, y, width, height = box
    rows, columns = np.indices(body.shape, dtype=np.float32)
    ragged = smooth_noise(body.shape, rng, scale=max(3.0, 0.09 * width))
    if way == "end":
        reach = (0.18 + 0.3 * severity) * width
        from_end = columns - x if rng.random() < 0.5 else x + width - columns
        return from_end + 0.1 * width * ragged < reach
    tears = np.zeros(body.shape, bool)
    for _ in range(rng.integers(1, 4) if way == "patches" else rng.integers(2, 6)):
        centre = x + rng.uniform(0.12, 0.88) * width, y + rng.uniform(0.15, 0.6) * height
        if way == "patches":
            axes = rng.uniform(0.1, 0.14 + 0.12 * severity) * width, rng.uniform(0.3, 0.6) * height
        else:
            axes = rng.uniform(0.1, 0.12 + 0.14 * severity) * width, rng.uniform(0.08, 0.16) * height
        turn = np.deg2rad(rng.uniform(-25, 25))
        u = (columns - centre[0]) * np.cos(turn) + (rows - centre[1]) * np.sin(turn)
        v = (rows - centre[1]) * np.cos(turn) - (columns - centre[0]) * np.sin(turn)
        tears |= (u / axes[0]) ** 2 + (v / max(axes[1], 1.2)) ** 2 < 1 + 0.45 * ragged
    return tears


def _hang_strips(broken: Layers, piece: Detachable, tears: np.ndarray, count: int, rng: np.random.Generator) -> Layers:
    """Strips of the cover, hanging from the lower edges of the tears."""
    rows, columns = np.nonzero(tears)
    own = np.median(piece.layers.colour[piece.piece & (piece.layers.alpha > 0.8)], axis=0)
    for _ in range(count):
        column = rng.choice(columns)
        start = np.array([column, rows[columns == column].max()], float)
        path = hang_path(start, rng.uniform(0.08, 0.2) * piece.scale, rng)
        width = rng.uniform(0.014, 0.03) * piece.scale
        broken = put_in_front(draw_ribbon(tears.shape, path, width, own * rng.uniform(0.9, 1.3), rng), broken)
    return broken


def find_padding(saddle: Detachable) -> np.ndarray:
    """(h, w) bool: the padded part of the saddle, without rails and clamp."""
    solid = (saddle.piece & (saddle.layers.alpha > 0.6)).astype(np.uint8)
    side = max(3, round(0.022 * saddle.scale) | 1)
    opened = cv2.morphologyEx(solid, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    count, labels, sizes, _ = cv2.connectedComponentsWithStats(opened)
    if count < 2:
        return np.zeros(solid.shape, bool)
    body = labels == 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_WIDTH]))  # the clamp is as thick, but short
    body = soften(body, max(1.0, 0.008 * saddle.scale)) > 0.5
    body &= solid.astype(bool)
    rows, columns = np.indices(solid.shape, dtype=np.float32)
    along = (columns - saddle.neck[0]) * saddle.up[0] + (rows - saddle.neck[1]) * saddle.up[1]
    return body & (along > 0.5 * np.percentile(along[body], 50)) if body.any() else body
