import torch

from training.textures import draw_textures


def draw(seed: int) -> torch.Tensor:
    return draw_textures(32, 64, 96, torch.Generator().manual_seed(seed))


def test_textures_are_pictures_and_no_two_are_alike():
    textures = draw(1)
    assert textures.shape == (32, 3, 64, 96)
    assert textures.min() >= 0 and textures.max() <= 1
    assert len({tuple(texture[:, ::8, ::8].flatten().tolist()) for texture in textures}) == 32


def test_textures_have_contrast_and_structure():
    textures = draw(2)
    assert textures.flatten(1).std(dim=1).median() > 0.1
    blurred = torch.nn.functional.avg_pool2d(textures, 4)
    assert blurred.flatten(1).std(dim=1).median() > 0.6 * textures.flatten(1).std(dim=1).median()  # more than grain


def test_the_same_seed_draws_the_same():
    assert torch.equal(draw(3), draw(3))
    assert not torch.equal(draw(3), draw(4))
