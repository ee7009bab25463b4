"""Find the parts of a bike in the matte of a plain side view, by fitting wheels, disc and axes and by proportions."""

import cv2
import numpy as np

from training.photo_damage.parts import Parts, Wheel, box_mask, ellipse_mask, line_mask
from training.photo_damage.wheel_fit import fit_wheel

__all__ = ["find_parts_in_side_view"]

# Lengths of mountain, road and city bikes, of the wheel's diameter.
CHAIN_STAY = np.arange(0.57, 0.69, 0.01)
BRACKET_DROP = np.arange(-0.06, 0.125, 0.0125)  # from the axles down to the bottom bracket
CHAINRING = 0.12  # radius, between that of one small ring and of a racing double
CRANK = 0.27
SPROCKETS = 0.11  # radius
DERAILLEUR = 0.25  # from the axle down to its lower end
STEERING_ANGLES = np.radians(np.arange(62, 77, 1.0))
FORK_RAKES = np.arange(0.0, 0.1, 0.015)  # from the hub back to the steering axis
CROWN_TO_MIDDLE = 0.16  # from the tyre to the head tube's middle, where no tube is seen to join it
HIGHEST_HEAD = 0.36  # from the tyre to the head tube's upper end
SEAT_ANGLE = np.radians(73)
CABLE = 0.012  # wider than any


def find_parts_in_side_view(alpha: np.ndarray) -> Parts:
    """Fit the parts of a bike that stands upright, seen from the side and facing right.

    Wheels are ellipses on the tyres' edges; the bottom bracket is in the middle of the fullest disc a chain stay
    before the rear hub; the steering axis is the fullest strip above the front hub; saddle and handlebar are what
    the matte's upper outline shows there.

    Args:
        alpha: (H, W) float32 in [0, 1], one bike and nothing else.

    Returns:
        The parts: wheels to about 1% of their diameter, saddle and handlebar to a few percent, points to about 5%.

    Raises:
        ValueError: the matte is empty.
    """
    solid = alpha > 0.5
    if not solid.any():
        raise ValueError("the matte is empty: it must show one bike")
    boxes = _find_wheels(alpha, solid)
    parts = Parts(boxes)
    diameter, rear = parts.wheel_diameter, np.array(parts.rear_hub)
    bracket = _find_bottom_bracket(alpha, rear, diameter)
    parts.points["bottom_bracket"] = _as_point(bracket)
    boxes["drivetrain"] = _frame_drivetrain(solid, parts, diameter)
    head, upward = _find_head_tube(alpha, parts.wheel("front_wheel"), diameter)
    parts.points["head_tube"] = _as_point(head)
    if (saddle := _find_saddle(solid, bracket, diameter)) is not None:
        boxes["saddle"] = saddle
        parts.points["seat_tube_top"] = _as_point(_find_seat_tube_top(solid, saddle, bracket, diameter))
    if (handlebar := _find_handlebar(solid, head, upward, parts, diameter)) is not None:
        boxes["handlebar"] = handlebar
    return parts


def _find_wheels(alpha: np.ndarray, solid: np.ndarray) -> dict[str, tuple[float, float, float, float]]:
    """Both wheels stand on the matte's lower edge, at its left and right ends: first one radius, then each its own."""
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    left, right, bottom = columns[0], columns[-1] + 1, rows[-1] + 1
    radii = np.arange(0.15, 0.28, 0.004) * (right - left)
    radius = max(radii, key=lambda r: _ring_contrast(alpha, left, right, bottom, r))
    boxes = {}
    for part, x in (("rear_wheel", left + radius), ("front_wheel", right - radius)):
        rough = Wheel((x, bottom - radius, radius, radius))
        x, y, half_width, half_height = fit_wheel(alpha, rough) or rough
        boxes[part] = (x - half_width, y - half_height, x + half_width, y + half_height)
    return boxes


def _ring_contrast(alpha: np.ndarray, left: int, right: int, bottom: int, radius: float) -> float:
    """How much fuller both tyres' rings are than the rings just outside, from -2 to 2."""
    angles = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)])
    contrast = 0.0
    for x in (left + radius, right - radius):
        for scale, sign in ((0.95, 1), (1.06, -1)):
            contrast += sign * _sample(alpha, np.array([[x], [bottom - radius]]) + scale * radius * circle).mean()
    return contrast


