"""The front end: the fork bent or snapped, and the frame behind it pushed in. The wheel goes along and stays round."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, find_changes, put_behind, put_in_front, stack_rgba
from training.photo_damage.edits.front_end import FrontEnd, move_shadow, take_front_apart
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.tubes import jagged_line
from training.photo_damage.warps import move

__all__ = ["collapse_front", "fork_bent", "fork_snapped"]

LEAST_BENT, MOST_BENT = 10.0, 34.0  # degrees about the crown
LEAST_COLLAPSED, MOST_COLLAPSED = 10.0, 32.0  # degrees about the head tube
LEAST_WAY, FARTHEST_WAY = 0.09, 0.42  # of the wheel's diameter, of a wheel that broke off with its fork
OVERLAP = 0.1  # of the wheel's diameter that a pushed wheel may go behind the down tube
MARGIN = 0.01  # of the wheel's diameter that stays free between the moved wheel and the photo's border


def fork_bent(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The fork is bent back or forward and the wheel went with it; the mask is what changed.

    None where the front is not seen from its side, or there is no room for the wheel.
    """
    front = take_front_apart(layers, parts)
    if front is None:
        return None
    fork = front.hub - front.crown
    degrees = float(rng.uniform(LEAST_BENT, MOST_BENT))
    # Most forks bend by running into something: backward.
    ways = [-front.forward, front.forward] if rng.random() < 0.75 else [front.forward, -front.forward]
    for way in ways:
        largest = _room(parts, front, way, layers.alpha.shape) / np.hypot(*fork)
        turned = min(degrees, float(np.rad2deg(largest)))
        if turned >= LEAST_BENT:
            break
    else:
        return None
    radians = -way * np.deg2rad(turned)  # clockwise on the photo, where y points down, is positive
    turned_hub = _turn(fork, radians) - fork
    shift = np.array([turned_hub[0], min(turned_hub[1], 0)])  # the ground is in the way
    legs = _bend_legs(front, radians, float(shift[1] - turned_hub[1]), float(rng.choice([0.35, 0.8, 1.6])))
    broken = put_behind(front.moved_wheel(shift), front.rest, layers)
    broken = move_shadow(put_in_front(legs, broken), parts, shift)
    return Damage(broken, find_changes(layers, broken), "fork_bent", "frame", turned / MOST_BENT)


