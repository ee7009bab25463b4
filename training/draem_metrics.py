"""How good the localizer is: pixels by torchmetrics, regions as the inspector finds them."""

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchmetrics.classification import BinaryAUROC, BinaryAveragePrecision
from tqdm import tqdm

from inspection.bike import REACH
from inspection.regions import binary_mask, find_regions
from modeling import DraemForAnomalyLocalization
from training.calibration import intact_extremes
from training.draem_data import TwinExamples

__all__ = ["measure_intact_maps", "measure_localizer"]

BATCH_SIZE = 8
PIXEL_STEP = 4  # every fourth pixel a side counts in the pixel curves: neighbours say the same, at 16 times the cost


@torch.no_grad()
def measure_localizer(
    model: DraemForAnomalyLocalization, examples: TwinExamples, device: torch.device
) -> dict[str, float]:
    """Run the model over intact photos and damaged ones with masks; all that counts is on the bike.

    Returns:
        pixel_auroc, pixel_ap; iou of the thresholded map with the defect; hit_rate, the share of damaged photos with
        a region on the defect; clean_rate, the share of intact photos without any region; image_auroc.
    """
    was_training = model.training
    model.eval()
    threshold = model.config.anomaly_threshold
    pixel_auroc, pixel_ap = BinaryAUROC(), BinaryAveragePrecision()
    image_auroc = BinaryAUROC()
    overlaps, hits, clean = [], [], []
    for batch in tqdm(DataLoader(examples, BATCH_SIZE, num_workers=1), desc="measure", leave=False, delay=2):
        output = model(batch["pixel_values"].to(device, memory_format=torch.channels_last))
        bike = _grow(batch["bike"]) | batch["mask"]
        maps = output.anomaly_map.float().cpu()[:, 0].clamp(0, 1) * bike
        sampled = (slice(None), slice(None, None, PIXEL_STEP), slice(None, None, PIXEL_STEP))
        pixels, labels = maps[sampled][bike[sampled]], batch["mask"][sampled][bike[sampled]].int()
        pixel_auroc.update(pixels, labels)
        pixel_ap.update(pixels, labels)
        image_auroc.update(maps.amax(dim=(1, 2)), batch["label"])
        for anomaly_map, mask, on_bike, label in zip(maps, batch["mask"], bike, batch["label"], strict=True):
            anomaly_map, mask, on_bike = anomaly_map.numpy(), mask.numpy(), on_bike.numpy()
            regions = find_regions(anomaly_map, on_bike, threshold)
            if label:
                found = binary_mask(anomaly_map, on_bike, threshold)
                overlaps.append((found & mask).sum() / max(1, (found | mask).sum()))
                hits.append(any(mask[y0:y1, x0:x1].any() for x0, y0, x1, y1 in (r.box for r in regions)))
            else:
                clean.append(not regions)
    model.train(was_training)
    return {
        "pixel_ap": pixel_ap.compute().item(),
        "pixel_auroc": pixel_auroc.compute().item(),
        "iou": float(np.mean(overlaps)),
        "hit_rate": float(np.mean(hits)),
        "clean_rate": float(np.mean(clean)),
        "image_auroc": image_auroc.compute().item(),
    }


@torch.no_grad()
def measure_intact_maps(
    model: DraemForAnomalyLocalization, examples: TwinExamples, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """The map's maximum and its median on each intact bike, each (N,) in [0, 1]."""
    model.eval()
    extremes = []
    for batch in tqdm(DataLoader(examples, BATCH_SIZE, num_workers=1), desc="calibrate", leave=False, delay=2):
        output = model(batch["pixel_values"].to(device, memory_format=torch.channels_last))
        extremes += intact_extremes(output.anomaly_map.float().cpu()[:, 0], _grow(batch["bike"]), batch["label"])
    peaks, levels = torch.stack(extremes).unbind(dim=1)
    return peaks, levels


def _grow(bike: torch.Tensor) -> torch.Tensor:
    """The bike (B, H, W) bool, grown as the inspector grows its mask."""
    reach = max(1, round(REACH * max(bike.shape[-2:])))
    return F.max_pool2d(bike[:, None].float(), 2 * reach + 1, stride=1, padding=reach)[:, 0] > 0
