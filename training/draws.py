"""Which photos an epoch draws, each draw with its number: a photo that is drawn twice is seen in two views."""

from collections.abc import Iterator, Mapping

from torch.utils.data import Sampler

__all__ = ["NumberedDraws"]


class NumberedDraws(Sampler[tuple[int, int]]):
    """Pairs of what a sampler draws and how many were drawn before in the epoch.

    What has a twin is followed by it, in the place and with the number of the next draw. The first, third, fifth and so
    on are followed alone, so that twins are never parted by the end of a batch of even size.

    >>> list(NumberedDraws([7, 3, 7]))
    [(7, 0), (3, 1), (7, 2)]
    >>> list(NumberedDraws([5, 4, 7, 3, 8, 6], twins={4: 9, 7: 8, 8: 7}))
    [(5, 0), (4, 1), (7, 2), (8, 2), (8, 4), (7, 4)]
    """

    def __init__(self, sampler: Sampler[int], twins: Mapping[int, int] | None = None):
        self.sampler, self.twins = sampler, twins or {}

    def __len__(self) -> int:
        return len(self.sampler)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        leader = None
        for number, index in enumerate(self.sampler):
            if number % 2 and leader in self.twins:
                yield self.twins[leader], number - 1
            else:
                yield index, number
            leader = index
