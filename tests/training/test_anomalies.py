import pytest
import torch

from training.anomalies import lay_anomalies, perlin_masks, perlin_noise

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
    masks = perlin_masks(COUNT, HEIGHT, WIDTH, seeded()).float()
    assert masks.shape == (COUNT, 1, HEIGHT, WIDTH)
    assert set(masks.unique().tolist()) == {0.0, 1.0}
    assert 0.02 < masks.mean() < 0.3
    assert len({tuple(mask.flatten().tolist()) for mask in masks}) > 0.9 * COUNT  # no two alike, but for empty ones


def test_noise_is_smooth():
    """At most a few per cent of the neighbours differ at the coarser scales: blobs, not speckle."""
    masks = perlin_masks(200, HEIGHT, WIDTH, seeded()).float()
    edges = (masks[..., 1:] != masks[..., :-1]).float().mean(dim=(1, 2, 3))
    assert edges.median() < 0.05


def test_no_blob_is_finer_than_the_pixels_can_show():
    """On a small canvas too, a run of anomalous pixels is mostly longer than one."""
    masks = perlin_masks(200, 32, 48, seeded())[:, 0].float()
    alone = (masks[:, :, 1:-1] > 0) & (masks[:, :, :-2] == 0) & (masks[:, :, 2:] == 0)
    alone &= (
        (masks[:, :, 1:-1] > 0)
        & (torch.roll(masks, 1, 1)[:, :, 1:-1] == 0)
        & (torch.roll(masks, -1, 1)[:, :, 1:-1] == 0)
    )
    assert alone.sum() < 0.02 * masks.sum()


def test_outside_the_mask_nothing_changes_and_inside_the_texture_shows(photos):
    clean, textures, bike = photos
    broken, mask = lay_anomalies(clean, textures, bike, seeded())
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
    _, mask = lay_anomalies(clean, textures, bike, seeded())
    reach = torch.nn.functional.max_pool2d(bike.float(), 5, stride=1, padding=2)
    has_any = mask.flatten(1).sum(1) > 0
    stays = ((mask * (1 - reach)).flatten(1).sum(1) == 0) & has_any
    assert 0.3 < stays.sum() / has_any.sum() < 0.8


@pytest.mark.parametrize("cells", [4, 8, 16])
def test_noise_of_every_scale_marks_about_as_much(cells):
    """Fine noise is drawn at half the size, and must not fade for that: 16 cells a side are 4 pixels wide here."""
    noise = perlin_noise(torch.full((COUNT, 2, 1, 1), float(cells)), 64, 64, seeded())
    assert 0.03 < (noise > 0.5).float().mean() < 0.08


def test_noise_runs_in_all_directions():
    """Of streaks, some lie along the rows, some along the columns, most between."""
    noise = perlin_noise(torch.tensor([16.0, 1.0]).view(1, 2, 1, 1).expand(COUNT, 2, 1, 1), 64, 64, seeded())
    along, across = noise.diff(dim=2).abs().mean(dim=(1, 2)), noise.diff(dim=1).abs().mean(dim=(1, 2))
    assert (along > 2 * across).any() and (across > 2 * along).any()
    assert ((along < 2 * across) & (across < 2 * along)).float().mean() > 0.2


def test_the_same_seed_gives_the_same_anomalies(photos):
    first, again, other = (lay_anomalies(*photos, seeded(seed))[0] for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
