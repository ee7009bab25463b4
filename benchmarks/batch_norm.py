"""How long a training step of the localizer takes with torch's batch norm, and with our own where channels are few.

    python -m benchmarks.batch_norm

prints seconds a step and photos a second, side by side, on random photos.
"""

import argparse

import torch

from benchmarks.step_times import compare_ways
from modeling import DraemConfig, DraemForAnomalyLocalization
from training.freed_memory import keep_freed_memory
from training.narrow_batch_norm import QuickNarrowNorms

WIDTHS = (8, 16)  # of both networks; at 16 no layer is narrow, and nothing is to be gained


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch_norm", description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=8, help="steps of each way (default: 8)")
    arguments = parser.parse_args()
    keep_freed_memory()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    photos = torch.rand(8, 3, 256, 384).contiguous(memory_format=torch.channels_last)
    batch = {"pixel_values": photos, "clean_pixel_values": photos, "mask_labels": torch.zeros(8, 1, 256, 384)}
    for width in WIDTHS:
        config = DraemConfig(reconstructive_width=width, discriminative_width=width)
        model = DraemForAnomalyLocalization(config).to(memory_format=torch.channels_last).train()
        ways = {f"widths {width}/{width}, torch's": (), f"widths {width}/{width}, ours": (QuickNarrowNorms,)}
        compare_ways(model, batch, ways, arguments.steps)


if __name__ == "__main__":
    main()
