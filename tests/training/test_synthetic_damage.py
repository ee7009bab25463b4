import pytest
import torch
from torch.nn import functional as F

from modeling import BikeImageProcessor
from training.synthetic_damage import damage_batch

PROCESSOR = BikeImageProcessor()
COUNT, HEIGHT, WIDTH = 24, 64, 96
UNKNOWN, UNTOUCHED = 255, 7  # of mask_labels
NO_BIKE, NOTHING_KNOWN = 1, 3  # intact photos
HIDDEN = (slice(None), slice(16, 48), slice(24, 40))


@pytest.fixture
def batch() -> dict[str, torch.Tensor]:
    """Damaged and intact photos in turn, each couple of one pattern, the intact one's bike partly hidden."""
    pattern = torch.rand(COUNT // 2, 3, HEIGHT // 4, WIDTH // 4, generator=torch.Generator().manual_seed(1))
    pixels = F.interpolate(pattern, (HEIGHT, WIDTH)).repeat_interleave(2, dim=0)
    labels = torch.tensor([1, 0] * (COUNT // 2 - 1) + [-100, -100])
    parts = torch.zeros(COUNT, HEIGHT, WIDTH, dtype=torch.long)
    parts[labels == 0, 16:48, 16:48] = 1
    parts[labels == 0, 16:48, 48:80] = 2
    masks = torch.full((COUNT, HEIGHT, WIDTH), UNTOUCHED)
    masks[labels == 0] = 0
    for values in (parts, masks):
        values[HIDDEN] = torch.where((labels == 0)[:, None, None], UNKNOWN, values[HIDDEN])
    parts[NO_BIKE], parts[NOTHING_KNOWN] = 0, UNKNOWN
    return {"pixel_values": (pixels - 0.5) / 0.5, "labels": labels, "part_labels": parts, "mask_labels": masks}


def damage(batch: dict, probability: float, seed: int = 3) -> dict[str, torch.Tensor]:
    return damage_batch(batch, probability, PROCESSOR, torch.Generator().manual_seed(seed))


def replaced_by(batch: dict, damaged: dict) -> list[tuple[int, int]]:
    """Indices of damaged photos that are others now, and of the intact ones whose parts they have."""
    numbers = [n for n in range(COUNT) if not torch.equal(damaged["mask_labels"][n], batch["mask_labels"][n])]
    known = [n for n in range(COUNT) if batch["labels"][n] == 0 and n not in (NO_BIKE, NOTHING_KNOWN)]
    return [(n, known[n // 2]) for n in numbers]


def test_damaged_photos_become_intact_ones_with_marked_anomalies_on_the_bike(batch):
    damaged = damage(batch, 1.0)
    couples = replaced_by(batch, damaged)
    assert len(couples) >= 6  # of nine; where nothing shows, the photo stays
    for number, neighbour in couples:
        mask = damaged["mask_labels"][number]
        assert (mask[HIDDEN[1:]] == UNKNOWN).all() and set(mask.unique().tolist()) == {0, 1, UNKNOWN}
        assert torch.equal(damaged["part_labels"][number], batch["part_labels"][neighbour])
        changed = (damaged["pixel_values"][number] - batch["pixel_values"][neighbour]).abs().amax(dim=0) > 1e-5
        assert not (changed & (mask != 1)).any()
        assert (changed & (mask == 1)).sum() > 0.7 * (mask == 1).sum()  # closed gaps are narrow
        near = F.max_pool2d((batch["part_labels"][neighbour] > 0).float()[None, None], 5, stride=1, padding=2)[0, 0]
        assert not (mask[near == 0] == 1).any()


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
    assert 0 < len(replaced_by(batch, some)) < 7
    assert torch.equal(some["pixel_values"], damage(batch, 0.4)["pixel_values"])
    assert not torch.equal(some["pixel_values"], damage(batch, 0.4, seed=4)["pixel_values"])
    assert damage(batch, 0.0) is batch
