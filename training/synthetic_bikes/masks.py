"""From which triangles each twin shows: the defect's mask, and the labels of parts. Exact, as twins share all else."""

from dataclasses import dataclass

import cv2
import numpy as np

from training.synthetic_bikes.damage import Damage
from training.synthetic_bikes.geometry import PARTS, Bike
from training.synthetic_bikes.raster import Camera

__all__ = ["Shown", "draw_defects", "label_parts"]

TOUCHED = 0.1  # of a pixel; what changed by less is not defect
WORN = 0.06  # a point worn by this much counts as defect
MOVED = 0.0008  # metres; a triangle that moved less has not visibly moved
WHEELS = ("front_wheel", "rear_wheel")


@dataclass
class Shown:
    """What one twin's picture shows, in fine pixels; each array (height * fineness, width * fineness).

    bike: as it stands before the camera; triangles: which one shows, -1 where none is the bike's; depth: metres ahead
    at which the bike lies, infinite where it does not; front: the same of what stands about.
    """

    bike: Bike
    camera: Camera
    triangles: np.ndarray
    depth: np.ndarray
    front: np.ndarray
    fineness: int

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height of the picture, in pixels."""
        return self.triangles.shape[1] // self.fineness, self.triangles.shape[0] // self.fineness

    def share_of(self, triangles: np.ndarray) -> np.ndarray:
        """(H, W) float32: how much of each pixel shows these triangles (M,) bool."""
        return _shrink(np.append(triangles, False)[self.triangles], self.size_wh)

    def project(self, triangles: np.ndarray, fineness: int = 1) -> np.ndarray:
        """(K, 2) pixel coordinates of the points of the triangles (M,) bool, hidden or not."""
        width, height = self.size_wh
        points = self.bike.points[self.bike.points_of(triangles)]
        return self.camera.project(points, width * fineness, height * fineness)

    def is_behind_props(self, triangles: np.ndarray) -> np.ndarray:
        """(H, W) bool: where something stands nearer than the nearest of these triangles (M,) bool."""
        points = self.bike.points[self.bike.points_of(triangles)]
        nearest = ((points - self.camera.position) @ self.camera.axes()[2]).min()
        return _shrink(self.front < nearest, self.size_wh) > 0.5


def draw_defects(
    intact: Shown, broken: Shown, damages: list[Damage], worn: list[np.ndarray | None]
) -> list[np.ndarray]:
    """The mask (H, W) bool of each damage, its shadow not counted; of a missing part, where it was.

    Args:
        worn: for each damage with a wear, the share (h, w) of each fine pixel that is worn in the broken twin.
    """
    moved = np.linalg.norm(broken.bike.points - intact.bike.points, axis=1)[broken.bike.triangles].max(axis=1) > MOVED
    different = moved | (broken.bike.is_hidden != intact.bike.is_hidden)
    # A worn surface may lie on what another damage bent or took away: that it moved is the other's.
    bent = np.logical_or.reduce([damage.affected for damage in damages if damage.wear is None])
    changed = [damage.affected & different & ~(bent & (damage.wear is not None)) for damage in damages]
    return [
        _draw_defect(intact, broken, damage, own, each)
        for damage, own, each in zip(damages, changed, worn, strict=True)
    ]


def _draw_defect(
    intact: Shown, broken: Shown, damage: Damage, changed: np.ndarray, worn: np.ndarray | None
) -> np.ndarray:
    share = np.maximum(intact.share_of(changed), broken.share_of(changed))
    if worn is not None:
        share = np.maximum(share, _shrink(worn > WORN, intact.size_wh))
    touched = (share > TOUCHED).astype(np.uint8)
    mask, disc = touched.copy(), _disc(intact.size_wh)
    if damage.is_hull and mask.any():
        mask |= _fill_hull(np.argwhere(mask)[:, ::-1], intact.size_wh)
    places = [(intact, group) for group in (*damage.gone, *damage.placed)]
    places += [(broken, group) for group in damage.placed]
    for shown, group in places:
        mask |= cv2.dilate(_fill_hull(shown.project(group), shown.size_wh), disc)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc)
    if changed.any():  # a hull does not reach over what stands in front
        mask[intact.is_behind_props(changed)] = 0
    return (mask | touched).astype(bool)


def label_parts(shown: Shown) -> np.ndarray:
    """(H, W) uint8: in each pixel the part that covers most of it, background where less than a third is bike.

    A wheel is its whole disc out to the tyre, with all that is seen through its spokes, but not what lies before it.
    """
    ids = np.append(shown.bike.part_ids, 0).astype(np.uint8)[shown.triangles]
    nearest = np.minimum(shown.depth, shown.front)
    for part in WHEELS:
        tyre = shown.bike.triangles_of(part, ("tyre",)) & ~shown.bike.is_hidden
        if tyre.any():
            disc, depth = _disc_within(shown, tyre), _plane_depth(shown, tyre)
            is_seen = disc & (depth < nearest)
            ids[is_seen], nearest[is_seen] = PARTS[part], depth[is_seen]
    shares = np.stack([_shrink(ids == part, shown.size_wh) for part in range(1, len(PARTS) + 1)])
    return np.where(shares.sum(axis=0) > 0.33, shares.argmax(axis=0) + 1, 0).astype(np.uint8)


def _disc_within(shown: Shown, tyre: np.ndarray) -> np.ndarray:
    """(h, w) bool: in fine pixels the tyre and all that it encloses, however it is bent, whatever stands before it."""
    height, width = shown.triangles.shape
    places = shown.camera.project(shown.bike.points, width, height)
    corners = np.round(np.clip(places, -4000, 8000)[shown.bike.triangles[tyre]] * 16).astype(np.int32)
    ring = np.zeros((height, width), np.uint8)
    for corner in corners:
        cv2.fillConvexPoly(ring, corner, 1, shift=4)
    if ring[0].any() or ring[-1].any() or ring[:, 0].any() or ring[:, -1].any():  # cut off by the picture's edge
        return _fill_hull(corners.reshape(-1, 2) / 16, (width, height)).astype(bool)
    outlines = cv2.findContours(ring, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    return cv2.drawContours(ring, outlines, -1, 1, cv2.FILLED).astype(bool)


def _plane_depth(shown: Shown, tyre: np.ndarray) -> np.ndarray:
    """(h, w) float32: metres ahead at which each fine pixel's ray meets the plane that fits the tyre best."""
    points = shown.bike.points[shown.bike.points_of(tyre)]
    middle = points.mean(axis=0)
    normal = np.linalg.svd(points - middle, full_matrices=False)[2][2]
    right, up, ahead = shown.camera.axes()
    height, width = shown.triangles.shape
    scale = 2 * np.tan(np.radians(shown.camera.field_of_view / 2)) / height
    x = (np.arange(width) + 0.5 - width / 2) * scale
    y = (height / 2 - np.arange(height) - 0.5) * scale
    steep = ahead @ normal + x[None] * (right @ normal) + y[:, None] * (up @ normal)
    away = (middle - shown.camera.position) @ normal
    with np.errstate(divide="ignore"):
        depth = away / steep
    # Nothing of the wheel is farther from the plane than its width: seen edge-on, the plane has no say.
    ranges = (points - shown.camera.position) @ ahead
    return np.clip(depth, ranges.min(), ranges.max()).astype(np.float32)


def _shrink(fine: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """(H, W) float32: the mean of each block of fine pixels."""
    return cv2.resize(fine.astype(np.float32), size_wh, interpolation=cv2.INTER_AREA)


def _fill_hull(places: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8: 1 within the convex hull of pixel coordinates (K, 2)."""
    hull = cv2.convexHull(np.clip(places, -4000, 8000).astype(np.float32))
    return cv2.fillConvexPoly(np.zeros(size_wh[::-1], np.uint8), np.round(hull).astype(np.int32), 1)


def _disc(size_wh: tuple[int, int]) -> np.ndarray:
    reach = max(1, round(size_wh[0] * 0.005))
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
