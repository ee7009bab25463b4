"""How sure a figure is: 95% intervals over bikes, since two photos of one bike tell less than photos of two.

Of a share, Wilson's (JASA 1927), with as many photos as the bikes are worth (Korn and Graubard, Survey Methodology
1998; Dean and Pagano, JSSAM 2015, compare it with others). It stays wide at 0 and at 1, where a bootstrap claims to be
certain. Of all else the percentiles of a bootstrap that draws whole bikes: Efron and Tibshirani, 1993, section 13.3.
"""

from collections.abc import Sequence

import numpy as np

from training.data import Photo

__all__ = ["BOOTSTRAP_ROUNDS", "bikes_of", "draw_bikes", "mean_interval", "percentiles", "share_interval"]

BOOTSTRAP_ROUNDS = 1000
QUANTILE = 1.959964  # of the normal distribution, at 97.5%


def bikes_of(photos: Sequence[Photo]) -> np.ndarray:
    """Which bike each photo shows, (N,), from 0: by its name, else by the file's, which twins share."""
    names = [photo.bike_id or photo.path.stem for photo in photos]
    return np.unique(names, return_inverse=True)[1]


def draw_bikes(bikes: np.ndarray) -> np.ndarray:
    """How often each photo counts in each round of a bootstrap, (BOOTSTRAP_ROUNDS, N).

    Args:
        bikes: (N,), which bike each photo shows, as `bikes_of` has it.
    """
    count = int(bikes.max()) + 1
    draws = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), BOOTSTRAP_ROUNDS)
    return draws[:, bikes]


def percentiles(values: np.ndarray) -> list[float] | None:
    """Low and high of the rounds' values (R,), those that are no number aside; None where all rounds say the same.

    What no draw changes, at 0 or 1 mostly, is not certain: there are too few photos to say how uncertain.
    """
    values = values[np.isfinite(values)]
    if not len(values) or np.ptp(values) < 1e-9:
        return None
    return np.quantile(values, (0.025, 0.975)).tolist()


def mean_interval(values: Sequence[float], bikes: np.ndarray) -> list[float] | None:
    """Of the mean of some photos' values, (N,) each, by the bootstrap; None where it cannot tell."""
    if not len(values):
        return None
    weights = draw_bikes(np.unique(bikes, return_inverse=True)[1])
    return percentiles(weights @ np.asarray(values, float) / weights.sum(axis=1))


def share_interval(hits: Sequence[bool], bikes: np.ndarray) -> list[float] | None:
    """Low and high of a share; None without photos.

    Args:
        hits: (N,), which photos count.
        bikes: (N,), which bike each shows.

    >>> [round(bound, 2) for bound in share_interval([False] * 7, np.arange(7))]
    [0.0, 0.35]
    """
    hits, bikes = np.asarray(hits, float), np.unique(bikes, return_inverse=True)[1]
    if not len(hits):
        return None
    share, photos = hits.mean(), _worth(hits, bikes)
    squared = QUANTILE**2
    centre = (share + squared / (2 * photos)) / (1 + squared / photos)
    reach = QUANTILE * np.sqrt(share * (1 - share) / photos + squared / (4 * photos**2)) / (1 + squared / photos)
    return [max(0.0, float(centre - reach)), min(1.0, float(centre + reach))]


def _worth(hits: np.ndarray, bikes: np.ndarray) -> float:
    """How many photos of as many bikes would tell as much: no more than there are, no less than there are bikes."""
    count, share = int(bikes.max()) + 1, hits.mean()
    if share in (0, 1) or count == 1:
        return count  # where all agree nothing tells how alike the photos of a bike are
    variance = count / (count - 1) * (np.bincount(bikes, hits - share) ** 2).sum() / len(hits) ** 2
    return float(np.clip(share * (1 - share) / max(variance, 1e-12), count, len(hits)))
