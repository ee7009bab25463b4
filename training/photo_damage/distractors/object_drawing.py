"""Draw things that stand by, hang on or are mounted on a bike, in the light and sharpness of its photo."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from training.photo_damage.damage import put_behind, put_in_front
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts
from training.photo_damage.warps import smooth_noise

__all__ = ["Light", "Sketch", "find_facing", "pick_colour", "place", "place_behind", "round_off", "trace_seam", "turn"]

FINE = 3  # sketches are drawn this much larger and averaged
DRAWN_BLUR = 0.35  # pixels, sigma: of a sketch once averaged
AMBIENT = 0.5  # share of the light that comes from everywhere
CONTACT_SHADOW = 0.4  # of the light that a thing keeps from the bike just beside it
CLEAR = 0.004  # less alpha than one step of a matte
SIDE_VIEW = 0.75  # least width of a wheel over its height that counts as seen from the side


@dataclass
class Light:
    """How a photo shows what is in it: RGB of its darkest and of a white thing, sigma of its blur, its grain."""

    black: np.ndarray  # (3,) in [0, 1]
    white: np.ndarray  # (3,) in [0, 1]
    blur: float  # pixels
    grain: float  # deviation, of the value range
    direction: np.ndarray  # (3,) unit vector from a thing to the light: right, down and towards the camera

    @classmethod
    def measure(cls, layers: Layers, rng: np.random.Generator) -> "Light":
        """From the photo itself; only whether the light comes from the left or right is a guess."""
        whole = layers.put_together()
        picture, bike = whole[::3, ::3], layers.alpha[::3, ::3] > 0.8
        tint = picture.mean(axis=(0, 1)) / max(picture.mean(), 1e-3)
        seen = picture.mean(axis=2)
        low, high = np.percentile(seen[bike], (3, 96)) if bike.any() else (0.05, 0.8)
        # A black bike hardly shows what a white thing would look like: ask its surroundings as well.
        white = np.clip(max(high, 0.85 * np.percentile(seen, 70)), 0.35, 0.97)
        towards = np.array([rng.uniform(-0.5, 0.5), rng.uniform(-0.8, -0.5), 0.7])
        return cls(
            black=(0.8 * low * (0.7 + 0.3 * tint)).astype(np.float32),
            white=(white * (0.75 + 0.25 * tint)).clip(0, 1).astype(np.float32),
            blur=_measure_blur(whole),
            grain=_measure_grain(layers),
            direction=(towards / np.linalg.norm(towards)).astype(np.float32),
        )


class Sketch:
    """A thing drawn FINE times larger in a box of the photo: its own colours, how they are lit, and its alpha."""

    def __init__(self, shape: tuple[int, int], points: Sequence, colour: Sequence[float], margin: float = 6):
        """
        Args:
            shape: height and width of the photo in pixels.
            points: (N, 2), x and y in pixels of the photo: all that will be drawn lies among them.
            colour: (3,) RGB in [0, 1], what the thing is made of.
            margin: pixels around the points.
        """
        points = np.asarray(points, float)
        low = np.floor(points.min(axis=0) - margin).astype(int)
        high = np.ceil(points.max(axis=0) + margin).astype(int)
        self.shape, self.origin = shape, low
        self.size = tuple(np.clip(high - low, 1, 2 * max(shape))[::-1])  # height, width in pixels
        fine = self.size[0] * FINE, self.size[1] * FINE
        self.colour = np.empty((*fine, 3), np.float32)
        self.colour[:] = colour
        self.shade = np.ones(fine, np.float32)
        self.alpha = np.zeros(fine, np.float32)

    def outline(self, points: Sequence) -> np.ndarray:
        """(h, w) float32 in [0, 1] on the fine grid: the inside of a closed line."""
        mask = np.zeros(self.alpha.shape, np.uint8)
        cv2.fillPoly(mask, [self._fine(points)], 255, cv2.LINE_AA, shift=4)
        return mask.astype(np.float32) / 255

    def stroke(self, points: Sequence, width: float) -> np.ndarray:
        """(h, w) float32 in [0, 1] on the fine grid: a line, its width in pixels of the photo."""
        mask = np.zeros(self.alpha.shape, np.uint8)
        cv2.polylines(mask, [self._fine(points)], False, 255, max(1, round(FINE * width)), cv2.LINE_AA, shift=4)
        return mask.astype(np.float32) / 255

    def take(self, mask: np.ndarray) -> np.ndarray:
        """(h, w) float32 in [0, 1] on the fine grid: a mask (H, W) float32 of the whole photo."""
        x, y = self.origin
        matrix = np.float32([[1 / FINE, 0, x + 0.5 / FINE - 0.5], [0, 1 / FINE, y + 0.5 / FINE - 0.5]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(mask, matrix, self.alpha.shape[::-1], flags=flags)

    def cover(self, mask: np.ndarray, colour: Sequence[float] | None = None, opacity: float = 1.0) -> None:
        """Put material there; of the thing's own colour where none is given."""
        if colour is not None:
            self.colour += (opacity * mask)[..., None] * (np.asarray(colour, np.float32) - self.colour)
        np.maximum(self.alpha, opacity * mask, out=self.alpha)

    def dab(self, points: Sequence, colour: Sequence[float]) -> None:
        """Put one small flat spot of a colour inside a closed line: faster than a mask where there are many."""
        line = [self._fine(points)]
        cv2.fillPoly(self.colour, line, tuple(map(float, colour)), shift=4)
        cv2.fillPoly(self.alpha, line, 1.0, shift=4)

    def stick(self, label: np.ndarray, corners: Sequence) -> None:
        """Put a flat picture (h, w, 3) on four corners (x, y): upper left, upper right, lower right, lower left."""
        height, width = label.shape[:2]
        flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - 0.5
        matrix = cv2.getPerspectiveTransform(flat, (self._fine(corners) / 16).astype(np.float32))
        size = self.alpha.shape[::-1]
        warped = cv2.warpPerspective(label.astype(np.float32), matrix, size, borderMode=cv2.BORDER_REPLICATE)
        mask = self.outline(corners)
        self.colour += mask[..., None] * (warped - self.colour)
        self.cover(mask)

    def inflate(self, mask: np.ndarray, roundness: float, light: Light, folds: np.ndarray | float = 0.0) -> None:
        """Light the mask as a cushion whose edges fall off over `roundness` pixels; `folds` add to its height."""
        distance = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
        edge = 1 - np.clip(distance / (FINE * roundness), 0, 1)
        height = FINE * roundness * np.sqrt(1 - edge * edge) + FINE * folds
        height = cv2.GaussianBlur(height.astype(np.float32), (0, 0), max(0.12 * FINE * roundness, 0.8))
        slope_x, slope_y = (cv2.Sobel(height, cv2.CV_32F, *order, ksize=3) / 8 for order in ((1, 0), (0, 1)))
        facing = light.direction[2] - light.direction[0] * slope_x - light.direction[1] * slope_y
        lit = np.clip(facing / np.sqrt(1 + slope_x**2 + slope_y**2), 0, 1) / light.direction[2]
        self.shade += mask * (AMBIENT + (1 - AMBIENT) * lit - self.shade)

    def strands(self, lines: Sequence, width: float, colour: Sequence[float]) -> None:
        """Round cords, cables or wires over what is there, light along their upper side."""
        body, gleam = np.zeros(self.alpha.shape, np.uint8), np.zeros(self.alpha.shape, np.uint8)
        for points in lines:
            for mask, offset, share in ((body, 0, 1), (gleam, 0.22 * width, 0.35)):
                line = self._fine(np.asarray(points, float) - (0, offset))
                cv2.polylines(mask, [line], False, 255, max(1, round(FINE * share * width)), cv2.LINE_AA, shift=4)
        strength = body.astype(np.float32) / 255
        self.cover(strength, colour)
        self.shade += strength * (0.72 + 0.55 / 255 * gleam - self.shade)

    def noise(self, rng: np.random.Generator, scale: float, stretch: tuple[float, float] = (1, 1)) -> np.ndarray:
        """(h, w) smooth noise of about unit deviation, of `scale` pixels times the stretch along x and y."""
        squeezed = tuple(max(8, round(side / s)) for side, s in zip(self.alpha.shape, stretch[::-1], strict=True))
        noise = smooth_noise(squeezed, rng, FINE * scale)
        return cv2.resize(noise, self.alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)

    def render(self, light: Light, rng: np.random.Generator) -> np.ndarray:
        """(H, W, 4) float32 RGBA in [0, 1]: the thing as the photo's camera would have taken it."""
        own = self.colour * self.shade[..., None]
        lit = light.black + own * (light.white - light.black)
        small = cv2.resize(np.dstack([lit, self.alpha]), self.size[::-1], interpolation=cv2.INTER_AREA)
        if light.blur > DRAWN_BLUR:
            small = cv2.GaussianBlur(small, (0, 0), np.sqrt(light.blur**2 - DRAWN_BLUR**2))
        grain = rng.standard_normal((*self.size, 1), np.float32) * light.grain
        small[..., :3] += grain
        piece = np.zeros((*self.shape, 4), np.float32)
        (x, y), (height, width) = self.origin, self.size
        top, left = max(0, y), max(0, x)
        bottom, right = min(self.shape[0], y + height), min(self.shape[1], x + width)
        if top < bottom and left < right:
            piece[top:bottom, left:right] = small[top - y : bottom - y, left - x : right - x].clip(0, 1)
        return piece

    def _fine(self, points: Sequence) -> np.ndarray:
        fine = (np.asarray(points, float) - self.origin + 0.5) * FINE - 0.5
        return np.round(fine * 16).astype(np.int32)


