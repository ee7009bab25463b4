"""What is fitted to a bike and comes loose: mudguards, rack, basket, lamps, cables. None where there is none."""

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, find_changes, put_in_front, soften, stack_rgba
from training.photo_damage.edits.accessories import find_basket, find_mudguard, find_rack
from training.photo_damage.edits.strands import bezier, hang_between, paste, put_strand
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.warps import move, smooth_noise

__all__ = ["basket_crushed", "cable_hanging", "lamp_dangling", "mudguard_hanging", "rack_loose"]

CABLE_WIDTH = (0.007, 0.012)  # wheels
MOST_CABLES = 3
MOST_TURNED = 40  # degrees
MOST_TILTED = 38  # degrees
MOST_CRUSHED = 0.5  # of the basket's height


def mudguard_hanging(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """A mudguard has come off one of its ends, or broken in the middle, and hangs. None without one."""
    found = []
    for part in ("front_wheel", "rear_wheel"):
        guard = find_mudguard(layers.alpha, parts, part)
        if guard is not None:
            found.append((part, guard))
    if not found:
        return None
    part, guard = found[rng.integers(len(found))]
    degrees = float(rng.uniform(12, MOST_TURNED))
    # The end nearer to the ground is the one that falls: angles grow clockwise and 90 is the foot.
    first_is_lower = guard.point(guard.first)[1] > guard.point(guard.last)[1]
    whole = bool(rng.random() < 0.5)
    arc = guard.last - guard.first
    share = 1.0 if whole else rng.uniform(0.4, 0.7)
    if first_is_lower:
        joint, guard.last = guard.first + share * arc, guard.first + share * arc
    else:
        joint, guard.first = guard.last - share * arc, guard.last - share * arc
    # Away from the tyre: the loose end swings outwards about the joint.
    turn = degrees if first_is_lower else -degrees
    inside = soften(guard.mask(layers.alpha), 0.6)
    piece = stack_rgba(layers.colour, layers.alpha * inside)
    rest = Layers(layers.colour, layers.alpha * (1 - inside), layers.plate)
    moved = move(piece, tuple(guard.point(joint)), (0.0, 0.0), turn)
    broken = put_in_front(moved, rest)
    return _changed(layers, broken, "mudguard_hanging", part, degrees / MOST_TURNED)


def rack_loose(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The carrier hangs from its front mount, or stands up from it. None without one."""
    found = find_rack(layers.alpha, parts)
    if found is None:
        return None
    rack, front = found
    facing = parts.facing
    degrees = float(rng.uniform(12, MOST_TILTED))
    turn = facing * degrees * rng.choice([1, 1, -1])
    inside = soften(rack, 0.6)
    piece = stack_rgba(layers.colour, layers.alpha * inside)
    rest = Layers(layers.colour, layers.alpha * (1 - inside), layers.plate)
    broken = put_in_front(move(piece, tuple(front), (0.0, 0.0), turn), rest)
    return _changed(layers, broken, "rack_loose", "frame", degrees / MOST_TILTED)


def basket_crushed(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The basket is squashed unevenly from above or from its front. None without one."""
    basket = find_basket(layers.alpha, parts)
    if basket is None:
        return None
    x, y, width, height = cv2.boundingRect(basket.astype(np.uint8))
    depth = float(rng.uniform(0.25, MOST_CRUSHED))
    inside = soften(basket, 0.6)
    piece = stack_rgba(layers.colour, layers.alpha * inside)
    rest = Layers(layers.colour, layers.alpha * (1 - inside), layers.plate)
    rows, columns = np.indices(layers.alpha.shape, dtype=np.float32)
    dents = smooth_noise(layers.alpha.shape, rng, scale=0.5 * width)
    slope = rng.uniform(-0.8, 0.8) * ((columns - x) / width - 0.5)
    squash = np.clip(1 - depth * (1 + slope + 0.25 * dents), 0.3, 1.0)
    if rng.random() < 0.6:  # from above: the floor stays
        rows = y + height + (rows - y - height) / squash
        columns = columns + 0.12 * width * dents * (1 - (rows - y) / height).clip(0, 1)
    else:  # from the front: the back stays
        back = x if parts.facing > 0 else x + width
        columns = back + (columns - back) / squash
        rows = rows + 0.1 * height * dents
    maps = columns.astype(np.float32), rows.astype(np.float32)
    broken = put_in_front(cv2.remap(piece, *maps, cv2.INTER_LINEAR), rest)
    return _changed(layers, broken, "basket_crushed", "handlebar", depth / MOST_CRUSHED)


def cable_hanging(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """One to three cables torn loose at the handlebar or along the frame. None without wheels and handlebar."""
    facing = parts.facing
    if not facing or "handlebar" not in parts.boxes or "head_tube" not in parts.points:
        return None
    diameter = parts.wheel_diameter
    start_points = _places_on_bike(layers.alpha, parts.boxes["handlebar"], rng)
    if start_points is None:
        return None
    count = int(rng.integers(1, MOST_CABLES + 1))
    broken = layers
    for start in start_points[:count]:
        width = rng.uniform(*CABLE_WIDTH) * diameter
        colour = np.full(3, rng.choice([0.06, 0.1, 0.35, 0.6])) * rng.uniform(0.8, 1.2)
        points = _draw_cable_path(start, parts, diameter, facing, rng)
        broken = put_strand(broken, points, width, colour)
        broken = _finish_end(broken, points, width, rng)
    return _changed(layers, broken, "cable_hanging", "handlebar", count / MOST_CABLES)


def lamp_dangling(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """A front or rear lamp hangs by its wire. None where its mount is not known."""
    mounts = {"handlebar": parts.boxes.get("handlebar"), "frame": parts.boxes.get("saddle")}
    known = [part for part, box in mounts.items() if box is not None]
    if not known or not parts.facing:
        return None
    part = str(rng.choice(known))
    starts = _places_on_bike(layers.alpha, mounts[part], rng)
    if starts is None:
        return None
    diameter, facing = parts.wheel_diameter, parts.facing
    start = starts[0]
    ahead = facing if part == "handlebar" else -facing
    length = rng.uniform(0.18, 0.45) * diameter
    end = start + (ahead * rng.uniform(0.02, 0.14) * diameter, length)
    control = [
        start + (ahead * rng.uniform(0.02, 0.12) * diameter, -0.03 * diameter),
        end - (0.04 * diameter, length / 2),
    ]
    points = bezier(np.array([start, *control, end]))
    broken = put_strand(layers, points, 0.006 * diameter, np.full(3, 0.07))
    size = rng.uniform(0.075, 0.11) * diameter
    lens = np.array([0.93, 0.92, 0.86]) if part == "handlebar" else np.array([0.72, 0.06, 0.05])
    corners = np.array([end - size, end + size])
    angle = float(rng.uniform(-180, 180))
    tone = float(rng.choice([0.08, 0.14, 0.3]))
    broken = paste(broken, corners, 2, lambda shape, at: _draw_lamp(shape, at.mean(axis=0), size, angle, tone, lens))
    return _changed(layers, broken, "lamp_dangling", part, 0.5)


def _draw_lamp(
    shape: tuple[int, int], centre: np.ndarray, size: float, degrees: float, tone: float, lens: np.ndarray
) -> np.ndarray:
    """(H, W, 4) RGBA: a small lamp's hull with its lens, turned, lit from above."""
    rows, columns = np.indices(shape, dtype=np.float32)
    x, y = (columns + 0.5 - centre[0]) / size, (rows + 0.5 - centre[1]) / size
    turn = np.deg2rad(degrees)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    # A cone that widens towards the lens, as a superellipse.
    half = 0.34 + 0.16 * along
    hull = (np.abs(along / 0.55) ** 4 + np.abs(across / half) ** 2.5) - 1
    alpha = (0.5 - hull * size * 0.2).clip(0, 1)
    shade = (1.05 - 0.55 * y - 0.25 * across)[..., None]
    colour = tone * shade * np.ones(3)
    face = ((along - 0.33) * size + 0.5).clip(0, 1)[..., None]
    glint = np.exp(-(((x + 0.05) / 0.35) ** 2 + ((y + 0.18) / 0.2) ** 2))[..., None]
    colour = colour * (1 - face) + face * lens * (0.75 + 0.35 * glint - 0.25 * y[..., None])
    return stack_rgba((colour + 0.18 * glint).clip(0, 1), alpha)


def _draw_cable_path(
    start: np.ndarray, parts: Parts, diameter: float, facing: int, rng: np.random.Generator
) -> np.ndarray:
    """(N, 2): a free end that springs out and falls, a slack loop to the frame, or a curl."""
    form = rng.choice(["free", "loop", "curl"])
    head = np.array(parts.points["head_tube"])
    if form == "loop":
        # To the far end of the frame: a short loop at the head tube is how cables run on a sound bike.
        names = [name for name in ("seat_tube_top", "bottom_bracket") if name in parts.points]
        end = np.array(parts.points[str(rng.choice(names))]) if names else head
        return hang_between(start, end + rng.normal(0, 0.02, 2) * diameter, rng.uniform(0.15, 0.4) * diameter)
    ahead = facing * rng.choice([1, 1, -1])
    reach, fall = rng.uniform(0.15, 0.45) * diameter, rng.uniform(0.55, 1.0) * diameter
    corners = [
        start,
        start + (ahead * 0.7 * reach, -rng.uniform(0.1, 0.35) * diameter),
        start + (ahead * 1.3 * reach, 0.3 * fall),
        start + (ahead * rng.uniform(0.2, 1.1) * reach, fall),
    ]
    points = bezier(np.array(corners), 60)
    if form == "curl":
        t = np.linspace(0, 1, 60)[:, None] ** 2
        phase = t * rng.uniform(3, 6) + rng.uniform(0, 6)
        points = points + 0.06 * diameter * t * np.concatenate([np.cos(phase), np.sin(phase)], axis=1)
    return points


def _finish_end(layers: Layers, points: np.ndarray, width: float, rng: np.random.Generator) -> Layers:
    """The cable's end: a metal tip, a bare inner wire, or frayed."""
    tip, before = points[-1], points[-4]
    heading = (tip - before) / max(1e-3, np.hypot(*(tip - before)))
    metal = np.full(3, rng.uniform(0.5, 0.7))
    form = rng.choice(["tip", "wire", "frayed"])
    if form == "tip":
        return put_strand(layers, np.array([tip, tip + 2.5 * width * heading]), 1.3 * width, metal)
    if form == "wire":
        bend = np.array([-heading[1], heading[0]]) * rng.normal(0, 3) * width
        wire = bezier(np.array([tip, tip + 5 * width * heading, tip + 9 * width * heading + bend]), 12)
        return put_strand(layers, wire, 0.5 * width, metal)
    for _ in range(4):
        away = heading + rng.normal(0, 0.35, 2)
        layers = put_strand(layers, np.array([tip, tip + rng.uniform(3, 6) * width * away]), 0.35 * width, metal)
    return layers


def _places_on_bike(
    alpha: np.ndarray, box: tuple[float, float, float, float], rng: np.random.Generator
) -> np.ndarray | None:
    """(N, 2) random points on the bike inside a box, in pixels; None where next to nothing of it is there."""
    x0, y0, x1, y1 = (max(0, round(v)) for v in box)
    rows, columns = np.nonzero(alpha[y0:y1, x0:x1] > 0.8)
    if len(rows) < 20:
        return None
    picks = rng.integers(len(rows), size=MOST_CABLES)
    return np.stack([columns[picks] + x0, rows[picks] + y0], axis=1).astype(float)


def _changed(layers: Layers, broken: Layers, kind: str, part: str, severity: float) -> Damage | None:
    changes = find_changes(layers, broken)
    return Damage(broken, changes, kind, part, min(1.0, severity)) if changes.any() else None
