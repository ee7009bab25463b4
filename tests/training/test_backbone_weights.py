"""Backbone weights from files as others save them: the same network comes out, or a line that says what is wrong."""

import re

import pytest
import torch
import torchvision
from safetensors.torch import load_file, save_file

from modeling.modeling_bike_classifier import create_backbone
from training.backbone_weights import load_backbone_weights, main, to_timm_keys

NAME = "efficientnet_b0"


@pytest.fixture(scope="module")
def theirs() -> torch.nn.Module:
    torch.manual_seed(0)
    model = torchvision.models.efficientnet_b0().eval()
    for module in model.modules():  # running means of 0 everywhere would hide a layer taken for another
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.8, 1.2)
    return model


@torch.no_grad()
def test_a_torchvision_checkpoint_gives_the_same_features(theirs, tmp_path):
    torch.save(theirs.state_dict(), tmp_path / "b0.pth")
    ours, _ = create_backbone(NAME)
    report = load_backbone_weights(ours, tmp_path / "b0.pth")
    assert "all that it has; left out: classifier.1.bias, classifier.1.weight" in report
    pixel_values = torch.randn(2, 3, 64, 96)
    torch.testing.assert_close(ours.eval()(pixel_values), theirs.features(pixel_values), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("wrapper", ["state_dict", "model"])
def test_a_wrapped_timm_checkpoint_is_converted_to_safetensors(tmp_path, wrapper, capsys):
    source, _ = create_backbone(NAME)
    weights = {f"module.{key}": value for key, value in source.state_dict().items()}
    torch.save({wrapper: weights}, tmp_path / "b0.pth")
    assert main([str(tmp_path / "b0.pth"), str(tmp_path / "b0.safetensors"), "--backbone", NAME]) == 0
    assert "left out: nothing" in capsys.readouterr().err
    converted = load_file(tmp_path / "b0.safetensors")
    assert all(torch.equal(converted[key], value) for key, value in source.state_dict().items())


def test_timm_names_stay_as_they_are():
    weights = {"conv_stem.weight": torch.zeros(1), "blocks.0.0.bn1.bias": torch.zeros(1)}
    assert to_timm_keys(weights) == weights


class Harmful:
    """Pickled, it would run a command when it is read."""

    def __reduce__(self):
        return print, ("this must not run",)


def write_other_architecture(path):
    save_file(create_backbone("tf_efficientnet_lite1")[0].state_dict(), path)


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        pytest.param("absent.safetensors", lambda path: None, "does not exist", id="absent"),
        pytest.param("empty.pth", lambda path: path.write_bytes(b""), "cannot be read as weights", id="empty"),
        pytest.param("text.safetensors", lambda path: path.write_text("no"), "cannot be read as weights", id="text"),
        pytest.param("code.pth", lambda path: torch.save(Harmful(), path), "cannot be read as weights", id="code"),
        pytest.param("list.pth", lambda path: torch.save([1, 2], path), "holds no tensors by name", id="list"),
        pytest.param("lite1.safetensors", write_other_architecture, "weights: .*: give a file of the same", id="other"),
    ],
)
def test_a_file_that_does_not_fit_costs_one_line(tmp_path, capsys, name, write, message):
    path = tmp_path / name
    write(path)
    assert main([str(path), str(tmp_path / "out.safetensors"), "--backbone", NAME]) == 2
    printed = capsys.readouterr()
    assert "this must not run" not in printed.out
    (line,) = printed.err.strip().splitlines()
    assert line.startswith(f"Error: {path}")
    assert re.search(message, line)
    assert not (tmp_path / "out.safetensors").exists()
