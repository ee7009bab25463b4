"""Which damage a bike gets, and whether people would see it."""

from collections.abc import Collection, Sequence

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, strongest_difference
from training.photo_damage.edits import EDITS, GROUPS
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

__all__ = ["break_bike", "shows"]

DAMAGES, SHARES = (1, 2, 3), (0.7, 0.2, 0.1)  # so many damages on so large a share of the bikes
VISIBLE_SHARE = 0.0012  # of the picture must change for all to see: of 480 x 640 pixels a spot of 20 x 18
VISIBLE_BLUR = 1.2  # pixels, sigma: about what the classifier's canvas keeps
VISIBLE_CHANGE = 0.15  # of the value range, in one channel, once fine detail is blurred away


def break_bike(
    layers: Layers,
    parts: Parts,
    material: Material,
    kinds: Sequence[str],
    first: str,
    holding: Collection[str],
    rng: np.random.Generator,
) -> list[Damage]:
    """One to three damages, each on top of the one before; empty where no edit fits the photo.

    Args:
        kinds: names in EDITS to draw from.
        first: the kind to try before all others, so that the caller can balance the kinds.
        holding: parts that hold something up: only their surface may be damaged.
    """
    wanted = int(rng.choice(DAMAGES, p=SHARES))
    others = [str(kind) for kind in rng.permutation([kind for kind in kinds if kind != first])]
    damages: list[Damage] = []
    for kind in [first, *others]:
        before = damages[-1].layers if damages else layers
        damage = EDITS[kind](before, parts, material, rng)
        is_on_surface = kind in GROUPS["surface"]
        if damage is None or (damage.part in holding and not is_on_surface):
            continue
        if damages and not is_on_surface and damage.part in {d.part for d in damages} - {"frame"}:
            continue  # a saddle that is gone cannot be torn as well, nor a bent wheel be seen once it is gone
        if shows(before.put_together(), damage.layers.put_together(), damage.mask):
            damages.append(damage)
        if len(damages) == wanted:
            break
    return damages


def shows(intact: np.ndarray, damaged: np.ndarray, mask: np.ndarray) -> bool:
    """Whether people would see the damage: VISIBLE_SHARE of the picture changed by VISIBLE_CHANGE inside the mask.

    What nobody sees teaches a classifier that sound bikes are damaged.

    Args:
        intact: (H, W, 3) float32 RGB in [0, 1].
        damaged: the same for its twin.
        mask: (H, W), not 0 where the defect is.
    """
    blurred = (cv2.GaussianBlur(picture, (0, 0), VISIBLE_BLUR) for picture in (intact, damaged))
    visible = (strongest_difference(*blurred) > VISIBLE_CHANGE) & (mask > 0)
    return bool(visible.mean() > VISIBLE_SHARE)
