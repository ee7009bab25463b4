import pytest
import torch

from training.anomalies import lay_anomalies, perlin_masks

COUNT, HEIGHT, WIDTH = 64, 64, 96


@pytest.fixture
def photos():
    generator = torch.Generator().manual_seed(1)
    clean, textures = torch.rand(2, COUNT, 3, HEIGHT, WIDTH, generator=generator)
    bike = torch.zeros(COUNT, 1, HEIGHT, WIDTH, dtype=torch.bool)
    bike[..., 16:48, 16:80] = True
    return clean, textures, bike


def seeded(seed: int = 3) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_masks_are_0_or_1_and_mark_a_part_of_the_picture():
    masks = perlin_masks(COUNT, HEIGHT, WIDTH, seeded())
    assert masks.shape == (COUNT, 1, HEIGHT, WIDTH)
    assert set(masks.unique().tolist()) == {0.0, 1.0}
    assert 0.02 < masks.mean() < 0.3
    assert len({tuple(mask.flatten().tolist()) for mask in masks}) > 0.9 * COUNT  # no two alike, but for empty ones


def test_noise_is_smooth():
    """At most a few per cent of the neighbours differ at the coarser scales: blobs, not speckle."""
    masks = perlin_masks(200, HEIGHT, WIDTH, seeded())
    edges = (masks[..., 1:] != masks[..., :-1]).float().mean(dim=(1, 2, 3))
    assert edges.median() < 0.05


def test_no_blob_is_finer_than_the_pixels_can_show():
    """On a small canvas too, a run of anomalous pixels is mostly longer than one."""
    masks = perlin_masks(200, 32, 48, seeded())[:, 0]
    alone = (masks[:, :, 1:-1] > 0) & (masks[:, :, :-2] == 0) & (masks[:, :, 2:] == 0)
    alone &= (
        (masks[:, :, 1:-1] > 0)
        & (torch.roll(masks, 1, 1)[:, :, 1:-1] == 0)
        & (torch.roll(masks, -1, 1)[:, :, 1:-1] == 0)
    )
    assert alone.sum() < 0.02 * masks.sum()


def test_outside_the_mask_nothing_changes_and_inside_the_texture_shows(photos):
    clean, textures, bike = photos
    broken, mask = lay_anomalies(clean, textures, bike, seeded(), probability=1.0)
    outside = (mask == 0).expand_as(clean)
    assert torch.equal(broken[outside], clean[outside])
    # The texture is at least a fifth opaque: the change is on the line from the photo to it.
    change, whole = (broken - clean)[~outside], (textures - clean)[~outside]
    opacity = change / whole
    clear = whole.abs() > 0.1
    assert opacity[clear].min() > 0.19
    assert opacity[clear].max() < 1.01


def test_half_of_the_anomalies_stay_on_the_bike(photos):
    clean, textures, bike = photos
    _, mask = lay_anomalies(clean, textures, bike, seeded(), probability=1.0)
    reach = torch.nn.functional.max_pool2d(bike.float(), 5, stride=1, padding=2)
    has_any = mask.flatten(1).sum(1) > 0
    stays = ((mask * (1 - reach)).flatten(1).sum(1) == 0) & has_any
    assert 0.3 < stays.sum() / has_any.sum() < 0.8


def test_probability_0_returns_the_photos_untouched(photos):
    clean, textures, bike = photos
    broken, mask = lay_anomalies(clean, textures, bike, seeded(), probability=0.0)
    assert torch.equal(broken, clean)
    assert mask.sum() == 0


def test_the_same_seed_gives_the_same_anomalies(photos):
    first, again, other = (lay_anomalies(*photos, seeded(seed))[0] for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
