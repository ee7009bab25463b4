"""Some of many, the same each time and from all over the list: to measure on, or to look at."""

from collections.abc import Sequence
from typing import TypeVar

__all__ = ["choose_evenly"]

Item = TypeVar("Item")


def choose_evenly(items: Sequence[Item], count: int | None) -> Sequence[Item]:
    """`count` of the items, evenly over the list; all of them for None, or if there are fewer.

    >>> choose_evenly("abcdefgh", 3)
    ['a', 'c', 'f']
    """
    if not count or count >= len(items):
        return items
    return [items[k * len(items) // count] for k in range(count)]
