"""Saddle and handlebar as pieces: where each ends, at the narrow neck by which the bike holds it.

The boxes are drawn by eye and hold frame, cables and background as well. A piece is what comes off when the bike is
cut across the post or the steerer, where that is narrowest.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from training.photo_damage.damage import Damage, find_changes, soften, stack_rgba
from training.photo_damage.edits.necks import SOLID, find_axis, find_necks
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts, box_mask

__all__ = ["Detachable", "drop_loose", "find_detachable"]

# Plausible boxes, as shares of the wheel's diameter: least and most width, least and most height.
PLAUSIBLE = {"saddle": (0.18, 0.62, 0.06, 0.34), "handlebar": (0.12, 1.9, 0.1, 0.9)}
CABLE_WIDTH = {"saddle": 0.0, "handlebar": 0.026}  # of the wheel's diameter: what is thinner holds nothing
SMALLEST_PIECE = 0.012  # of the square of the wheel's diameter
# A piece may stick out of its box by this, and downwards by that; drop bars hang low. Of the wheel's diameter.
BOX_MARGIN = {"saddle": (0.06, 0.06), "handlebar": (0.08, 0.17)}
LONGEST_CONTACT = 0.24  # of the wheel's diameter: a part meets the bike beside its neck in cables only
LEAST_SHARE = 0.8  # of what the box holds above the neck comes off with the piece
LEAST_OPAQUE = 0.5  # of the piece must be opaque: a faint matte leaves a ghost
WALL, WALL_LENGTH = 0.042, 0.3  # of the wheel's diameter: half a head tube's width, and more than its length


@dataclass
class Detachable:
    """A part that can come off, in a window of the photo; all pixels are the window's.

    part: saddle or handlebar; layers: the window's own; window: its rows and columns in the photo; piece: (h, w) bool,
    the part with its soft rim; neck: (2,), x and y of the middle of the cut; up: (2,), unit vector from the bike into
    the part; width: of the neck, in pixels; scale: the wheel's diameter in pixels.
    """

    part: str
    layers: Layers
    window: tuple[slice, slice]
    piece: np.ndarray
    neck: np.ndarray
    up: np.ndarray
    width: float
    scale: float

    def split(self, keep_neck: float = 0.6) -> tuple[np.ndarray, np.ndarray]:
        """The piece (h, w, 4) RGBA, and the alpha (h, w) of the rest.

        Args:
            keep_neck: radius, in widths of the neck, of the disc around it that the rest keeps as well, so that a
                turned piece still touches its post.
        """
        # Inside the part's own rim the cut must not leave a ghost: only what borders on the rest is soft.
        soft = np.maximum(soften(self.piece, 0.7), self.piece & (self.layers.alpha < SOLID))
        disc = np.zeros_like(soft)
        centre = tuple(int(v) for v in np.round(self.neck))
        cv2.circle(disc, centre, max(1, round(keep_neck * self.width)), 1.0, -1, cv2.LINE_AA)
        below = ((self._along() < 0.25 * self.width) * disc).astype(np.float32)
        rest = drop_loose(self.layers.alpha * np.maximum(1 - soft, below), self.piece)
        return stack_rgba(self.layers.colour, self.layers.alpha * soft), rest

    def paste(self, layers: Layers, edited: Layers) -> Layers:
        """The photo's layers with the edited window in its place."""
        colour, alpha = layers.colour.copy(), layers.alpha.copy()
        colour[self.window], alpha[self.window] = edited.colour.clip(0, 1), edited.alpha.clip(0, 1)
        return replace(layers, colour=colour, alpha=alpha)

    def with_change(self, layers: Layers, edited: Layers, kind: str, severity: float) -> Damage:
        """The damage of the photo's layers by the edited window; the mask is what changed."""
        whole = self.paste(layers, edited)
        return Damage(whole, find_changes(layers, whole), kind, self.part, float(min(1.0, severity)))

    def in_photo(self, mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """A mask (h, w) bool of the window as one of the photo, (H, W) bool."""
        whole = np.zeros(shape, bool)
        whole[self.window] = mask
        return whole

    def _along(self) -> np.ndarray:
        """(h, w): how far each pixel lies beyond the neck, in pixels."""
        rows, columns = np.indices(self.piece.shape, dtype=np.float32)
        return (columns - self.neck[0]) * self.up[0] + (rows - self.neck[1]) * self.up[1]


def find_detachable(layers: Layers, parts: Parts, part: str) -> Detachable | None:
    """The saddle or the handlebar as a piece.

    Args:
        part: "saddle" or "handlebar".

    Returns:
        None where the box is not drawn or implausible, the matte too faint, or no neck separates the part.
    """
    scale = parts.wheel_diameter
    box = parts.boxes.get(part)
    if box is None or not _is_plausible(box, part, scale):
        return None
    window = _window(layers.alpha.shape, box, 1.1 * max(box[2] - box[0], box[3] - box[1]) + 0.15 * scale)
    offset = np.array([window[1].start, window[0].start], float)
    local = Layers(layers.colour[window], layers.alpha[window], layers.plate[window])
    box = tuple(np.array(box) - np.tile(offset, 2))
    axis = find_axis(local.alpha, parts, part, box, offset)
    if axis is None:
        return None
    anchor, up = axis
    core = _without_cables(local.alpha > SOLID, CABLE_WIDTH[part] * scale)
    grown = _grow_box(core.shape, box, *(margin * scale for margin in BOX_MARGIN[part]))
    necks = find_necks(local.alpha, anchor, up, scale, box)
    # Drop bars may hang in front of the head tube: failing all else, that is walled off.
    for is_walled in (False, True) if part == "handlebar" else (False,):
        for neck, width in necks:
            whole = _wall_in(core, neck, up, width, scale) if is_walled else core
            held = _cut_off(whole, neck, up, width, grown)
            if held is not None and held.sum() >= SMALLEST_PIECE * scale**2 and _is_opaque(local.alpha, held):
                piece = _with_rim(local.alpha, held, core & ~held, 0.03 * scale)
                found = Detachable(part, local, window, piece, neck, up, width, scale)
                return None if _touches_edge(found, layers.alpha.shape) or _clings(found) else found
    return None


def drop_loose(alpha: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """The alpha (h, w) without the fragments that the cut has set adrift: small, and beside what is gone."""
    count, labels, sizes, _ = cv2.connectedComponentsWithStats((alpha > 0.12).astype(np.uint8), connectivity=8)
    if count <= 2:
        return np.where((alpha <= 0.12) & gone, 0, alpha).astype(np.float32)
    largest = 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))
    beside = np.unique(labels[cv2.dilate(gone.astype(np.uint8), np.ones((5, 5))).astype(bool)])
    height, width = alpha.shape
    loose = []
    for label in set(beside.tolist()) - {0, largest}:
        x, y, w, h = sizes[label, :4]
        if x > 0 and y > 0 and x + w < width and y + h < height:  # at the window's edge it may hang on outside
            loose.append(label)
    adrift = np.isin(labels, loose)
    adrift = cv2.dilate(adrift.astype(np.uint8), np.ones((3, 3))).astype(bool) & ((labels == 0) | adrift)
    return np.where(adrift | ((labels == 0) & gone), 0, alpha).astype(np.float32)


