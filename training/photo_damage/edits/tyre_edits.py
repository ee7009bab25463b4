"""Tyres: flat on the ground, or off the rim."""

import numpy as np

from training.photo_damage.damage import Damage, Material, draw_strand, soften
from training.photo_damage.edits.wheel_layers import WheelLayer, find_wheel_changes, pick_wheel, put_wheel_back
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

__all__ = ["tyre_flat", "tyre_off_rim"]

THINNEST_TYRE = 0.1  # radii; a narrower one is shown as flat as this
MOST_OFF = 0.4  # radii
LONGEST_ARC = 1.3  # radians to either side, of the tyre that left the rim


def tyre_flat(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The rim has sunk, the tyre below it is squashed and bulges to both sides; the mask is what changed.

    None where no wheel can be told apart.
    """
    wheel = pick_wheel(layers, parts, rng)
    if wheel is None:
        return None
    thickness = max(1 - wheel.tyre, THINNEST_TYRE)
    flatness = float(rng.uniform(0.55, 0.95))
    sunk = flatness * thickness  # radii
    u, v = wheel.unit()
    lean = float(rng.normal(0, 0.25))  # the tyre is squeezed out more on one side
    source_u, source_v = _squash(u - lean * sunk * (v > 0), v, 1 - thickness, sunk)
    rgba = wheel.sample(wheel.rgba, source_u, source_v)
    # Under the load the side wall folds, and its lower half is in shade.
    fold = (v > 1 - thickness + sunk - 0.01) & (np.abs(u) < np.sqrt(2 * sunk) + 0.1)
    rgba[..., :3] *= 1 - rng.uniform(0.15, 0.45) * soften(fold, 1.5)[..., None]
    touched = np.hypot(source_u - u, source_v - v) > 0.004
    broken = put_wheel_back(layers, wheel, rgba, touched | fold)
    return Damage(broken, find_wheel_changes(layers, broken, wheel), "tyre_flat", wheel.part, flatness)


def tyre_off_rim(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The tyre has left the rim over an arc: bulging out, fallen in over the spokes, or torn; the mask is what changed.

    None where no wheel can be told apart.
    """
    wheel = pick_wheel(layers, parts, rng)
    if wheel is None:
        return None
    radius, angle = wheel.polar()
    # Not where the wheel stands: the ground and the bike's weight hold the tyre there.
    middle, half = rng.uniform(-1.25 * np.pi, 0.25 * np.pi), float(rng.uniform(0.4, LONGEST_ARC))
    away = np.angle(np.exp(1j * (angle - middle))) / half  # -1 to 1 over the arc
    off = np.abs(away) < 1
    bare = wheel.rgba.copy()
    bare[..., 3] *= 1 - soften(off & (radius > wheel.tyre), 0.7)
    way = str(rng.choice(["out", "in", "torn"]))
    depth = float(rng.uniform(0.15, MOST_OFF))
    if way == "torn":
        tyre = _hang_ends(wheel, middle, half, rng)
    else:
        tyre = _peel(wheel, away, depth if way == "out" else -depth, rng)
    touched = off & (radius > wheel.tyre - 0.05) | (tyre[..., 3] > 0.02)
    broken = put_wheel_back(layers, wheel, bare, touched, tyre)
    return Damage(broken, find_wheel_changes(layers, broken, wheel), "tyre_off_rim", wheel.part, half / LONGEST_ARC)


def _squash(u: np.ndarray, v: np.ndarray, rim: float, sunk: float) -> tuple[np.ndarray, np.ndarray]:
    """Where points of a wheel come from whose rim sank by `sunk` radii while the ground under the tyre stayed."""
    aside = np.abs(u)
    drop = sunk * (1 - _ramp(aside, 0.5, 0.88))
    rim_was = np.sqrt(np.clip(rim**2 - u**2, 0, None))
    tyre_was = np.sqrt(np.clip(1 - u**2, 1e-4, None))
    rim_now = rim_was + drop
    # Beside the patch on the ground the tyre bulges.
    bulge = 0.5 * sunk * np.exp(-(((aside - np.sqrt(2 * sunk)) / 0.15) ** 2))
    tyre_now = np.minimum(tyre_was + drop + bulge, 1.0)
    in_tyre = rim_was + (v - rim_now) / np.maximum(tyre_now - rim_now, 0.02) * (tyre_was - rim_was)
    above = v
    for _ in range(3):
        above = v - drop * _ramp(above, -0.3, 0.9 * rim)
    return u, np.where((v > rim_now) & (aside < 0.88), in_tyre, above)


def _ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 up to `low`, 1 from `high` on, smooth between."""
    step = ((values - low) / (high - low)).clip(0, 1)
    return step * step * (3 - 2 * step)


def _peel(wheel: WheelLayer, away: np.ndarray, depth: float, rng: np.random.Generator) -> np.ndarray:
    """(h, w, 4): the tyre's band along the arc, moved off by up to `depth` radii, outwards or inwards.

    Args:
        away: (h, w), -1 to 1 along the arc.
    """
    radius, angle = wheel.polar()
    skewed = away + rng.uniform(-0.35, 0.35) * (1 - away**2)
    lift = np.cos(np.pi / 2 * skewed.clip(-1, 1)) ** 2
    narrow = 1 - rng.uniform(0.0, 0.4) * lift  # twisted, it shows its edge
    source = wheel.tyre + (radius - depth * lift - wheel.tyre) / narrow
    band = soften((source > wheel.tyre) & (source < 1.05) & (np.abs(away) < 1), 0.6)
    tyre = wheel.sample(wheel.rgba, source * np.cos(angle), source * np.sin(angle))
    tyre[..., 3] *= band
    tyre[..., :3] *= (1 - rng.uniform(-0.1, 0.3) * lift)[..., None]
    return tyre.clip(0, 1)


def _hang_ends(wheel: WheelLayer, middle: float, half: float, rng: np.random.Generator) -> np.ndarray:
    """(h, w, 4): the two ends of a torn tyre, from where the arc begins and ends, bent down by their weight."""
    radius, _ = wheel.polar()
    rubber = (radius > wheel.tyre + 0.02) & (radius < 0.97) & (wheel.rgba[..., 3] > 0.9)
    colour = np.median(wheel.rgba[rubber][:, :3], axis=0) if rubber.any() else np.full(3, 0.12)
    width = max(2.0, (1 - wheel.tyre) * wheel.radius * rng.uniform(0.7, 1.0))
    hanging = np.zeros((*radius.shape, 4), np.float32)
    along = np.linspace(0, 1, 16)[:, None]
    for side in (-1, 1):
        angle, length = middle + side * half, rng.uniform(0.25, 0.8) * half
        start = (wheel.tyre + 1) / 2 * np.array([np.cos(angle), np.sin(angle)])
        onward = -side * np.array([-np.sin(angle), np.cos(angle)])
        points = start + length * (along * (1 - 0.5 * along) * onward + along**2 * np.array([rng.normal(0, 0.15), 0.7]))
        points[:, 1] = np.minimum(points[:, 1], 1.0)  # lies on the ground
        strand = draw_strand(radius.shape, wheel.pixels(points), width, colour)
        hanging = np.where(strand[..., 3:] > hanging[..., 3:], strand, hanging)
    return hanging
