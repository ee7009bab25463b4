"""Data flows one way: app -> inspection -> modeling, and training -> modeling."""

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = {"modeling", "inspection", "training", "app", "tests"}
ALLOWED = {
    "modeling": {"modeling"},
    "inspection": {"inspection", "modeling"},
    "training": {"training", "inspection", "modeling"},
}


def imported_packages(file: Path) -> dict[str, int]:
    """Our packages that a file imports anywhere, by name, with a line number; relative ones are the file's own."""
    packages = {}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module]
        else:
            continue
        packages |= {name.partition(".")[0]: node.lineno for name in names}
    return {name: line for name, line in packages.items() if name in PACKAGES}


@pytest.mark.parametrize("package", ALLOWED)
def test_data_flows_one_way(package):
    files = sorted((REPOSITORY / package).rglob("*.py"))
    assert files
    wrong = [
        f"{file.relative_to(REPOSITORY)}:{line} imports {name}"
        for file in files
        for name, line in imported_packages(file).items()
        if name not in ALLOWED[package]
    ]
    assert not wrong


def test_the_files_that_travel_to_the_hub_import_each_other_relatively():
    travelling = [file for file in (REPOSITORY / "modeling").glob("*.py") if file.name != "__init__.py"]
    wrong = [
        file.name
        for file in travelling
        if file.name.startswith(("configuration", "modeling", "image", "letter")) and imported_packages(file)
    ]
    assert not wrong


def test_a_forbidden_import_is_found(tmp_path):
    file = tmp_path / "file.py"
    file.write_text("def f():\n    from training.data import load_photos\n    import torch\n", encoding="utf-8")
    assert imported_packages(file) == {"training": 2}
