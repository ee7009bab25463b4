"""Which photos an epoch draws, each draw with its number: a photo that is drawn twice is seen in two views."""

from collections.abc import Iterator

from torch.utils.data import Sampler

__all__ = ["NumberedDraws"]


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
