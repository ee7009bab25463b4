"""How good the localizer is: pixels by torchmetrics, regions as the inspector finds them."""

from collections.abc import Iterable

import numpy as np
import torch
from torchmetrics import MeanSquaredError
from torchmetrics.classification import BinaryAUROC, BinaryPrecisionRecallCurve
from torchmetrics.image import StructuralSimilarityIndexMeasure

from inspection.regions import binary_mask, find_regions
from modeling import DraemForAnomalyLocalization
from training.calibration import region_peak
from training.dilation import grow_bikes
from training.draem_data import MaskedExamples
from training.pixel_curves import PixelCurves
from training.run_model import run_model

__all__ = ["measure_intact_maps", "measure_localizer"]

BATCH_SIZE = 8
CURVE_POINTS = 200  # thresholds of the map at which its best F1 is looked for
PIXEL_STEP = 4  # every fourth pixel a side counts in the best F1: neighbours say the same, at 16 times the cost


def measure_localizer(
    model: DraemForAnomalyLocalization, examples: MaskedExamples, device: torch.device
) -> dict[str, float]:
    """Run the model over intact photos and damaged ones with masks; what counts of both is on the bike alone.

    Returns:
        Of intact photos: mse and ssim of the reconstruction; clean_rate, the share without any region; false_regions,
        how many they have on average. Where there are damaged ones too: pixel_ap, pixel_auroc, aupro, image_auroc;
        best_pixel_f1 and best_pixel_threshold, at which it is reached; iou and pixel_f1 of the map, at its threshold,
        with the defect, on average; hit_rate, the share with a region on the defect.
    """
    gathered = Gathered()
    for batch, output in run_model(model, examples, device, BATCH_SIZE):
        bike = grow_bikes(batch["bike"]) | batch["mask"]
        maps = output.anomaly_map.float().cpu()[:, 0].clamp(0, 1) * bike
        gathered.add_maps(maps, batch["mask"], bike, batch["label"])
        areas = batch["bike"].flatten(1).sum(dim=1).clamp(min=1)
        gathered.add_regions(maps, batch["mask"], bike, areas, batch["label"], model.config.anomaly_threshold)
        intact = batch["label"] == 0
        if intact.any():
            reconstruction = output.reconstruction.float().cpu()[intact].clamp(0, 1).contiguous()
            gathered.mse.update(reconstruction, batch["pixel_values"][intact])
            gathered.ssim.update(reconstruction, batch["pixel_values"][intact])
    return gathered.compute()


class Gathered:
    """What the figures are made of, added up batch by batch."""

    def __init__(self):
        self.pixels, self.image_auroc = PixelCurves(), BinaryAUROC()
        self.mse, self.ssim = MeanSquaredError(), StructuralSimilarityIndexMeasure(data_range=1.0)
        self.curve = BinaryPrecisionRecallCurve(thresholds=CURVE_POINTS)
        self.overlaps, self.dice, self.hits, self.false_regions = [], [], [], []

    def add_maps(self, maps: torch.Tensor, masks: torch.Tensor, bikes: torch.Tensor, labels: torch.Tensor) -> None:
        """Maps (B, H, W) in [0, 1], masks and bikes (B, H, W) bool, labels (B,)."""
        sampled = (slice(None), slice(None, None, PIXEL_STEP), slice(None, None, PIXEL_STEP))
        self.curve.update(maps[sampled][bikes[sampled]], masks[sampled][bikes[sampled]].int())
        self.image_auroc.update(maps.amax(dim=(1, 2)), labels)
        for anomaly_map, mask, bike in zip(maps.numpy(), masks.numpy(), bikes.numpy(), strict=True):
            self.pixels.update(anomaly_map, mask, bike)

    def add_regions(
        self,
        maps: torch.Tensor,
        masks: torch.Tensor,
        bikes: torch.Tensor,
        areas: torch.Tensor,
        labels: torch.Tensor,
        threshold: float,
    ) -> None:
        """What a user would see marked, from the threshold up, on bikes of so many pixels (B,) and around them."""
        arrays = (tensor.numpy() for tensor in (maps, masks, bikes, areas, labels))
        for anomaly_map, mask, bike, area, label in zip(*arrays, strict=True):
            regions = find_regions(anomaly_map, bike, threshold, bike_area=int(area))
            if label:
                found = binary_mask(anomaly_map, bike, threshold)
                overlap, union = (found & mask).sum(), (found | mask).sum()
                self.overlaps.append(overlap / max(1, union))
                self.dice.append(2 * overlap / max(1, overlap + union))
                self.hits.append(any(mask[y0:y1, x0:x1].any() for x0, y0, x1, y1 in (r.box for r in regions)))
            else:
                self.false_regions.append(len(regions))

    def compute(self) -> dict[str, float]:
        """As `measure_localizer` returns it."""
        figures = {"mse": self.mse.compute().item(), "ssim": self.ssim.compute().item()}
        figures |= {"clean_rate": _mean(count == 0 for count in self.false_regions)}
        figures |= {"false_regions": _mean(self.false_regions)}
        if not self.hits:
            return figures
        precision, recall, thresholds = self.curve.compute()
        f1 = (2 * precision * recall / (precision + recall)).nan_to_num()  # no pixel reaches the highest thresholds
        best = int(f1[:-1].argmax())  # the last point is there for the curve alone
        figures |= self.pixels.compute()
        return figures | {
            "image_auroc": self.image_auroc.compute().item(),
            "best_pixel_f1": f1[best].item(),
            "best_pixel_threshold": thresholds[best].item(),
            "iou": _mean(self.overlaps),
            "pixel_f1": _mean(self.dice),
            "hit_rate": _mean(self.hits),
        }


def measure_intact_maps(
    model: DraemForAnomalyLocalization, examples: MaskedExamples, device: torch.device
) -> torch.Tensor:
    """The map's peak on each intact bike, (N,) in [0, 1]; photos without a bike do not count.

    Args:
        examples: of intact photos.
    """
    peaks = []
    for batch, output in run_model(model, examples, device, BATCH_SIZE):
        maps = output.anomaly_map.float().cpu()[:, 0]
        for values, bike, near in zip(maps, batch["bike"], grow_bikes(batch["bike"]), strict=True):
            if bike.any():
                peaks.append(region_peak(values, near, int(bike.sum())))
    return torch.stack(peaks) if peaks else torch.zeros(0)


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
