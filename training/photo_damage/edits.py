"""Every way to break the bike in a photo, by the name that `metadata.jsonl` carries.

An edit takes the layers, the parts, the material to paint with and a random generator. It changes the bike's layer
and returns a `Damage`, or None where the photo does not show what it needs.
"""

from collections.abc import Callable

import numpy as np

from training.photo_damage.damage import Damage, Material
from training.photo_damage.frame_edits import tube_bent, tube_cut
from training.photo_damage.layers import Layers
from training.photo_damage.part_edits import (
    drivetrain_missing,
    handlebar_missing,
    handlebar_turned,
    saddle_missing,
    saddle_turned,
)
from training.photo_damage.parts import Parts
from training.photo_damage.surface_edits import rust, scorched_or_sprayed, scratches
from training.photo_damage.wheel_edits import wheel_bent, wheel_displaced, wheel_missing

__all__ = ["EDITS"]

EDITS: dict[str, Callable[[Layers, Parts, Material, np.random.Generator], Damage | None]] = {
    edit.__name__: edit
    for edit in (
        wheel_missing,
        wheel_bent,
        wheel_displaced,
        saddle_missing,
        saddle_turned,
        handlebar_missing,
        handlebar_turned,
        drivetrain_missing,
        tube_cut,
        tube_bent,
        rust,
        scratches,
        scorched_or_sprayed,
    )
}
