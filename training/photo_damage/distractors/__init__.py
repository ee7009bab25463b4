"""What a sound bike may carry or wear, by the name that `metadata.jsonl` carries: none of it is damage.

A distractor takes the layers, the parts, the material to paint with and a random generator, and returns other layers,
or None where the photo does not show what it needs. Both twins of a pair carry the same distractors.
"""

from collections.abc import Callable

import numpy as np

from training.photo_damage.damage import Material
from training.photo_damage.distractors.bags import bag
from training.photo_damage.distractors.baskets import basket
from training.photo_damage.distractors.dirt import dust, mud, reflection, wet, worn
from training.photo_damage.distractors.falling_shadows import cast_shadow
from training.photo_damage.distractors.fittings import lamps, quick_release_lever, spoke_reflectors
from training.photo_damage.distractors.labels import price_tag, stickers
from training.photo_damage.distractors.locks import lock
from training.photo_damage.distractors.things import bottle, helmet, saddle_cover
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

__all__ = ["DISTRACTORS", "HELD_BY", "add_distractors"]

DISTRACTOR_SHARE = 0.5  # of the bikes carry any
MOST_DISTRACTORS = 3

# In the order in which they are applied: mud lies on a bag as well, and shadows fall over everything.
DISTRACTORS: dict[str, Callable[[Layers, Parts, Material, np.random.Generator], Layers | None]] = {
    distractor.__name__: distractor
    for distractor in (
        worn,
        reflection,
        stickers,
        spoke_reflectors,
        quick_release_lever,
        lamps,
        basket,
        bag,
        bottle,
        saddle_cover,
        lock,
        price_tag,
        helmet,
        dust,
        mud,
        wet,
        cast_shadow,
    )
}

# The parts a thing hangs on: without them it would float, so damage must not take or move them.
HELD_BY: dict[str, frozenset[str]] = {
    "spoke_reflectors": frozenset({"front_wheel", "rear_wheel"}),
    "lamps": frozenset({"saddle", "handlebar"}),
    "basket": frozenset({"handlebar", "front_wheel"}),
    "bag": frozenset({"frame", "saddle", "handlebar", "rear_wheel"}),
    "bottle": frozenset({"frame"}),
    "saddle_cover": frozenset({"saddle"}),
    "lock": frozenset({"frame", "front_wheel", "rear_wheel"}),
    "price_tag": frozenset({"handlebar"}),
    "helmet": frozenset({"handlebar", "saddle"}),
}


def add_distractors(
    layers: Layers, parts: Parts, material: Material, rng: np.random.Generator
) -> tuple[Layers, list[str]]:
    """Nothing for half of the bikes, else one to three distractors.

    Returns:
        The layers with them, and their names in the order applied; those that the photo does not allow are left out.
    """
    if rng.random() >= DISTRACTOR_SHARE:
        return layers, []
    picked = set(map(str, rng.choice(list(DISTRACTORS), rng.integers(1, MOST_DISTRACTORS + 1), replace=False)))
    added = []
    for name, distractor in DISTRACTORS.items():
        if name in picked and (carrying := distractor(layers, parts, material, rng)) is not None:
            layers = carrying
            added.append(name)
    return layers, added
