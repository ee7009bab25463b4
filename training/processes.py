"""What one process does for all: to read and check the photos takes long, and eight would not do it sooner."""

import os
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from accelerate import PartialState
from accelerate.utils import broadcast_object_list, parse_flag_from_env

__all__ = ["on_first_process"]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

LONGEST_WAIT = timedelta(hours=6)  # of the other processes, for the first to have looked at every photo


def on_first_process(compute: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let the first of the processes of a run compute it; all get the result. After an error the others end quietly."""

    @wraps(compute)
    def compute_once(*arguments: Arguments.args, **options: Arguments.kwargs) -> Result:
        if int(os.environ.get("WORLD_SIZE", 1)) == 1:
            return compute(*arguments, **options)
        # As the Accelerator that comes later would start it, but for the time.
        uses_cpu = parse_flag_from_env("ACCELERATE_USE_CPU")
        is_first = PartialState(cpu=uses_cpu, timeout=LONGEST_WAIT).is_main_process
        outcome = [(None, True)]
        try:
            if is_first:
                outcome = [(compute(*arguments, **options), False)]
        finally:
            broadcast_object_list(outcome)
        result, has_failed = outcome[0]
        if has_failed:
            raise SystemExit(2)
        return result

    return compute_once
