"""What an inspection found: verdict, probability, regions; maps and drawings on the photo's own pixels when asked for.

The networks' answer (Evidence) and the reading of it at two thresholds (Inspection) are kept apart, so another
threshold costs milliseconds and no network runs again.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from PIL import Image

from inspection.bike import Bike, scale_box, working_size
from inspection.overlay import draw_overlay
from inspection.regions import Region, find_regions
from modeling.letterbox import Letterbox

__all__ = ["CanvasMap", "Evidence", "Inspection"]


@dataclass(frozen=True, eq=False)
class CanvasMap:
    """A map (h, w) float32 in [0, 1] on a network's canvas, and how the photo came onto that canvas."""

    values: np.ndarray
    letterbox: Letterbox

    def on_photo(self, size: tuple[int, int]) -> np.ndarray:
        """(height, width) float32 in [0, 1], the photo scaled to that size; 0 outside the crop, if it was cropped."""
        values = self.letterbox.to_photo(self.values, size=size)
        return np.minimum(values, 1, out=values)  # interpolation rounds


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the two networks said about a photo, before any threshold.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, the upright photo: kept in memory as long as its Inspection, for the overlay.
        probability: of damage, in [0, 1].
        bike: None where there is none.
        part_names: names shown to people, by part id.
        classifier_map: the classifier's own evidence of damage.
        localizer_map: None where stage 2 did not run.
        always_localize: whether the map counts for an intact bike too.
        verdict_weight: of the verdict in the anomaly map, in [0, 1].
    """

    pixels: np.ndarray
    probability: float
    bike: Bike | None
    part_names: dict[int, str]
    classifier_map: CanvasMap
    localizer_map: CanvasMap | None = None
    always_localize: bool = False
    verdict_weight: float = 0.0

    @property
    def size(self) -> tuple[int, int]:
        """Height, width of the photo in pixels."""
        return self.pixels.shape[:2]

    def verdict(self, damage_threshold: float) -> str | None:
        if self.bike is None:
            return None
        return "DAMAGED" if self.probability >= damage_threshold else "INTACT"

    def map_counts(self, damage_threshold: float) -> bool:
        """Whether there is an anomaly map that an inspection at this threshold has."""
        wanted = self.always_localize or self.verdict(damage_threshold) == "DAMAGED"
        return wanted and self.localizer_map is not None

    def anomaly_map(self, size: tuple[int, int]) -> np.ndarray:
        """(height, width) float32 in [0, 1], the photo scaled to that size; 0 outside the bike's crop.

        The higher of both networks' maps: the localizer notices what does not look like a sound bike, the classifier
        knows the kinds of damage it learned from; each is calibrated to the threshold by itself. Then the verdict,
        which is about the whole bike, shifts the log-odds by `verdict_weight` times its own.
        """
        anomaly_map = self.localizer_map.on_photo(size)
        x0, y0, x1, y1 = scale_box(self.bike.crop, self.size, size)
        crop = np.s_[y0:y1, x0:x1]
        joined = anomaly_map[crop]  # the rest is 0
        np.maximum(joined, self.classifier_map.on_photo(size)[crop], out=joined)
        _multiply_odds(joined, self._verdict_odds() ** self.verdict_weight)
        return anomaly_map

    def _verdict_odds(self) -> float:
        probability = min(max(self.probability, 1e-6), 1 - 1e-6)
        return probability / (1 - probability)

    def bike_mask(self, size: tuple[int, int]) -> np.ndarray:
        """(height, width) bool, the photo scaled to that size."""
        if self.bike is None:
            return np.zeros(size, bool)
        coverage = self.bike.mask.view(np.uint8) * np.uint8(255)
        coverage = cv2.resize(coverage, size[::-1], interpolation=cv2.INTER_LINEAR)
        return cv2.threshold(coverage, 127, 1, cv2.THRESH_BINARY, dst=coverage)[1].view(bool)

    def regions(self, anomaly_threshold: float) -> list[Region]:
        """Found on the working grid, so that the cost does not grow with the photo; boxes in photo pixels."""
        grid = working_size(self.size)
        bike = self.bike
        regions = find_regions(
            self.anomaly_map(grid),
            bike.mask,
            anomaly_threshold,
            bike.part_map,
            self.part_names,
            bike_area=bike.area,
        )
        return _scaled(regions, grid, self.size)


@dataclass(frozen=True)
class Inspection:
    """One photo's verdict and regions.

    Attributes:
        photo: its path or file name; None for pixels that came without one.
        width: of the upright photo in pixels; None where it could not be read.
        height: likewise.
        bike_found: whether there is a bike in it.
        verdict: "INTACT" or "DAMAGED"; None where there is no bike.
        probability: of damage, in [0, 1]; None where the photo could not be read.
        regions: the most damage first; of an intact bike only with always_localize.
        error: why the photo could not be read, one line; None where it could.
        seconds: reading it and its share of its batch.
        damage_threshold: the one the verdict was found with.
        anomaly_threshold: the one the regions were found with.
    """

    photo: str | None
    width: int | None = None
    height: int | None = None
    bike_found: bool = False
    verdict: str | None = None
    probability: float | None = None
    regions: list[Region] = field(default_factory=list)
    error: str | None = None
    seconds: float = field(default=0.0, compare=False)
    damage_threshold: float = 0.4
    anomaly_threshold: float = 0.6
    evidence: Evidence | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        evidence: Evidence,
        damage_threshold: float,
        anomaly_threshold: float,
        photo: str | None = None,
        seconds: float = 0.0,
    ) -> "Inspection":
        """Read the evidence at two thresholds.

        Raises:
            ValueError: a threshold outside [0, 1].
        """
        check_threshold("damage_threshold", damage_threshold)
        check_threshold("anomaly_threshold", anomaly_threshold)
        height, width = evidence.size
        return cls(
            photo=photo,
            width=width,
            height=height,
            bike_found=evidence.bike is not None,
            verdict=evidence.verdict(damage_threshold),
            probability=evidence.probability,
            regions=evidence.regions(anomaly_threshold) if evidence.map_counts(damage_threshold) else [],
            seconds=seconds,
            damage_threshold=damage_threshold,
            anomaly_threshold=anomaly_threshold,
            evidence=evidence,
        )

    def with_thresholds(
        self, damage_threshold: float | None = None, anomaly_threshold: float | None = None
    ) -> "Inspection":
        """The same photo at other thresholds, without running a network; None keeps the one there is.

        Equals a fresh inspection at those thresholds but for one case: DAMAGED now, but stage 2 never ran, as the
        bike was intact before. Then there are no regions and no anomaly map; `always_localize` avoids that.

        Raises:
            ValueError: a threshold outside [0, 1].
        """
        damage_threshold = self.damage_threshold if damage_threshold is None else damage_threshold
        anomaly_threshold = self.anomaly_threshold if anomaly_threshold is None else anomaly_threshold
        if self.evidence is None:
            check_threshold("damage_threshold", damage_threshold)
            check_threshold("anomaly_threshold", anomaly_threshold)
            return replace(self, damage_threshold=damage_threshold, anomaly_threshold=anomaly_threshold)
        return Inspection.of(self.evidence, damage_threshold, anomaly_threshold, self.photo, self.seconds)

    @property
    def has_anomaly_map(self) -> bool:
        """Whether stage 2 ran; costs nothing."""
        return self.evidence is not None and self.evidence.map_counts(self.damage_threshold)

    @property
    def anomaly_map(self) -> np.ndarray | None:
        """(H, W) float32 in [0, 1] on the photo's own pixels; None where stage 2 did not run.

        Computed at each call, 4 bytes a pixel: keep it in a variable.
        """
        return self.evidence.anomaly_map(self.evidence.size) if self.has_anomaly_map else None

    @property
    def bike_mask(self) -> np.ndarray | None:
        """(H, W) bool on the photo's own pixels, computed at each call; None where the photo could not be read."""
        return None if self.evidence is None else self.evidence.bike_mask(self.evidence.size)

    def overlay(self, max_side: int | None = None) -> Image.Image:
        """The photo with heat, outlines and numbered tags; the bare photo where stage 2 did not run.

        Args:
            max_side: longer side of the drawing in pixels, for a screen; None draws at the photo's own size.

        Raises:
            ValueError: the photo could not be read.
        """
        if self.evidence is None:
            raise ValueError(f"no overlay of an unreadable photo: {self.error}")
        pixels = self.evidence.pixels
        scale = min(1.0, (max_side or max(pixels.shape)) / max(pixels.shape))
        size = tuple(max(1, round(side * scale)) for side in self.evidence.size)
        if size != self.evidence.size:
            pixels = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA)
        if not self.has_anomaly_map:
            return Image.fromarray(pixels)
        return draw_overlay(
            pixels,
            self.evidence.anomaly_map(size),
            self.evidence.bike_mask(size),
            _scaled(self.regions, self.evidence.size, size),
            self.anomaly_threshold,
        )

    def to_dict(self) -> dict:
        """For JSON: plain numbers, rounded to six digits."""
        return {
            "photo": self.photo,
            "width": self.width,
            "height": self.height,
            "bike_found": self.bike_found,
            "verdict": self.verdict,
            "probability": None if self.probability is None else round(self.probability, 6),
            "regions": [
                {
                    "box": list(region.box),
                    "score": round(region.score, 6),
                    "peak": round(region.peak, 6),
                    "area": round(region.area, 6),
                    "part": region.part,
                }
                for region in self.regions
            ],
            "error": self.error,
            "seconds": round(self.seconds, 6),
        }


def check_threshold(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value}: use a number in [0, 1]")


def _multiply_odds(values: np.ndarray, factor: float) -> None:
    """Of probabilities, in place."""
    divisor = 1 + (factor - 1) * values
    values *= factor
    values /= divisor
    np.minimum(values, 1, out=values)  # division rounds


def _scaled(regions: list[Region], size: tuple[int, int], new_size: tuple[int, int]) -> list[Region]:
    return [replace(region, box=scale_box(region.box, size, new_size)) for region in regions]
