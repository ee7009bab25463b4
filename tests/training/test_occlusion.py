import numpy as np
import torch

from training.occlusion import occlude

UNKNOWN = 255


def scene() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    image = torch.full((3, 96, 128), 120, dtype=torch.uint8)
    parts = torch.ones(96, 128, dtype=torch.uint8)
    defect = torch.zeros(96, 128, dtype=torch.uint8)
    defect[40:56, 60:70] = 1
    return image, parts, defect


def test_what_is_hidden_is_not_known_and_the_rest_is_as_it_was():
    hidden_shares = []
    for seed in range(60):
        torch.manual_seed(seed)
        image, parts, defect = scene()
        occluded_image, occluded_parts, occluded_defect = occlude([image, parts, defect], 1, UNKNOWN, 0.4)
        hidden = occluded_parts == UNKNOWN
        assert torch.equal(occluded_image[:, ~hidden], image[:, ~hidden])
        assert torch.equal(occluded_parts[~hidden], parts[~hidden])
        assert not occluded_defect[hidden].any()
        assert occluded_defect.sum() >= 0.4 * defect.sum()
        hidden_shares.append(hidden.float().mean().item())
    assert 0.01 < np.mean(hidden_shares) < 0.1
    assert max(hidden_shares) < 0.3


def test_what_it_is_given_stays_as_it_was():
    torch.manual_seed(1)
    pictures = scene()
    occlude(pictures, 1, UNKNOWN, 0.4)
    assert all(torch.equal(one, other) for one, other in zip(pictures, scene(), strict=True))