def _is_plausible(box: tuple[float, float, float, float], part: str, scale: float) -> bool:
    least_width, most_width, least_height, most_height = PLAUSIBLE[part]
    width, height = (box[2] - box[0]) / scale, (box[3] - box[1]) / scale
    return least_width <= width <= most_width and least_height <= height <= most_height


def _grow_box(
    shape: tuple[int, int], box: tuple[float, float, float, float], sideways: float, downwards: float
) -> np.ndarray:
    """(h, w) bool, the inside of the grown box; the margins in pixels."""
    return box_mask(shape, (box[0] - sideways, box[1] - sideways, box[2] + sideways, box[3] + downwards))


def _window(shape: tuple[int, int], box: tuple[float, float, float, float], margin: float) -> tuple[slice, slice]:
    x0, y0, x1, y1 = box
    rows = slice(max(0, int(y0 - margin)), min(shape[0], int(y1 + margin)))
    return rows, slice(max(0, int(x0 - margin)), min(shape[1], int(x1 + margin)))


def _without_cables(solid: np.ndarray, width: float) -> np.ndarray:
    side = round(width) | 1
    if side < 3:
        return solid
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_OPEN, kernel).astype(bool)


def _cut_off(core: np.ndarray, neck: np.ndarray, up: np.ndarray, width: float, box: np.ndarray) -> np.ndarray | None:
    """(h, w) bool: what comes off when the core is cut across the neck; None if that is not most of what the box holds.

    Args:
        core: (h, w) bool, the bike without its cables.
        box: (h, w) bool, the inside of the part's grown box.
    """
    across = np.array([-up[1], up[0]]) * (0.62 * width + 3)
    slit = core.astype(np.uint8)
    ends = [tuple(int(v) for v in np.round(neck + sign * across)) for sign in (-1, 1)]
    cv2.line(slit, *ends, 0, 2)
    count, labels = cv2.connectedComponents(slit, connectivity=4)
    if count < 3:
        return None
    sizes, inside = (np.bincount(ids.ravel(), minlength=count) for ids in (labels, labels[box]))
    below = np.clip(np.round(neck - 3 * up).astype(int), 0, np.array(core.shape[::-1]) - 1)
    is_piece = inside > 0.96 * sizes
    is_piece[[0, labels[below[1], below[0]], 1 + int(np.argmax((sizes - inside)[1:]))]] = False
    held = is_piece[labels]
    beyond = np.zeros_like(slit)
    cv2.circle(beyond, tuple(int(v) for v in np.round(neck + 2 * up)), round(0.3 * width + 3), 1, -1)
    if not held[beyond.astype(bool)].any():
        return None
    rows, columns = np.indices(core.shape, dtype=np.float32)
    above = box & core & ((columns - neck[0]) * up[0] + (rows - neck[1]) * up[1] > 1.3 * width)
    return held if held[above].sum() > LEAST_SHARE * max(1, above.sum()) else None


