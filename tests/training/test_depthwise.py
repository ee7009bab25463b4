import pytest
import torch
from torch import nn
from torch.nn import functional as F

from training.depthwise import QuickDepthwiseGradients, quick_gradients

SHAPES = [(kernel, stride) for kernel in (3, 5) for stride in (1, 2)]


def gradients(convolution: nn.Conv2d, pixels: torch.Tensor, **autocast) -> tuple[torch.Tensor, torch.Tensor]:
    """Of a sum of what it makes of the pixels: the pixels' and the weight's, in 32 bits."""
    convolution.zero_grad()
    pixels = pixels.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, **autocast):
        output = convolution(pixels)
    (output.float() * torch.linspace(-1, 1, output.numel()).view_as(output)).sum().backward()
    return pixels.grad.float(), convolution.weight.grad.float()


def relative_error(tensor: torch.Tensor, expected: torch.Tensor) -> float:
    return ((tensor - expected).norm() / expected.norm()).item()


@pytest.mark.parametrize(("kernel", "stride"), SHAPES)
def test_gradients_are_those_of_32_bits_but_for_rounding(kernel, stride):
    torch.manual_seed(0)
    convolution = nn.Conv2d(24, 24, kernel, stride, kernel // 2, groups=24, bias=False)
    pixels = torch.randn(2, 24, 20, 28).to(memory_format=torch.channels_last)
    exact = gradients(convolution, pixels, enabled=False)
    with QuickDepthwiseGradients():
        quick = gradients(convolution, pixels)
    for gradient, expected in zip(quick, exact, strict=True):
        assert gradient.shape == expected.shape
        assert relative_error(gradient, expected) < 0.01


@pytest.mark.parametrize(("kernel", "stride"), SHAPES)
def test_the_output_is_what_it_was(kernel, stride):
    convolution = nn.Conv2d(24, 24, kernel, stride, kernel // 2, groups=24, bias=False)
    pixels = torch.randn(2, 24, 20, 28).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        expected = convolution(pixels)
        with QuickDepthwiseGradients():
            assert torch.equal(convolution(pixels), expected)


@pytest.mark.parametrize("wanted", [0, 1], ids=["pixels", "weight"])
def test_what_wants_no_gradient_gets_none(wanted):
    tensors = [torch.randn(1, 8, 8, 8), torch.randn(8, 1, 5, 5)]
    tensors[wanted].requires_grad_()
    with torch.autocast("cpu", torch.bfloat16), QuickDepthwiseGradients():
        F.conv2d(*tensors, None, (2, 2), (2, 2), (1, 1), 8).sum().backward()
    assert tensors[wanted].grad is not None and tensors[1 - wanted].grad is None


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        pytest.param((None, 1, 2, 1, 8), {}, id="numbers"),
        pytest.param((None, (1, 1), "same", (1, 1), 8), {}, id="padding-by-name"),
        pytest.param((), {"padding": 2, "groups": 8}, id="by-name"),
        pytest.param((torch.zeros(8), (1, 1), (2, 2), (1, 1), 8), {}, id="bias"),
    ],
)
def test_other_calls_go_through(arguments, options):
    pixels, weight = torch.randn(1, 8, 8, 8), torch.randn(8, 1, 5, 5, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        expected = F.conv2d(pixels, weight, *arguments, **options)
        with QuickDepthwiseGradients():
            assert torch.equal(F.conv2d(pixels, weight, *arguments, **options), expected)


@pytest.mark.parametrize(
    ("device", "precision", "is_meant"),
    [("cpu", "bf16", True), ("cpu", "no", False), ("cpu", "fp16", False), ("cuda", "bf16", False)],
)
def test_training_takes_it_in_bfloat16_on_a_cpu_alone(device, precision, is_meant):
    assert isinstance(quick_gradients(torch.device(device), precision), QuickDepthwiseGradients) == is_meant


def test_it_takes_over_where_it_is_quick_and_nowhere_else():
    pixels = torch.randn(1, 8, 8, 8)

    def names_its_own(groups: int, kernel: int, stride: int) -> bool:
        weight = torch.randn(8, 8 // groups, kernel, kernel, requires_grad=True)
        output = F.conv2d(pixels, weight, None, (stride, stride), (kernel // 2, kernel // 2), (1, 1), groups)
        return "Depthwise" in output.grad_fn.name()

    with QuickDepthwiseGradients():
        assert not names_its_own(8, 5, 1)  # 32 bits
        with torch.autocast("cpu", torch.bfloat16):
            assert names_its_own(8, 5, 1) and names_its_own(8, 3, 2)
            assert not names_its_own(8, 3, 1)  # quick as it is
            assert not names_its_own(1, 5, 1)  # not depthwise
    with torch.autocast("cpu", torch.bfloat16):
        assert not names_its_own(8, 5, 1)
