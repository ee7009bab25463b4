"""A wheel as rings: the unit disc laid over the photo, what each ring looks like, and where hub, rim and tyre are."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

__all__ = ["WheelLayer", "ANGLES", "OUTERMOST", "ring_index", "find_bands", "along_rings", "ring_profile"]

RADII, ANGLES = 84, 240  # samples of the profile, over OUTERMOST radii and the full circle
OUTERMOST = 1.2  # radii; how far out the profile looks


@dataclass
class WheelLayer:
    """One wheel in the box around it, which everything but `box` is cut to.

    part: its name; box: rows and columns in the photo; centre: (2,) x and y; axes: (2, 2), the columns are the
    pixels of one unit of the unit disc; rgba: (h, w, 4) float32, the wheel alone, filled where the bike hides it;
    rest: (h, w) float32 in [0, 1], the alpha of what is no wheel; hub, rim, tyre: where the hub ends, and where rim
    and tyre begin, in units of the outer radius.
    """

    part: str
    box: tuple[slice, slice]
    centre: np.ndarray
    axes: np.ndarray
    rgba: np.ndarray
    rest: np.ndarray
    hub: float
    rim: float
    tyre: float

    @property
    def radius(self) -> float:
        """Pixels, the mean of the half axes."""
        return float(np.sqrt(abs(np.linalg.det(self.axes))))

    def unit(self) -> tuple[np.ndarray, np.ndarray]:
        """u and v (h, w) of every pixel, in which the wheel is the unit disc; v points down."""
        return _to_unit(self.rest.shape, self.centre, self.axes)

    @cached_property
    def _polar(self) -> tuple[np.ndarray, np.ndarray]:
        u, v = self.unit()
        return cv2.cartToPolar(u, v)

    def polar(self) -> tuple[np.ndarray, np.ndarray]:
        """Radius (1 on the tyre's outside) and angle (clockwise from the right, 0 to 2 pi), (h, w) each."""
        return self._polar

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Points (n, 2) of the unit disc as x and y in the box."""
        return np.asarray(points) @ self.axes.T + self.centre

    def sample(self, picture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """The picture (h, w, ...) at points u, v (h, w) of the unit disc; clear outside."""
        columns = self.centre[0] + self.axes[0, 0] * u + self.axes[0, 1] * v - 0.5
        rows = self.centre[1] + self.axes[1, 0] * u + self.axes[1, 1] * v - 0.5
        maps = columns.astype(np.float32), rows.astype(np.float32)
        return cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def _to_unit(shape: tuple[int, int], centre: np.ndarray, axes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """u and v (h, w) float32 of every pixel, in which the ellipse with these `axes` (2, 2) is the unit disc."""
    inverse = np.linalg.inv(axes).astype(np.float32)
    x = (np.arange(shape[1], dtype=np.float32) + 0.5 - centre[0])[None]
    y = (np.arange(shape[0], dtype=np.float32) + 0.5 - centre[1])[:, None]
    u, v = inverse[0, 0] * x + inverse[0, 1] * y, inverse[1, 0] * x + inverse[1, 1] * y
    return u.astype(np.float32), v.astype(np.float32)


def along_rings(picture: np.ndarray, centre: np.ndarray, axes: np.ndarray, radius: float | np.ndarray) -> np.ndarray:
    """(ANGLES, radii, ...) of the picture along rings of the given radii, clockwise from the right; clear outside."""
    angles = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    radii = np.atleast_1d(radius)
    u, v = np.cos(angles)[:, None] * radii, np.sin(angles)[:, None] * radii
    columns = centre[0] + axes[0, 0] * u + axes[0, 1] * v - 0.5
    rows = centre[1] + axes[1, 0] * u + axes[1, 1] * v - 0.5
    return cv2.remap(picture, columns.astype(np.float32), rows.astype(np.float32), cv2.INTER_LINEAR)


def ring_profile(premultiplied: np.ndarray, centre: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """(RADII, 4): the median of each ring of a picture (h, w, 4), its colours multiplied by its alpha."""
    radii = (np.arange(RADII) + 0.5) * OUTERMOST / RADII
    return np.median(along_rings(premultiplied, centre, axes, radii), axis=0)


def ring_index(radius: float | np.ndarray) -> np.ndarray:
    """The row of the ring profile for a radius in units of the wheel's."""
    return np.asarray(np.asarray(radius) / OUTERMOST * RADII).astype(int)


def find_bands(profile: np.ndarray) -> tuple[float, float, float]:
    """Where the hub ends, and where rim and tyre begin, in units of the radius."""
    solid = profile[:, 3] > 0.5
    outside = ring_index(0.95)
    airy = np.flatnonzero(~solid[:outside])
    rim = (airy[-1] + 1) * OUTERMOST / RADII if len(airy) else 0.8
    rim = float(np.clip(rim, 0.55, 0.92))
    hub = float(np.clip(airy[0] * OUTERMOST / RADII if len(airy) else 0.1, 0.06, 0.4))
    # The tyre begins where the ring's colour changes most; without a change, at a common tyre's breadth.
    lightness = profile[:, :3].mean(axis=1) / np.maximum(profile[:, 3], 0.3)
    low, high = ring_index(max(rim + 0.02, 0.84)), ring_index(0.95)
    steps = np.abs(lightness[low + 2 : high + 2] - lightness[low:high])
    if len(steps) and steps.max() > 0.06:
        return hub, rim, float((low + 1.5 + steps.argmax()) * OUTERMOST / RADII)
    return hub, rim, max(0.91, rim + 0.03)
