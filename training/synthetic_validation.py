"""How well synthetic anomalies are found on photos held back: what stage 2 is judged by where no photo shows damage."""

from dataclasses import replace

import torch
from torch.utils.data import DataLoader
from torchmetrics.functional.classification import binary_average_precision
from tqdm import tqdm

from modeling import DraemForAnomalyLocalization
from training.break_batch import break_batch
from training.draem_data import DraemExamples
from training.draem_metrics import PIXEL_STEP
from training.draem_recipe import DraemRecipe

__all__ = ["measure_on_synthetic"]

BATCH_SIZE = 8
SEED = 0  # the same anomalies after every epoch, whatever the run's seed: epochs and runs compare


@torch.no_grad()
def measure_on_synthetic(
    model: DraemForAnomalyLocalization, examples: DraemExamples, recipe: DraemRecipe, device: torch.device
) -> float:
    """Average precision of the map's pixels, in [0, 1].

    Args:
        examples: photos held back; every second one gets an anomaly as the recipe makes them, on average.
    """
    was_training = model.training
    model.eval()
    recipe = replace(recipe, anomaly_probability=0.5)
    maps, masks = [], []
    loader = DataLoader(examples, BATCH_SIZE, num_workers=1)
    for number, batch in enumerate(tqdm(loader, desc="measure on synthetic anomalies", leave=False, delay=2)):
        batch = {name: values.to(device) for name, values in batch.items()}
        inputs = break_batch(batch, torch.Generator().manual_seed(SEED + number), recipe)
        anomaly_map = model(inputs["pixel_values"]).anomaly_map
        maps.append(anomaly_map[..., ::PIXEL_STEP, ::PIXEL_STEP].float().cpu().flatten())
        masks.append(inputs["mask_labels"][..., ::PIXEL_STEP, ::PIXEL_STEP].cpu().flatten() > 0.5)
    model.train(was_training)
    return binary_average_precision(torch.cat(maps), torch.cat(masks).int()).item()
