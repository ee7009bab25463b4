"""One seed governs all that is random, whichever process draws it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["seeded"]


@contextmanager
def seeded(*numbers: int) -> Iterator[None]:
    """What torch draws inside follows from these numbers alone, and the draws outside go on as if nothing had been.

    So a photo's random view is the same in one process, in several, and in a run that was stopped and went on.

    >>> with seeded(17, 0, 4):
    ...     one = torch.rand(3)
    >>> with seeded(17, 0, 4):
    ...     two = torch.rand(3)
    >>> torch.equal(one, two)
    True
    """
    digest = hashlib.sha256(repr(numbers).encode()).digest()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int.from_bytes(digest[:8], "big") >> 1)
        yield
