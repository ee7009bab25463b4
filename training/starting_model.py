"""What a run that goes on from a trained model takes over from it."""

import copy
from dataclasses import fields, replace
from typing import TypeVar

import torch
from transformers import PreTrainedConfig

__all__ = ["mix_weights", "take_over"]

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


@torch.no_grad()
def mix_weights(trained: torch.nn.Module, initial: torch.nn.Module, initial_share: float) -> torch.nn.Module:
    """A model half way back, or so, to where it started: it keeps much of both, what it learned and what it knew.

    Args:
        initial_share: of the starting model's weights, in [0, 1]; batch norm's statistics are mixed alike.

    Source: Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022, https://arxiv.org/abs/2109.01903,
    section 3.
    """
    mixed = copy.deepcopy(trained)
    start = initial.state_dict()
    for name, values in mixed.state_dict().items():
        if values.is_floating_point():
            values.lerp_(start[name].to(values), initial_share)
    return mixed
