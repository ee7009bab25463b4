"""One inspected photo as the page shows it: small in the browser, so that any photo is quick to redraw."""

from dataclasses import dataclass, replace

import cv2
from PIL import Image

__all__ = ["PREVIEW_SIDE", "PhotoView", "preview_size"]

PREVIEW_SIDE = 1600  # pixels, of the longer side; labels drawn at this size stay readable


@dataclass(frozen=True, eq=False)
class PhotoView:
    """An inspection that localized whatever the verdict, and what of it is shown.

    Attributes:
        name: the file's.
        inspection: an `inspection.inspection.Inspection`; its type is not imported, as it comes with PyTorch.
        preview: the photo, at most PREVIEW_SIDE a side.
    """

    name: str
    inspection: object
    preview: Image.Image

    @classmethod
    def of(cls, name: str, inspection) -> "PhotoView":
        pixels = inspection.evidence.pixels
        size_wh = preview_size(inspection.width, inspection.height)
        if size_wh != (inspection.width, inspection.height):
            pixels = cv2.resize(pixels, size_wh, interpolation=cv2.INTER_AREA)
        return cls(name, inspection, Image.fromarray(pixels))

    def with_thresholds(self, damage_threshold: float, anomaly_threshold: float) -> "PhotoView":
        inspection = self.inspection.with_thresholds(
            damage_threshold=damage_threshold, anomaly_threshold=anomaly_threshold
        )
        return replace(self, inspection=inspection)

    def has_heat(self, on_intact: bool) -> bool:
        """Whether there is a heatmap to show: of damaged bikes, and of intact ones if wanted."""
        return self.inspection.has_anomaly_map and (on_intact or self.inspection.verdict == "DAMAGED")

    def overlay(self) -> Image.Image:
        """The photo with heat and numbered regions, at the preview's size."""
        return self.inspection.overlay(max_side=PREVIEW_SIDE)

    def to_dict(self, heat_on_intact: bool) -> dict:
        """The inspection's JSON under the photo's own name, with the regions that are shown."""
        report = {**self.inspection.to_dict(), "photo": self.name}
        return report if self.has_heat(heat_on_intact) else {**report, "regions": []}


def preview_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the preview, in pixels.

    >>> preview_size(4000, 3000)
    (1600, 1200)
    >>> preview_size(640, 480)
    (640, 480)
    """
    scale = min(1, PREVIEW_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
