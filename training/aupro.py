"""Area under the per-region-overlap curve: a large defect counts no more than a small one.

Bergmann et al., "The MVTec Anomaly Detection Dataset", IJCV 2021, https://doi.org/10.1007/s11263-020-01400-4, section
5.2: the mean share of each connected defect that is marked, over the share of sound pixels that are, up to 0.3 of them.
Departure: which sound pixels count is the caller's to say. Counting a background on which a map is 0 by construction
would spread false alarms so thin that noise on the bike alone scored far above the 0.15 that it deserves.
"""

import cv2
import numpy as np

__all__ = ["LEVELS", "area_under_overlap", "levels_of", "region_overlap"]

LEVELS = 2048  # of the map's values: thresholds that are told apart
MOST_LOG_ODDS = 12  # six millionths away from 0 and from 1
MAX_FALSE_POSITIVE_RATE = 0.3  # as the paper


def levels_of(anomaly_map: np.ndarray) -> np.ndarray:
    """The level of each value in [0, 1], from 0 to LEVELS - 1; evenly over the log-odds: a cold map has many too."""
    values = np.clip(np.asarray(anomaly_map, np.float64), 1e-9, 1 - 1e-9)
    share = np.log(values / (1 - values)) / (2 * MOST_LOG_ODDS) + 0.5
    return np.clip(share * LEVELS, 0, LEVELS - 1).astype(np.int64)


def region_overlap(levels: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, int]:
    """The share of each region at each level, summed over the regions, (LEVELS,); and how many regions there are.

    Args:
        levels: (N,), of the pixels in the mask, as `levels_of` has them.
        mask: (H, W) bool, the defects; each connected piece is a region.
    """
    count, regions = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    inside = regions[mask]
    weights = 1 / np.bincount(inside, minlength=count).clip(1)[inside]
    return np.bincount(levels, weights, LEVELS), count - 1


def area_under_overlap(sound: np.ndarray, overlap: np.ndarray, regions: float) -> float:
    """In [0, 1]: 1 is perfect; a map of noise has 0.15. NaN without regions, or without sound pixels.

    Args:
        sound: (LEVELS,), sound pixels at each level.
        overlap: (LEVELS,), as `region_overlap` has it, summed over photos.
        regions: how many there are.
    """
    if not regions or not sound.sum():
        return float("nan")
    # Marked from each level up, from nothing to everything.
    marked_sound = np.concatenate([[0], sound[::-1].cumsum()]) / sound.sum()
    marked_regions = np.concatenate([[0], overlap[::-1].cumsum()]) / regions
    rates = np.append(marked_sound[marked_sound < MAX_FALSE_POSITIVE_RATE], MAX_FALSE_POSITIVE_RATE)
    overlaps = np.interp(rates, marked_sound, marked_regions)
    # Where several levels share a rate, the highest overlap reached there is the curve's.
    overlaps[:-1] = marked_regions[: len(rates) - 1]
    return float(np.trapezoid(overlaps, rates) / MAX_FALSE_POSITIVE_RATE)