def place(piece: np.ndarray, layers: Layers, reach: float) -> Layers:
    """The piece (H, W, 4) in front of the bike, which it shades softly over `reach` pixels."""
    shadow = cv2.GaussianBlur(piece[..., 3], (0, 0), max(reach, 0.5))
    shadow = np.roll(shadow, max(1, round(0.6 * reach)), axis=0)
    darker = layers.colour * (1 - CONTACT_SHADOW * shadow[..., None])
    return _colour_around(put_in_front(piece, replace(layers, colour=darker.astype(np.float32))), piece, layers)


def place_behind(piece: np.ndarray, layers: Layers) -> Layers:
    """The piece (H, W, 4) behind the whole bike, seen in its gaps."""
    return _colour_around(put_behind(piece, layers.alpha, layers), piece, layers)


def round_off(points: Sequence, share: float = 0.25) -> np.ndarray:
    """(M, 2), the closed line through the points with its corners cut off again and again (Chaikin 1974).

    Args:
        points: (N, 2), x and y.
        share: of each side that the first cut takes at either end, in (0, 0.5); less keeps more of the corners.
    """
    line = np.asarray(points, float)
    for cut in (share, 0.25, 0.25):
        after = np.roll(line, -1, axis=0)
        line = np.stack([(1 - cut) * line + cut * after, cut * line + (1 - cut) * after], axis=1).reshape(-1, 2)
    return line


