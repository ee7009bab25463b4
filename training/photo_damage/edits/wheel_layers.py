"""Take a wheel out of the bike's layer, and put it back changed.

A wheel is the same all the way round. What lies inside its outline and differs from the rest of its ring (fork, stays,
derailleur) is no wheel and stays; behind it the wheel is filled with what its ring looks like elsewhere.
"""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.damage import find_changes, put_behind, put_in_front, soften
from training.photo_damage.edits.wheel_rings import (
    ANGLES,
    OUTERMOST,
    WheelLayer,
    along_rings,
    find_bands,
    ring_index,
    ring_profile,
)
from training.photo_damage.edits.wheel_struts import clear_air, find_struts, round_kernel
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

__all__ = ["WHEELS", "WheelLayer", "find_wheel_changes", "pick_wheel", "put_wheel_back", "take_wheel"]

WHEELS = ("front_wheel", "rear_wheel")
REACH = 1.5  # radii; the side of the box that a wheel is worked on in
NARROWEST = 0.42  # width over height: seen more from the front than that, the fork hides the wheel
FULL_RING = 0.9  # mean alpha along the tyre: below, the outline is not where it was drawn, or is cropped
BUSY_OUTSIDE = 0.42  # mean alpha just outside: above, the outline is too small, or the wheel is among other things
CLOSING = 0.11  # radii: gaps between changed spokes up to this width belong to the defect
LOOSE = 0.2  # of alpha: what is fainter joins nothing
FAINT_SPOKES = 0.25  # alpha at most, between the spokes behind the fork


def pick_wheel(layers: Layers, parts: Parts, rng: np.random.Generator) -> WheelLayer | None:
    """Front or rear wheel, whichever can be taken out; None where neither can."""
    for part in rng.permutation(WHEELS):
        wheel = take_wheel(layers, parts, str(part))
        if wheel is not None:
            return wheel
    return None


def take_wheel(layers: Layers, parts: Parts, part: str) -> WheelLayer | None:
    """The wheel apart from the rest; None where it is not drawn, seen edge-on, or not where its outline says."""
    drawn = parts.wheel(part)
    if drawn is None or drawn[2] < NARROWEST * drawn[3] or min(drawn[2:]) < 12:
        return None
    box, centre = _box_around(layers.alpha.shape, drawn)
    alpha, colour = layers.alpha[box], layers.colour[box]
    if not alpha.size:
        return None
    # The unit disc, sheared by the lean, fills the drawn box.
    axes = np.array([[drawn[2], 0], [drawn.lean * drawn[3], np.sqrt(1 - drawn.lean**2) * drawn[3]]])
    profile = ring_profile(np.dstack([colour * alpha[..., None], alpha]), centre, axes)  # (RADII, 4), premultiplied
    hub, rim, tyre = find_bands(profile)
    on_tyre, outside = (along_rings(alpha, centre, axes, radius).mean() for radius in (0.95, 1.09))
    if on_tyre < FULL_RING or outside > BUSY_OUTSIDE:
        return None
    wheel = WheelLayer(part, box, centre, axes, np.dstack([colour, alpha]), alpha, hub, rim, tyre)
    rings = profile[ring_index(wheel.polar()[0]).clip(0, len(profile) - 1)]  # (h, w, 4): the wheel as its rings say
    foreign = find_struts(wheel, rings, layers.plate[box], parts)
    if foreign is None:
        return None
    return _split(wheel, foreign, rings, layers.plate[box])


def put_wheel_back(
    layers: Layers, wheel: WheelLayer, rgba: np.ndarray, touched: np.ndarray, front: np.ndarray | None = None
) -> Layers:
    """The bike with the wheel changed, in new arrays.

    Args:
        rgba: (h, w, 4) of the wheel's box, behind the rest of the bike.
        touched: (h, w) bool; elsewhere, but for a soft edge, the bike stays as it was.
        front: (h, w, 4) of the box, before everything; None: nothing.
    """
    before = Layers(layers.colour[wheel.box], layers.alpha[wheel.box], layers.plate[wheel.box])
    inside = put_behind(rgba, wheel.rest, before)
    if front is not None:
        inside = put_in_front(front, inside)
    weight = soften(touched, 1.0)
    alpha = before.alpha + weight * (inside.alpha - before.alpha)
    # Colours are mixed as they show, by their alpha.
    shown = (weight * inside.alpha)[..., None] * inside.colour
    shown += ((1 - weight) * before.alpha)[..., None] * before.colour
    changed = replace(layers, colour=layers.colour.copy(), alpha=layers.alpha.copy())
    mixed = shown / np.maximum(alpha, 1e-4)[..., None]
    changed.colour[wheel.box] = np.where(weight[..., None] > 0, mixed, before.colour).clip(0, 1)
    changed.alpha[wheel.box] = alpha
    return changed


