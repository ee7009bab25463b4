"""A run that is killed at any moment goes on, and ends with the weights, bit for bit, of one that never was."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]

# Imports once, then runs the training in a child process again and again. Each child but the last is killed, by itself
# and with SIGKILL, at a number of file operations that is given: just before a file of the run is opened for writing, a
# folder made, renamed or removed; or, with negative numbers, by its parent after so many hundredths of a second.
SERVER = """
import os, signal, sys, time
import training.train_{name} as script

folder, moments = {folder!r}, {moments!r}

def run(operations):
    count = 0
    def kill_at_the_moment(event, arguments):
        nonlocal count
        writes = event in ("os.mkdir", "os.rename", "os.remove", "shutil.rmtree") or (
            event == "open" and isinstance(arguments[1], str) and arguments[1][:1] in "wax")
        if writes and folder in str(arguments[0]):
            count += 1
            if count == operations:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(kill_at_the_moment)
    sys.exit(script.main({options!r}))

for moment in (*moments, None):
    child = os.fork()
    if not child:
        run(moment)
    if moment is not None and moment < 0:
        time.sleep(-moment / 100)
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    print("killed" if os.WIFSIGNALED(status) else os.WEXITSTATUS(status), flush=True)
"""


@pytest.fixture(scope="module")
def recipes(bike_folder, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("recipes")
    shared = (
        "height: 64\nwidth: 96\nbatch_size: 4\nworkers: 0\nepochs: 2\nepoch_examples: 12\ncheckpoint_steps: 1\n"
        "sample_steps: 2\n"
    )
    (folder / "classifier.yaml").write_text(f"data_dir: {bike_folder}\nmixup_probability: 0.5\n{shared}")
    (folder / "draem.yaml").write_text(
        f"intact_dir: {bike_folder}/train/intact\nreconstructive_width: 4\ndiscriminative_width: 4\n{shared}"
    )
    return folder


def train(name: str, recipes: Path, output: Path, moments: list[int]) -> list[str]:
    """Start the same run once for each moment and once more; how each of them ended."""
    options = ["--config", str(recipes / f"{name}.yaml"), "--output_dir", str(output)]
    code = SERVER.format(name=name, folder=str(output), moments=moments, options=options)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code]
    server = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, env=environment, check=False)
    endings = server.stdout.split()
    assert endings[-1:] == ["0"], server.stderr[-3000:]
    return endings


@pytest.mark.parametrize("name", ["classifier", "draem"])
def test_killed_at_any_moment_a_run_ends_as_if_it_never_was(name, recipes, tmp_path):
    assert train(name, recipes, tmp_path / "unbroken", []) == ["0"]
    # Each start gets further than the one before: from the first writes to the last, and at moments between them.
    moments = [3, 12, 21, -150, 30, 47, -250]
    endings = train(name, recipes, tmp_path / "killed", moments)
    assert endings.count("killed") >= len(moments) // 2, endings
    for part in ("last/model.safetensors", "best/model.safetensors", "model/model.safetensors"):
        unbroken, killed = (load_file(tmp_path / run / part) for run in ("unbroken", "killed"))
        assert unbroken.keys() == killed.keys()
        assert all(torch.equal(unbroken[key], killed[key]) for key in unbroken), part
    leftovers = [path.name for path in (tmp_path / "killed").rglob(".*")]
    assert not leftovers
    histories = [(tmp_path / run / "history.json").read_text() for run in ("unbroken", "killed")]
    assert histories[0] == histories[1]


# A run whose files may not grow larger than this many bytes, which is how a full disk looks to it.
FULL_DISK_RUN = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
from training.train_{name} import main
sys.exit(main({options!r}))
"""


@pytest.mark.parametrize("name", ["classifier", "draem"])
def test_a_full_disk_costs_one_line_and_no_checkpoint(name, recipes, tmp_path):
    options = ["--config", str(recipes / f"{name}.yaml"), "--output_dir", str(tmp_path), "--tracker", "none"]
    if name == "draem":
        options += ["--reconstructive_width", "8"]  # larger than the disk

    def run(code: str, epochs: int) -> subprocess.CompletedProcess:
        command = [sys.executable, "-c", code.format(name=name, options=[*options, "--epochs", str(epochs)])]
        return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)

    on_a_roomy_disk = FULL_DISK_RUN.replace("resource.setrlimit", "#")
    assert run(on_a_roomy_disk, 1).returncode == 0
    saved = {path: path.read_bytes() for part in ("last", "best") for path in (tmp_path / part).iterdir()}
    full = run(FULL_DISK_RUN, 2)
    assert full.returncode == 1
    assert "Traceback" not in full.stderr
    last_line = full.stderr.strip().splitlines()[-1]
    assert last_line.startswith(f"Error: cannot write {tmp_path / 'last'} (")
    assert last_line.endswith("start again with the same command; what was saved before is untouched")
    assert {path: path.read_bytes() for path in saved} == saved
    assert not list(tmp_path.glob(".*"))
    assert run(on_a_roomy_disk, 2).returncode == 0


def test_a_folder_that_cannot_be_made_is_named(recipes, tmp_path):
    (tmp_path / "file").write_text("in the way")
    output = tmp_path / "file" / "run"
    command = [sys.executable, "-m", "training.train_draem", "--config", str(recipes / "draem.yaml")]
    run = subprocess.run(
        [*command, "--output_dir", str(output)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr.strip().splitlines()[-1] == (
        f"Error: cannot make {output} (Not a directory): give another --output_dir"
    )


def test_the_same_seed_gives_the_same_run_and_another_seed_another(recipes, tmp_path):
    weights = []
    for run, seed in (("one", 1), ("same", 1), ("other", 2)):
        options = ["--config", str(recipes / "draem.yaml"), "--output_dir", str(tmp_path / run), "--seed", str(seed)]
        command = [sys.executable, "-m", "training.train_draem", *options, "--epochs", "1"]
        subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
        weights.append(load_file(tmp_path / run / "last" / "model.safetensors")["draem.reconstructive.output.weight"])
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
