"""The saddle: gone, turned, or hanging."""

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
)
from training.photo_damage.edits.detachable import Detachable, drop_loose, find_detachable
from training.photo_damage.edits.loose_ends import (
    draw_block,
    draw_tube_end,
    rotation,
    scene_light,
    transform,
)
from training.photo_damage.edits.necks import trace_widths
from training.photo_damage.edits.torn_edits import find_padding
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

__all__ = ["saddle_drooping", "saddle_missing", "saddle_turned"]

SHORTEST_POST = 0.05  # of the wheel's diameter: less than that to pull out does not show
COLLAR = 1.3  # widths of the post: what is wider is the frame's collar
MOST_TIPPED, MOST_DROOPING = 65.0, 95.0  # degrees


def saddle_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The saddle is gone, at times all but its rails, or with its post; the mask is the hull of what is gone.

    None where no saddle can be told from its post.
    """
    saddle = find_detachable(layers, parts, "saddle")
    if saddle is None:
        return None
    gone = saddle.piece & (saddle.layers.alpha > 0.02)
    way = str(rng.choice(["bare_post", "rails", "short_post", "no_post"], p=[0.3, 0.18, 0.22, 0.3]))
    share = {"short_post": rng.uniform(0.2, 0.7), "no_post": 1.0}.get(way)
    post = _post_below(saddle, share) if share else None
    if post is not None:
        broken = _without_post(saddle, post, rng)
        gone |= post & (saddle.layers.alpha > 0.02)
    else:
        broken = _bare_post(saddle, rng)
        if way == "rails":
            broken = _add_rails(broken, saddle, _nose_side(parts) < 0, rng)
    whole = saddle.paste(layers, broken)
    # Rails and the post's new end may stick out of the hull a little.
    mask = draw_hull(saddle.in_photo(gone, layers.alpha.shape)) | find_changes(layers, whole)
    severity = 1.0 if post is not None else 0.9 if way != "rails" else 0.75
    return Damage(whole, mask, "saddle_missing", "saddle", severity)


def saddle_turned(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The saddle is tipped, twisted sideways or points backwards, about its clamp; the mask is what changed.

    None where no saddle can be told from its post.
    """
    saddle = find_detachable(layers, parts, "saddle")
    if saddle is None:
        return None
    way = str(rng.choice(["tipped", "sideways", "backwards"], p=[0.45, 0.4, 0.15]))
    if way == "tipped":
        degrees, length = float(rng.uniform(22, MOST_TIPPED)), 1.0
        severity = degrees / MOST_TIPPED
    else:  # seen from the side, a twisted saddle is a shorter one; past a right angle its nose points back
        degrees = float(rng.uniform(0, 14))
        length = float(rng.uniform(0.22, 0.5)) * rng.choice([-1, 1]) if way == "sideways" else -rng.uniform(0.6, 1.0)
        severity = float((1 - length) / 2)
    matrix = rotation(degrees * rng.choice([-1, 1])) @ np.diag([length, 1.0])
    piece, rest = saddle.split()
    broken = put_behind(transform(piece, matrix, saddle.neck, saddle.neck), rest, saddle.layers)
    return saddle.with_change(layers, broken, "saddle_turned", severity)