def _find_bottom_bracket(alpha: np.ndarray, rear: np.ndarray, diameter: float) -> np.ndarray:
    """The centre (2,) of a full disc with little below it."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    disc = np.concatenate(
        [r * CHAINRING * np.stack([np.cos(angles), np.sin(angles)]) for r in (0.25, 0.5, 0.8)], axis=1
    )
    below = np.linspace(0.2 * np.pi, 0.8 * np.pi, 24)
    rim = 1.45 * CHAINRING * np.stack([np.cos(below), np.sin(below)])

    def fullness(place: np.ndarray) -> float:
        at = place[:, None]
        full, beyond = (_sample(alpha, at + diameter * offsets).mean() for offsets in (disc, rim))
        return float(full - 0.5 * beyond)

    drops = [(stay, drop) for stay in CHAIN_STAY for drop in BRACKET_DROP]
    places = [rear + diameter * np.array([np.sqrt(stay**2 - drop**2), drop]) for stay, drop in drops]
    return max(places, key=fullness)


def _frame_drivetrain(solid: np.ndarray, parts: Parts, diameter: float) -> tuple[float, float, float, float]:
    """From the sprockets to the crank's end, and as low as derailleur, chainring or crank reach."""
    x, y = parts.points["bottom_bracket"]
    rear_x, rear_y = parts.rear_hub
    reach = (CRANK + 0.06) * diameter
    near = solid & box_mask(solid.shape, (x, y - 0.08 * diameter, x + reach, y + reach))
    for part in ("rear_wheel", "front_wheel"):
        near &= ~ellipse_mask(solid.shape, parts.wheel(part), scale=1.04)
    columns, rows = near.any(axis=0)[round(x) :], near.any(axis=1)[round(y) :]
    # The crank's arm ends where the first gap is: beyond may be the front tyre, below the ground.
    arm, low = (int(np.argmin(lines)) if not lines.all() else len(lines) for lines in (columns, rows))
    right = x + np.clip(arm, 1.1 * CHAINRING * diameter, reach)
    top = min(rear_y - SPROCKETS * diameter, y - 1.1 * CHAINRING * diameter)
    bottom = max(rear_y + DERAILLEUR * diameter, y + np.clip(low, 1.1 * CHAINRING * diameter, reach))
    return float(rear_x - SPROCKETS * diameter), float(top), float(right), float(bottom)


def _find_head_tube(alpha: np.ndarray, wheel: Wheel, diameter: float) -> tuple[np.ndarray, np.ndarray]:
    """The head tube's middle (2,) and the steering axis' unit vector (2,), upward."""
    hub, best = np.array(wheel[:2]), None
    along = np.linspace(0.15, 0.62, 48) * diameter
    for angle in STEERING_ANGLES:
        upward, forward = np.array([-np.cos(angle), -np.sin(angle)]), np.array([np.sin(angle), -np.cos(angle)])
        for rake in FORK_RAKES:
            axis = (hub - rake * diameter * forward)[:, None] + upward[:, None] * along
            full = sum(_sample(alpha, axis + k * 0.01 * diameter * forward[:, None]).mean() for k in (-1, 0, 1)) / 3
            beside = sum(_sample(alpha, axis + k * 0.06 * diameter * forward[:, None]).mean() for k in (-1, 1)) / 2
            score = full - 0.7 * beside
            if best is None or score > best[0]:
                best = score, rake, upward, forward
    _, rake, upward, forward = best
    crown = np.sqrt(max(0.27 - rake**2, 0.0))  # of the diameter along the axis: a little outside the tyre
    foot = hub - rake * diameter * forward
    heights = np.arange(crown, crown + HIGHEST_HEAD, 1 / diameter)
    axis = foot[:, None] + upward[:, None] * heights * diameter
    behind = [_sample(alpha, axis - share * diameter * forward[:, None]) > 0.5 for share in (0.0, 0.06, 0.09, 0.12)]
    joined = heights[np.all(behind, axis=0)]  # where top tube and down tube meet the head tube
    # The head tube reaches higher than the top tube that joins it.
    middle = np.mean(np.quantile(joined, [0.02, 0.98])) + 0.03 if len(joined) else crown + CROWN_TO_MIDDLE
    return foot + upward * middle * diameter, upward


