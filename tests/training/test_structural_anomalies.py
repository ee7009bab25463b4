import pytest
import torch
from torch.nn import functional as F

from training.structural_anomalies import VISIBLE, break_structure, fill_from_outside

COUNT, HEIGHT, WIDTH = 48, 64, 96


@pytest.fixture(scope="module")
def bikes() -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures of a dark, patterned thing of two parts on a light, smooth place; and its part ids."""
    parts = torch.zeros(COUNT, 1, HEIGHT, WIDTH, dtype=torch.long)
    parts[..., 16:48, 16:48] = 1
    parts[..., 16:48, 48:80] = 2
    pattern = 0.4 * torch.rand(COUNT, 3, HEIGHT // 4, WIDTH // 4, generator=torch.Generator().manual_seed(1))
    clean = torch.where(parts > 0, F.interpolate(pattern, (HEIGHT, WIDTH)), torch.tensor(0.8))
    return clean, parts


@pytest.fixture(scope="module")
def broken(bikes):
    return break_structure(*bikes, torch.Generator().manual_seed(3))


def test_every_masked_pixel_is_in_a_place_that_changed_and_no_other_pixel_changes(bikes, broken):
    clean, _ = bikes
    photos, mask = broken
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    changed = (photos - clean).abs().amax(dim=1, keepdim=True)
    assert changed[mask == 0].max() == 0
    near = F.max_pool2d((changed > VISIBLE).float(), 5, stride=1, padding=2)
    assert near[mask > 0].min() == 1  # closed gaps are narrow
    assert (changed[mask > 0] > VISIBLE).float().mean() > 0.8


def test_most_photos_break_and_only_on_or_near_the_bike(bikes, broken):
    _, parts = bikes
    _, mask = broken
    assert 0.5 < (mask.flatten(1).sum(dim=1) > 0).float().mean() <= 1
    near = F.max_pool2d((parts > 0).float(), 9, stride=1, padding=4)
    assert mask[near == 0].sum() == 0


def test_some_anomalies_are_a_whole_part_that_is_gone(bikes, broken):
    photos, mask = broken
    place = (photos - 0.8).abs().amax(dim=1, keepdim=True) < 0.05  # as light as what is behind the bike
    gone = (place & (bikes[1] == 1) & (mask > 0)).flatten(1).sum(dim=1)
    assert (gone > 0.8 * 32 * 32).any()


def test_a_photo_without_a_bike_stays_as_it_is(bikes):
    clean, parts = bikes
    photos, mask = break_structure(clean, torch.zeros_like(parts), torch.Generator().manual_seed(3))
    assert torch.equal(photos, clean) and mask.sum() == 0


def test_the_same_seed_breaks_the_same(bikes, broken):
    again, other = (break_structure(*bikes, torch.Generator().manual_seed(seed))[0] for seed in (3, 4))
    assert torch.equal(again, broken[0])
    assert not torch.equal(other, broken[0])


def test_a_hole_is_filled_with_what_is_around_it(bikes):
    clean, parts = bikes
    filled = fill_from_outside(clean, parts > 0)
    assert filled.sub(0.8).abs().max() < 1e-4
    assert fill_from_outside(clean, torch.ones_like(parts, dtype=torch.bool)).isfinite().all()
