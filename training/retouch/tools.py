"""What a photo editor offers, used against a bike: each tool works on the flat photo, without layers or a clean plate.

A tool takes a photo (H, W, 3) uint8 RGB, its part ids (H, W) uint8 and a random generator, and returns the photo
damaged and the mask (H, W) bool of the damage; None where the photo has no place for it. Nothing here is shared with
`training.photo_damage`: a model that only knows that editor's ways is found out by these.
"""

from collections.abc import Callable

import cv2
import numpy as np

__all__ = ["TOOLS", "Tool"]

FRAME, FRONT_WHEEL, REAR_WHEEL, SADDLE, HANDLEBAR, DRIVETRAIN, UNKNOWN = 1, 2, 3, 4, 5, 6, 255
LEAST_PIXELS = 60  # of a part, or it is not there
LEAST_STROKE = 15  # pixels of scratches on the frame, or they are not there
Retouched = tuple[np.ndarray, np.ndarray] | None
Tool = Callable[[np.ndarray, np.ndarray, np.random.Generator], Retouched]


def heal_away(photo: np.ndarray, parts: np.ndarray, generator: np.random.Generator) -> Retouched:
    """The healing brush over a whole saddle, handlebar or drivetrain: what is around it runs in.

    Source: Telea, Journal of Graphics Tools 2004, as OpenCV has it.
    """
    present = [part for part in (SADDLE, HANDLEBAR, DRIVETRAIN) if (parts == part).sum() >= LEAST_PIXELS]
    if not present:
        return None
    part = parts == generator.choice(present)
    brushed = _grow(part, _reach(photo, 0.012))
    healed = cv2.inpaint(photo, brushed.astype(np.uint8), 3, cv2.INPAINT_TELEA)
    return healed, _grow(part, _reach(photo, 0.006))


