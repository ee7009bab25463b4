"""Take cranks, chainring and chain away, and rebuild what they hid: tubes, the bracket's shell, the rear wheel."""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import put_in_front, soften, stack_rgba
from training.photo_damage.edits.drivetrain import (
    Drivetrain,
    Tube,
    drop_fragments,
    extend_tube,
    put_instead,
    trace_tube,
    turn_rear_wheel,
)
from training.photo_damage.edits.strands import paste
from training.photo_damage.edits.windows import cut_window, open_window, put_window_back
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts, ellipse_mask, line_mask

__all__ = ["chain_mask", "remove_chain", "remove_cranks"]

PEDAL_REACH = 0.37  # wheels, from the bracket to the outer edge of a pedal
SHELL = 0.034  # wheels, radius of the bracket's shell
FARTHEST_BRACKET = 0.06  # wheels, from where it was drawn to where the tubes meet
STAY = 0.045  # wheels, width of a stay where its edges cannot be found


def remove_cranks(
    layers: Layers, parts: Parts, drivetrain: Drivetrain, with_derailleur: bool, rng: np.random.Generator
) -> Layers | None:
    """The layers without cranks, chainring and chain; None where the tubes behind them cannot be told."""
    tubes = _trace_tubes(layers.alpha, parts, drivetrain)
    if tubes is None:
        return None
    meeting = _where_they_meet(*tubes)
    if np.hypot(*((meeting - drivetrain.bracket) / drivetrain.size)) > FARTHEST_BRACKET:
        return None
    drivetrain = replace(drivetrain, bracket=meeting)
    gone = drivetrain.distance(layers.alpha.shape, drivetrain.bracket) < PEDAL_REACH
    gone &= _below_tubes(layers.alpha.shape, drivetrain, tubes) | _raised_crank(layers.alpha, drivetrain, tubes)
    gone |= chain_mask(layers.alpha.shape, drivetrain, with_derailleur)
    soft = soften(gone, 0.8)
    rebuilt = put_instead(layers, turn_rear_wheel(layers, drivetrain, rng.uniform(165, 195)), soft)
    hidden = max(drivetrain.chainring + 0.03, 0.13) * drivetrain.diameter
    for stay in _stays(layers.alpha, parts, drivetrain):
        rebuilt = _put_tube_back(rebuilt, layers, stay, 0.26 * drivetrain.diameter, soft)
    for tube in tubes:
        rebuilt = _put_tube_back(rebuilt, layers, tube, hidden, soft)
    rebuilt = _draw_shell(rebuilt, layers, drivetrain, tubes, rng)
    return drop_fragments(rebuilt, gone)


def remove_chain(layers: Layers, parts: Parts, drivetrain: Drivetrain, rng: np.random.Generator) -> Layers:
    """The layers without the chain between chainring and sprockets; both stay, and so does the chain stay."""
    gone = chain_mask(layers.alpha.shape, drivetrain, with_derailleur=False)
    gone &= drivetrain.distance(layers.alpha.shape, drivetrain.bracket) > drivetrain.chainring + 0.012
    soft = soften(gone, 0.8)
    rebuilt = put_instead(layers, turn_rear_wheel(layers, drivetrain, rng.uniform(165, 195)), soft)
    for stay in _stays(layers.alpha, parts, drivetrain):
        rebuilt = _put_tube_back(rebuilt, layers, stay, 0.0, soft)
    return drop_fragments(rebuilt, gone)


def chain_mask(shape: tuple[int, int], drivetrain: Drivetrain, with_derailleur: bool) -> np.ndarray:
    """(H, W) bool, the band in which the chain runs from the sprockets to the chainring, derailleur included or not."""
    at, hub, bracket = drivetrain.at, drivetrain.hub, drivetrain.bracket
    ring = drivetrain.chainring + 0.015
    corners = [at(hub, 0.02, -0.085), at(bracket, 0, -ring), at(bracket, 0, ring)]
    if with_derailleur:
        corners += [at(hub, 0.16, 0.3), at(hub, -0.03, 0.3), at(hub, -0.03, 0.06)]
    else:
        corners += [at(hub, 0.17, 0.26), at(hub, 0.1, 0.07)]
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 1)
    sprockets = drivetrain.distance(shape, hub) < 0.085
    return mask.astype(bool) & ~sprockets


def _trace_tubes(alpha: np.ndarray, parts: Parts, drivetrain: Drivetrain) -> list[Tube] | None:
    """Down tube and seat tube from the bracket up; None where one of them is unknown or not straight."""
    wheel = (*drivetrain.hub, *(drivetrain.size / 2))
    free = alpha * ~ellipse_mask(alpha.shape, wheel, scale=1.01)  # the tyre may touch the seat tube
    tubes = []
    for name in ("head_tube", "seat_tube_top"):
        if name not in parts.points:
            return None
        tube = trace_tube(free, drivetrain.bracket, np.array(parts.points[name]), drivetrain.diameter)
        if tube is None:
            return None
        tubes.append(tube)
    return tubes


def _below_tubes(shape: tuple[int, int], drivetrain: Drivetrain, tubes: list[Tube]) -> np.ndarray:
    """(H, W) bool: not the tubes beyond the chainring, and not what is mounted between them, as a bottle."""
    rows, columns = np.indices(shape, dtype=np.float32)
    x, y = columns + 0.5 - drivetrain.bracket[0], rows + 0.5 - drivetrain.bracket[1]
    sides = []
    for tube in tubes:
        normal = np.array([-tube.direction[1], tube.direction[0]])
        sides.append((x * normal[0] + y * normal[1]) * np.sign(normal[1]))
    near = drivetrain.distance(shape, drivetrain.bracket) < drivetrain.chainring + 0.03
    # Down is positive: above every tube lies the frame's triangle, with bottle and shifter.
    return near | (np.max(sides, axis=0) > max(tube.half_width for tube in tubes))