def _wall_in(core: np.ndarray, neck: np.ndarray, up: np.ndarray, width: float, scale: float) -> np.ndarray:
    """The core (h, w) bool with a slit along either side of the head tube, from the neck down."""
    slit = core.astype(np.uint8)
    for side in (-1, 1):
        beside = neck + side * np.array([-up[1], up[0]]) * max(0.62 * width, WALL * scale)
        ends = [tuple(int(v) for v in np.round(beside + reach * up)) for reach in (2.0, -WALL_LENGTH * scale)]
        cv2.line(slit, *ends, 0, 2)
    return slit.astype(bool)


def _is_opaque(alpha: np.ndarray, held: np.ndarray) -> bool:
    around = cv2.dilate(held.astype(np.uint8), np.ones((7, 7))).astype(bool) & (alpha > 0.12)
    return float((alpha[around] > 0.85).mean()) > LEAST_OPAQUE


def _touches_edge(part: Detachable, shape: tuple[int, int]) -> bool:
    """Whether the photo cuts the part off."""
    whole = part.in_photo(part.piece & (part.layers.alpha > SOLID), shape)
    return bool(whole[:2].any() or whole[-2:].any() or whole[:, :2].any() or whole[:, -2:].any())


def _clings(part: Detachable) -> bool:
    """Whether the piece meets the rest of the bike in more than cables, away from its neck: a basket, a wheel."""
    solid = part.layers.alpha > SOLID
    meeting = part.piece & solid & cv2.dilate((solid & ~part.piece).astype(np.uint8), np.ones((3, 3))).astype(bool)
    rows, columns = np.nonzero(meeting)
    away = np.hypot(columns - part.neck[0], rows - part.neck[1]) > part.width + 2
    return int(away.sum()) > LONGEST_CONTACT * part.scale


def _with_rim(alpha: np.ndarray, held: np.ndarray, rest: np.ndarray, reach: float) -> np.ndarray:
    """The piece with its soft rim and thin lugs: all that is bike and nearer to the piece than to the rest."""
    to_piece, to_rest = (cv2.distanceTransform((~m).astype(np.uint8), cv2.DIST_L2, 5) for m in (held, rest))
    near = to_piece < np.where(alpha < SOLID, 2, 1) * reach
    return held | (near & (to_piece < to_rest) & (alpha > 0))
