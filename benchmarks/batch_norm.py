"""How long a training step of the localizer takes with torch's batch norm, and with our own where channels are few.

    python -m benchmarks.batch_norm

prints seconds a step and photos a second, side by side, on random photos.
"""

import argparse
import statistics
import time
from contextlib import nullcontext

import torch

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
        times = {"torch's": [], "ours": []}
        for step in range(1 + arguments.steps):  # in turn, so that what else the machine does befalls both
            for way, seconds in times.items():
                taken = take_step(model, batch, is_quick=way == "ours")
                if step:
                    seconds.append(taken)
        for way, seconds in times.items():
            median = statistics.median(seconds)
            print(f"widths {width}/{width}, {way:8} {median:6.2f} s a step {len(photos) / median:6.1f} photos/s")


def take_step(model: DraemForAnomalyLocalization, batch: dict[str, torch.Tensor], is_quick: bool) -> float:
    """Seconds of one forward and backward pass."""
    start = time.perf_counter()
    with QuickNarrowNorms() if is_quick else nullcontext():
        loss = model(**batch).loss
    loss.backward()
    model.zero_grad()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
