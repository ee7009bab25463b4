"""Put the bike back: over its own plate, or into another place, with its shadow and in that place's light.

Everything random is drawn once for a pair and applied to both twins, so nothing but the damage tells them apart.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from training.photo_damage.layers import Layers
from training.photo_damage.matching import Look, match_looks
from training.photo_damage.parts import Parts, is_closed
from training.photo_damage.places import Place
from training.photo_damage.shadows import Shadows
from training.photo_damage.warps import smooth_noise

__all__ = ["Placement"]

CUT_OFF = 6  # pixels of the bike on the photo's edge: it goes on outside, and cannot stand elsewhere
VEIL_WIDTH, MOST_VEIL = 7, 0.17  # pixels, share of the bike: half-clear areas this wide are not edges, but doubt
MOST_GAPS = 0.1  # of a tyre's way round
CONTRAST, SHOWN_SHARE = 0.1, 0.75  # of the value range in one channel; of the bike, what must stand out by it
EDITED_MARGIN = 12  # pixels around an edit where no pixel of the photo comes back: more than PLATE_MARGIN
LOST, LOST_BLUR = 0.12, 3.0  # of the value range, over about so many pixels: more than an edge that is a little off
SMALLEST_BIKE = 0.5  # of the canvas's sides, the larger of the two shares: a smaller one hides its damage
FULL = 0.96  # of the canvas's sides, what a bike fills at most
USUAL_ZOOM, LARGEST_ZOOM = 1.6, 2.0  # on the place, the larger where the bike would be small; more shows as blur


@dataclass
class Placement:
    """Where a bike goes, and how it is fitted in: the same for both twins."""

    size: tuple[int, int]  # height, width of the canvas in pixels
    residual: np.ndarray | None = None  # at home: (H, W, 3), what the layers lack of the photo
    matrix: np.ndarray | None = None  # elsewhere: (2, 3) affine, from pixels of the photo to pixels of the canvas
    place: np.ndarray | None = None  # elsewhere: (H, W, 3) RGB in [0, 1], as large as the canvas
    look: Look = field(default_factory=Look)
    shadows: Shadows | None = None

    @classmethod
    def at_home(
        cls,
        layers: Layers,
        photo: np.ndarray | None = None,
        edited: np.ndarray | None = None,
        rng: np.random.Generator | None = None,
    ) -> "Placement":
        """Over the photo's own plate, where the bike was.

        What taking the photo apart lost comes back to BOTH twins, except around the edit, again in both, and except
        in random blotches: so a spot that was put together, beside true photo, does not mean damage.

        Args:
            layers: as they were taken apart, before anything was drawn on them.
            photo: (H, W, 3) uint8 RGB; without it the bare layers are put together.
            edited: (H, W), not 0 where either twin differs from `layers`: by damage, or by what both were given.
            rng: of the blotches; without it there are none.
        """
        if photo is None:
            return cls(layers.alpha.shape)
        residual = photo.astype(np.float32) / 255 - layers.put_together()
        kept = np.ones(layers.alpha.shape, np.float32)
        if rng is not None:
            blotches = smooth_noise(kept.shape, rng, scale=rng.uniform(0.08, 0.3) * max(kept.shape))
            lost = cv2.GaussianBlur(np.abs(residual).max(axis=2), (0, 0), LOST_BLUR)
            # Where the matte misses a part of the bike, a blotch would take the part away.
            kept[(blotches > np.quantile(blotches[::8, ::8], rng.uniform(0.6, 1.0))) & (lost < LOST)] = 0
        if edited is not None:
            grown = cv2.dilate((edited > 0).astype(np.uint8), np.ones((2 * EDITED_MARGIN + 1,) * 2, np.uint8))
            kept[grown > 0] = 0
        return cls(layers.alpha.shape, cv2.GaussianBlur(kept, (0, 0), 3.0)[..., None] * residual)

    @classmethod
    def elsewhere(cls, layers: Layers, parts: Parts, place: Place, rng: np.random.Generator) -> "Placement | None":
        """Standing in another place: where a bike stood before, or on the ground; at times mirrored.

        None where the photo does not show the whole bike, where the layer brings along some of its own place, and
        where much of the bike has the colour of what is behind it: what cannot be seen looks as if it were missing.
        """
        if not _is_clean(layers.alpha, parts):
            return None
        solid = layers.alpha > 0.3
        x, y, width, height = cv2.boundingRect(solid.astype(np.uint8))
        stands_at, scale = _choose_spot(place, width / height, rng)  # feet (x, y) and height, in pixels of the place
        window = _choose_window(place.picture.shape[:2], stands_at, scale, scale * width / height, rng)
        canvas = np.vstack([window, [0, 0, 1]])
        is_mirrored = -1.0 if rng.random() < 0.5 else 1.0
        degrees = np.deg2rad(rng.normal(0, 1.0))
        grown = scale / height
        turn = np.array([[np.cos(degrees), -np.sin(degrees)], [np.sin(degrees), np.cos(degrees)]]) * grown
        turn = turn @ np.diag([is_mirrored, 1.0])
        shift = np.array(stands_at) - turn @ np.array([x + width / 2, y + height])
        matrix = (canvas @ np.vstack([np.column_stack([turn, shift]), [0, 0, 1]]))[:2].astype(np.float32)
        size = place.picture.shape[:2]
        magnified = cv2.warpAffine(
            place.picture, window, size[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        ).clip(0, 1)
        placement = cls(size, matrix=matrix, place=magnified)
        colour, alpha = placement._warp(layers.colour, cv2.BORDER_REPLICATE), placement._warp(layers.alpha)
        placement.look = match_looks(layers.plate, colour, alpha, magnified, float(np.hypot(*matrix[:, 0])), rng)
        placement.shadows = Shadows.random(alpha, rng)
        return placement if placement._shows(colour, alpha) else None

    def picture(self, layers: Layers) -> np.ndarray:
        """(H, W, 3) float32 RGB in [0, 1]: the layers put together in this place."""
        if self.place is None:
            together = layers.put_together()
            return together if self.residual is None else (together + self.residual).clip(0, 1)
        alpha = self._warp(layers.alpha)
        colour, alpha = self.look.fit_bike(self._warp(layers.colour, cv2.BORDER_REPLICATE), alpha)
        shade = self.shadows.cast(alpha)
        plate = self.look.fit_place(self.place) * (1 - shade[..., None])
        return replace(layers, colour=colour, alpha=alpha, plate=plate.astype(np.float32)).put_together().clip(0, 1)

    def mask(self, mask: np.ndarray) -> np.ndarray:
        """A mask or part ids (H, W) uint8 in the same place, each pixel one of the values it had."""
        if self.place is None:
            return mask
        return cv2.warpAffine(mask, self.matrix, self.size[::-1], flags=cv2.INTER_NEAREST)

    def _shows(self, colour: np.ndarray, alpha: np.ndarray) -> bool:
        fitted, _ = self.look.fit_bike(colour, alpha)
        stands_out = np.abs(fitted.clip(0, 1) - self.place).max(axis=2) > CONTRAST
        return bool(stands_out[alpha > 0.5].mean() > SHOWN_SHARE) if (alpha > 0.5).any() else False

    def _warp(self, picture: np.ndarray, border: int = cv2.BORDER_CONSTANT) -> np.ndarray:
        scale = float(np.hypot(*self.matrix[:, 0]))
        if scale < 0.8:  # warpAffine does not average: soften first, as a smaller picture would be
            picture = cv2.GaussianBlur(picture, (0, 0), 0.4 / scale)
        warped = cv2.warpAffine(picture, self.matrix, self.size[::-1], flags=cv2.INTER_CUBIC, borderMode=border)
        return warped.clip(0, 1)


def _is_clean(alpha: np.ndarray, parts: Parts) -> bool:
    """Whether the matte holds a whole bike and nothing else, as far as can be told."""
    solid = alpha > 0.3
    if not solid.any() or solid[[0, -1]].sum() + solid[:, [0, -1]].sum() > CUT_OFF:
        return False
    veil = cv2.erode(((alpha > 0.08) & (alpha < 0.92)).astype(np.uint8), np.ones((VEIL_WIDTH, VEIL_WIDTH), np.uint8))
    if veil.sum() > MOST_VEIL * solid.sum():
        return False
    wheels = [wheel for part in ("front_wheel", "rear_wheel") if (wheel := parts.wheel(part))]
    return all(not is_closed(alpha, wheel) and _tyre_gaps(alpha, wheel) <= MOST_GAPS for wheel in wheels)


def _tyre_gaps(alpha: np.ndarray, wheel: tuple[float, float, float, float]) -> float:
    """The share of the tyre's way round on which the matte misses it."""
    x, y, half_width, half_height = wheel
    angles, radii = np.linspace(0, 2 * np.pi, 60, endpoint=False)[:, None], np.linspace(0.8, 1.08, 15)[None]
    columns = (x + half_width * radii * np.cos(angles)).astype(np.float32)
    rows = (y + half_height * radii * np.sin(angles)).astype(np.float32)
    along = cv2.remap(np.ascontiguousarray(alpha), columns, rows, cv2.INTER_LINEAR).max(axis=1)
    return float((along < 0.5).mean())


