"""A model run over photos to measure it."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm
from transformers import PreTrainedModel
from transformers.utils import ModelOutput

__all__ = ["run_model"]


@torch.no_grad()
def run_model(
    model: PreTrainedModel, examples: Dataset, device: torch.device, batch_size: int
) -> Iterator[tuple[dict[str, Tensor], ModelOutput]]:
    """Each batch, and what the model makes of it; afterwards the model is in training mode again if it was."""
    was_training = model.training
    model.eval()
    loader = DataLoader(examples, batch_size, num_workers=1)
    try:
        for batch in tqdm(loader, desc="measure", unit="batch", leave=False, delay=2):
            yield batch, model(batch["pixel_values"].to(device, memory_format=torch.channels_last))
    finally:
        model.train(was_training)