def find_wheel_changes(before: Layers, after: Layers, wheel: WheelLayer) -> np.ndarray:
    """(H, W) bool: as `find_changes`, looked for in the wheel's box alone, with the gaps between spokes closed."""
    cut = (
        Layers(layers.colour[wheel.box], layers.alpha[wheel.box], layers.plate[wheel.box]) for layers in (before, after)
    )
    changed = find_changes(*cut).astype(np.uint8)
    mask = np.zeros(before.alpha.shape, bool)
    mask[wheel.box] = cv2.morphologyEx(changed, cv2.MORPH_CLOSE, round_kernel(CLOSING * wheel.radius))
    return mask


def _box_around(shape: tuple[int, int], drawn: tuple[float, ...]) -> tuple[tuple[slice, slice], np.ndarray]:
    x, y, half_width, half_height = drawn
    left, right = max(0, int(x - REACH * half_width)), min(shape[1], int(x + REACH * half_width) + 1)
    top, bottom = max(0, int(y - REACH * half_height)), min(shape[0], int(y + REACH * half_height) + 1)
    return (slice(top, bottom), slice(left, right)), np.array([x - left, y - top], np.float32)


def _split(wheel: WheelLayer, foreign: np.ndarray, rings: np.ndarray, plate: np.ndarray) -> WheelLayer:
    """Wheel and rest, the wheel filled with its rings where the bike hides it."""
    radius, _ = wheel.polar()
    airy = (radius > wheel.hub) & (radius < wheel.rim)
    inside = soften(_reach_of_wheel(wheel), 0.7)
    own = clear_air(wheel, wheel.rest, airy, plate) * inside * (1 - soften(foreign, 0.7))
    hidden = cv2.dilate(foreign.astype(np.uint8), round_kernel(3)).astype(np.float32) * inside
    filled_alpha = np.where(airy, np.minimum(rings[..., 3], FAINT_SPOKES), rings[..., 3])
    filled = rings[..., :3] / np.maximum(rings[..., 3:], 1e-3)
    colour = wheel.rgba[..., :3] + hidden[..., None] * (filled - wheel.rgba[..., :3])
    rgba = np.dstack([colour.clip(0, 1), own + hidden * (filled_alpha - own)]).astype(np.float32)
    rest = wheel.rest * (1 - inside * (1 - soften(foreign, 0.7)))
    return replace(wheel, rgba=rgba, rest=_drop_loose_pieces(wheel.rest, rest).astype(np.float32))


def _drop_loose_pieces(before: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """The alpha (h, w) of what stays, without the pieces that only the wheel held: they would float."""
    _, labels = cv2.connectedComponents((rest > LOOSE).astype(np.uint8))
    _, labels_before, stats, _ = cv2.connectedComponentsWithStats((before > LOOSE).astype(np.uint8))
    whole = labels_before == 1 + stats[1:, cv2.CC_STAT_AREA].argmax() if len(stats) > 1 else np.ones(rest.shape, bool)
    # Pieces that run out of the box hang on the bike somewhere else.
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    held = np.isin(labels, [*edge, sizes.argmax()])
    loose = (labels > 0) & ~held & whole
    grown = cv2.dilate(loose.astype(np.uint8), round_kernel(7)).astype(bool) & ~(held & (labels > 0))
    return rest * (1 - soften(grown, 0.7)) if loose.any() else rest


def _reach_of_wheel(wheel: WheelLayer) -> np.ndarray:
    """(h, w) bool: the wheel's disc, and past it what ends soon: the tyre's own edge, a mudguard."""
    radii = np.arange(1.0, OUTERMOST, 0.012)
    solid = along_rings(wheel.rest, wheel.centre, wheel.axes, radii) > 0.15  # (ANGLES, radii)
    ends = ~solid.all(axis=1)
    reach = np.where(ends, radii[np.argmin(solid, axis=1)] + 0.02, 1.03).astype(np.float32)
    # What sticks out of the ring for a short way only is a cable or a brake, and stays.
    window = ANGLES // 15
    around = np.concatenate([reach[-window:], reach, reach[:window]])
    shifted = np.lib.stride_tricks.sliding_window_view(around, 2 * window + 1)
    reach = np.maximum(np.median(shifted, axis=1), 1.03)
    radius, angle = wheel.polar()
    place = np.round(angle % (2 * np.pi) / (2 * np.pi) * ANGLES).astype(int) % ANGLES
    return radius <= reach[place]