def saddle_drooping(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The clamp is broken: the nose hangs down, or the saddle hangs by one side; the mask is what changed.

    None where no saddle can be told from its post, or where its nose points is not known.
    """
    nose = _nose_side(parts)
    saddle = find_detachable(layers, parts, "saddle") if nose else None
    if saddle is None:
        return None
    piece, rest = saddle.split()
    x, y, width, height = cv2.boundingRect(saddle.piece.astype(np.uint8))
    way = str(rng.choice(["tipped", "slipped", "aside"]))
    degrees = float(rng.uniform(42, MOST_DROOPING - 15))
    if way == "tipped":
        held, matrix = saddle.neck, rotation(-nose * degrees)
        broken = put_behind(transform(piece, matrix, held, saddle.neck), rest, saddle.layers)
    elif way == "slipped":  # it has slid along its rails and hangs by the rear end of them
        degrees += 15
        held = np.array([saddle.neck[0] - nose * rng.uniform(0.12, 0.25) * width, y + rng.uniform(0.55, 0.75) * height])
        broken = put_behind(transform(piece, rotation(-nose * degrees), held, saddle.neck), rest, saddle.layers)
    else:  # rolled over to the side that is seen: its top faces the camera, and hides the end of the post
        degrees = float(rng.uniform(10, 40))
        matrix = rotation(-nose * degrees) @ np.diag([rng.uniform(0.85, 1.0), rng.uniform(1.25, 1.6)])
        body = find_padding(saddle)
        if not body.any():
            return None
        held = _point_of(body, saddle.neck[0] + nose * rng.uniform(-0.05, 0.15) * width, depth=0.35)
        piece[..., 3] *= np.maximum(soften(body, 0.7), body)
        behind = Layers(saddle.layers.colour, rest, saddle.layers.plate)
        broken = put_in_front(transform(piece, matrix, held, saddle.neck), behind)
    return saddle.with_change(layers, broken, "saddle_drooping", min(1.0, 0.3 + 0.7 * degrees / MOST_DROOPING))


def _bare_post(saddle: Detachable, rng: np.random.Generator) -> Layers:
    """The saddle cut off at its clamp; the post ends open, capped or plain."""
    _, rest = saddle.split(keep_neck=0.0)
    bare = Layers(saddle.layers.colour, rest, saddle.layers.plate)
    return _close_tube(bare, saddle.neck, saddle.up, saddle.width, rng)


def _close_tube(bare: Layers, point: np.ndarray, up: np.ndarray, width: float, rng: np.random.Generator) -> Layers:
    """Draw the end of a cut tube over its straight edge, in the tube's own colour."""
    inside = np.clip(np.round(point - 0.8 * width * up).astype(int), 0, np.array(bare.alpha.shape[::-1]) - 1)
    own = bare.colour[inside[1], inside[0]]
    light = scene_light(bare.put_together())
    hole = own * 0.35 if rng.random() < 0.6 else np.full(3, rng.uniform(0.05, 0.6) * light, np.float32)
    rim = np.clip(own * 1.15 + 0.06 * light, 0, 1)
    return put_in_front(draw_tube_end(bare.alpha.shape, point, up, width, rim, hole), bare)


def _post_below(saddle: Detachable, share: float) -> np.ndarray | None:
    """(h, w) bool: this share of the post from the clamp to the frame's collar; None where that is not to be seen."""
    places = trace_widths(saddle.layers.alpha, saddle.neck, -saddle.up, 0.65 * saddle.scale, saddle.scale)
    usual = np.median([width for _, _, width in places[: max(4, len(places) // 3)]]) if places else 0.0
    end = next((i for i, place in enumerate(places) if i > 3 and place[2] > COLLAR * usual + 1), None)
    if end is None or end < SHORTEST_POST * saddle.scale:
        return None
    end = max(3, round(share * end))
    middles = np.array([middle for _, middle, _ in places[:end]])
    post = np.zeros(saddle.piece.shape, np.uint8)
    cv2.polylines(post, [np.round(16 * middles).astype(np.int32)], False, 1, max(3, round(1.35 * usual + 3)), shift=4)
    beyond = np.array(places[end - 1][1])
    rows, columns = np.indices(post.shape, dtype=np.float32)
    is_above = (columns - beyond[0]) * saddle.up[0] + (rows - beyond[1]) * saddle.up[1] > 0
    return post.astype(bool) & is_above


def _without_post(saddle: Detachable, post: np.ndarray, rng: np.random.Generator) -> Layers:
    _, rest = saddle.split(keep_neck=0.0)
    gone = np.maximum(soften(post, 0.6), post & (rest < 0.9))
    rest = drop_loose(rest * (1 - gone), post | saddle.piece)
    bare = Layers(saddle.layers.colour, rest.astype(np.float32), saddle.layers.plate)
    rows, columns = np.nonzero(post)
    along = (columns - saddle.neck[0]) * saddle.up[0] + (rows - saddle.neck[1]) * saddle.up[1]
    lowest = along < along.min() + 2
    end = np.array([columns[lowest].mean(), rows[lowest].mean()])
    return _close_tube(bare, end, saddle.up, 1.05 * saddle.width, rng)


def _add_rails(bare: Layers, saddle: Detachable, nose_left: bool, rng: np.random.Generator) -> Layers:
    """Draw the clamp and the two bent rods that the saddle sat on."""
    x, y, width, _ = cv2.boundingRect(saddle.piece.astype(np.uint8))
    shape, light = bare.alpha.shape, scene_light(bare.put_together())
    metal = np.full(3, rng.choice([rng.uniform(0.08, 0.2), rng.uniform(0.45, 0.7)]) * light, np.float32)
    base = saddle.neck + 0.35 * saddle.width * saddle.up
    rise = np.clip(0.4 * (base[1] - y), 0.03 * saddle.scale, 0.05 * saddle.scale)
    along = np.array([-0.3, -0.28, -0.2, -0.1, 0.14, 0.24, 0.34])
    height = np.array([0.95, 0.75, 0.15, 0.0, 0.0, 0.2, 0.6]) * rng.uniform(0.7, 1.1)
    if nose_left:
        along, height = -along[::-1], height[::-1]
    fine = np.linspace(along[0], along[-1], 40)
    curve = np.column_stack([fine * width, -np.interp(fine, along, height) * rise])
    curve = cv2.GaussianBlur(curve.astype(np.float32), (1, 7), 0, sigmaY=1.5, borderType=cv2.BORDER_REPLICATE)
    thick = max(1.3, 0.011 * saddle.scale)
    for offset, shade in (((0.012 * saddle.scale, -0.016 * saddle.scale), 0.7), ((0.0, 0.0), 1.0)):
        bare = put_in_front(draw_strand(shape, base + curve + offset, thick, metal * shade), bare)
    size = (1.35 * saddle.width, 0.75 * saddle.width)
    return put_in_front(draw_block(shape, base, saddle.up, size, np.full(3, 0.16 * light, np.float32)), bare)


def _nose_side(parts: Parts) -> int:
    """1 where the saddle's nose points right, -1 left, 0 unknown."""
    if parts.facing:
        return parts.facing
    if "head_tube" in parts.points and "saddle" in parts.boxes:
        x0, _, x1, _ = parts.boxes["saddle"]
        return int(np.sign(parts.points["head_tube"][0] - (x0 + x1) / 2))
    return 0


def _point_of(body: np.ndarray, x: float, depth: float) -> np.ndarray:
    """(2,): a point of the body (h, w) bool near the column x, this share of its thickness below its top."""
    columns = np.flatnonzero(body.any(axis=0))
    column = columns[np.argmin(np.abs(columns - x))]
    rows = np.flatnonzero(body[:, column])
    return np.array([column, rows[0] + depth * (rows[-1] - rows[0])], float)
