import platform
import subprocess
import sys

import pytest

COUNT_FAULTS = """
import resource
import torch
from training.freed_memory import keep_freed_memory
{call}
for _ in range(30):  # until each finds its place
    torch.ones(16, 2**20)  # 64 MiB
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
torch.ones(16, 2**20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc that gives memory back")
def test_a_batch_takes_the_memory_that_the_last_one_left():
    assert count_faults("keep_freed_memory()") < count_faults("") / 10


def count_faults(call: str) -> int:
    command = [sys.executable, "-c", COUNT_FAULTS.format(call=call)]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)
