"""Balanced chance: items are dealt from shuffled decks, so that every long run has each as often as it should."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np

__all__ = ["deal"]

Item = TypeVar("Item", bound=Hashable)


def deal(weights: Mapping[Item, int], *seed: int, number: int) -> Item:
    """The item dealt as that number, from 0: any number can be asked for alone.

    A deck holds each item as often as its weight says; when it is used up, another is shuffled.

    Args:
        weights: item: how many times it is in a deck.
        seed: decks of other seeds are shuffled otherwise.

    >>> sorted(deal({"a": 2, "b": 1}, 7, number=k) for k in range(3))
    ['a', 'a', 'b']
    """
    deck = [item for item, weight in weights.items() for _ in range(weight)]
    shuffled = np.random.default_rng([*seed, number // len(deck)]).permutation(len(deck))
    return deck[shuffled[number % len(deck)]]
