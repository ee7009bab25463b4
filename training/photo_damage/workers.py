"""Do one thing to many, in several processes, with a progress bar."""

from collections.abc import Callable, Sequence
from multiprocessing import get_context
from typing import TypeVar

import cv2
from tqdm import tqdm

__all__ = ["run_all"]

Task, Result = TypeVar("Task"), TypeVar("Result")


def run_all(
    make: Callable[[Task], Result], tasks: Sequence[Task], workers: int, unit: str, unit_scale: int = 1
) -> list[Result]:
    """The results in the order of the tasks; with one worker, in this process.

    Args:
        make: a function of a module's own, as the processes import it.
        workers: processes, at least 1.
        unit: what the progress bar counts; unit_scale: how many of them a task makes.
    """
    if workers == 1 or len(tasks) < 2:
        with tqdm(
            tasks, unit=unit, unit_scale=unit_scale, disable=not tasks
        ) as bar:  # closed before an error is printed
            return [make(task) for task in bar]
    # Spawned, not forked: pymatting starts OpenMP when imported, and OpenMP does not survive a fork.
    pool = get_context("spawn").Pool(min(workers, len(tasks)), initializer=cv2.setNumThreads, initargs=(1,))
    with pool, tqdm(pool.imap(make, tasks), total=len(tasks), unit=unit, unit_scale=unit_scale) as bar:
        return list(bar)
