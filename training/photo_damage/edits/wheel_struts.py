"""Fork and stays where they cross a wheel: what of the matte inside a wheel's outline is no wheel."""

import cv2
import numpy as np

from training.photo_damage.edits.wheel_rings import ANGLES, OUTERMOST, WheelLayer, along_rings
from training.photo_damage.parts import TUBE_WIDTH, Parts, line_mask

__all__ = ["clear_air", "find_struts", "round_kernel"]

FILLED = 0.6  # alpha between the spokes, its median: above, the matte holds the air as well
DEPTHS = (0.04, 0.1, 0.17, 0.24, 0.31)  # radii inside the rim, where legs are looked for
FULLEST_RING = 0.35  # solid share of a ring that can tell a leg from what is beside it
UNLIKE = 0.16  # of the value range: what differs so much from its ring has another colour
MOST_HIDDEN = 0.4  # of the space between hub and rim
LONGEST_RUN = 0.9  # radians along the rim; more is no fork leg and no stay
STRUTS = {"front_wheel": ("fork",), "rear_wheel": ("chain_stay", "seat_stay")}
PASSING = ("seat_tube", "down_tube")  # tubes that may cross the edge of a wheel


def find_struts(wheel: WheelLayer, rings: np.ndarray, plate: np.ndarray, parts: Parts) -> np.ndarray | None:
    """(h, w) bool: fork, stays and what hangs on them, inside the wheel; None where no fork or stay is seen.

    Args:
        wheel: not yet taken out: all of the matte is in its rgba and its rest.
        rings: (h, w, 4), what the wheel's rings look like, colours multiplied by alpha.
        plate: (h, w, 3), the place without the bike.
    """
    diameter = 2 * wheel.radius
    radius, _ = wheel.polar()
    airy = (radius > wheel.hub) & (radius < wheel.rim)
    offset = np.array([wheel.box[1].start, wheel.box[0].start])
    tubes = {name: np.array(ends) - offset for name, ends in parts.tubes().items()}
    struts = [tubes[name] for name in STRUTS[wheel.part] if name in tubes]
    if not struts or not airy.any():
        return None
    alpha = clear_air(wheel, wheel.rest, airy, plate)
    solid = _find_solid(alpha, airy, diameter)
    if wheel.part == "front_wheel":  # reflectors, on the spokes, may touch the fork
        solid &= line_mask(solid.shape, *struts[0], 3 * TUBE_WIDTH * diameter) | (radius < 0.4)
    bridges = _bridge_rim(wheel, solid, (radius > 1.05) & (wheel.rest > 0.5), struts)
    legs = [leg for strut in struts if (leg := _trace_to_hub(strut, solid, radius, diameter)) is not None]
    if not legs or _ends_at_rim(struts, solid, bridges, radius, wheel.rim):
        return None
    unlike = np.abs(wheel.rgba[..., :3] * wheel.rest[..., None] - rings[..., :3]).max(axis=2) > UNLIKE
    kept = bridges | (unlike & _grow(bridges, 0.03 * diameter) & (radius > wheel.rim - 0.04) & (wheel.rest > 0.5))
    kept |= np.any(legs, axis=0)
    for name in PASSING:
        if name in tubes:
            kept |= line_mask(alpha.shape, *tubes[name], TUBE_WIDTH * diameter) & (wheel.rest > 0.3) & (radius > 0.9)
    # What touches the fork or the stays hangs on them: brake, derailleur, stand. Near the rim only they themselves;
    # and in a filled matte, where what differs from the plate may be the plate's fault.
    near = _grow(kept, 0.05 * diameter)
    solid &= near if alpha is not wheel.rest else (radius < wheel.rim - 0.12) | near
    attached = _find_attached(solid | kept, bridges & (radius > 1.0))
    is_reached = any(attached[leg & (radius > 0.1)].any() for leg in legs)
    if not is_reached or (attached & airy).sum() > MOST_HIDDEN * airy.sum():
        return None
    return (attached | (_grow(attached & airy, 5) & airy)) & (radius < OUTERMOST)


def _find_solid(alpha: np.ndarray, airy: np.ndarray, diameter: float) -> np.ndarray:
    """(h, w) bool: what is more than spokes, between hub and rim."""
    usual = np.median(alpha[airy])
    solid = (alpha > max(0.5, min(usual + 0.35, 0.8))) & airy
    kernel = round_kernel(max(3, 0.022 * diameter))
    return cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_OPEN, kernel).astype(bool)


def _find_attached(pieces: np.ndarray, holders: np.ndarray) -> np.ndarray:
    """(h, w) bool: the pieces that touch a holder."""
    _, labels = cv2.connectedComponents(pieces.astype(np.uint8))
    return np.isin(labels, np.unique(labels[holders])) & (labels > 0)


def _grow(mask: np.ndarray, width: float) -> np.ndarray:
    """(h, w) bool: the mask grown by half a width, in pixels."""
    return cv2.dilate(mask.astype(np.uint8), round_kernel(width)).astype(bool)


