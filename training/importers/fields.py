"""Read JSON that others wrote: what is missing or of another kind is named, with the nearest key that is there."""

import difflib
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

__all__ = ["read_file_name", "read_json", "read_size", "require"]


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no JSON.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file: give a JSON file of annotations")
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:  # no JSON, or no Unicode
        raise ValueError(f"{path} is no JSON ({error}): copy or export it again") from error


def require(about: Any, key: str, kind: type | tuple[type, ...], where: str) -> Any:
    """The value of a key.

    Args:
        about: a JSON object.
        kind: what the value must be.
        where: what to call the object in messages.

    Raises:
        ValueError: it is no object, has no such key, or a value of another kind.

    >>> require({"left": 3}, "left", int, "the box")
    3
    """
    if not isinstance(about, Mapping):
        raise ValueError(f"{where} is no JSON object")
    if key not in about:
        near = difflib.get_close_matches(key, about, n=1)
        raise ValueError(f"{where} has no {key}" + (f", but {near[0]}" if near else ""))
    if not isinstance(about[key], kind) or isinstance(about[key], bool):
        shown = repr(about[key])
        raise ValueError(f"{where} has as {key} {shown if len(shown) < 40 else shown[:40] + '...'}")
    return about[key]


def read_file_name(text: str) -> str:
    """A path below the folder of photos, with slashes; a ValueError where it names no file, as "" or "." do.

    >>> read_file_name("left//a.jpg")
    'left/a.jpg'
    """
    path = PurePosixPath(text)
    if not path.name:
        raise ValueError(f"{text!r} is no name of a photo")
    return path.as_posix()


def read_size(about: Any, where: str) -> tuple[int, int]:
    """Width and height in pixels; a ValueError as from `require`."""
    width, height = (require(about, key, int, where) for key in ("width", "height"))
    if width < 1 or height < 1:
        raise ValueError(f"{where} is {width}x{height} pixels")
    return width, height
