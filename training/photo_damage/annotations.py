"""What people wrote down about the photos: where the parts are, which to leave out, where they come from."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.photo_damage.parts import BOXED, POINTED

__all__ = ["read_annotations", "read_credits", "read_reasons"]

IN_SIGHT = -200, 1200  # thousandths: what the photo cuts off may be drawn beyond its edge
WHEELS = "front_wheel", "rear_wheel"


def read_annotations(path: Path) -> dict[str, dict]:
    """The JSON lines by the photo's name, checked, so that no run stops hours in; empty lines are skipped.

    Raises:
        ValueError: a line is no JSON, lacks `file` or `usable`, or has a value that cannot be.
    """
    lines = {}
    for number, text in enumerate(_read_text(path).splitlines(), start=1):
        if not text.strip():
            continue
        where = f"{path}, line {number},"
        try:
            line = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"{where} is not JSON: mend or delete it") from error
        if (
            not isinstance(line, dict)
            or not isinstance(line.get("file"), str)
            or not isinstance(line.get("usable"), bool)
        ):
            raise ValueError(f"{where} needs `file`, a name, and `usable`, true or false: mend or delete it")
        for name, (fits, kind) in FIELDS.items():
            if line.get(name) is not None and not fits(line[name]):
                raise ValueError(f"{where} has a {name} that is no {kind}: mend it, or write null")
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
    reader = csv.DictReader(_read_text(path).splitlines())
    if missing := [column for column in columns if column not in (reader.fieldnames or [])]:
        raise ValueError(f"{path} has no column `{missing[0]}`: its first line must name {', '.join(columns)}")
    rows = list(reader)
    for number, row in enumerate(rows, start=2):
        if not all(row[column] for column in columns):
            raise ValueError(f"{path}, line {number}, lacks one of {', '.join(columns)}: complete or delete it")
    return rows


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # Excel marks the beginning of what it writes
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8: save it again as UTF-8") from error


def _is_number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(v, *IN_SIGHT) for v in value)


def _is_box(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 4 or not all(_is_number(v, *IN_SIGHT) for v in value):
        return False
    return value[0] < value[2] and value[1] < value[3]


# What a field of an annotation must be, and how to say so.
FIELDS = {
    **{name: (_is_box, "box x0, y0, x1, y1 in thousandths, the smaller first") for name in (*BOXED, "bike")},
    **{name: (_is_point, "point x, y in thousandths") for name in POINTED},
    **{f"{name}_lean": (lambda value: _is_number(value, -0.99, 0.99), "number between -1 and 1") for name in WHEELS},
    **{name: (lambda value: isinstance(value, bool), "true or false") for name in ("bars", "squeezed")},
    "rotate": (lambda value: _is_number(value, -360, 360), "number of degrees"),
}
