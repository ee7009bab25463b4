"""From an anomaly map to regions: threshold on the bike, clean up, grow, connect, measure, name the part.

Everything after the threshold works in the box that holds what is above it, and on each component in its own
box: the cost follows the damage, not the photo.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ["Box", "Region", "binary_mask", "find_regions"]

Box = tuple[int, int, int, int]  # x0, y0, x1, y1 in photo pixels; x1 and y1 exclusive

# Kernel sides as fractions of the photo's longer side. The map is computed at a few hundred pixels a side, so
# one pixel of it covers about 1/400 of the photo: opening takes away less than that, never a thin scratch.
OPENING_FRACTION = 0.002
CLOSING_FRACTION = 0.008  # joins the pieces of one scratch
# Of the threshold: a region that reaches the threshold somewhere goes on as far as the map stays above this share.
GROWTH = 0.75
BACKGROUND_PART, UNKNOWN_PART = 0, 255
MIN_AREA = 0.0005  # of the bike


@dataclass(frozen=True)
class Region:
    """One connected piece of damage.

    Attributes:
        box: x0, y0, x1, y1 in photo pixels; x1 and y1 exclusive.
        score: mean of the anomaly map over the region, in [0, 1].
        peak: its maximum there, in [0, 1].
        area: fraction of the bike's area, in (0, 1].
        part: name of the bike's part that most of the region lies on; None where that is not known.

    Raises:
        ValueError: an empty or inverted box, or a number outside its range.
    """

    box: Box
    score: float
    peak: float
    area: float
    part: str | None = None

    def __post_init__(self):
        x0, y0, x1, y1 = self.box
        if not (0 <= x0 < x1 and 0 <= y0 < y1):
            raise ValueError(f"box is {self.box}: expected 0 <= x0 < x1 and 0 <= y0 < y1")
        if not 0 <= self.score <= self.peak <= 1:
            raise ValueError(f"score is {self.score}, peak is {self.peak}: expected 0 <= score <= peak <= 1")
        if not 0 < self.area <= 1:
            raise ValueError(f"area is {self.area}: expected a fraction of the bike in (0, 1]")


def find_regions(
    anomaly_map: np.ndarray,
    bike_mask: np.ndarray | None = None,
    threshold: float = 0.6,
    part_map: np.ndarray | None = None,
    part_names: Mapping[int, str] | None = None,
    min_area: float = MIN_AREA,
    bike_area: int | None = None,
) -> list[Region]:
    """Find the connected regions of an anomaly map that lie on the bike.

    Args:
        anomaly_map: (H, W) float32 in [0, 1], on the photo's own pixels.
        bike_mask: (H, W) bool; None takes the whole photo as the bike.
        threshold: a region must reach this somewhere, in [0, 1], and goes on down to GROWTH of it.
        part_map: (H, W) uint8 part ids, 0 background, 255 unknown; needs part_names.
        part_names: part id -> name.
        min_area: drop regions of which less than this reaches the threshold; a fraction of the bike's area, in
            [0, 1]. The default is a square of about 30 pixels on a bike that fills a 12 MP photo: smaller than any
            damage one would point at.
        bike_area: pixels of the bike itself, of which the mask reaches out; None takes all of the mask.

    Returns:
        Regions, the most damage (score times area) first.

    Raises:
        ValueError: shapes that differ, a part id without a name, a number outside its range.
    """
    if (part_map is None) != (part_names is None):
        raise ValueError("part_map and part_names come together: give both, or none")
    _check_shape("part_map", part_map, anomaly_map)
    if not 0 <= min_area <= 1:
        raise ValueError(f"min_area is {min_area}: expected a fraction of the bike in [0, 1]")
    mask = binary_mask(anomaly_map, bike_mask, threshold)
    if bike_area is None:
        bike_area = mask.size if bike_mask is None else int(np.count_nonzero(bike_mask))
    regions = []
    for (x0, y0, x1, y1), inside in _components(mask, min_area * bike_area):
        window = np.s_[y0:y1, x0:x1]
        scores = anomaly_map[window][inside]
        if np.count_nonzero(scores >= threshold) < min_area * bike_area:
            continue
        peak = min(1.0, float(scores.max()))
        regions.append(
            Region(
                box=(x0, y0, x1, y1),
                score=min(peak, float(scores.mean(dtype=np.float64))),
                peak=peak,
                area=min(1.0, len(scores) / bike_area),
                part=None if part_map is None else _majority_part(part_map[window][inside], part_names),
            )
        )
    return sorted(regions, key=lambda region: (-region.score * region.area, region.box))


def binary_mask(anomaly_map: np.ndarray, bike_mask: np.ndarray | None = None, threshold: float = 0.6) -> np.ndarray:
    """What of an anomaly map counts as damage: where it reaches the threshold on the bike, and what hangs on to that.

    What hangs on reaches GROWTH of the threshold and is connected to what reaches all of it (hysteresis: Canny, PAMI
    1986, section VIII). Both are opened (drop specks) and closed (join pieces).

    Args:
        anomaly_map: (H, W) float32 in [0, 1].
        bike_mask: (H, W) bool; None takes the whole photo as the bike.
        threshold: in [0, 1].

    Returns:
        (H, W) bool, True on damage; never outside the bike.

    Raises:
        ValueError: shapes that differ, or a threshold outside [0, 1].
    """
    if anomaly_map.ndim != 2:
        raise ValueError(f"anomaly_map has shape {anomaly_map.shape}: expected (H, W)")
    _check_shape("bike_mask", bike_mask, anomaly_map)
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}: expected a number in [0, 1]")
    strong = _clean(anomaly_map >= threshold, bike_mask)
    if not strong.any():
        return strong
    weak = _clean(anomaly_map >= GROWTH * threshold, bike_mask) | strong
    left, top, width, height = cv2.boundingRect(weak.view(np.uint8))
    window = np.s_[top : top + height, left : left + width]
    count, labels = cv2.connectedComponents(weak[window].view(np.uint8), connectivity=8)
    is_kept = np.zeros(count, bool)
    is_kept[labels[strong[window]]] = True
    weak[window] = is_kept[labels]
    return weak


def _clean(mask: np.ndarray, bike_mask: np.ndarray | None) -> np.ndarray:
    """A mask (H, W) bool of the caller's own, on the bike, opened and closed, in place."""
    if bike_mask is not None:
        mask &= bike_mask
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    if not width:
        return mask
    opening, closing = (_kernel(f * max(mask.shape)) for f in (OPENING_FRACTION, CLOSING_FRACTION))
    # Beyond this margin closing sees nothing, so the box gives what the whole photo would.
    margin = len(closing)
    window = np.s_[max(0, top - margin) : top + height + margin, max(0, left - margin) : left + width + margin]
    damage = cv2.morphologyEx(mask[window].view(np.uint8), cv2.MORPH_OPEN, opening)
    damage = cv2.morphologyEx(damage, cv2.MORPH_CLOSE, closing)
    mask[window] = damage.view(bool) if bike_mask is None else damage.view(bool) & bike_mask[window]
    return mask