def _find_saddle(solid: np.ndarray, bracket: np.ndarray, diameter: float) -> tuple[float, float, float, float] | None:
    """The box of the highest thing behind the bottom bracket, down to where it narrows to rails and post."""
    x0, x1 = (round(bracket[0] + share * diameter) for share in (-0.62, 0.12))
    window = solid[: max(1, round(bracket[1] - 0.3 * diameter)), max(0, x0) : x1]
    widths = window.sum(axis=1)
    rows = np.flatnonzero(widths >= 3)
    if not len(rows):
        return None
    top = rows[0]
    widest = widths[top : top + max(2, round(0.12 * diameter))].max()
    wide = np.flatnonzero(widths[top : top + max(2, round(0.17 * diameter))] > 0.4 * widest)
    bottom = top + wide[-1] + 1
    # Not further than one saddle's depth, where the frame comes close under it.
    bottom = min(bottom, top + max(2, round(0.14 * diameter)))
    columns = np.flatnonzero(window[top:bottom].any(axis=0)) + max(0, x0)
    return float(columns[0]), float(top), float(columns[-1] + 1), float(bottom)


def _find_seat_tube_top(
    solid: np.ndarray, saddle: tuple[float, float, float, float], bracket: np.ndarray, diameter: float
) -> np.ndarray:
    """Where the way from the saddle down to the bottom bracket grows wider than the seat post."""
    upward = np.array([-np.cos(SEAT_ANGLE), -np.sin(SEAT_ANGLE)])
    top = bracket + upward * (bracket[1] - saddle[3]) / np.sin(SEAT_ANGLE)
    top[0] = np.clip(top[0], *np.interp([0.35, 0.7], [0, 1], [saddle[0], saddle[2]]))
    length = np.linalg.norm(bracket - top)
    along = (bracket - top) / length
    across = np.array([-along[1], along[0]])
    depths = np.arange(0.03 * diameter, 0.7 * length)
    if len(depths) < 8:
        return top + 0.2 * (bracket - top)
    offsets = np.arange(-0.12, 0.12, 1 / diameter) * diameter
    grid = top[:, None, None] + along[:, None, None] * depths[:, None] + across[:, None, None] * offsets
    widths_across = _sample(solid.astype(np.float32), grid.reshape(2, -1)).reshape(len(depths), len(offsets))
    widths = widths_across.sum(axis=1)
    # The saddle's clamp and rails are as wide as a tube: the post begins below them.
    clear = round(0.06 * diameter)
    post = np.quantile(widths[clear : clear + max(3, round(0.15 * diameter))], 0.25)
    is_wider = (widths[clear:] > 1.6 * max(post, 0.03 * diameter)).astype(np.float32)
    wider = np.flatnonzero(cv2.blur(is_wider[:, None], (1, 9))[:, 0] > 0.8)
    row = clear + wider[0] if len(wider) else np.searchsorted(depths, 0.3 * length)
    # The post may run beside the line: its own middle, a little above where it ends.
    post_rows = widths_across[max(clear, row - round(0.07 * diameter)) : max(clear + 1, row - round(0.01 * diameter))]
    beside = float((post_rows * offsets).sum() / max(post_rows.sum(), 1.0))
    return top + along * (depths[min(row, len(depths) - 1)] + 0.01 * diameter) + across * beside


def _find_handlebar(
    solid: np.ndarray, head: np.ndarray, upward: np.ndarray, parts: Parts, diameter: float
) -> tuple[float, float, float, float] | None:
    """The box of what is above the head tube or hangs before it, above the wheel; cables are no part of it."""
    side = max(1, round(CABLE * diameter))
    thick = cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8)).astype(bool)
    rows, columns = np.indices(solid.shape, np.float32)
    forward = np.array([-upward[1], upward[0]])
    ahead = (columns - head[0]) * forward[0] + (rows - head[1]) * forward[1]
    above = (columns - head[0]) * upward[0] + (rows - head[1]) * upward[1]
    region = (above > 0.1 * diameter) & (ahead > -0.12 * diameter) | (ahead > 0.06 * diameter)
    region &= ~ellipse_mask(solid.shape, parts.wheel("front_wheel"), scale=1.08) & (rows < parts.front_hub[1])
    region &= ~line_mask(solid.shape, head, parts.front_hub, 0.14 * diameter)
    found = thick & region
    count, labels, stats, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    large = [k for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] > 0.0015 * diameter**2]
    if not large:
        return None
    rows, columns = np.nonzero(np.isin(labels, large))
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)


def _sample(alpha: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(N,) the values at places (2, N), x and y in pixels; those outside take the nearest edge's."""
    x = np.clip(places[0], 0, alpha.shape[1] - 1).astype(int)
    y = np.clip(places[1], 0, alpha.shape[0] - 1).astype(int)
    return alpha[y, x]


def _as_point(place: np.ndarray) -> tuple[float, float]:
    return float(place[0]), float(place[1])
