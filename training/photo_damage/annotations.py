"""What people wrote down about the photos: where the parts are, which to leave out, where they come from."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.photo_damage.parts import BOXED, POINTED

__all__ = ["read_annotations", "read_credits", "read_reasons"]


def read_annotations(path: Path) -> dict[str, dict]:
    """The JSON lines by the photo's name, checked, so that no run stops hours in.

    Raises:
        ValueError: a line is no JSON, lacks `file` or `usable`, or has a box or point that is none.
    """
    lines = {}
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path}, line {number},"
        try:
            line = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"{where} is not JSON: mend or delete it") from error
        if not isinstance(line, dict) or "file" not in line or "usable" not in line:
            raise ValueError(f"{where} needs `file` and `usable`: mend or delete it")
        for names, count, kind in (((*BOXED, "bike"), 4, "box x0, y0, x1, y1"), (POINTED, 2, "point x, y")):
            for name in names:
                if line.get(name) and not _is_numbers(line[name], count):
                    raise ValueError(f"{where} has a {name} that is no {kind} in thousandths: mend it, or write null")
        lines[line["file"]] = line
    return lines


def read_reasons(path: Path) -> dict[str, str]:
    """Why photos are left out, by `file`: `<name>` or `<folder>/<name>`; from a CSV of `file` and `reason`.

    Raises:
        ValueError: the columns are others.
    """
    return {row["file"]: row["reason"] for row in _read_rows(path, ("file", "reason"))}


def read_credits(path: Path) -> dict[str, Mapping[str, str]]:
    """`source` and `licence` of each photo, by `file`: `<name>` or `<folder>/<name>`; from a CSV of these columns.

    Raises:
        ValueError: a column is missing.
    """
    rows = _read_rows(path, ("file", "source", "licence"))
    return {row["file"]: {"source": row["source"], "licence": row["licence"]} for row in rows}


def _read_rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if missing := [column for column in columns if column not in (reader.fieldnames or [])]:
            raise ValueError(f"{path} has no column `{missing[0]}`: its first line must name {', '.join(columns)}")
        rows = list(reader)
    for number, row in enumerate(rows, start=2):
        if not all(row[column] for column in columns):
            raise ValueError(f"{path}, line {number}, lacks one of {', '.join(columns)}: complete or delete it")
    return rows


def _is_numbers(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(isinstance(v, int | float) for v in value)
