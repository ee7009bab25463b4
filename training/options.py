"""What command lines have in common: no option is taken for another, a misspelt one is told the nearest, numbers."""

import argparse
import difflib
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["StrictParser", "read_count", "read_rate", "read_seed"]


class StrictParser(argparse.ArgumentParser):
    """As `argparse` has it, with one line on a mistake instead of a screenful."""

    def __init__(self, **settings):
        super().__init__(allow_abbrev=False, **settings)

    def parse_args(self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None):
        words = list(sys.argv[1:] if args is None else args)
        for option in (word.partition("=")[0] for word in words):
            if option.startswith("--") and option not in self._option_string_actions:
                self.error(f"there is no option {option}{self._find_nearest(option)}")
        return super().parse_args(words, namespace)

    def error(self, message: str) -> NoReturn:
        """End with 2, and one line."""
        self.exit(2, f"Error: {message} (--help lists all options)\n")

    def _find_nearest(self, option: str) -> str:
        nearest = difflib.get_close_matches(option, self._option_string_actions, n=1, cutoff=0.5)
        return f", did you mean {nearest[0]}?" if nearest else ""


def read_seed(text: str) -> int:
    """A whole number, 0 or more.

    >>> read_seed("0")
    0
    """
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 0")
    return int(text)


def read_count(text: str) -> int:
    """A whole number, at least 1.

    >>> read_count("12")
    12
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return int(text)


def read_rate(text: str) -> float:
    """A share, from 0 to just below 1.

    >>> read_rate("0.05")
    0.05
    """
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share of the intact photos: give 0 or more, less than 1")
    return rate
