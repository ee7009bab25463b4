"""Recipes: one YAML file a run, strictly checked before anything loads."""

import difflib
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

import yaml

__all__ = ["load_recipe"]

RecipeType = TypeVar("RecipeType")


def load_recipe(recipe_type: type[RecipeType], path: str | Path, **overrides) -> RecipeType:
    """Read a recipe, and replace the keys that the command line names.

    Args:
        recipe_type: a dataclass whose fields are the recipe's keys.
        overrides: from the command line; None leaves the file's value.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no YAML of keys and values, a key is unknown (the message names the nearest one), or a
            value has the wrong type.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist: give a recipe, such as training/configs/classifier.yaml")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise ValueError(f"{path} holds no keys: write one `key: value` a line")
    values |= {key: value for key, value in overrides.items() if value is not None}
    kinds = {field.name: field.type for field in fields(recipe_type)}
    for key, value in values.items():
        if key not in kinds:
            nearest = difflib.get_close_matches(key, kinds, n=1, cutoff=0.5)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"known keys: {', '.join(sorted(kinds))}"
            raise ValueError(f"{path} has an unknown key {key!r}: {hint}")
        if not _fits(value, kinds[key]):
            raise ValueError(f"{path}: {key} is {value!r}: expected {_name(kinds[key])}")
    try:
        return recipe_type(**values)
    except TypeError as error:  # a key without a default is missing
        raise ValueError(f"{path}: {error}") from error


def _fits(value, kind) -> bool:
    if kind is float:  # 1 is a fine learning rate, and so is a whole number where YAML wrote one
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(kind, type):
        return isinstance(value, kind)
    return True  # a union or a parametrised type: the recipe's own __post_init__ checks it


def _name(kind) -> str:
    names = {float: "a number", int: "a whole number", str: "text", bool: "true or false", dict: "keys and values"}
    return names.get(kind, getattr(kind, "__name__", str(kind)))