def pick_colour(choices: Sequence, rng: np.random.Generator) -> np.ndarray:
    """(3,) RGB in [0, 1]: one of the colours, a little lighter or darker."""
    return np.clip(np.array(choices[rng.integers(len(choices))]) * rng.uniform(0.8, 1.2), 0, 1)


def trace_seam(mask: np.ndarray, away: float) -> np.ndarray:
    """A fine line `away` pixels inside the mask's edge: a seam; `away` as in `Sketch`."""
    distance = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    return np.exp(-(((distance - FINE * away) / 2.0) ** 2)).astype(np.float32)


def turn(degrees: float) -> np.ndarray:
    """(2, 2), turns x and y clockwise as seen in the photo."""
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[cosine, -sine], [sine, cosine]])


def find_facing(parts: Parts) -> int | None:
    """1 for a bike that looks right, -1 for left; None where it is not seen from the side."""
    front, rear = parts.wheel("front_wheel"), parts.wheel("rear_wheel")
    if front is None or rear is None:
        return None
    if min(wheel[2] / max(wheel[3], 1) for wheel in (front, rear)) < SIDE_VIEW:
        return None
    away_x, away_y = abs(front[0] - rear[0]), abs(front[1] - rear[1])
    if away_x < 1.1 * parts.wheel_diameter or away_y > 0.2 * away_x or max(abs(front.lean), abs(rear.lean)) > 0.2:
        return None
    return parts.facing


def _colour_around(placed: Layers, piece: np.ndarray, before: Layers) -> Layers:
    """The layers with colours where nothing is, too: those next to it, so that edges stay clean when resampled."""
    near = cv2.dilate(piece[..., 3], np.ones((5, 5), np.uint8)) > 0
    around = np.where(near[..., None], piece[..., :3], before.colour)
    return replace(placed, colour=np.where(placed.alpha[..., None] > CLEAR, placed.colour, around))


def _measure_blur(picture: np.ndarray) -> float:
    """Sigma in pixels of the sharpest edges: how much they lose when blurred by one pixel more."""
    seen = np.ascontiguousarray(picture[..., 1])
    steepest = []
    for sharpness in (seen, cv2.GaussianBlur(seen, (0, 0), 1.0)):
        slope = np.abs(sharpness[::2, 1:] - sharpness[::2, :-1])
        steepest.append(max(float(np.percentile(slope, 99.3)), 1e-4))
    ratio = min(steepest[1] / steepest[0], 0.9)
    return float(np.clip(ratio / np.sqrt(1 - ratio**2), DRAWN_BLUR, 1.6))


def _measure_grain(layers: Layers) -> float:
    """Deviation of the finest detail where the plate is calm, of the value range."""
    seen = np.ascontiguousarray(layers.plate[..., 1])
    detail = np.abs(seen - cv2.GaussianBlur(seen, (0, 0), 1.0))[::3, ::3]
    return float(np.clip(2.0 * np.percentile(detail, 20), 0, 0.01))
