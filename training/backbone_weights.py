"""Pretrained weights of a backbone from a file, whoever saved it: timm or torchvision, safetensors or .pth.

    python -m training.backbone_weights efficientnet_b0_rwightman-7f5810bc.pth b0.safetensors --backbone efficientnet_b0

converts one to safetensors, as training reads it too; a .pth is read with `weights_only=True` and nowhere else.
"""

import pickle
import re
import sys
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from modeling.modeling_bike_classifier import create_backbone
from training.options import StrictParser

__all__ = ["load_backbone_weights", "main", "read_weights", "to_timm_keys"]

MOST_NAMED = 5
# What torchvision calls the layers of a block: with an expansion, and without one, as in the first stage.
EXPANDING = {
    "0.0": "conv_pw",
    "0.1": "bn1",
    "1.0": "conv_dw",
    "1.1": "bn2",
    "2.fc1": "se.conv_reduce",
    "2.fc2": "se.conv_expand",
    "3.0": "conv_pwl",
    "3.1": "bn3",
}
PLAIN = {
    "0.0": "conv_dw",
    "0.1": "bn1",
    "1.fc1": "se.conv_reduce",
    "1.fc2": "se.conv_expand",
    "2.0": "conv_pw",
    "2.1": "bn2",
}
BLOCK = re.compile(r"features\.(\d)\.(\d+)\.block\.(\d\.(?:\d|fc\d))\.(\w+)")


def load_backbone_weights(backbone: nn.Module, path: str | Path) -> str:
    """Load weights into a timm backbone.

    Returns:
        What matched and what was left out, in one line.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no weights, or lacks some that the backbone has, or has them in another shape.
    """
    weights = to_timm_keys(read_weights(path))
    wanted = backbone.state_dict()
    needed = [key for key in wanted if not key.endswith("num_batches_tracked")]
    if missing := [key for key in needed if key not in weights]:
        raise ValueError(
            f"{path} lacks {len(missing)} of the backbone's {len(needed)} weights: {_name(missing)}: "
            "give a file of the same architecture"
        )
    for key in needed:
        if weights[key].shape != wanted[key].shape:
            shapes = f"{tuple(weights[key].shape)}, expected {tuple(wanted[key].shape)}"
            raise ValueError(f"{path}: {key} is {shapes}: give a file of the same architecture")
    backbone.load_state_dict({key: value for key, value in weights.items() if key in wanted}, strict=False)
    left_out = sorted(key for key in weights if key not in wanted)
    return f"{path}: {len(needed)} weights of the backbone, all that it has; left out: {_name(left_out) or 'nothing'}"


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors, .pth, .pt or .bin file by name, those of training wrappers unwrapped.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no tensors, or holds Python objects that are not read.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist: give a file of backbone weights")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it is empty"
        raise ValueError(
            f"{path} cannot be read as weights ({reason}): download it again, or save it as safetensors"
        ) from error
    for wrapper in ("state_dict", "model", "model_state"):
        if isinstance(content, dict) and isinstance(content.get(wrapper), dict):
            content = content[wrapper]
    if not isinstance(content, dict) or not content or not all(isinstance(v, Tensor) for v in content.values()):
        raise ValueError(f"{path} holds no tensors by name: save `model.state_dict()`")
    return {key.removeprefix("module."): value for key, value in content.items()}


def to_timm_keys(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights of a torchvision EfficientNet under timm's names; others as they are.

    The two build the same network, layer by layer (timm's `efficientnet_b*`; `tf_` ones pad otherwise).

    >>> list(to_timm_keys({"features.2.0.block.0.0.weight": torch.zeros(1), "features.0.1.bias": torch.zeros(1)}))
    ['blocks.1.0.conv_pw.weight', 'bn1.bias']
    """
    if not any(map(BLOCK.fullmatch, weights)):
        return weights
    renamed = {}
    for key, value in weights.items():
        if match := BLOCK.fullmatch(key):
            stage, block, layer, name = match.groups()
            layers = PLAIN if stage == "1" else EXPANDING
            renamed[f"blocks.{int(stage) - 1}.{block}.{layers.get(layer, layer)}.{name}"] = value
        elif key.startswith("features."):
            _, stage, layer, name = key.split(".")
            stem = ("conv_stem", "bn1") if stage == "0" else ("conv_head", "bn2")
            renamed[f"{stem[int(layer)]}.{name}"] = value
        else:
            renamed[key] = value
    return renamed


def _name(keys: list[str]) -> str:
    more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
    return ", ".join(keys[:MOST_NAMED]) + more


def main(argv: list[str] | None = None) -> int:
    parser = StrictParser(
        prog="python -m training.backbone_weights",
        description="Convert pretrained backbone weights, timm's or torchvision's, to safetensors.",
        epilog="example: python -m training.backbone_weights b0.pth b0.safetensors --backbone efficientnet_b0",
    )
    parser.add_argument("source", type=Path, help=".pth, .pt, .bin or .safetensors")
    parser.add_argument("target", type=Path, help="safetensors file to write")
    parser.add_argument("--backbone", required=True, help="name of the timm model that it fits")
    arguments = parser.parse_args(argv)
    try:
        backbone, _ = create_backbone(arguments.backbone)
        print(load_backbone_weights(backbone, arguments.source), file=sys.stderr)
        save_file(backbone.state_dict(), arguments.target)
    except (OSError, ValueError, SafetensorError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
