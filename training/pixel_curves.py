"""How well a map tells defect pixels from sound ones: average precision, AUROC and AUPRO, with intervals over bikes."""

from collections import defaultdict

import numpy as np

from training.aupro import LEVELS, area_under_overlap, levels_of, region_overlap
from training.intervals import draw_bikes, percentiles

__all__ = ["PixelCurves"]

SOUND, DEFECT, OVERLAP = range(3)
AT_ONCE = 500  # bikes whose histograms are added up at once


class PixelCurves:
    """Gathers maps one by one in three histograms a bike, and so needs little memory.

    Levels are even over the map's log-odds (`levels_of`): the figures are exact but for values that share one.
    """

    def __init__(self):
        self.histograms = defaultdict(lambda: np.zeros((3, LEVELS), np.float32))
        self.regions = defaultdict(int)

    def update(self, anomaly_map: np.ndarray, mask: np.ndarray, on_bike: np.ndarray, bike: int = 0) -> None:
        """Add one photo.

        Args:
            anomaly_map: (H, W) in [0, 1]; off the bike it counts as 0.
            mask: (H, W) bool, the defects; each connected piece is a region. All of them counts, off the bike too.
            on_bike: (H, W) bool: which sound pixels count.
            bike: which one the photo shows, as `bikes_of` has it.
        """
        sound = levels_of(anomaly_map[on_bike & ~mask])
        defect = levels_of(anomaly_map[mask] * on_bike[mask])
        overlap, regions = region_overlap(defect, mask)
        histograms = self.histograms[bike]
        histograms[SOUND] += np.bincount(sound, minlength=LEVELS)
        histograms[DEFECT] += np.bincount(defect, minlength=LEVELS)
        histograms[OVERLAP] += overlap
        self.regions[bike] += regions

    def compute(self) -> dict[str, float]:
        """pixel_ap, pixel_auroc, aupro, each in [0, 1]; {} without defects, or without sound pixels."""
        if not self.histograms:
            return {}
        figures = self._weigh(np.ones((1, len(self.histograms))))
        return {name: float(value[0]) for name, value in figures.items() if np.isfinite(value[0])}

    def intervals(self) -> dict[str, list[float]]:
        """The 95% interval, low and high, of each figure that one can be told of: bikes drawn anew."""
        if not self.histograms:
            return {}
        figures = self._weigh(draw_bikes(np.arange(len(self.histograms))))
        intervals = {name: percentiles(values) for name, values in figures.items()}
        return {name: interval for name, interval in intervals.items() if interval}

    def _weigh(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """The figures of each row of weights (R, bikes), (R,); NaN where a row has no defects or nothing else."""
        sums = np.zeros((len(weights), 3, LEVELS))
        histograms = list(self.histograms.values())
        for start in range(0, len(histograms), AT_ONCE):
            some = np.stack(histograms[start : start + AT_ONCE], dtype=float)
            sums += np.tensordot(weights[:, start : start + AT_ONCE], some, axes=1)
        sound, defect, overlap = sums[:, SOUND], sums[:, DEFECT], sums[:, OVERLAP]  # each (R, LEVELS)
        regions = weights @ np.array(list(self.regions.values()))
        marked_sound, marked_defect = (np.cumsum(values[:, ::-1], axis=1) for values in (sound, defect))
        steps, right = defect[:, ::-1], marked_defect / np.maximum(marked_defect + marked_sound, 1)
        defects, sounds = marked_defect[:, -1], marked_sound[:, -1]
        nan = np.where((defects > 0) & (sounds > 0), 1.0, np.nan)
        ranked = (sound[:, ::-1] * (marked_defect - steps / 2)).sum(axis=1)
        return {
            "pixel_ap": nan * (steps * right).sum(axis=1) / np.maximum(defects, 1),
            "pixel_auroc": nan * ranked / np.maximum(defects * sounds, 1),
            "aupro": np.array([area_under_overlap(*row) for row in zip(sound, overlap, regions, strict=True)]),
        }
