"""Depthwise convolutions in bfloat16 on a CPU, with the gradients that are slow there taken in 32 bits.

oneDNN has no quick bfloat16 kernel for two of them, the input's where the stride is above 1 and the weight's where the
kernel is larger than 3x3. `benchmarks/depthwise.py` prints what a training step of an EfficientNet takes with and
without.
"""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

__all__ = ["QuickDepthwiseGradients", "quick_gradients"]


def quick_gradients(device: torch.device, mixed_precision: str) -> AbstractContextManager:
    """The context to train in: in bfloat16 on a CPU it takes a third off a step, elsewhere it is none."""
    return QuickDepthwiseGradients() if device.type == "cpu" and mixed_precision == "bf16" else nullcontext()


class QuickDepthwiseGradients(TorchFunctionMode):
    """Takes the slow gradients of depthwise convolutions under bfloat16 autocast in 32 bits; their output stays."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function is torch.conv2d and not kwargs and _is_slow(*args):
            pixels, weight, _, stride, padding, *_ = args
            return _Depthwise.apply(pixels.bfloat16(), weight, stride, padding)
        return function(*args, **(kwargs or {}))


def _is_slow(pixels: Tensor, weight: Tensor, bias=None, stride=1, padding=0, dilation=1, groups=1) -> bool:
    """Whether this is a depthwise convolution of which a gradient would be slow."""
    return (
        pixels.device.type == "cpu"
        and torch.is_grad_enabled()
        and torch.is_autocast_enabled("cpu")
        and torch.get_autocast_dtype("cpu") == torch.bfloat16
        and pixels.dtype in (torch.bfloat16, torch.float32)
        and pixels.ndim == 4
        and bias is None
        and groups == pixels.shape[1] == weight.shape[0] > 1
        and all(isinstance(pair, tuple) for pair in (stride, padding, dilation))  # as nn.Conv2d gives them
        and dilation == (1, 1)
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
    def backward(ctx, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        pixels, weight = ctx.saved_tensors
        of_pixels = of_weight = None
        if ctx.needs_input_grad[0]:
            dtype = torch.float32 if max(ctx.stride) > 1 else torch.bfloat16
            shape = torch.empty_like(pixels, dtype=dtype)  # what is in it plays no part
            of_pixels = _gradients(ctx, gradient.to(dtype), shape, weight.to(dtype))[0].to(pixels.dtype)
        if ctx.needs_input_grad[1]:
            dtype = torch.float32 if max(weight.shape[-2:]) > 3 else torch.bfloat16
            of_weight = _gradients(ctx, gradient.to(dtype), pixels.to(dtype), weight.to(dtype), of_weight=True)[1]
            of_weight = of_weight.to(weight.dtype)
        return of_pixels, of_weight, None, None


def _gradients(ctx, gradient: Tensor, pixels: Tensor, weight: Tensor, of_weight: bool = False):
    """Of the pixels or of the weight, in their places; None in the others'."""
    wanted = (not of_weight, of_weight, False)
    return torch.ops.aten.convolution_backward(
        gradient, pixels, weight, None, ctx.stride, ctx.padding, (1, 1), False, (0, 0), len(weight), wanted
    )
