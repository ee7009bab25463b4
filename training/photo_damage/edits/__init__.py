"""Every way to break the bike in a photo, by the name that `metadata.jsonl` carries, and in groups.

An edit takes the layers, the parts, the material to paint with and a random generator. It changes the bike's layer
and returns a `Damage`, or None where the photo does not show what it needs.
"""

from collections.abc import Callable

import numpy as np

from training.photo_damage.damage import Damage, Material
from training.photo_damage.edits.accessory_edits import (
    basket_crushed,
    cable_hanging,
    lamp_dangling,
    mudguard_hanging,
    rack_loose,
)
from training.photo_damage.edits.crack_edits import tube_cracked, tube_dented
from training.photo_damage.edits.drivetrain_edits import (
    chain_hanging,
    crank_missing,
    derailleur_bent,
    drivetrain_missing,
)
from training.photo_damage.edits.fork_edits import fork_bent, fork_snapped
from training.photo_damage.edits.frame_edits import tube_bent, tube_cut, tube_snapped
from training.photo_damage.edits.handlebar_edits import (
    handlebar_bent,
    handlebar_broken,
    handlebar_missing,
    handlebar_turned,
)
from training.photo_damage.edits.paint_edits import burnt, sprayed
from training.photo_damage.edits.rim_edits import wheel_buckled, wheel_crushed, wheel_dented, wheel_oval, wheel_swirled
from training.photo_damage.edits.rust_edits import rust
from training.photo_damage.edits.saddle_edits import saddle_drooping, saddle_missing, saddle_turned
from training.photo_damage.edits.spoke_edits import spokes_broken, spokes_missing
from training.photo_damage.edits.surface_edits import paint_flaked, scratches
from training.photo_damage.edits.torn_edits import grips_torn, saddle_torn
from training.photo_damage.edits.tyre_edits import tyre_flat, tyre_off_rim
from training.photo_damage.edits.wheel_edits import both_wheels_missing, wheel_displaced, wheel_missing
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

__all__ = ["EDITS", "GROUPS"]

_EDITS_BY_GROUP = {
    "wheel_gone": (wheel_missing, both_wheels_missing, wheel_displaced),
    "wheel_bent": (wheel_buckled, wheel_oval, wheel_dented, wheel_crushed, wheel_swirled),
    "tyre_and_spokes": (tyre_flat, tyre_off_rim, spokes_missing, spokes_broken),
    "saddle": (saddle_missing, saddle_turned, saddle_drooping, saddle_torn),
    "handlebar": (handlebar_missing, handlebar_turned, handlebar_bent, handlebar_broken, grips_torn),
    "drivetrain": (drivetrain_missing, crank_missing, chain_hanging, derailleur_bent),
    "frame": (tube_cut, tube_snapped, tube_bent, tube_cracked, tube_dented, fork_bent, fork_snapped),
    "accessory": (mudguard_hanging, rack_loose, basket_crushed, lamp_dangling, cable_hanging),
    "surface": (rust, scratches, paint_flaked, burnt, sprayed),
}

EDITS: dict[str, Callable[[Layers, Parts, Material, np.random.Generator], Damage | None]] = {
    edit.__name__: edit for edits in _EDITS_BY_GROUP.values() for edit in edits
}

GROUPS: dict[str, tuple[str, ...]] = {
    group: tuple(edit.__name__ for edit in edits) for group, edits in _EDITS_BY_GROUP.items()
}
