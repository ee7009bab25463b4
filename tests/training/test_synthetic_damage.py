import pytest
import torch
from torch.nn import functional as F

from modeling import BikeImageProcessor
from training.synthetic_damage import damage_batch

PROCESSOR = BikeImageProcessor()
COUNT, HEIGHT, WIDTH = 24, 64, 96
UNKNOWN = 255


@pytest.fixture
def batch() -> dict[str, torch.Tensor]:
    """Damaged and intact photos in turn, each couple of one pattern on its bike, and at last two without a bike."""
    pattern = torch.rand(COUNT // 2, 3, HEIGHT // 4, WIDTH // 4, generator=torch.Generator().manual_seed(1))
    pixels = F.interpolate(pattern, (HEIGHT, WIDTH)).repeat_interleave(2, dim=0)
    parts = torch.zeros(COUNT, HEIGHT, WIDTH, dtype=torch.long)
    parts[:-2, 16:48, 16:48] = 1
    parts[:-2, 16:48, 48:80] = 2
    parts[:-2, 16:48, 30:34] = UNKNOWN
    return {
        "pixel_values": (pixels - 0.5) / 0.5,
        "labels": torch.tensor([1, 0] * (COUNT // 2 - 1) + [-100, -100]),
        "part_labels": parts,
        "mask_labels": torch.full((COUNT, HEIGHT, WIDTH), 7),
    }


def damage(batch: dict, probability: float, seed: int = 3) -> dict[str, torch.Tensor]:
    return damage_batch(batch, probability, PROCESSOR, torch.Generator().manual_seed(seed))


def test_damaged_photos_become_their_intact_neighbours_with_marked_anomalies_on_the_bike(batch):
    damaged = damage(batch, 1.0)
    is_damaged = batch["labels"] == 1
    masks = damaged["mask_labels"][is_damaged]
    replaced = (masks != 7).flatten(1).any(dim=1)
    assert replaced.float().mean() > 0.6  # where nothing shows, the photo stays
    photos, intact = damaged["pixel_values"][is_damaged], batch["pixel_values"][batch["labels"] == 0]
    for photo, neighbour, mask in zip(photos[replaced], intact[replaced], masks[replaced], strict=True):
        assert set(mask.unique().tolist()) == {0, 1}
        changed = (photo - neighbour).abs().amax(dim=0) > 1e-5
        assert not (changed & (mask == 0)).any()
        assert (changed & (mask == 1)).float().sum() > 0.7 * (mask == 1).sum()  # closed gaps are narrow
        assert not mask[:12].any() and not mask[:, :12].any()  # far from the bike


def test_labels_intact_photos_and_those_without_a_bike_stay(batch):
    before = {name: values.clone() for name, values in batch.items()}
    damaged = damage(batch, 1.0)
    assert torch.equal(damaged["labels"], batch["labels"])
    others = batch["labels"] != 1
    for name in ("pixel_values", "part_labels", "mask_labels"):
        assert torch.equal(damaged[name][others], batch[name][others])
        assert torch.equal(batch[name], before[name])  # what it was given stays as it was


def test_the_probability_is_kept_and_one_state_gives_one_batch(batch):
    some = damage(batch, 0.4)
    assert 0 < (some["mask_labels"] != 7).flatten(1).any(dim=1).sum() < 9
    assert torch.equal(some["pixel_values"], damage(batch, 0.4)["pixel_values"])
    assert not torch.equal(some["pixel_values"], damage(batch, 0.4, seed=4)["pixel_values"])
    assert damage(batch, 0.0) is batch
