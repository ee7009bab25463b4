"""Which photos an epoch draws, each draw with a number: a photo that is drawn twice is seen in two views."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice

import torch
from torch.utils.data import Sampler

__all__ = ["BalancedDraws", "NumberedDraws"]

BACKGROUND_SHARE = 1 / 11  # of the draws, where there are backgrounds


class NumberedDraws(Sampler[tuple[int, int]]):
    """Pairs of what a sampler draws and how many it drew before in the epoch.

    >>> list(NumberedDraws([7, 3, 7]))
    [(7, 0), (3, 1), (7, 2)]
    """

    def __init__(self, sampler: Sampler[int]):
        self.sampler = sampler

    def __len__(self) -> int:
        return len(self.sampler)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return ((index, number) for number, index in enumerate(self.sampler))


class BalancedDraws(Sampler[tuple[int, int]]):
    """Pairs of an index and a number: a damaged photo and then an intact one, so that each batch is half of each.

    The intact one is the damaged one's twin where it has one, under one number, which shows both in one view; as often
    as leaves every intact photo the same chance. Now and then a couple is two backgrounds.
    """

    def __init__(
        self, labels: Sequence[int], twins: Mapping[int, int], backgrounds: int, draws: int, generator: torch.Generator
    ):
        """
        Args:
            labels: of the photos, 0 intact, 1 damaged; both are there.
            twins: by a photo's index, that of its twin, as `find_twins` has it.
            backgrounds: how many, with the indices after the photos'.
            draws: in an epoch.
        """
        self.twins, self.draws, self.generator = twins, draws, generator
        self.backgrounds = range(len(labels), len(labels) + backgrounds)
        self.damaged, intact = ([index for index, label in enumerate(labels) if label == known] for known in (1, 0))
        self.single_intact = [index for index in intact if index not in twins] or intact
        self.twin_share = min(1.0, len(self.damaged) / len(intact))  # of the damaged photos with one

    def __len__(self) -> int:
        return self.draws

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(list(islice(self._draw(), self.draws)))  # at once, whoever else draws from the generator

    def _draw(self) -> Iterator[tuple[int, int]]:
        for number in count(step=2):
            if self.backgrounds and self._happens(BACKGROUND_SHARE):
                yield self._choose(self.backgrounds), number
                yield self._choose(self.backgrounds), number + 1
                continue
            damaged = self._choose(self.damaged)
            yield damaged, number
            if damaged in self.twins and self._happens(self.twin_share):
                yield self.twins[damaged], number
            else:
                yield self._choose(self.single_intact), number + 1

    def _happens(self, probability: float) -> bool:
        return torch.rand((), generator=self.generator).item() < probability

    def _choose(self, indices: Sequence[int]) -> int:
        return indices[torch.randint(len(indices), (), generator=self.generator).item()]
