"""Break a bike in one to three ways that do not get in each other's way, and that show."""

from collections.abc import Callable, Sequence

import numpy as np

from training.synthetic_bikes.damage.kinds import DAMAGES
from training.synthetic_bikes.damage.wreck import Damage, Wreck
from training.synthetic_bikes.geometry import Bike

__all__ = ["break_bike"]

MILD_TO_SEVERE = (0.15, 1.0)
ATTEMPTS = 3  # at each kind, with another part, place and side each time


def break_bike(
    bike: Bike,
    kinds: Sequence[str],
    count: int,
    rng: np.random.Generator,
    part: str | None = None,
    severity: tuple[float, float] = MILD_TO_SEVERE,
    shows: Callable[[Wreck], bool] | None = None,
) -> Wreck | None:
    """The bike after `count` damages, or fewer where no more of the kinds can befall it; None where the first cannot.

    Args:
        kinds: names in DAMAGES, in the order to try them.
        part: that the first of them befalls, where the kind leaves a choice; any, if None.
        severity: range of the first one's; the others are of any severity.
        shows: whether the last of a wreck's damages can be seen; those that cannot are tried again.

    Raises:
        ValueError: no such kind, or it cannot befall the part.
    """
    for kind in kinds:
        if kind not in DAMAGES:
            raise ValueError(f"no kind of damage is named {kind!r}: choose from {', '.join(sorted(DAMAGES))}")
    if part is not None and part not in DAMAGES[kinds[0]].parts:
        raise ValueError(f"{kinds[0]} cannot befall {part}: choose from {', '.join(DAMAGES[kinds[0]].parts)}")
    wreck = _try(Wreck(bike), kinds[0], part, severity, rng, shows)
    if wreck is None:
        return None
    for kind in kinds[1:]:
        if len(wreck.damages) == count:
            break
        wreck = _try(wreck, kind, None, MILD_TO_SEVERE, rng, shows) or wreck
    wreck.settle()
    return wreck


def _try(
    wreck: Wreck,
    kind: str,
    part: str | None,
    severity: tuple[float, float],
    rng: np.random.Generator,
    shows: Callable[[Wreck], bool] | None,
) -> Wreck | None:
    for _ in range(ATTEMPTS):
        attempt = _befall(wreck, kind, part or str(rng.choice(DAMAGES[kind].parts)), float(rng.uniform(*severity)), rng)
        if attempt is not None and (shows is None or shows(attempt)):
            return attempt
    return None


def _befall(wreck: Wreck, kind: str, part: str, severity: float, rng: np.random.Generator) -> Wreck | None:
    """A copy after one more damage; None where it cannot be."""
    if not all(wreck.find(part, (name,)).any() for name in DAMAGES[kind].needs) or not wreck.find(part).any():
        return None
    attempt = wreck.copy()
    damage = DAMAGES[kind].damage(attempt, part, severity, rng)
    if damage is None or not damage.affected.any() or _collides(attempt, damage) or _takes_another_away(attempt):
        return None
    attempt.damages.append(damage)
    return attempt


def _takes_another_away(wreck: Wreck) -> bool:
    """Whether most of a surface that was worn is gone by now: a saddle torn at first, and then missing."""
    worn = [wreck.pad(other.affected) for other in wreck.damages if other.wear is not None]
    return any(2 * (surface & wreck.bike.is_hidden).sum() > surface.sum() for surface in worn)


def _collides(wreck: Wreck, damage: Damage) -> bool:
    """Whether another damage has befallen the same triangles; a worn surface may be bent, and a bent one worn."""
    affected = wreck.pad(damage.affected)
    rivals = [other for other in wreck.damages if (other.wear is None) == (damage.wear is None)]
    return any((wreck.pad(other.affected) & affected).any() for other in rivals)
