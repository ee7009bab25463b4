import pytest
import torch
from torch import nn
from torch.nn import functional as F

from modeling import DraemConfig, DraemForAnomalyLocalization
from training.narrow_batch_norm import QuickNarrowNorms, quick_norms


def train_once(norm: nn.BatchNorm2d, features: torch.Tensor) -> dict[str, torch.Tensor]:
    """What a step of training makes of a norm and a ReLU in place: output, gradients, and the norm's own averages."""
    features = features.clone(memory_format=torch.preserve_format).requires_grad_()
    output = F.relu(norm(features), inplace=True)
    output.backward(torch.linspace(-1, 2, output.numel(), dtype=output.dtype).view_as(output))
    of_norm = {name: parameter.grad for name, parameter in norm.named_parameters()}
    return {"output": output.detach(), "features": features.grad} | of_norm | dict(norm.named_buffers())


def draw_norm(channels: int, **settings) -> nn.BatchNorm2d:
    torch.manual_seed(channels)
    norm = nn.BatchNorm2d(channels, **settings)
    for values in (norm.weight, norm.bias):
        nn.init.normal_(values)
    return norm


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param((4, 8, 32, 64), id="wide"),
        pytest.param((2, 8, 6, 10), id="two-pixels-as-one"),
        pytest.param((3, 15, 5, 2), id="a-row-as-one"),
        pytest.param((1, 1, 4, 4), id="one-channel"),
    ],
)
@pytest.mark.parametrize("settings", [{}, {"momentum": 0.3, "eps": 0.1}], ids=["usual", "other-settings"])
def test_it_is_batch_norm(shape, settings):
    torch.manual_seed(0)
    features = (3 + 2 * torch.randn(shape)).contiguous(memory_format=torch.channels_last)
    exact = train_once(draw_norm(shape[1], **settings).double(), features.double())
    with QuickNarrowNorms():
        quick = train_once(draw_norm(shape[1], **settings), features)
    assert quick.keys() == exact.keys()
    for name, value in exact.items():
        assert (quick[name].double() - value).norm() <= 1e-4 * value.double().norm(), name


def test_a_large_mean_costs_no_precision():
    torch.manual_seed(0)
    features = (1000 + torch.randn(2, 8, 16, 16)).contiguous(memory_format=torch.channels_last)
    exact = draw_norm(8).double()(features.double())
    with QuickNarrowNorms():
        quick = draw_norm(8)(features)
    torch.testing.assert_close(quick.double(), exact, rtol=1e-3, atol=1e-3)


def test_it_takes_all_norms_of_the_default_draem_that_are_narrow():
    model = DraemForAnomalyLocalization(DraemConfig()).to(memory_format=torch.channels_last).train()
    photos = torch.rand(2, 3, 32, 64).contiguous(memory_format=torch.channels_last)
    with QuickNarrowNorms():
        loss = model(photos, clean_pixel_values=photos, mask_labels=torch.zeros(2, 1, 32, 64)).loss
    nodes, ahead = set(), [loss.grad_fn]
    while ahead:
        node = ahead.pop()
        nodes.add(node)
        ahead += [above for above, _ in node.next_functions if above is not None and above not in nodes]
    narrow = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d) and m.num_features < 16]
    assert sum("Narrow" in node.name() for node in nodes) == len(narrow) > 0


@pytest.mark.parametrize(
    ("features", "is_meant"),
    [
        pytest.param(torch.randn(2, 8, 4, 4).contiguous(memory_format=torch.channels_last), True, id="narrow"),
        pytest.param(torch.randn(2, 16, 4, 4).contiguous(memory_format=torch.channels_last), False, id="wide"),
        pytest.param(torch.randn(2, 8, 4, 4), False, id="channels-first"),
        pytest.param(torch.randn(2, 8, 4, 5).contiguous(memory_format=torch.channels_last), False, id="odd-width"),
        pytest.param(
            torch.randn(2, 8, 4, 4).double().contiguous(memory_format=torch.channels_last), False, id="double"
        ),
    ],
)
def test_it_takes_over_where_torch_is_slow_and_nowhere_else(features, is_meant):
    norm = nn.BatchNorm2d(features.shape[1]).to(features.dtype)
    with QuickNarrowNorms():
        assert ("Narrow" in norm(features).grad_fn.name()) == is_meant
        assert "Narrow" not in norm.eval()(features).grad_fn.name()
    assert "Narrow" not in norm.train()(features).grad_fn.name()


@pytest.mark.parametrize("options", [{"affine": False}, {"track_running_stats": False}], ids=" ".join)
def test_norms_without_weights_or_averages_go_through(options):
    norm, features = nn.BatchNorm2d(8, **options), torch.randn(2, 8, 4, 4).to(memory_format=torch.channels_last)
    expected = norm(features)
    with QuickNarrowNorms():
        assert torch.equal(norm(features), expected)


@pytest.mark.parametrize(("device", "is_meant"), [("cpu", True), ("cuda", False)])
def test_training_takes_it_on_a_cpu_alone(device, is_meant):
    assert isinstance(quick_norms(torch.device(device)), QuickNarrowNorms) == is_meant
