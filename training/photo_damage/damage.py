"""What an edit returns, and what edits share: layers put over one another, masks of what changed or is gone."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from training.photo_damage.layers import Layers

__all__ = ["Damage", "Material", "draw_hull", "find_changes", "put_behind", "soften", "stack_rgba"]

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


def find_changes(before: Layers, after: Layers) -> np.ndarray:
    """The pixels that look different over the photo's own plate, with the gaps between them closed.

    Returns:
        (H, W) bool.
    """
    difference = np.abs(after.put_together() - before.put_together()).max(axis=2)
    changed = (cv2.GaussianBlur(difference, (0, 0), 1.0) > CHANGE).astype(np.uint8)
    return cv2.morphologyEx(changed, cv2.MORPH_CLOSE, _disc(changed.shape, CLOSING)).astype(bool)


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
    alpha = rest + behind
    colour = (rest[..., None] * layers.colour + behind[..., None] * piece[..., :3]) / np.maximum(alpha, 1e-4)[..., None]
    return replace(layers, colour=colour.astype(np.float32), alpha=alpha.astype(np.float32))


def stack_rgba(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """(H, W, 4) float32 RGBA of a colour (H, W, 3) and an alpha (H, W)."""
    return np.dstack([colour, alpha]).astype(np.float32)


def soften(mask: np.ndarray, sigma: float = 1.0) -> np.ndarray:
    """(H, W) float32 in [0, 1]: a mask (H, W) bool with edges blurred by `sigma` pixels."""
    return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)


def _disc(shape: tuple[int, int], share: float) -> np.ndarray:
    """A round kernel whose odd side is about this share of the photo's longer side, at least 3 pixels."""
    side = max(3, round(share * max(shape)) | 1)
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
