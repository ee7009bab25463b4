"""Recipes: the keys of a training run, from one YAML file and the command line, checked before anything loads."""

import argparse
import difflib
import math
import re
from dataclasses import MISSING, Field, field, fields
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

import yaml

__all__ = ["add_recipe_options", "key", "load_recipe"]

RecipeType = TypeVar("RecipeType")

NAMES = {float: "a number", int: "a whole number", str: "text", bool: "true or false", list: "a list of texts"}
# What YAML 1.1 takes for text: without a point it is no number there.
EXPONENTIAL = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+")


def key(
    default: Any, meaning: str, *, above=None, at_least=None, below=None, at_most=None, multiple_of=None, choices=()
) -> Any:
    """A field of a recipe: its default, what `--help` says of it, and which values it takes; a list starts empty."""
    limits = {"above": above, "at_least": at_least, "below": below, "at_most": at_most, "multiple_of": multiple_of}
    metadata = {"meaning": meaning, "choices": tuple(choices), **limits}
    return (
        field(default_factory=list, metadata=metadata) if default == [] else field(default=default, metadata=metadata)
    )


def add_recipe_options(parser: argparse.ArgumentParser, recipe_type: type) -> None:
    """Add `--config`, and `--key` for every key of the recipe; what is not given stays as the file has it."""
    parser.add_argument("--config", required=True, metavar="FILE", help="recipe, such as those in training/configs")
    for item in fields(recipe_type):
        kind, _ = _kind(item)
        default = "not given" if item.default in (None, MISSING) else item.default
        meaning = f"{item.metadata['meaning']} ({_expected(item)}; default: {default})"
        options = {"help": meaning.replace("%", "%%"), "dest": item.name, "default": None}
        if kind is bool:
            parser.add_argument(f"--{item.name}", action=argparse.BooleanOptionalAction, **options)
        elif kind is list:
            parser.add_argument(f"--{item.name}", nargs="*", metavar="NAME", **options)
        else:
            metavar = {int: "COUNT", float: "NUMBER"}.get(kind, "TEXT")
            parser.add_argument(f"--{item.name}", type=kind, metavar=metavar, **options)


def load_recipe(recipe_type: type[RecipeType], config: str | Path, **overrides) -> RecipeType:
    """Read a recipe, and replace the keys that the command line names.

    Args:
        recipe_type: a dataclass whose fields are made by `key`.
        config: the YAML file.
        overrides: from the command line; None leaves the file's value.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no YAML of keys and values, a key is unknown (the message names the nearest one), or a
            value has the wrong type or is out of range.
    """
    path = Path(config)
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist: give a recipe, such as training/configs/classifier.yaml")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise ValueError(f"{path} holds no keys: write one `key: value` a line")
    values |= {name: value for name, value in overrides.items() if value is not None}
    known = {item.name: item for item in fields(recipe_type)}
    for name, value in values.items():
        if name not in known:
            nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"known keys: {', '.join(sorted(known))}"
            raise ValueError(f"{path} has an unknown key {name!r}: {hint}")
        if _kind(known[name])[0] is float and isinstance(value, str) and EXPONENTIAL.fullmatch(value):
            values[name] = value = float(value)
        if problem := _find_problem(known[name], value):
            raise ValueError(f"{path}: {name} is {value!r}: expected {problem}")
    return recipe_type(**values)


def _find_problem(item: Field, value: Any) -> str | None:
    """What was expected instead; None where the value is fine."""
    kind, may_be_none = _kind(item)
    if value is None and may_be_none:
        return None
    # 1 is a fine learning rate, but true is no number.
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or (kind in (int, float) and isinstance(value, bool)):
        return NAMES[kind]
    if kind is float and not math.isfinite(value):
        return f"{NAMES[kind]} that is finite"
    limits = item.metadata
    fits = {
        "above": lambda limit: value > limit,
        "at_least": lambda limit: value >= limit,
        "below": lambda limit: value < limit,
        "at_most": lambda limit: value <= limit,
        "multiple_of": lambda limit: value % limit == 0,
    }
    is_within = all(limits[name] is None or holds(limits[name]) for name, holds in fits.items())
    return None if is_within and (not limits["choices"] or value in limits["choices"]) else _expected(item)


def _expected(item: Field) -> str:
    """Which values a key takes, in words."""
    if item.metadata["choices"]:
        return f"one of {', '.join(item.metadata['choices'])}"
    kind, _ = _kind(item)
    limits = (
        f"{'a ' if name == 'multiple_of' else ''}{name.replace('_', ' ')} {item.metadata[name]}"
        for name in ("above", "at_least", "below", "at_most", "multiple_of")
        if item.metadata[name] is not None
    )
    return " ".join(filter(None, (NAMES[kind], " and ".join(limits))))


def _kind(item: Field) -> tuple[type, bool]:
    """The plain type of a key, and whether it may be null."""
    if isinstance(item.type, UnionType):
        kinds = [kind for kind in get_args(item.type) if kind is not type(None)]
        return kinds[0], True
    return get_origin(item.type) or item.type, False
