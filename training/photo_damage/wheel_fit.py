"""Wheels as ellipses on the matte's tyres: a box drawn by eye is good to a few percent, the tyre's edge to a pixel."""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.parts import Parts, Wheel

__all__ = ["fit_wheel", "fit_wheels"]

RAYS = 120
REACH = 0.12  # of the radius: how far to either side of the ellipse an edge is looked for
STEP = 0.008  # of the radius, between two samples along a ray
CIRCLE = np.stack([f(np.linspace(0, 2 * np.pi, RAYS, endpoint=False)) for f in (np.cos, np.sin)])  # (2, RAYS)
SPREADS = (0.06, 0.045, 0.03, 0.02, 0.015, 0.012)  # of the radius, round by round: edges within twice this count
TRUST = 3.0  # rays; what the drawn box weighs: where the edge is hidden on one side, that side stays as drawn
LARGEST_CHANGE = 0.09  # of the half width or height; a fit that changes more has found something else
LARGEST_LEAN = 0.8
LEANS = (0.3, -0.3, 0.6, -0.6)  # to start from, where the upright ellipse does not fit
CLEAR_FIT = 0.7  # of all rays: no other lean is tried
FEWEST_RAYS = 0.35  # of all rays: those that end within ON_EDGE of the fitted ellipse
ON_EDGE = 0.02  # of the radius


def fit_wheels(alpha: np.ndarray, parts: Parts) -> Parts:
    """The parts with each drawn wheel moved onto the tyre's edge, where the matte shows that edge clearly.

    Args:
        alpha: (H, W) float32 in [0, 1].
        parts: in pixels of the same photo.
    """
    boxes, leans = dict(parts.boxes), dict(parts.leans)
    for part in ("front_wheel", "rear_wheel"):
        if (drawn := parts.wheel(part)) is not None and (wheel := fit_wheel(alpha, drawn)) is not None:
            x, y, half_width, half_height = wheel
            boxes[part] = (x - half_width, y - half_height, x + half_width, y + half_height)
            leans[part] = wheel.lean
    return replace(parts, boxes=boxes, leans=leans)


def fit_wheel(alpha: np.ndarray, drawn: Wheel) -> Wheel | None:
    """The ellipse through the outer edge of the tyre near a roughly drawn one.

    Args:
        alpha: (H, W) float32 in [0, 1].
        drawn: good to about a twentieth of its size.

    Returns:
        None where too little of the edge is seen, or the ellipse would change by more than LARGEST_CHANGE.
    """
    if min(drawn[2:]) < 8:  # pixels: too narrow to have an inside
        return None
    best, best_share = _fit_from(alpha, drawn)
    if best_share < CLEAR_FIT and not drawn.lean:
        starts = [drawn.with_lean(lean) for lean in LEANS]
        near = [
            np.mean(np.abs(_find_edges(alpha, np.array(w[:2]), _shape_of(w) @ CIRCLE)) < SPREADS[0]) for w in starts
        ]
        fitted, share = _fit_from(alpha, starts[int(np.argmax(near))])
        if share > best_share + 0.03:
            best, best_share = fitted, share
    changes = np.abs(np.subtract(best, drawn)) / np.tile(drawn[2:], 2)
    is_likely = changes.max() < LARGEST_CHANGE and abs(best.lean) < LARGEST_LEAN
    return best if is_likely and best_share > FEWEST_RAYS else None


def _fit_from(alpha: np.ndarray, drawn: Wheel) -> tuple[Wheel, float]:
    """The ellipse fitted from a first one, and the share of rays that end at its edge, none of it by chance.

    Rays from the centre each find the edge nearest to the ellipse, from solid to empty; then least squares over
    centre and shape, in which rays far off (a mudguard, the frame, the ground) weigh nothing; again from there.
    """
    cos, sin = CIRCLE
    # In the frame where the ellipse is the unit circle, an edge at radius 1 + e has, to first order,
    # e = dx cos + dy sin + da cos^2 + db sin^2 + 2 dc cos sin.
    terms = np.stack([cos, sin, cos**2, sin**2, 2 * cos * sin], axis=1)  # (RAYS, 5)
    trust = TRUST * np.array([1, 1, 1, 1, 0.1])  # nothing is drawn of the lean
    centre, shape = np.array(drawn[:2]), _shape_of(drawn)
    for spread in SPREADS:
        edges = _find_edges(alpha, centre, shape @ CIRCLE)
        weights = np.where(np.abs(edges) < 2 * spread, (1 - (edges / (2 * spread)) ** 2) ** 2, 0.0)
        now = _wheel_of(centre, shape)
        back = np.concatenate([np.linalg.solve(shape, drawn[:2] - centre), np.divide(drawn[2:], now[2:]) - 1, [0.0]])
        normal = terms.T @ (terms * weights[:, None]) + np.diag(trust)
        pulls = terms.T @ (weights * np.where(weights > 0, edges, 0)) + trust * back
        step = np.linalg.solve(normal, pulls).clip(-0.06, 0.06)
        centre = centre + shape @ step[:2]
        shape = _shape_of(_wheel_of(centre, shape @ (np.eye(2) + [[step[2], step[4]], [step[4], step[3]]])))
    on_edge = np.abs(_find_edges(alpha, centre, shape @ CIRCLE)) < ON_EDGE
    quarters = on_edge.reshape(4, -1).mean(axis=1)
    # Edges on one side only fit many ellipses: the third best quarter must have its share.
    share = on_edge.mean() if np.sort(quarters)[1] > 0.15 else 0.0
    return _wheel_of(centre, shape), float(share)


def _find_edges(alpha: np.ndarray, centre: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """(RAYS,) float: where each ray leaves something solid, in radii beyond the ellipse; infinite where it does not."""
    reach = np.arange(1 - REACH, 1 + REACH, STEP)
    columns, rows = ((centre[axis] + rays[axis][:, None] * reach - 0.5).astype(np.float32) for axis in (0, 1))
    along = cv2.remap(alpha, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # (RAYS, N)
    inside, outside = along[:, 1:-2], along[:, 2:-1]
    # Solid before and empty behind, two samples apart: noise and spokes cross 0.5 as well.
    leaves = (inside >= 0.5) & (outside < 0.5) & (along[:, :-3] - along[:, 3:] > 0.4)
    offsets = reach[1:-2] - 1 + STEP * (inside - 0.5) / np.maximum(inside - outside, 1e-6)
    edges = np.where(leaves, offsets, np.inf)
    return edges[np.arange(len(edges)), np.abs(edges).argmin(axis=1)]


def _shape_of(wheel: Wheel) -> np.ndarray:
    """(2, 2): takes the unit circle to the ellipse round its centre."""
    _, _, half_width, half_height = wheel
    lean = wheel.lean
    return np.array([[half_width, 0], [lean * half_height, np.sqrt(1 - lean**2) * half_height]])


def _wheel_of(centre: np.ndarray, shape: np.ndarray) -> Wheel:
    spread = shape @ shape.T
    half_width, half_height = np.sqrt(np.diag(spread))
    lean = float(np.clip(spread[0, 1] / (half_width * half_height), -0.95, 0.95))
    return Wheel((float(centre[0]), float(centre[1]), float(half_width), float(half_height))).with_lean(lean)
