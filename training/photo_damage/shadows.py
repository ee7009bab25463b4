"""The shadow of a bike on the ground it was put on: dark where it touches, soft and faint further away."""

from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ["Shadows", "find_ground"]

STEEPEST_GROUND = 0.4  # rows a column, of the line through both tyres' feet; steeper ones join other things
TOUCHING = 0.045  # of the bike's height: what is lower than this darkens the ground below it


@dataclass
class Shadows:
    """Where the ground is and how the light falls; drawn once, cast for each twin from what is there of its bike.

    ground: slope and height at column 0 of the line on which the bike stands, in pixels; tall: the bike, in pixels.
    Each shadow is (opacity, lean, squash, sigma): the sideways and upward shift for each pixel of height, and blur in
    pixels.
    """

    ground: tuple[float, float]
    tall: float
    contact: tuple[float, float, float, float]
    fallen: tuple[float, float, float, float]
    ambient: tuple[float, float, float, float]

    @classmethod
    def random(cls, alpha: np.ndarray, rng: np.random.Generator) -> "Shadows":
        """Light from anywhere, mostly soft.

        Args:
            alpha: (H, W) of the sound bike on its canvas: it says where the ground is.
        """
        rows = np.flatnonzero((alpha > 0.3).any(axis=1))
        tall = float(rows[-1] - rows[0] + 1) if len(rows) else 1.0
        lean, squash = rng.normal(0, 0.5), rng.uniform(0.05, 0.3) * rng.choice([-1, 1, 1])
        opacity = rng.uniform(0.1, 0.4) if rng.random() < 0.5 else 0.0
        return cls(
            ground=find_ground(alpha),
            tall=tall,
            contact=(float(rng.uniform(0.35, 0.8)), 0.0, 0.25, float(rng.uniform(0.006, 0.014) * tall + 0.5)),
            fallen=(float(opacity), float(lean), float(squash), float(rng.uniform(0.006, 0.03) * tall)),
            ambient=(float(rng.uniform(0.1, 0.4)), 0.2 * float(lean), 0.06, float(rng.uniform(0.03, 0.06) * tall)),
        )

    def cast(self, alpha: np.ndarray) -> np.ndarray:
        """(H, W) float32 in [0, 1], the share of light that the bike of this alpha (H, W) takes from each pixel."""
        slope, start = self.ground
        rows, columns = (np.arange(side, dtype=np.float32) for side in alpha.shape)
        above = np.maximum((slope * columns + start)[None] - rows[:, None], 0)
        # Thin, it would be blurred away: darker than opaque, and cut off after the blur.
        touching = 3.5 * alpha * np.exp(-((above / (TOUCHING * self.tall)) ** 2))
        # Soft as they are, shadows can be laid down on a picture of half the size, in a fifth of the time.
        touching, whole = (cv2.resize(c, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for c in (touching, alpha))
        light = np.ones(whole.shape, np.float32)
        for caster, shadow in ((touching, self.contact), (whole, self.fallen), (whole, self.ambient)):
            if shadow[0]:
                light *= 1 - self._lay_down(caster, shadow)
        return 1 - cv2.resize(light, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)

    def _lay_down(self, caster: np.ndarray, shadow: tuple[float, float, float, float]) -> np.ndarray:
        """The caster (h, w) of half the size, sheared and flattened about the ground line, and blurred; (h, w)."""
        opacity, lean, squash, sigma = shadow
        slope, start, sigma = self.ground[0], self.ground[1] / 2, sigma / 2
        # height = slope x + start - y; x' = x + lean height; y' = slope x' + start - squash height
        height = np.array([slope, -1.0, start])
        across = np.array([1.0, 0.0, 0.0]) + lean * height
        down = slope * across + np.array([0.0, 0.0, start]) - squash * height
        matrix = np.stack([across, down]).astype(np.float32)
        # Flattened, several rows fall on one: average them, then take what a row of bike would hide.
        sigma_caster = 0.35 / abs(squash)
        averaged = cv2.GaussianBlur(caster, (0, 0), sigmaX=0.5, sigmaY=max(0.5, sigma_caster))
        laid = cv2.warpAffine(averaged, matrix, caster.shape[::-1], flags=cv2.INTER_LINEAR)
        return opacity * cv2.GaussianBlur(laid, (0, 0), sigmaX=1.6 * sigma + 0.3, sigmaY=0.7 * sigma + 0.3).clip(0, 1)


def find_ground(alpha: np.ndarray) -> tuple[float, float]:
    """Slope (rows a column) and row at column 0 of the line the bike stands on.

    The edge of the lower hull under the bike's middle: it touches both tyres. Level through the lowest point where
    that is too steep, as in front views.

    Args:
        alpha: (H, W) of a bike.
    """
    solid = (alpha > 0.5).astype(np.uint8)
    points = cv2.findNonZero(solid)
    if points is None:
        return 0.0, float(alpha.shape[0])
    points = points.reshape(-1, 2)
    hull = cv2.convexHull(points).reshape(-1, 2).astype(float)
    middle, lowest = float(points[:, 0].mean()), float(points[:, 1].max()) + 1
    best = None
    for (x0, y0), (x1, y1) in zip(hull, np.roll(hull, -1, axis=0), strict=True):
        if min(x0, x1) <= middle <= max(x0, x1) and x0 != x1:
            slope = (y1 - y0) / (x1 - x0)
            at_middle = y0 + slope * (middle - x0)
            if best is None or at_middle > best[0]:
                best = at_middle, slope
    if best is None or abs(best[1]) > STEEPEST_GROUND:
        return 0.0, lowest
    return float(best[1]), float(best[0] - best[1] * middle + 1)
