"""Depthwise convolutions in bfloat16 on a CPU, with the gradients that are slow there taken in 32 bits.

oneDNN has no quick bfloat16 kernel for two of them, the input's where the stride is above 1 and the weight's where the
kernel is larger than 3x3, and is up to forty times as slow as in 32 bits: they were 60% of a training step of an
EfficientNet, which takes two thirds of the time without them. `benchmarks/depthwise.py` prints a table.
"""

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

__all__ = ["QuickDepthwiseGradients"]


class QuickDepthwiseGradients(TorchFunctionMode):
    """Within this context, depthwise convolutions under bfloat16 autocast on a CPU; all else is as it was."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function is torch.conv2d and not kwargs and _is_slow(*args):
            pixels, weight, _, stride, padding, *_ = args
            return _Depthwise.apply(pixels.bfloat16(), weight, stride, padding)
        return function(*args, **(kwargs or {}))


def _is_slow(pixels: Tensor, weight: Tensor, bias=None, stride=1, padding=0, dilation=1, groups=1) -> bool:
    """Whether this is a depthwise convolution of which a gradient would be slow."""
    return (
        pixels.device.type == "cpu"
        and torch.is_autocast_enabled("cpu")
        and torch.get_autocast_dtype("cpu") == torch.bfloat16
        and torch.is_grad_enabled()
        and bias is None
        and groups == pixels.shape[1] == weight.shape[0] > 1
        and tuple(dilation) == (1, 1)
        and isinstance(padding, tuple)
        and (max(stride) > 1 or max(weight.shape[-2:]) > 3)
    )


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, pixels: Tensor, weight: Tensor, stride: tuple[int, int], padding: tuple[int, int]) -> Tensor:
        ctx.save_for_backward(pixels, weight)
        ctx.stride, ctx.padding = stride, padding
        with torch.autocast("cpu", enabled=False):
            return torch.conv2d(pixels, weight.to(pixels.dtype), None, stride, padding, 1, len(weight))

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, None, None]:
        pixels, weight = ctx.saved_tensors
        input_type = torch.float32 if max(ctx.stride) > 1 else torch.bfloat16
        weight_type = torch.float32 if max(weight.shape[-2:]) > 3 else torch.bfloat16
        # Of the pixels, the input's gradient takes the shape alone.
        shape = pixels if input_type == pixels.dtype else torch.empty_like(pixels, dtype=input_type)
        of_input = _gradients(ctx, gradient.to(input_type), shape, weight.to(input_type), 0)
        of_weight = _gradients(ctx, gradient.to(weight_type), pixels.to(weight_type), weight.to(weight_type), 1)
        return of_input.to(pixels.dtype), of_weight.to(weight.dtype), None, None


def _gradients(ctx, gradient: Tensor, pixels: Tensor, weight: Tensor, which: int) -> Tensor:
    """Of the input (which: 0) or the weight (1)."""
    wanted = [which == 0, which == 1, False]
    return torch.ops.aten.convolution_backward(
        gradient, pixels, weight, None, ctx.stride, ctx.padding, (1, 1), False, (0, 0), len(weight), wanted
    )[which]
