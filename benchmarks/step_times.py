"""Training steps taken in several ways, timed side by side."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack

from torch import Tensor, nn

__all__ = ["compare_ways"]


def compare_ways(
    model: nn.Module,
    batch: dict[str, Tensor],
    ways: Mapping[str, Sequence[Callable[[], AbstractContextManager]]],
    count: int,
) -> None:
    """Print seconds a step and photos a second of each way.

    Args:
        batch: what the model's `forward` takes, labels included.
        ways: by name, the contexts that each enters.
        count: steps of each way that are timed; one more warms up.
    """
    times = {way: [] for way in ways}
    for step in range(1 + count):  # in turn, so that what else the machine does befalls all
        for way, contexts in ways.items():
            seconds = _take_step(model, batch, contexts)
            if step:
                times[way].append(seconds)
    for way, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{way:45} {median:6.2f} s a step {len(batch['pixel_values']) / median:6.1f} photos/s")


def _take_step(model: nn.Module, batch: dict[str, Tensor], contexts) -> float:
    """Seconds of one forward and backward pass."""
    start = time.perf_counter()
    with ExitStack() as stack:
        for context in contexts:
            stack.enter_context(context())
        loss = model(**batch).loss
    loss.backward()
    model.zero_grad()
    return time.perf_counter() - start