def _check_shape(name: str, array: np.ndarray | None, anomaly_map: np.ndarray) -> None:
    if array is not None and array.shape != anomaly_map.shape:
        raise ValueError(f"{name} has shape {array.shape}: expected {anomaly_map.shape}, as the anomaly_map")


def _kernel(side: float) -> np.ndarray:
    """A square of the nearest odd side, 1 (no effect) or more; squares, as they are quick."""
    odd_side = 2 * round((side - 1) / 2) + 1 if side > 1 else 1
    return np.ones((odd_side, odd_side), np.uint8)


def _components(mask: np.ndarray, min_pixels: float) -> Iterator[tuple[Box, np.ndarray]]:
    """Yield each connected component large enough: its box, and (box height, box width) bool inside it."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    if not width:
        return
    window = mask[top : top + height, left : left + width].view(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(window, connectivity=8)
    large_enough = 1 + np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= min_pixels)  # 0 is all else
    for label in large_enough:
        x, y, width, height, _ = stats[label].tolist()
        inside = labels[y : y + height, x : x + width] == label
        yield (left + x, top + y, left + x + width, top + y + height), inside


def _majority_part(part_ids: np.ndarray, part_names: Mapping[int, str]) -> str | None:
    counts = np.bincount(part_ids, minlength=256)
    counts[[BACKGROUND_PART, UNKNOWN_PART]] = 0
    if not counts.any():
        return None
    part_id = int(counts.argmax())
    if part_id not in part_names:
        raise ValueError(f"part id {part_id} has no name: part_names knows {sorted(part_names)}")
    return part_names[part_id]
