"""What a run that goes on from a trained model takes over from it."""

from dataclasses import fields, replace
from typing import TypeVar

from transformers import PreTrainedConfig

__all__ = ["take_over"]

RecipeType = TypeVar("RecipeType")


def take_over(recipe: RecipeType, config: PreTrainedConfig, *names: str) -> RecipeType:
    """The recipe with these keys as the model has them; a key at its default counts as not given.

    Args:
        config: of the model.

    Raises:
        ValueError: the recipe gives a key another value than the model's: it would have no effect.
    """
    defaults = {item.name: item.default for item in fields(recipe)}
    for name in names:
        given, own = getattr(recipe, name), getattr(config, name)
        if given not in (defaults[name], own):
            raise ValueError(f"{name} is {given!r}, but {recipe.initial_model} was made with {own!r}: leave it out")
    return replace(recipe, **{name: getattr(config, name) for name in names})
