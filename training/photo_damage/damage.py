"""What an edit returns, and what edits share: layers put over one another, masks of what changed or is gone."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from training.photo_damage.layers import Layers
from training.splits import choose_split

__all__ = [
    "Damage",
    "Material",
    "draw_hull",
    "draw_strand",
    "find_changes",
    "put_behind",
    "put_in_front",
    "soften",
    "stack_rgba",
    "strongest_difference",
]

CHANGE = 0.06  # a pixel that differs by this much of the value range, in any channel, has visibly changed
CLOSING = 0.012  # of the photo's longer side: gaps of this width between changed pixels belong to the defect
HULL_MARGIN = 0.008  # of the photo's longer side: the kernel that grows the hull of what is gone


@dataclass
class Damage:
    """The broken layers, the defect's mask (H, W) bool, its kind and part, and a severity in (0, 1]."""

    layers: Layers
    mask: np.ndarray
    kind: str
    part: str
    severity: float


@dataclass
class Material:
    """Files to paint with: pictures of rust, and of everyday textures."""

    rust: list[Path]
    textures: list[Path]

    def of_side(self, side: str) -> "Material":
        """Those of one side of the split; of a kind that has none there, all."""
        sides = [[path for path in paths if choose_split(path.name) == side] for paths in (self.rust, self.textures)]
        return Material(sides[0] or self.rust, sides[1] or self.textures)


def find_changes(before: Layers, after: Layers) -> np.ndarray:
    """The pixels that look different over the photo's own plate, with the gaps between them closed.

    Returns:
        (H, W) bool.
    """
    difference = strongest_difference(before.put_together(), after.put_together())
    changed = (cv2.GaussianBlur(difference, (0, 0), 1.0) > CHANGE).astype(np.uint8)
    return cv2.morphologyEx(changed, cv2.MORPH_CLOSE, _disc(changed.shape, CLOSING)).astype(bool)


def strongest_difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(H, W) float32, at each pixel that of the channel of two pictures (H, W, 3) float32 which differs most."""
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    return cv2.max(cv2.max(red, green), blue)  # many times as fast as NumPy along the last axis


def draw_hull(gone: np.ndarray) -> np.ndarray:
    """The convex hull of what is gone, grown a little: where the part should be.

    Args:
        gone: (H, W) bool, not empty.

    Returns:
        (H, W) bool.
    """
    hull = np.zeros(gone.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(cv2.findNonZero(gone.astype(np.uint8))), 1)
    return cv2.dilate(hull, _disc(gone.shape, HULL_MARGIN)).astype(bool)


def put_behind(piece: np.ndarray, rest: np.ndarray, layers: Layers) -> Layers:
    """A moved piece, seen wherever the rest of the bike does not hide it, as layers again.

    Args:
        piece: (H, W, 4) float32 RGBA in [0, 1].
        rest: (H, W) float32 in [0, 1], the alpha of what stayed.
        layers: of the bike before; give the colours of what stayed, and the plate.
    """
    behind = piece[..., 3] * (1 - rest)
    return _blend(layers, rest[..., None] * layers.colour + behind[..., None] * piece[..., :3], rest + behind)


def put_in_front(piece: np.ndarray, layers: Layers) -> Layers:
    """A piece that hides whatever of the bike is behind it, as layers again.

    Args:
        piece: (H, W, 4) float32 RGBA in [0, 1].
        layers: of the bike before.
    """
    over = piece[..., 3]
    behind = layers.alpha * (1 - over)
    return _blend(layers, over[..., None] * piece[..., :3] + behind[..., None] * layers.colour, over + behind)


def draw_strand(shape: tuple[int, int], points: np.ndarray, width: float, colour: np.ndarray) -> np.ndarray:
    """A cable, chain or thread: a smooth round line through the points, light along its upper side.

    Args:
        shape: height and width in pixels.
        points: (N, 2), x and y in pixels, two or more, close enough together for straight pieces.
        width: pixels, at least 0.5.
        colour: (3,) RGB in [0, 1].

    Returns:
        (H, W, 4) float32 RGBA in [0, 1].
    """
    alpha, light = (_draw_line(shape, points + offset, w) for offset, w in ((0, width), (-0.2 * width, 0.45 * width)))
    shade = np.float32(0.75) + np.float32(0.5) * light[..., None]
    return stack_rgba((shade * np.asarray(colour, np.float32)).clip(0, 1), alpha)


def stack_rgba(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """(H, W, 4) float32 RGBA of a colour (H, W, 3) and an alpha (H, W)."""
    return np.dstack([colour, alpha]).astype(np.float32)


def soften(mask: np.ndarray, sigma: float = 1.0) -> np.ndarray:
    """(H, W) float32 in [0, 1]: a mask (H, W) bool with edges blurred by `sigma` pixels."""
    return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)


def _blend(layers: Layers, premultiplied: np.ndarray, alpha: np.ndarray) -> Layers:
    """Layers of a colour that is multiplied by its alpha; where that is clear the old colour stays.

    A black one there would show as a dark fringe once the picture is resized.
    """
    colour = np.where(alpha[..., None] > 1e-3, premultiplied / np.maximum(alpha, 1e-3)[..., None], layers.colour)
    return replace(layers, colour=colour.astype(np.float32), alpha=alpha.astype(np.float32))


def _draw_line(shape: tuple[int, int], points: np.ndarray, width: float) -> np.ndarray:
    """(H, W) float32 in [0, 1]: drawn four times larger and averaged, as OpenCV's lines are whole pixels wide."""
    fine = np.zeros((4 * shape[0], 4 * shape[1]), np.uint8)
    sixteenths = np.round((4 * (np.asarray(points, float) + 0.5) - 0.5) * 16).astype(np.int32)
    cv2.polylines(fine, [sixteenths], False, 255, max(1, round(4 * width)), cv2.LINE_AA, shift=4)
    return cv2.resize(fine, shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _disc(shape: tuple[int, int], share: float) -> np.ndarray:
    """A round kernel whose odd side is about this share of the photo's longer side, at least 3 pixels."""
    side = max(3, round(share * max(shape)) | 1)
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
