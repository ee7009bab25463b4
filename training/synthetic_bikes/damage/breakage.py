"""Break a bike in one to three ways that do not get in each other's way, and that show."""

from collections.abc import Callable, Sequence

import numpy as np

from training.synthetic_bikes.damage.kinds import DAMAGES
from training.synthetic_bikes.damage.wreck import Damage, Wreck
from training.synthetic_bikes.geometry import Bike

__all__ = ["break_bike"]

ATTEMPTS = 3  # at each kind, with another part, place and side each time


def break_bike(
    bike: Bike,
    kinds: Sequence[str],
    count: int,
    rng: np.random.Generator,
    part: str | None = None,
    shows: Callable[[Wreck], bool] | None = None,
) -> Wreck:
    """The bike after `count` damages, or fewer where no more of the kinds can befall it.

    Args:
        kinds: names in DAMAGES, in the order to try them.
        part: that the first of them befalls, where the kind leaves a choice; any, if None.
        shows: whether the last of a wreck's damages can be seen; those that cannot are tried again.

    Raises:
        ValueError: no such kind, it cannot befall the part, or none of the kinds can befall this bike.
    """
    for kind in kinds:
        if kind not in DAMAGES:
            raise ValueError(f"no kind of damage is named {kind!r}: choose from {', '.join(sorted(DAMAGES))}")
    if part is not None and part not in DAMAGES[kinds[0]].parts:
        raise ValueError(f"{kinds[0]} cannot befall {part}: choose from {', '.join(DAMAGES[kinds[0]].parts)}")
    wreck = Wreck(bike)
    for index, kind in enumerate(kinds):
        if len(wreck.damages) == count:
            break
        for _ in range(ATTEMPTS):
            chosen = part if part and index == 0 else str(rng.choice(DAMAGES[kind].parts))
            attempt = _befall(wreck, kind, chosen, rng)
            if attempt is not None and (shows is None or shows(attempt)):
                wreck = attempt
                break
    if not wreck.damages:
        raise ValueError(f"none of {', '.join(kinds)} can befall this {bike.design.bike_type} bike so that it shows")
    wreck.settle()
    return wreck


def _befall(wreck: Wreck, kind: str, part: str, rng: np.random.Generator) -> Wreck | None:
    """A copy after one more damage; None where it cannot be."""
    severity = float(rng.uniform(0.15, 1.0))
    if not all(wreck.find(part, (name,)).any() for name in DAMAGES[kind].needs) or not wreck.find(part).any():
        return None
    attempt = wreck.copy()
    damage = DAMAGES[kind].damage(attempt, part, severity, rng)
    if damage is None or not damage.affected.any() or _collides(attempt, damage):
        return None
    attempt.damages.append(damage)
    return attempt


def _collides(wreck: Wreck, damage: Damage) -> bool:
    """Whether another damage has befallen the same triangles; a worn surface may be bent, and a bent one worn."""
    affected = wreck.pad(damage.affected)
    rivals = [other for other in wreck.damages if (other.wear is None) == (damage.wear is None)]
    return any((wreck.pad(other.affected) & affected).any() for other in rivals)
