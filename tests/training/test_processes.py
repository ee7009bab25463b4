"""Two real processes, which talk over gloo on this machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from training.processes import on_first_process

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = """
import os, sys
from pathlib import Path
from accelerate import Accelerator
from training.processes import on_first_process

@on_first_process
def compute(folder, number):
    (folder / f"called_by_{os.environ['RANK']}").touch()
    if number < 0:
        raise ValueError(f"{number} is no number of photos")
    return [number, folder]

folder, number = Path(sys.argv[1]), int(sys.argv[2])
result = compute(folder, number)
assert Accelerator().num_processes == 2
(folder / f"got_{os.environ['RANK']}").write_text(repr(result[0]))
"""


def launch(folder: Path, number: int) -> subprocess.CompletedProcess:
    (folder / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    environment = os.environ | {"ACCELERATE_USE_CPU": "true", "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    command += [str(folder / "script.py"), str(folder), str(number)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_one_process_works_and_both_get_the_result(tmp_path):
    done = launch(tmp_path, 17)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.glob("*_*")} == {"called_by_0", "got_0", "got_1"}
    assert (tmp_path / "got_1").read_text() == "17"


def test_an_error_is_told_once_and_ends_both(tmp_path):
    done = launch(tmp_path, -1)
    assert done.returncode != 0
    assert done.stderr.count("ValueError: -1 is no number of photos") == 1
    assert not list(tmp_path.glob("got_*"))


def test_alone_it_is_a_plain_call():
    assert on_first_process(sorted)([2, 1], reverse=True) == [2, 1]
