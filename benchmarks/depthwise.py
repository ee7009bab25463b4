"""How long a training step of the classifier takes in 32 bits, in bfloat16, and with depthwise gradients in 32 bits.

    python -m benchmarks.depthwise

prints seconds a step and photos a second, side by side, on random photos; a CPU without bfloat16 of its own
(`avx512_bf16`, `amx_bf16`) is slower in it either way.
"""

import argparse
from functools import partial

import torch

from benchmarks.step_times import compare_ways
from modeling import BikeClassifierConfig, BikeClassifierForImageClassification
from training.depthwise import QuickDepthwiseGradients
from training.freed_memory import keep_freed_memory

BF16 = partial(torch.autocast, "cpu", torch.bfloat16)
WAYS = {  # the contexts that each enters
    "32 bits": (),
    "bfloat16": (BF16,),
    "bfloat16, slow depthwise gradients in 32 bits": (BF16, QuickDepthwiseGradients),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.depthwise", description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=5, help="steps of each way (default: 5)")
    arguments = parser.parse_args()
    keep_freed_memory()
    model = BikeClassifierForImageClassification(BikeClassifierConfig()).to(memory_format=torch.channels_last).train()
    batch = {
        "pixel_values": torch.rand(16, 3, 384, 512).contiguous(memory_format=torch.channels_last),
        "labels": torch.tensor([0, 1] * 8),
        "part_labels": torch.zeros(16, 384, 512, dtype=torch.long),
        "mask_labels": torch.zeros(16, 384, 512, dtype=torch.long),
    }
    compare_ways(model, batch, WAYS, arguments.steps)


if __name__ == "__main__":
    main()
