"""How long does a synthetic anomaly take, ours beside anomalib's?

    python -m venv peers && peers/bin/pip install anomalib
    peers/bin/python -m benchmarks.anomaly_synthesis

prints milliseconds a photo of 256x256 pixels on one core, both in one process, turn by turn. Ours works on a batch;
anomalib's PerlinAnomalyGenerator takes one photo at a time, as its training does. Neither reads a file: both lay what
they draw themselves, ours its textures, anomalib's its noise, as it does without a folder. Without anomalib there are
only our rows.
"""

import argparse
import statistics
from collections.abc import Callable

import torch
from torch.utils.benchmark import Timer

from training.anomalies import lay_anomalies
from training.structural_anomalies import break_structure
from training.textures import draw_textures

SIDE, BATCH = 256, 8
ROUNDS, SECONDS = 5, 1.0  # of each way, turn by turn


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.anomaly_synthesis", description=__doc__.split("\n")[0])
    parser.parse_args()
    ways = {**ours(), **theirs()}
    times = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (run, photos) in ways.items():
            timer = Timer("run()", globals={"run": run}, num_threads=1)
            times[name].append(1000 * timer.blocked_autorange(min_run_time=SECONDS).median / photos)
    print(f"torch {torch.__version__}, one thread, {SIDE}x{SIDE}; median of {ROUNDS} rounds (least to most)\n")
    print("| way | ms a photo |\n|---|---|")
    for name, values in times.items():
        print(f"| {name} | {statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f}) |")


def ours() -> dict[str, tuple[Callable[[], object], int]]:
    generator = torch.Generator().manual_seed(0)
    clean, textures = torch.rand(2, BATCH, 3, SIDE, SIDE, generator=generator)
    parts = torch.ones(BATCH, 1, SIDE, SIDE, dtype=torch.long)
    bike = parts > 0

    def draw() -> object:
        return lay_anomalies(clean, draw_textures(BATCH, SIDE, SIDE, generator), bike, generator)

    return {
        "ours: Perlin anomaly of a given texture": (
            lambda: lay_anomalies(clean, textures, bike, generator),
            BATCH,
        ),
        "ours: Perlin anomaly, its texture drawn too": (draw, BATCH),
        "ours: change of structure": (lambda: break_structure(clean, parts, generator), BATCH),
    }


def theirs() -> dict[str, tuple[Callable[[], object], int]]:
    try:
        from anomalib.data.utils.generators.perlin import PerlinAnomalyGenerator
    except ImportError:
        print("anomalib is not installed: see the first lines of this file\n")
        return {}
    torch.manual_seed(0)
    generator = PerlinAnomalyGenerator(probability=1.0)
    photo = torch.rand(3, SIDE, SIDE)
    return {"anomalib: PerlinAnomalyGenerator": (lambda: generator(photo), 1)}


if __name__ == "__main__":
    main()
