"""The handlebar's sides, stem and cables: which pixels of the piece are which."""

import cv2
import numpy as np

from training.photo_damage.damage import soften
from training.photo_damage.edits.detachable import Detachable, drop_loose
from training.photo_damage.warps import smooth_noise

__all__ = ["beyond_stem", "find_seam", "measure_way", "pick_side", "solid_part", "take_away", "without_cables"]

STEM = 0.12  # of the wheel's diameter: how far a stem reaches from the steerer
SMALLEST_SIDE = 0.14  # of the handlebar's area: a smaller end is a lever, or a rag of the matte
CABLE = 0.02  # of the wheel's diameter: what is thinner is a cable or a lever


def pick_side(bar: Detachable, rng: np.random.Generator, ragged: float) -> np.ndarray | None:
    """(h, w) bool: one end of the handlebar, with its rim; None where no end is large enough.

    Args:
        ragged: how far the cut runs to and fro, of the wheel's diameter.
    """
    way = measure_way(bar)
    solid = way >= 0
    noise = ragged * bar.scale * smooth_noise(way.shape, rng, scale=max(2.0, 0.02 * bar.scale)) if ragged else 0.0
    limit = rng.uniform(0.3, 0.6) * way.max()
    count, labels, sizes, _ = cv2.connectedComponentsWithStats((solid & (way + noise > limit)).astype(np.uint8))
    area = sizes[:, cv2.CC_STAT_AREA]
    large = [i for i in range(1, count) if area[i] > max(25, SMALLEST_SIDE * solid.sum())]
    if not large:
        return None
    side = labels == rng.choice(large)
    return _with_rim(side, solid & ~side, bar)


def beyond_stem(bar: Detachable) -> np.ndarray:
    """(h, w) bool: the handlebar with its rim, without the stem."""
    way = measure_way(bar)
    return _with_rim(way > STEM * bar.scale, (way >= 0) & (way <= STEM * bar.scale), bar)


def find_seam(side: np.ndarray, bar: Detachable) -> np.ndarray:
    """(2,): the middle of where the side meets the rest of the handlebar."""
    rest = (bar.piece & ~side).astype(np.uint8)
    meeting = side & cv2.dilate(rest, np.ones((3, 3))).astype(bool) & (bar.layers.alpha > 0.5)
    count, labels, sizes, centres = cv2.connectedComponentsWithStats(meeting.astype(np.uint8), connectivity=8)
    if count < 2:
        return bar.neck
    return centres[1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))]


def measure_way(bar: Detachable) -> np.ndarray:
    """(h, w) float32: the way from the neck through the handlebar to each of its pixels; -1 elsewhere."""
    solid = solid_part(bar).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(solid)
    inside = (slice(y, y + height), slice(x, x + width))
    reached = np.zeros(solid.shape, np.uint8)
    cv2.circle(reached, tuple(int(v) for v in np.round(bar.neck)), round(0.7 * bar.width + 2), 1, -1)
    small, reached = solid[inside], reached[inside] & solid[inside]
    way = np.where(reached, 0, -1).astype(np.float32)
    square, cross = np.ones((3, 3), np.uint8), cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    for step in range(1, 2 * (width + height)):
        grown = cv2.dilate(reached, square if step % 2 else cross) & small
        fresh = grown > reached
        if not fresh.any():
            break
        way[fresh] = 1.2 * step  # an octagon grows by 1 to 1.4 pixels a step
        reached = grown
    whole = np.full(solid.shape, -1, np.float32)
    whole[inside] = way
    return whole


def take_away(alpha: np.ndarray, gone: np.ndarray, keep: tuple[np.ndarray, float] | None = None) -> np.ndarray:
    """The alpha (h, w) without what is gone, but for a disc (centre, radius) on which a moved piece can turn."""
    stays = 1 - np.maximum(soften(gone, 0.7), gone & (alpha < 0.5))
    if keep is not None:
        disc = np.zeros(alpha.shape, np.float32)
        cv2.circle(disc, tuple(int(v) for v in np.round(keep[0])), max(1, round(keep[1])), 1.0, -1, cv2.LINE_AA)
        stays = np.maximum(stays, disc)
    return drop_loose((alpha * stays).astype(np.float32), gone)


def without_cables(rest: np.ndarray, bar: Detachable, only: np.ndarray | None = None) -> np.ndarray:
    """The rest's alpha (h, w) without the cables that led to the handlebar, or to the given side of it."""
    side = max(3, round(CABLE * bar.scale) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    thick = cv2.morphologyEx((rest > 0.5).astype(np.uint8), cv2.MORPH_OPEN, kernel)
    thin = (rest > 0.1) & (cv2.dilate(thick, np.ones((5, 5))) == 0)
    count, labels = cv2.connectedComponents(thin.astype(np.uint8))
    was = bar.piece if only is None else only
    beside = np.unique(labels[cv2.dilate(was.astype(np.uint8), np.ones((9, 9))).astype(bool)])
    # Faint stretches are no cables but background that the matte half took in.
    opacity = np.bincount(labels.ravel(), rest.ravel()) / np.maximum(1, np.bincount(labels.ravel()))
    cables = np.isin(labels, [label for label in beside if label > 0 and opacity[label] > 0.4])
    cables = cv2.dilate(cables.astype(np.uint8), np.ones((3, 3))).astype(bool) & (thick == 0)
    return drop_loose(np.where(cables, 0, rest).astype(np.float32), cables | was)


def solid_part(bar: Detachable) -> np.ndarray:
    """(h, w) bool: the handlebar without its soft rim."""
    return bar.piece & (bar.layers.alpha > 0.5)


def _with_rim(part: np.ndarray, other: np.ndarray, bar: Detachable) -> np.ndarray:
    """(h, w) bool: the share of the piece, rim included, that is nearer to the part than to the other."""
    to_part, to_other = (cv2.distanceTransform((~m).astype(np.uint8), cv2.DIST_L2, 5) for m in (part, other))
    return bar.piece & (to_part < to_other)