def _ends_at_rim(
    struts: list[np.ndarray], solid: np.ndarray, bridges: np.ndarray, radius: np.ndarray, rim: float
) -> bool:
    """Whether a leg that is seen between the spokes was not found to go on outside: it would be cut off."""
    diameter = 2 * np.sqrt((radius < 1).sum() / np.pi)
    _, labels = cv2.connectedComponents((solid & (radius > 0.5)).astype(np.uint8))
    going_on = np.unique(labels[_grow(bridges, 5)])
    for strut in struts:
        leg = line_mask(solid.shape, *strut, TUBE_WIDTH * diameter) & (radius > 0.55) & (radius < rim - 0.05)
        seen = labels[leg & (labels > 0)]
        if len(seen) > 0.3 * leg.sum() and not np.isin(np.bincount(seen).argmax(), going_on):
            return True
    return not bridges.any()


def clear_air(wheel: WheelLayer, alpha: np.ndarray, airy: np.ndarray, plate: np.ndarray) -> np.ndarray:
    """The alpha (h, w), less between the spokes where the matte holds the air as well: told by the plate's colour."""
    if not airy.any() or np.median(alpha[airy]) < FILLED:
        return alpha
    unlike_plate = (np.abs(wheel.rgba[..., :3] - plate).max(axis=2) / 0.2 - 0.3).clip(0, 1)
    return np.where(airy, alpha * unlike_plate, alpha)


def _bridge_rim(wheel: WheelLayer, solid: np.ndarray, outside: np.ndarray, tubes: list[np.ndarray]) -> np.ndarray:
    """(h, w) bool: strips over rim and tyre that join what is solid between the spokes to the bike outside.

    Rim and tyre may have the colour of the fork: each strip goes on as the leg comes, or along its drawn tube.

    Args:
        tubes: (2, 2) each, the drawn ends of fork or stays in pixels of the box, the hub's last.
    """
    strips = np.zeros(solid.shape, np.uint8)
    beyond = cv2.dilate(outside.astype(np.uint8), round_kernel(0.05 * wheel.radius))
    inverse = np.linalg.inv(wheel.axes)
    rings = [along_rings(solid.astype(np.float32), wheel.centre, wheel.axes, wheel.rim - r)[:, 0] for r in DEPTHS]
    pick = next((i for i in range(3) if (rings[i] > 0.5).mean() < FULLEST_RING), None)
    if pick is None:
        return strips.astype(bool)
    near, far = wheel.rim - DEPTHS[pick], wheel.rim - DEPTHS[pick + 2]
    others = _find_runs(rings[pick + 2])
    for angle, half in _find_runs(rings[pick]):
        start = near * np.array([np.cos(angle), np.sin(angle)])
        runs = [run for run in others if abs(_turn(run[0] - angle)) < 0.4]
        narrowest = min([near * half, *(far * other for _, other in runs)])
        headings = [start - far * np.array([np.cos(a), np.sin(a)]) for a, _ in runs]
        headings = [(inverse @ (tube[0] - tube[1])) for tube in tubes] + headings
        for heading in headings:
            step = heading / max(np.linalg.norm(heading), 1e-6)
            if step @ start < 0.5 * near:  # along the rim, or inwards: no leg runs so
                continue
            # Where the leg, carried on, leaves the wheel.
            along = -(start @ step) + np.sqrt((start @ step) ** 2 + 1.1**2 - start @ start)
            end = wheel.pixels(start + along * step)
            column, row = (round(float(v)) for v in end)
            if 0 <= row < solid.shape[0] and 0 <= column < solid.shape[1] and beyond[row, column]:
                width = 2 * narrowest * abs(step @ start) / near * wheel.radius
                ends = wheel.pixels(start - 0.1 * step), end
                strips |= line_mask(solid.shape, *ends, max(2.0, 1.05 * width)).astype(np.uint8)
                break
    return strips.astype(bool)


def _find_runs(ring: np.ndarray) -> list[tuple[float, float]]:
    """The middle and half the length, in radians, of each stretch of a ring (ANGLES,) that is above a half."""
    solid = ring > 0.5
    if solid.all() or not solid.any():
        return []
    first = int(np.argmin(solid))  # begin outside a stretch
    turned = np.roll(solid, -first).astype(int)
    starts, stops = np.flatnonzero(np.diff(turned) == 1) + 1, np.flatnonzero(np.diff(np.append(turned, 0)) == -1) + 1
    step = 2 * np.pi / ANGLES
    return [
        ((first + (start + stop - 1) / 2) * step, (stop - start) / 2 * step)
        for start, stop in zip(starts, stops, strict=True)
        if (stop - start) * step < LONGEST_RUN
    ]


def _turn(angle: float) -> float:
    """The angle between -pi and pi."""
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


def _trace_to_hub(ends: np.ndarray, solid: np.ndarray, radius: np.ndarray, diameter: float) -> np.ndarray | None:
    """(h, w) bool: the last piece of a fork leg or stay, down to the hub, as wide as it is between the spokes."""
    start, hub = ends
    seen = solid & line_mask(radius.shape, start, hub, 1.7 * TUBE_WIDTH * diameter) & (radius < 0.8)
    if seen.sum() < 0.1 * diameter:
        return None
    rows, columns = np.nonzero(seen & (radius <= np.quantile(radius[seen], 0.35)))
    middle = np.array([columns.mean(), rows.mean()])
    direction = (hub - middle) / max(np.hypot(*(hub - middle)), 1)
    across = np.abs((columns - middle[0]) * direction[1] - (rows - middle[1]) * direction[0])
    width = np.clip(3.4 * across.mean(), 0.02 * diameter, 0.8 * TUBE_WIDTH * diameter)
    return line_mask(radius.shape, middle, hub + 0.012 * diameter * direction, width)


def round_kernel(side: float) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(side) | 1,) * 2)
