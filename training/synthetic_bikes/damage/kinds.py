"""The list of all kinds: whom each befalls, and what a bike must have for it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from training.synthetic_bikes.damage import (
    accessories,
    drivetrains,
    forks,
    frames,
    handlebars,
    missing,
    saddles,
    spokes,
    surfaces,
    tyres,
    wheels,
)  # fmt: skip
from training.synthetic_bikes.damage.wreck import Damage, Wreck

__all__ = ["DAMAGES", "GROUPS", "Kind"]


@dataclass(frozen=True)
class Kind:
    """damage: what does it; parts: of the data contract, that it can befall.

    needs: names of pieces that must be there; design: what recipes give a bike so that they are; bike_types: that can
    have them, all if empty; needs_stand: without a stand the bike would hover; needs_ground: something lies or stands
    on it.
    """

    damage: Callable[[Wreck, str, float, np.random.Generator], Damage | None]
    parts: tuple[str, ...]
    needs: tuple[str, ...] = ()
    design: dict = field(default_factory=dict)
    bike_types: tuple[str, ...] = ()
    needs_stand: bool = False
    needs_ground: bool = False


WHEELS = ("front_wheel", "rear_wheel")
WITH_GRIPS = ("bmx", "city", "folding", "full_suspension", "kids", "mountain", "step_through", "trekking")
WITH_MUDGUARDS = ("city", "folding", "kids", "step_through", "trekking")
WITH_RACK = ("city", "folding", "step_through", "trekking")
WITH_BASKET = ("city", "kids", "step_through")
WITH_DERAILLEUR = ("folding", "full_suspension", "mountain", "road", "trekking")

_KINDS_BY_GROUP = {
    "wheel_gone": (
        Kind(missing.wheel_missing, WHEELS, needs_stand=True),
        Kind(missing.both_wheels_missing, WHEELS, needs_stand=True),
        Kind(wheels.wheel_displaced, WHEELS, needs_ground=True),
    ),
    "wheel_bent": (
        Kind(wheels.wheel_buckled, WHEELS),
        Kind(wheels.wheel_oval, WHEELS),
        Kind(wheels.wheel_dented, WHEELS),
        Kind(wheels.wheel_crushed, WHEELS),
    ),
    "tyre_and_spokes": (
        Kind(tyres.tyre_flat, WHEELS, needs_ground=True),
        Kind(tyres.tyre_off_rim, WHEELS),
        Kind(spokes.spokes_missing, WHEELS, ("spoke",)),
        Kind(spokes.spokes_broken, WHEELS, ("spoke",)),
    ),
    "saddle": (
        Kind(missing.saddle_missing, ("saddle",), ("saddle",)),
        Kind(missing.seat_post_missing, ("saddle",), ("saddle", "seat_post")),
        Kind(saddles.saddle_turned, ("saddle",), ("saddle",)),
        Kind(saddles.saddle_drooping, ("saddle",), ("saddle",)),
        Kind(saddles.saddle_torn, ("saddle",), ("saddle",)),
    ),
    "handlebar": (
        Kind(missing.handlebar_missing, ("handlebar",), ("bar",), {"has_basket": False}),
        Kind(handlebars.handlebar_turned, ("handlebar",), ("bar", "bar_clamp"), {"has_basket": False}),
        Kind(handlebars.handlebar_bent, ("handlebar",), ("bar",), {"has_basket": False}),
        Kind(handlebars.handlebar_broken, ("handlebar",), ("bar",), {"has_basket": False}),
        Kind(handlebars.grips_torn, ("handlebar",), ("grip",), bike_types=WITH_GRIPS),
    ),
    "drivetrain": (
        Kind(missing.drivetrain_missing, ("drivetrain",), ("chainring", "crank")),
        Kind(missing.chain_missing, ("drivetrain",), ("chain",), {"has_chain_guard": False}),
        Kind(missing.crank_missing, ("drivetrain",), ("left_crank", "right_crank")),
        Kind(missing.pedal_missing, ("drivetrain",), ("left_pedal", "right_pedal")),
        Kind(drivetrains.chain_hanging, ("drivetrain",), ("chain",), {"has_chain_guard": False}, needs_ground=True),
        Kind(drivetrains.derailleur_bent, ("drivetrain",), ("rear_derailleur",), bike_types=WITH_DERAILLEUR),
    ),
    "frame": (
        Kind(frames.tube_bent, ("frame",)),
        Kind(frames.tube_dented, ("frame",)),
        Kind(frames.tube_cracked, ("frame",)),
        Kind(frames.tube_snapped, ("frame",)),
        Kind(frames.tube_cut, ("frame",)),
        Kind(forks.fork_bent, ("frame",), ("fork",)),
        Kind(forks.fork_snapped, ("frame",), ("fork",), needs_ground=True),
    ),
    "accessory": (
        Kind(accessories.mudguard_hanging, ("frame",), ("mudguard",), {"has_mudguards": True}, WITH_MUDGUARDS),
        Kind(accessories.rack_loose, ("frame",), ("rack",), {"has_rack": True}, WITH_RACK),
        Kind(accessories.basket_crushed, ("handlebar",), ("front_basket",), {"has_basket": True}, WITH_BASKET),
        Kind(accessories.lamp_dangling, ("handlebar",), ("front_lamp",), {"has_lamps": True}, WITH_RACK),
        Kind(accessories.cable_hanging, ("handlebar",), ("brake_cable",)),
    ),
    "surface": (
        Kind(surfaces.rust, tuple(surfaces.METAL)),
        Kind(surfaces.scratches, ("frame",)),
        Kind(surfaces.paint_flaked, ("frame",)),
        Kind(surfaces.burnt, ("frame", "saddle", *WHEELS)),
        Kind(surfaces.sprayed, ("frame", *WHEELS)),
    ),
}

DAMAGES: dict[str, Kind] = {kind.damage.__name__: kind for kinds in _KINDS_BY_GROUP.values() for kind in kinds}

GROUPS: dict[str, tuple[str, ...]] = {
    group: tuple(kind.damage.__name__ for kind in kinds) for group, kinds in _KINDS_BY_GROUP.items()
}
