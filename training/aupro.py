"""Area under the per-region-overlap curve: a large defect counts no more than a small one.

Bergmann et al., "The MVTec Anomaly Detection Dataset", IJCV 2021, https://doi.org/10.1007/s11263-020-01400-4, section
5.2: the mean share of each connected defect that is marked, over the share of sound pixels that are, up to 0.3 of them.
"""

import cv2
import numpy as np

__all__ = ["PerRegionOverlap"]

LEVELS = 2048  # of the map's values in [0, 1]: thresholds that are told apart
MAX_FALSE_POSITIVE_RATE = 0.3  # as the paper


class PerRegionOverlap:
    """Gathers maps one by one in two histograms, and so needs no memory to speak of."""

    def __init__(self):
        self.sound = np.zeros(LEVELS)  # sound pixels of each level
        self.overlap = np.zeros(LEVELS)  # share of a region at each level, summed over the regions
        self.regions = 0

    def update(self, anomaly_map: np.ndarray, mask: np.ndarray) -> None:
        """Add one photo.

        Args:
            anomaly_map: (H, W) in [0, 1].
            mask: (H, W) bool, the defects; each connected piece is a region.
        """
        levels = np.minimum((np.clip(anomaly_map, 0, 1) * LEVELS).astype(np.int64), LEVELS - 1)
        self.sound += np.bincount(levels[~mask], minlength=LEVELS)
        count, regions = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
        for region in range(1, count):
            inside = levels[regions == region]
            self.overlap += np.bincount(inside, minlength=LEVELS) / len(inside)
        self.regions += count - 1

    def compute(self) -> float:
        """In [0, 1]: 1 is perfect; a map of noise has 0.15. NaN without regions, or without sound pixels."""
        if not self.regions or not self.sound.sum():
            return float("nan")
        # Marked from each level up, from nothing to everything.
        marked_sound = np.concatenate([[0], self.sound[::-1].cumsum()]) / self.sound.sum()
        marked_regions = np.concatenate([[0], self.overlap[::-1].cumsum()]) / self.regions
        rates = np.append(marked_sound[marked_sound < MAX_FALSE_POSITIVE_RATE], MAX_FALSE_POSITIVE_RATE)
        overlaps = np.interp(rates, marked_sound, marked_regions)
        # Where several levels share a rate, the highest overlap reached there is the curve's.
        overlaps[:-1] = marked_regions[: len(rates) - 1]
        return float(np.trapezoid(overlaps, rates) / MAX_FALSE_POSITIVE_RATE)
