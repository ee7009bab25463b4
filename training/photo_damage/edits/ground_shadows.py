"""The soft shadow under a wheel: taken off the ground when the wheel that casts it goes.

The ground is lit up by the smooth ratio of the ground beside the shadow to the shadow, so its texture stays.
"""

from dataclasses import replace

import cv2
import numpy as np

from training.photo_damage.layers import Layers

__all__ = ["lift_ground_shadow"]

# In half widths of the wheel, from the point where the tyre stands.
REACH_SIDEWAYS = 1.15  # a soft shadow ends there
BESIDE = 1.6  # the ground between REACH_SIDEWAYS and this is taken as unshaded
REACH_UP, REACH_DOWN = 0.45, 0.5  # the ground behind and before the tyre
REACH_UP_SMOOTH = 1.3  # in a studio the plate's smooth fill spreads the shadow over the wheel's disc
SMOOTHING = 0.1, 0.05  # sideways and upright: coarser than paving, finer than the shadow

SMOOTH_GROUND = 0.015  # deviation of the logarithm within SMOOTHING: less is a studio's floor, followed more finely
FINE = 0.15  # of SMOOTHING, on such a floor
NARROW = 0.45  # of the half height: a wheel seen from its front shades at least this far sideways
WEAKEST = 0.03  # logarithm of the ratio: less cannot be seen
STRONGEST = 0.9  # more is a dark thing on the ground or a hard shadow, not a soft one
UNEVEN = 0.25  # by how much the ground on both sides may differ, as a logarithm, where its shadow can be told


def lift_ground_shadow(layers: Layers, wheel: tuple[float, float, float, float]) -> Layers:
    """Take the soft contact shadow under one wheel off the plate.

    Args:
        layers: of the bike with the wheel still there, or already gone: only the plate is looked at.
        wheel: centre x, centre y, half width and half height of the tyre's outside, in pixels.

    Returns:
        The layers with a lighter plate; the same layers where there is no shadow or it cannot be told.
    """
    window = _find_window(layers.plate.shape[:2], wheel)
    if window is None:
        return layers
    rows, columns, foot, reach = window
    ground = layers.plate[rows, columns]
    darkening = _measure_darkening(ground, foot, reach)
    if darkening is None:
        return layers
    plate = layers.plate.copy()
    plate[rows, columns] = (ground * np.exp(darkening)[..., None]).clip(0, 1)
    return replace(layers, plate=plate)


def _find_window(
    shape: tuple[int, int], wheel: tuple[float, float, float, float]
) -> tuple[slice, slice, tuple[float, float], float] | None:
    """The rows and columns of the ground around the tyre's foot, the foot (x, y) in them, and the unit of reach."""
    centre_x, centre_y, half_width, half_height = wheel
    reach = max(half_width, NARROW * half_height)
    foot_y = centre_y + half_height
    top, bottom = round(foot_y - REACH_UP_SMOOTH * reach), round(foot_y + REACH_DOWN * reach)
    left, right = round(centre_x - BESIDE * reach), round(centre_x + BESIDE * reach)
    top, left, bottom, right = max(top, 0), max(left, 0), min(bottom, shape[0]), min(right, shape[1])
    if bottom - foot_y < 0.1 * reach or reach < 8 or right - left < 1.5 * reach:
        return None
    return slice(top, bottom), slice(left, right), (centre_x - left, foot_y - top), reach


def _measure_darkening(ground: np.ndarray, foot: tuple[float, float], reach: float) -> np.ndarray | None:
    """(H, W) logarithm of how much darker the ground is than beside the wheel, faded out towards its borders."""
    light = np.log(ground.mean(axis=2) + 0.02)
    smooth = _smoothen(light, reach)
    away = (np.arange(light.shape[1]) + 0.5 - foot[0]) / reach
    up = (foot[1] - np.arange(light.shape[0]) - 0.5) / reach
    sides = [side for side in (away < -REACH_SIDEWAYS, away > REACH_SIDEWAYS) if side.sum() >= 0.15 * reach]
    if not sides:
        return None
    reach_up = REACH_UP
    if all((light - smooth)[:, side].std() < SMOOTH_GROUND for side in sides):
        smooth, reach_up = _smoothen(light, FINE * reach), REACH_UP_SMOOTH
    # Row by row, as kerbs and skirtings run along under a bike seen from its side.
    references = [np.median(smooth[:, side], axis=1) for side in sides]
    if len(references) == 2:
        share = ((away + BESIDE) / (2 * BESIDE)).clip(0, 1)
        reference = np.outer(references[0], 1 - share) + np.outer(references[1], share)
    else:
        reference = np.repeat(references[0][:, None], light.shape[1], axis=1)
    along = _fade_out(np.where(up > 0, up / reach_up, -up / REACH_DOWN))
    darkening = np.outer(along, _fade_out(np.abs(away) / REACH_SIDEWAYS)) * (reference - smooth).clip(0, None)
    near = np.abs(up) < REACH_UP
    spread = [smooth[near][:, side].std(axis=1).max() for side in sides]
    unevenness = max(np.ptp(references, axis=0)[near].max(), *spread)
    if not WEAKEST < darkening.max() < STRONGEST or unevenness > max(UNEVEN, 0.5 * darkening.max()):
        return None
    return darkening.astype(np.float32)


def _smoothen(light: np.ndarray, reach: float) -> np.ndarray:
    sigma_x, sigma_y = (share * reach for share in SMOOTHING)
    return cv2.GaussianBlur(light, (0, 0), sigmaX=sigma_x, sigmaY=sigma_y, borderType=cv2.BORDER_REPLICATE)


def _fade_out(distance: np.ndarray) -> np.ndarray:
    """1 up to a distance of 0.6, smoothly down to 0 at 1."""
    share = ((1 - distance) / 0.4).clip(0, 1)
    return share * share * (3 - 2 * share)