def _is_stay(traced: Tube | None, straight: Tube, diameter: float) -> bool:
    """Whether what was traced is thin enough and ends where the stay does, not the chain or a stand beside it."""
    if traced is None or traced.half_width > 0.04 * diameter:
        return False
    astray = np.hypot(*(traced.start - straight.start)) / diameter
    return astray < 0.03 and float(traced.direction @ straight.direction) > 0.995


def _where_they_meet(one: Tube, other: Tube) -> np.ndarray:
    """(2,) x and y of the point where two tubes' axes cross; far away where they are nearly parallel."""
    across = float(np.cross([*one.direction, 0], [*other.direction, 0])[2])
    offset = other.start - one.start
    along = float(np.cross([*offset, 0], [*other.direction, 0])[2]) / (across if abs(across) > 0.1 else 1e-6)
    return one.start + along * one.direction


def _raised_crank(alpha: np.ndarray, drivetrain: Drivetrain, tubes: list[Tube]) -> np.ndarray:
    """(H, W) bool: what stands above the tubes near the bracket and ends within a pedal's reach; not a bottle."""
    distance = drivetrain.distance(alpha.shape, drivetrain.bracket)
    free = (
        (alpha > 0.15) & (distance > drivetrain.chainring) & (drivetrain.distance(alpha.shape, drivetrain.hub) > 0.51)
    )
    for tube in tubes:
        end = tube.start + 2 * drivetrain.diameter * tube.direction
        free &= ~line_mask(alpha.shape, tube.start, end, 2 * tube.half_width + 2)
    count, labels = cv2.connectedComponents(free.astype(np.uint8))
    farthest = np.zeros(count, np.float32)
    np.maximum.at(farthest, labels.ravel(), distance.ravel())
    crank = (farthest < PEDAL_REACH + 0.04) & (np.arange(count) > 0)
    return cv2.dilate(crank[labels].astype(np.uint8), np.ones((3, 3))).astype(bool)


def _stays(alpha: np.ndarray, parts: Parts, drivetrain: Drivetrain) -> list[Tube]:
    """Chain stay and seat stay where they cross the wheel, measured where their edges show."""
    stays = []
    for name in ("chain_stay", "seat_stay"):
        if name in parts.tubes():
            start, end = (np.array(point) for point in parts.tubes()[name])
            start = drivetrain.bracket if name == "chain_stay" else start
            direction = (end - start) / np.hypot(*(end - start))
            traced = trace_tube(alpha, start, end, drivetrain.diameter)
            straight = Tube(start, end, direction, STAY * drivetrain.diameter / 2)
            stays.append(traced if _is_stay(traced, straight, drivetrain.diameter) else straight)
    return stays


def _put_tube_back(rebuilt: Layers, bike: Layers, tube: Tube, seen_from: float, where: np.ndarray) -> Layers:
    """The rebuilt layers with a tube of the bike in front, drawn on from `seen_from` pixels to its start.

    Args:
        where: (H, W) float32 in [0, 1], how much of what was there is gone.
    """
    window = open_window(where.shape, np.array([tube.start, tube.end]), 3 * tube.half_width)
    if window is None:
        return rebuilt
    small, _ = cut_window(bike, Parts(), window)
    x0, y0, x1, y1 = window
    piece = extend_tube(stack_rgba(small.colour, small.alpha), replace(tube, start=tube.start - (x0, y0)), seen_from)
    piece[..., 3] *= where[y0:y1, x0:x1]
    return put_window_back(rebuilt, put_in_front(piece, cut_window(rebuilt, Parts(), window)[0]), window)


def _draw_shell(
    rebuilt: Layers, bike: Layers, drivetrain: Drivetrain, tubes: list[Tube], rng: np.random.Generator
) -> Layers:
    """The bracket's shell end on, in the tubes' colour, with the axle's dark hole or its bare stub."""
    paint = _find_paint(bike, drivetrain, tubes)
    radius = rng.uniform(0.9, 1.1) * SHELL
    core = np.float32(rng.choice([0.04, 0.45]))  # a hole, or the stub of the axle

    def draw(shape: tuple[int, int], centre: np.ndarray) -> np.ndarray:
        distance = drivetrain.distance(shape, centre[0])
        edge = 1 / drivetrain.diameter
        light = 1 + 2.5 * (centre[0, 1] - np.arange(shape[0]) - 0.5)[:, None, None] / drivetrain.size[1]
        colour = np.broadcast_to(paint, (*shape, 3)) * light
        inner = ((0.62 * radius - distance) / edge + 0.5).clip(0, 1)[..., None]
        rim = ((0.78 * radius - distance) / edge + 0.5).clip(0, 1)[..., None]
        colour = colour * (1 - rim) + rim * (0.35 + 0.2 * paint.mean())
        colour = colour * (1 - inner) + inner * core
        return stack_rgba(colour.clip(0, 1), ((radius - distance) / edge + 0.5).clip(0, 1))

    return paste(rebuilt, drivetrain.bracket[None], 2 * SHELL * drivetrain.diameter, draw)


def _find_paint(bike: Layers, drivetrain: Drivetrain, tubes: list[Tube]) -> np.ndarray:
    """(3,) RGB in [0, 1], what the tubes at the bracket mostly look like beyond the chainring."""
    samples = np.zeros(bike.alpha.shape, bool)
    for tube in tubes:
        ends = (tube.start + tube.direction * t * drivetrain.diameter for t in (0.22, 0.4))
        samples |= line_mask(samples.shape, *ends, tube.half_width)
    samples &= bike.alpha > 0.8
    return np.median(bike.colour[samples], axis=0) if samples.any() else np.full(3, 0.2)
