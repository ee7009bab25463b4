"""The fixed inputs, and weights, that others' code and ours are compared on; torch alone is needed."""

import torch
from torch import Tensor, nn


def _random(seed: int, *shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def focal_inputs() -> tuple[Tensor, Tensor]:
    """Logits (2, 2, 8, 12) and a mask (2, 1, 8, 12)."""
    return 6 * _random(0, 2, 2, 8, 12) - 3, (_random(1, 2, 1, 8, 12) > 0.7).float()


def ssim_images() -> tuple[Tensor, Tensor]:
    """Two images (1, 3, 40, 56) in [0, 1], one a disturbed copy of the other."""
    image = _random(2, 1, 3, 40, 56)
    image = nn.functional.avg_pool2d(image, 5, stride=1, padding=2)
    return image, (0.8 * image + 0.1 + 0.1 * _random(3, 1, 3, 40, 56)).clamp(0, 1)


def anomaly_maps() -> tuple[Tensor, Tensor]:
    """Maps (4, 60, 80) in [0, 1], which tell the defects in part, and masks (4, 60, 80); two defects a mask at most."""
    maps, masks = _random(4, 4, 60, 80), torch.zeros(4, 60, 80, dtype=torch.int)
    masks[0, 10:40, 10:40] = masks[0, 50:54, 60:64] = masks[1, 5:9, 5:70] = masks[2, 30:50, 40:75] = 1
    return (maps + 0.5 * masks * _random(5, 4, 60, 80)).clamp(0, 1.2) / 1.2, masks


def paper_photo() -> Tensor:
    """(1, 3, 64, 96) in [0, 1]."""
    return _random(6, 1, 3, 64, 96)


@torch.no_grad()
def fill(model: nn.Module, photo: Tensor, swapped_input: nn.Module | None = None) -> None:
    """Give convolutions and batch norms, in the order in which they run, weights that follow from their place alone.

    Args:
        swapped_input: a part of the model whose first convolution takes the two halves of its six channels the other
            way round.
    """
    ran, firsts, handles = [], [], []
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.BatchNorm2d)):
            handles.append(module.register_forward_hook(lambda layer, *_: ran.append(layer)))
    if swapped_input is not None:
        handles.append(swapped_input.register_forward_pre_hook(lambda *_: firsts.append(len(ran))))
    model(photo)
    for handle in handles:
        handle.remove()
    for place, layer in enumerate(ran):
        generator = torch.Generator().manual_seed(place)
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.copy_(0.1 * torch.randn(layer.num_features, generator=generator))
            layer.running_var.copy_(0.8 + 0.4 * torch.rand(layer.num_features, generator=generator))
            layer.weight.copy_(0.8 + 0.4 * torch.rand(layer.num_features, generator=generator))
            layer.bias.copy_(0.1 * torch.randn(layer.num_features, generator=generator))
            continue
        weight = torch.randn(layer.weight.shape, generator=generator) * (2 / layer.weight[0].numel()) ** 0.5
        if place in firsts:
            weight = torch.cat([weight[:, 3:], weight[:, :3]], dim=1)
        layer.weight.copy_(weight)
        if layer.bias is not None:
            layer.bias.copy_(0.05 * torch.randn(layer.bias.shape, generator=generator))