def stamp_over(photo: np.ndarray, parts: np.ndarray, generator: np.random.Generator) -> Retouched:
    """The clone stamp on a tube: a soft disc of the surroundings leaves a gap in it."""
    height, width = parts.shape
    radius = _reach(photo, generator.uniform(0.018, 0.03))
    centre = _choose_pixel(_thin(parts == FRAME, radius), generator)
    bike = (parts > 0) & (parts != UNKNOWN)
    is_free = ~_grow(parts > 0, 2 * radius)
    is_free[: 2 * radius], is_free[height - 2 * radius :] = False, False
    is_free[:, : 2 * radius], is_free[:, width - 2 * radius :] = False, False
    if centre is None or not is_free.any():
        return None
    rows, columns = np.nonzero(is_free)
    distance = 3 * np.abs(rows - centre[0]) + np.abs(columns - centre[1])  # the same ground, the same wall
    nearest = distance.argmin()
    shift = np.float32([[1, 0, centre[1] - columns[nearest]], [0, 1, centre[0] - rows[nearest]]])
    source = cv2.warpAffine(photo, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
    disc = _disc(parts.shape, centre, radius)
    alpha = cv2.GaussianBlur(disc.astype(np.float32), (0, 0), 0.12 * radius)
    return _blend(photo, source, alpha), (alpha > 0.25) & _grow(bike, _reach(photo, 0.004))


def push(photo: np.ndarray, parts: np.ndarray, generator: np.random.Generator) -> Retouched:
    """The liquify brush: a wheel's rim, a tube or the bar pushed aside, the background with it."""
    centre = _choose_pixel(_choose_rim_or_tube(parts, generator), generator)
    if centre is None:
        return None
    side = max(parts.shape)
    radius, length = side * generator.uniform(0.05, 0.09), side * generator.uniform(0.025, 0.045)
    angle = generator.uniform(0, 2 * np.pi)
    rows, columns = np.indices(parts.shape, np.float32)
    weight = np.exp(-((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2) / radius**2)
    where = (
        (columns - weight * length * np.cos(angle)).astype(np.float32),
        (rows - weight * length * np.sin(angle)).astype(np.float32),
    )
    return _warp(photo, where), _moved(parts, where, weight > 0.1)


def scrape(photo: np.ndarray, parts: np.ndarray, generator: np.random.Generator) -> Retouched:
    """A hard, thin, pale brush, drawn jaggedly over the frame a few times."""
    frame = parts == FRAME
    centre = _choose_pixel(frame, generator)
    if centre is None:
        return None
    strokes = np.zeros(parts.shape, np.uint8)
    reach = 0.06 * max(parts.shape)
    heading = generator.uniform(0, np.pi)
    for _ in range(generator.integers(3, 7)):
        start = np.array(centre[::-1]) + generator.normal(0, 0.2 * reach, 2)
        steps = generator.uniform(0.1, 0.5, 6) * reach
        angles = heading + generator.normal(0, 0.35, 6)
        points = start + np.cumsum(np.stack([steps * np.cos(angles), steps * np.sin(angles)], axis=1), axis=0)
        thickness = int(generator.integers(1, 3) * _reach(photo, 0.0016))
        cv2.polylines(strokes, [points.round().astype(np.int32)], False, 255, thickness, cv2.LINE_AA)
    alpha = strokes / 255 * frame
    if (alpha > 0.5).sum() < LEAST_STROKE:
        return None
    paint = np.full_like(photo, int(generator.integers(170, 235)))
    return _blend(photo, paint, 0.85 * alpha), _grow(alpha > 0.3, 1)


def corrode(photo: np.ndarray, parts: np.ndarray, generator: np.random.Generator) -> Retouched:
    """A rust-brown cloud, multiplied in and speckled, over a piece of frame or drivetrain."""
    metal = np.isin(parts, (FRAME, DRIVETRAIN))
    centre = _choose_pixel(metal, generator)
    if centre is None:
        return None
    distance = np.hypot(*(axis - middle for axis, middle in zip(np.indices(parts.shape), centre, strict=True)))
    size = max(parts.shape) * generator.uniform(0.05, 0.1)
    grain = _reach(photo, 0.0016)
    cloud = _noise(parts.shape, size / 4, generator) + 0.5 * _noise(parts.shape, 2.0 * grain, generator)
    alpha = np.clip(1.6 - 1.3 * distance / size + 0.5 * cloud, 0, 1) * metal
    alpha = cv2.GaussianBlur(alpha.astype(np.float32), (0, 0), 0.6)
    speckles = _noise(parts.shape, grain, generator)[..., None]
    tone = np.float32([126, 64, 28]) * (1 + 0.3 * speckles) * (0.55 + 0.6 * photo.mean(axis=2, keepdims=True) / 255)
    return _blend(photo, np.clip(tone, 0, 255), 0.9 * alpha), alpha > 0.3


def squeeze(photo: np.ndarray, parts: np.ndarray, generator: np.random.Generator) -> Retouched:
    """The warp tool on a wheel: squeezed and skewed in place, while its surroundings stretch to follow."""
    present = [wheel for wheel in (FRONT_WHEEL, REAR_WHEEL) if (parts == wheel).sum() >= 20 * LEAST_PIXELS]
    if not present:
        return None
    wheel = parts == generator.choice(present)
    x, y, width, height = cv2.boundingRect(wheel.astype(np.uint8))
    across, skew = generator.uniform(0.65, 0.8), generator.uniform(-0.2, 0.2)
    linear = np.array([[across, skew], [0, 1]]) if generator.random() < 0.5 else np.array([[1, 0], [skew, across]])
    outside = cv2.distanceTransform((~wheel).astype(np.uint8), cv2.DIST_L2, 3)
    weight = np.clip(1 - outside / (0.3 * max(width, height)), 0, 1)  # of the warp: it fades out around the wheel
    rows, columns = np.indices(parts.shape, np.float32)
    offsets = np.stack([columns - x - width / 2, rows - y - height / 2], axis=-1)  # (H, W, 2), from the hub
    shifts = weight[..., None] * (offsets @ np.linalg.inv(linear).T - offsets)
    where = (columns + shifts[..., 0]).astype(np.float32), (rows + shifts[..., 1]).astype(np.float32)
    return _warp(photo, where), _moved(parts, where, weight > 0.1)


TOOLS: dict[str, Tool] = {
    "corroded": corrode,
    "healed_away": heal_away,
    "pushed": push,
    "scraped": scrape,
    "squeezed": squeeze,
    "stamped_over": stamp_over,
}


def _choose_rim_or_tube(parts: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(H, W) bool: where there is something to bend."""
    places = [parts == part for part in (FRAME, HANDLEBAR)]
    for wheel in (parts == FRONT_WHEEL, parts == REAR_WHEEL):
        places.append(_thin(wheel, 3 + _reach(wheel, 0.01)))
    places = [place for place in places if place.sum() >= LEAST_PIXELS]
    return places[generator.integers(len(places))] if places else np.zeros(parts.shape, bool)


def _choose_pixel(mask: np.ndarray, generator: np.random.Generator) -> tuple[int, int] | None:
    pixels = np.flatnonzero(mask)
    if len(pixels) < LEAST_PIXELS:
        return None
    row, column = divmod(int(generator.choice(pixels)), mask.shape[1])
    return row, column


def _reach(photo: np.ndarray, share: float) -> int:
    """A share of the photo's longer side, in whole pixels, at least 1."""
    return max(1, round(share * max(photo.shape[:2])))


def _grow(mask: np.ndarray, reach: int) -> np.ndarray:
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= reach


def _thin(mask: np.ndarray, reach: int) -> np.ndarray:
    """The mask without its broad inside and its outermost pixels: a tube stays, and of a disc its rim."""
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    broad = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3) > reach
    return inner & ~broad


def _warp(photo: np.ndarray, where: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The photo with each pixel taken from column and row `where`, (H, W) float32 each."""
    return cv2.remap(photo, *where, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _moved(parts: np.ndarray, where: tuple[np.ndarray, np.ndarray], is_warped: np.ndarray) -> np.ndarray:
    """(H, W) bool: the warped pieces of the bike, where they were and where they are now."""
    bike = ((parts > 0) & (parts != UNKNOWN)).astype(np.uint8)
    return ((bike | cv2.remap(bike, *where, cv2.INTER_NEAREST)) > 0) & is_warped


def _disc(shape: tuple[int, int], centre: tuple[int, int], radius: int) -> np.ndarray:
    canvas = np.zeros(shape, np.uint8)
    return cv2.circle(canvas, centre[::-1], radius, 1, -1) > 0


def _noise(shape: tuple[int, int], grain: float, generator: np.random.Generator) -> np.ndarray:
    """(H, W) float32, of mean 0 and variance 1, whose blobs are `grain` pixels wide."""
    noise = cv2.GaussianBlur(generator.standard_normal(shape).astype(np.float32), (0, 0), grain)
    return (noise - noise.mean()) / noise.std()


def _blend(photo: np.ndarray, other: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """`other` over the photo with opacity alpha (H, W) in [0, 1]."""
    alpha = alpha[..., None].astype(np.float32)
    return (photo + alpha * (other.astype(np.float32) - photo) + 0.5).clip(0, 255).astype(np.uint8)