def _choose_spot(place: Place, aspect: float, rng: np.random.Generator) -> tuple[tuple[float, float], float]:
    """Where the middle of the bike's feet stands (x, y), and how tall it is, in pixels of the place.

    Args:
        aspect: the bike's width by its height.
    """
    height, width = place.picture.shape[:2]
    if place.stood is not None:
        x0, y0, x1, y1 = place.stood
        tall = (y1 - y0) * rng.uniform(0.75, 1.25)
        x, y = (x0 + x1) / 2 + 0.1 * rng.normal() * (x1 - x0), y1 + 0.03 * rng.normal() * (y1 - y0)
    else:
        y = max(place.ground + 0.06 * height, rng.uniform(0.72, 0.95) * height)
        tall = rng.uniform(0.5, 0.9) * y
        x = rng.uniform(0.4, 0.6) * width
    y = min(y, 0.985 * height)
    tall = min(tall, 0.98 * y, FULL * width / aspect)
    half = tall * aspect / 2
    return (float(np.clip(x, half + 0.01 * width, 0.99 * width - half)), float(y)), float(tall)


def _choose_window(
    shape: tuple[int, int], stands_at: tuple[float, float], tall: float, wide: float, rng: np.random.Generator
) -> np.ndarray:
    """(2, 3) affine that magnifies a part of the place, with all of the bike in it, to the whole canvas."""
    height, width = shape
    share = max(tall / height, wide / width)
    closest = min(FULL / share, LARGEST_ZOOM)
    smallest_zoom = np.clip(SMALLEST_BIKE / share, 1.0, max(1.0, closest))
    zoom = rng.uniform(smallest_zoom, max(smallest_zoom, min(closest, USUAL_ZOOM)))
    offsets = []
    for side, first, last in (
        (width, stands_at[0] - wide / 2, stands_at[0] + wide / 2),
        (height, stands_at[1] - tall, stands_at[1]),
    ):
        seen = side / zoom
        smallest, largest = max(0.0, last - seen), min(first, side - seen)
        offsets.append(rng.uniform(smallest, largest) if largest > smallest else np.clip(smallest, 0, side - seen))
    return np.array([[zoom, 0, -zoom * offsets[0]], [0, zoom, -zoom * offsets[1]]])
