"""Stage 2's batches: sound photos, and the same with anomalies of one sort or another, and their masks."""

import torch

from training.anomalies import lay_anomalies
from training.draem_recipe import DraemRecipe
from training.structural_anomalies import break_structure
from training.textures import draw_textures

__all__ = ["break_batch"]


def break_batch(
    batch: dict[str, torch.Tensor], generator: torch.Generator, recipe: DraemRecipe
) -> dict[str, torch.Tensor]:
    """Photos with anomalies, the same without, and the masks, as the model's `forward` takes them.

    What is an anomaly: the damage editor's twin where the batch has one, else a texture or a change of structure.
    """
    clean, parts = batch["clean"], batch["parts"][:, None]
    count, _, height, width = clean.shape
    photos, mask = clean.clone(), torch.zeros_like(clean[:, :1])
    is_anomalous, is_structural = torch.rand(2, count, generator=generator)
    is_anomalous = (is_anomalous < recipe.anomaly_probability) & ~batch["is_twin"].cpu()
    is_structural = is_structural < recipe.structural_probability
    broken = (is_anomalous & is_structural).nonzero()[:, 0].to(clean.device)
    if len(broken):
        photos[broken], mask[broken] = break_structure(clean[broken], parts[broken], generator)
    covered = (is_anomalous & ~is_structural).nonzero()[:, 0].to(clean.device)
    if len(covered):
        textures = batch["other"][covered]
        if not recipe.texture_dir:
            textures = draw_textures(len(covered), height, width, generator).to(clean)
        photos[covered], mask[covered] = lay_anomalies(clean[covered], textures, parts[covered] > 0, generator)
    twins = batch["is_twin"].nonzero()[:, 0]
    photos[twins], mask[twins] = batch["other"][twins], batch["mask"][twins, None].to(mask)
    pixel_values, clean = (values.contiguous(memory_format=torch.channels_last) for values in (photos, clean))
    return {"pixel_values": pixel_values, "clean_pixel_values": clean, "mask_labels": mask}
