import subprocess
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import training.runs
from training.runs import find_commit, find_versions

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_commit_is_that_of_the_code_wherever_one_is(monkeypatch, tmp_path):
    told = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    monkeypatch.chdir(tmp_path)
    assert find_commit() == (told.stdout.strip() or None)


def test_a_machine_without_git_has_no_commit_and_no_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_commit() is None


def test_opencv_is_named_as_it_was_installed(monkeypatch):
    def version(name: str) -> str:
        if name == "opencv-python":
            raise PackageNotFoundError(name)
        return "5.0" if name.startswith(("opencv-python-headless", "torch")) else "1"

    monkeypatch.setattr(training.runs, "version", version)
    versions = find_versions()
    assert versions["opencv-python-headless"] == "5.0"
    assert "opencv-python" not in versions
