"""What the commands that train have in common: every key of the recipe is an option, every mistake is one line."""

import sys
from collections.abc import Callable
from typing import TypeVar

from training.options import StrictParser
from training.recipe import add_recipe_options, load_recipe

__all__ = ["run_training_command"]

RecipeType = TypeVar("RecipeType")


def run_training_command(
    recipe_type: type[RecipeType],
    train: Callable[[RecipeType], None],
    argv: list[str] | None,
    *,
    prog: str,
    description: str,
    example: str,
) -> int:
    """Read the recipe and the options that replace its keys, and train.

    Args:
        recipe_type: a dataclass whose fields are made by `training.recipe.key`.
        argv: the command line; None takes that of the process.

    Returns:
        The exit code: 0; 2 after a mistake in the recipe or the data; 1 if the disk is full or may not be written; 130
        when interrupted.
    """
    usage = "%(prog)s --config FILE [--KEY VALUE ...]"
    parser = StrictParser(prog=prog, usage=usage, description=description, epilog=f"example: {example}")
    add_recipe_options(parser, recipe_type)
    try:
        train(load_recipe(recipe_type, **vars(parser.parse_args(argv))))
    except KeyboardInterrupt:
        print("Stopped: the same command goes on from the last checkpoint.", file=sys.stderr)
        return 130
    except (FileNotFoundError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0
