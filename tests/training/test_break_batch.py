"""What the localizer learns from: sound photos, and the same with an anomaly of one sort or another."""

from dataclasses import replace

import pytest
import torch

from training.break_batch import break_batch
from training.draem_recipe import DraemRecipe

COUNT, HEIGHT, WIDTH = 64, 64, 96
RECIPE = DraemRecipe(texture_dir="given", structural_probability=0.0)


@pytest.fixture
def batch() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    clean, other = torch.rand(2, COUNT, 3, HEIGHT, WIDTH, generator=generator)
    parts = torch.zeros(COUNT, HEIGHT, WIDTH, dtype=torch.long)
    parts[:, 16:48, 16:80] = 1
    mask = torch.zeros(COUNT, HEIGHT, WIDTH, dtype=torch.bool)
    mask[:, :8] = True
    return {
        "clean": clean,
        "other": other,
        "parts": parts,
        "mask": mask,
        "is_twin": torch.zeros(COUNT, dtype=torch.bool),
    }


def broken(batch: dict, recipe: DraemRecipe) -> tuple[torch.Tensor, torch.Tensor]:
    inputs = break_batch(batch, torch.Generator().manual_seed(2), recipe)
    assert torch.equal(inputs["clean_pixel_values"], batch["clean"])
    photos, mask = inputs["pixel_values"], inputs["mask_labels"]
    assert torch.equal(photos[(mask == 0).expand_as(photos)], batch["clean"][(mask == 0).expand_as(photos)])
    return photos, mask


@pytest.mark.parametrize("structural", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("probability", "least", "most"), [(0.0, 0.0, 0.0), (0.5, 0.2, 0.65), (1.0, 0.6, 1.0)])
def test_as_many_photos_break_as_the_recipe_says(batch, probability, least, most, structural):
    _, mask = broken(batch, replace(RECIPE, anomaly_probability=probability, structural_probability=structural))
    assert least <= (mask.flatten(1).sum(dim=1) > 0).float().mean() <= most


def test_without_a_folder_the_textures_are_drawn(batch):
    photos, mask = broken(batch | {"other": torch.zeros_like(batch["clean"])}, replace(RECIPE, texture_dir=None))
    assert photos[(mask > 0).expand_as(photos)].std() > 0.15  # nothing black was laid over them


def test_a_twin_is_taken_as_it_is(batch):
    batch["is_twin"][::2] = True
    inputs = break_batch(batch, torch.Generator().manual_seed(2), RECIPE)
    assert torch.equal(inputs["pixel_values"][::2], batch["other"][::2])
    assert torch.equal(inputs["mask_labels"][::2, 0] > 0, batch["mask"][::2])