def fork_snapped(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The fork's legs are broken and the wheel stands away with their lower ends; the mask is what changed.

    None as for `fork_bent`.
    """
    front = take_front_apart(layers, parts)
    if front is None:
        return None
    diameter = parts.wheel_diameter
    wanted = float(rng.uniform(LEAST_WAY, FARTHEST_WAY)) * diameter
    ways = [front.forward, -front.forward] if rng.random() < 0.65 else [-front.forward, front.forward]
    room = {way: _room(parts, front, way, layers.alpha.shape) for way in ways}
    way = next((way for way in ways if room[way] >= LEAST_WAY * diameter), None)
    if way is None:
        return None
    distance = min(wanted, room[way])
    shift = np.round([way * distance, rng.uniform(-0.04, 0.01) * diameter])
    split = rng.uniform(0.15, 0.5) * np.hypot(*(front.hub - front.crown))
    upper, lower = _break_legs(front, split, layers.plate, rng)
    degrees = way * rng.uniform(-10, 55)
    lower = move(lower, tuple(front.hub), tuple(shift), degrees)
    broken = put_behind(front.moved_wheel(shift), front.rest, layers)
    broken = move_shadow(put_in_front(lower, put_in_front(upper, broken)), parts, shift)
    return Damage(broken, find_changes(layers, broken), "fork_snapped", "frame", distance / (FARTHEST_WAY * diameter))


def collapse_front(layers: Layers, parts: Parts, rng: np.random.Generator) -> tuple[Layers, float] | None:
    """The frame buckled behind its head tube, and fork, handlebar and wheel are pushed back, as after a crash.

    Returns:
        The layers and the severity in (0, 1]; None where the bike is not seen from its side.
    """
    front = take_front_apart(layers, parts)
    if front is None or not {"bottom_bracket", "head_tube"} <= parts.points.keys():
        return None
    head = np.array(parts.points["head_tube"])
    depth = (head - np.array(parts.points["bottom_bracket"]))[0] * front.forward
    if depth < 0.2 * parts.wheel_diameter:
        return None
    degrees = float(rng.uniform(LEAST_COLLAPSED, MOST_COLLAPSED))
    radians = front.forward * np.deg2rad(degrees)
    turn = _turn(front.hub - head, radians) - (front.hub - head)
    back = -front.forward * rng.uniform(0, 0.05) * parts.wheel_diameter
    slide = np.array([back, -turn[1]])  # the wheel stays on the ground
    # Over less than twice the way that the tubes are pushed they would fold over themselves.
    pushed = abs(radians) * 0.5 * np.hypot(*(front.crown - head)) + abs(slide[0]) + 0.08 * parts.wheel_diameter
    width = min(max(rng.uniform(0.15, 0.6) * depth, 1.6 * pushed), 0.9 * depth)
    start = head[0] - front.forward * (rng.uniform(0.0, 0.25) * (depth - width) + width)

    def displace(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        share = (front.forward * (x - start) / width).clip(0, 1)
        share = share * share * (3 - 2 * share)
        turned_x, turned_y = _turn((x - head[0], y - head[1]), radians)
        return share * (turned_x - x + head[0] + slide[0]), share * (turned_y - y + head[1] + slide[1])

    frame = stack_rgba(layers.colour, front.rest + front.legs[..., 3])
    warped = _warp_by(frame, displace)
    wheel = front.moved_wheel(turn + slide)
    bent = replace(layers, colour=warped[..., :3], alpha=warped[..., 3])
    return move_shadow(put_behind(wheel, warped[..., 3], bent), parts, turn + slide), degrees / MOST_COLLAPSED


def _room(parts: Parts, front: FrontEnd, way: int, shape: tuple[int, int]) -> float:
    """Pixels that the wheel can move to one side (-1: left, 1: right), up to the border or just into the down tube."""
    diameter = parts.wheel_diameter
    half_width = parts.wheel("front_wheel")[2]
    border = front.hub[0] - half_width if way < 0 else shape[1] - front.hub[0] - half_width
    room = border - MARGIN * diameter
    if way == front.forward:
        return room
    if "down_tube" not in parts.tubes():
        return min(room, 2 * OVERLAP * diameter)
    start, end = (np.array(point) for point in parts.tubes()["down_tube"])
    normal = np.array([(end - start)[1], (start - end)[0]]) / np.hypot(*(end - start))
    between = abs((front.hub - start) @ normal) - half_width + OVERLAP * diameter
    return min(room, between / max(0.4, abs(normal[0])))


def _bend_legs(front: FrontEnd, radians: float, lift: float, power: float) -> np.ndarray:
    """The legs (H, W, 4) curved about the crown, with the hub turned by the whole angle and then moved down by `lift`.

    A low power bends them at the crown, a high one at the hub.
    """
    length = float(np.hypot(*(front.hub - front.crown)))

    def displace(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y = x - front.crown[0], y - front.crown[1]
        share = (np.hypot(x, y) / length).clip(0, 1) ** power
        turned_x, turned_y = _turn((x, y), radians * share)
        return turned_x - x, turned_y - y + share * lift

    return _warp_by(front.legs, displace)


def _break_legs(
    front: FrontEnd, split: float, plate: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The legs (H, W, 4) above and below a jagged break, `split` pixels from the crown, with bright torn ends."""
    rows, columns = np.indices(plate.shape[:2], dtype=np.float32)
    x, y = (front.hub - front.crown) / np.hypot(*(front.hub - front.crown))
    along = (columns - front.crown[0]) * x + (rows - front.crown[1]) * y - split
    across = (rows - front.crown[1]) * x - (columns - front.crown[0]) * y
    depth = 0.03 * np.hypot(*(front.hub - front.crown))
    along = along + depth * jagged_line(across, 1.2 * depth, rng) + rng.uniform(-0.4, 0.4) * across
    metal = rng.choice([0.15, rng.uniform(0.5, 0.9)]) * (0.4 + 0.6 * float(plate.mean()))
    ends = (1.6 - np.abs(along)).clip(0, 0.8)[..., None]
    colour = front.legs[..., :3] + ends * (metal - front.legs[..., :3])
    is_lower = (along + 0.5).clip(0, 1)
    return (
        stack_rgba(colour, front.legs[..., 3] * (1 - is_lower)),
        stack_rgba(colour, front.legs[..., 3] * is_lower),
    )


def _turn(vector: np.ndarray | tuple, radians: float | np.ndarray) -> np.ndarray:
    """x and y turned clockwise, as seen on a photo, whose y points down."""
    x, y = vector
    cosine, sine = np.cos(radians), np.sin(radians)
    return np.stack([x * cosine - y * sine, x * sine + y * cosine])


def _warp_by(picture: np.ndarray, displace: Callable) -> np.ndarray:
    """Move every pixel (x, y) of the picture by `displace(x, y)`, a smooth field, in pixels."""
    height, width = picture.shape[:2]
    # The field is smooth: worked out on every fourth pixel, and turned round in a few steps.
    rows, columns = np.mgrid[0 : height + 4 : 4, 0 : width + 4 : 4].astype(np.float32)
    x, y = columns, rows
    for _ in range(8):
        shift_x, shift_y = displace(x, y)
        x, y = columns - shift_x, rows - shift_y
    matrix = np.array([[4, 0, 0], [0, 4, 0]], float)
    maps = [cv2.warpAffine(m.astype(np.float32), matrix, (width, height), flags=cv2.INTER_LINEAR) for m in (x, y)]
    return cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
