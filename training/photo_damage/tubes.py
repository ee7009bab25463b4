"""Where the frame's tubes really run: rough lines between the parts' points, followed in the matte."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

__all__ = ["Tube", "find_tubes", "jagged_line", "pick_tube", "put_back"]

SEARCH = 0.12  # of the wheel's diameter: a rough line lies this near its tube
THINNEST, THICKEST = 0.018, 0.11  # of the wheel's diameter; what is thinner is a cable, what is thicker no tube
STRAIGHT = 0.014  # of the wheel's diameter: a tube's middle strays this little from its line
SHORTEST = 0.13  # of the wheel's diameter, of the stretch that stands free
FRAME_TUBES = ("down_tube", "top_tube", "seat_tube", "seat_post", "fork", "chain_stay", "seat_stay")
STATIONS = 60.0  # to a wheel's diameter, along a tube


@dataclass
class Tube:
    """A straight stretch of a tube with nothing beside it: its ends (2,) as x and y, and its width, in pixels."""

    name: str
    start: np.ndarray
    end: np.ndarray
    width: float

    @property
    def length(self) -> float:
        """Pixels between the ends."""
        return float(np.hypot(*(self.end - self.start)))

    @property
    def direction(self) -> np.ndarray:
        """(2,) unit vector from start to end."""
        return (self.end - self.start) / self.length

    def reversed(self) -> "Tube":
        """The same stretch, from its end to its start."""
        return Tube(self.name, self.end, self.start, self.width)

    def point(self, along: np.ndarray | float, across: np.ndarray | float) -> np.ndarray:
        """(..., 2) x and y of places along and across the tube, in pixels, as in `coordinates`."""
        x, y = self.direction
        start_x, start_y = self.start
        return np.stack([start_x + along * x - across * y, start_y + along * y + across * x], axis=-1)

    def box(self, shape: tuple[int, int], margin: float) -> tuple[slice, slice]:
        """Rows and columns of the picture within `margin` pixels of the stretch."""
        low = np.floor(np.minimum(self.start, self.end) - margin).astype(int).clip(0)
        high = np.ceil(np.maximum(self.start, self.end) + margin).astype(int) + 1
        return slice(low[1], min(shape[0], high[1])), slice(low[0], min(shape[1], high[0]))

    def coordinates(self, box: tuple[slice, slice]) -> tuple[np.ndarray, np.ndarray]:
        """Each pixel's place in pixels along the tube from its start, and across it from its middle, (h, w) each."""
        rows = np.arange(box[0].start, box[0].stop, dtype=np.float32)[:, None] - np.float32(self.start[1])
        columns = np.arange(box[1].start, box[1].stop, dtype=np.float32)[None] - np.float32(self.start[0])
        x, y = (np.float32(v) for v in self.direction)
        return columns * x + rows * y, rows * x - columns * y


def pick_tube(
    alpha: np.ndarray,
    parts: Parts,
    rng: np.random.Generator,
    names: tuple[str, ...] | None = None,
    most_beside: float = 1.0,
) -> Tube | None:
    """One of the tubes that are seen, the larger the likelier, from either end; None where none is.

    Args:
        names: of the tubes to look for, as in `Parts.tubes`; None: all of the frame and fork.
        most_beside: share of the pixels along both sides that may hold something (spokes, a cage) in [0, 1].
    """
    tubes = [t for t in find_tubes(alpha, parts, names) if most_beside >= 1 or _share_beside(alpha, t) <= most_beside]
    if not tubes:
        return None
    sizes = np.array([tube.length * tube.width for tube in tubes])
    tube = tubes[rng.choice(len(tubes), p=sizes / sizes.sum())]
    return tube.reversed() if rng.random() < 0.5 else tube


def find_tubes(alpha: np.ndarray, parts: Parts, names: tuple[str, ...] | None = None) -> list[Tube]:
    """The tubes' free stretches, each found in the matte near the line that the parts give for it.

    Args:
        alpha: (H, W) float32 in [0, 1].
        parts: in pixels of the same photo.
        names: of the tubes to look for, as in `Parts.tubes`; None: all.
    """
    found = []
    for name, ends in parts.tubes().items():
        if name not in (names or FRAME_TUBES):
            continue
        start, end = (np.array(point, float) for point in ends)
        tube = _follow(alpha, name, start, end, parts.wheel_diameter, SEARCH)
        # Again along the line found: the first was rough, and what lies beside it is now left out.
        tube = tube and _follow(alpha, name, tube.start, tube.end, parts.wheel_diameter, 0.7 * SEARCH)
        if tube is not None:
            found.append(tube)
    return found


def put_back(layers: Layers, box: tuple[slice, slice], colour: np.ndarray, alpha: np.ndarray) -> Layers:
    """The layers with another colour (h, w, 3) and alpha (h, w) inside the box."""
    whole_colour, whole_alpha = layers.colour.copy(), layers.alpha.copy()
    whole_colour[box], whole_alpha[box] = colour.clip(0, 1), alpha.clip(0, 1)
    return replace(layers, colour=whole_colour, alpha=whole_alpha)


def jagged_line(place: np.ndarray, cell: float, rng: np.random.Generator) -> np.ndarray:
    """Heights in [-1, 1] of a random broken line, as float32.

    Args:
        place: pixels along the line, any shape.
        cell: pixels between its corners, about.
    """
    low, high = float(place.min()) - cell, float(place.max()) + cell
    count = max(2, int((high - low) / cell))
    corners = np.linspace(low, high, count) + rng.uniform(-0.4, 0.4, count) * cell
    return np.interp(place, np.sort(corners), rng.uniform(-1, 1, count)).astype(np.float32)


def _share_beside(alpha: np.ndarray, tube: Tube) -> float:
    """How much of both sides of the tube, half as wide as itself each, something stands on: from 0 to 1."""
    box = tube.box(alpha.shape, 1.2 * tube.width + 4)
    along, across = tube.coordinates(box)
    off = np.abs(across) - tube.width / 2
    beside = (off > 3) & (off < 3 + 0.5 * tube.width) & (along > 0) & (along < tube.length)
    return float((alpha[box][beside] > 0.4).mean()) if beside.any() else 1.0


def _follow(
    alpha: np.ndarray, name: str, start: np.ndarray, end: np.ndarray, diameter: float, search: float
) -> Tube | None:
    """The longest straight free stretch within `search` times the diameter of the line from start to end."""
    length = float(np.hypot(*(end - start)))
    if length < SHORTEST * diameter:
        return None
    direction = (end - start) / length
    steps = np.arange(0, length, max(1.0, diameter / STATIONS))
    offsets = np.arange(-search * diameter, search * diameter + 1)
    middles, widths = _measure_stations(_read_strip(alpha, start, direction, steps, offsets), offsets, diameter)
    kept = np.isfinite(middles)
    for _ in range(3):  # drop what strays, and fit again
        if kept.sum() < 5:
            return None
        slope, intercept = np.polyfit(steps[kept], middles[kept], 1)
        width = float(np.median(widths[kept]))
        astray = np.abs(middles - slope * steps - intercept) > max(1.5, STRAIGHT * diameter)
        kept = np.isfinite(middles) & ~astray & (np.abs(widths - width) < max(2.0, 0.3 * width))
    first, last = _longest_run(kept)
    normal = np.array([-direction[1], direction[0]])
    ends = [start + s * direction + (slope * s + intercept) * normal for s in (steps[first], steps[last])]
    tube = Tube(name, *ends, width)
    return tube if tube.length >= max(SHORTEST * diameter, 1.5 * width) else None


def _read_strip(
    alpha: np.ndarray, start: np.ndarray, direction: np.ndarray, steps: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """(stations, offsets) float32: the alpha across the line, averaged along it so that spokes fade."""
    x = start[0] + steps[:, None] * direction[0] - offsets[None] * direction[1]
    y = start[1] + steps[:, None] * direction[1] + offsets[None] * direction[0]
    strip = cv2.remap(alpha, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    return cv2.blur(strip, (1, 5))


def _measure_stations(strip: np.ndarray, offsets: np.ndarray, diameter: float) -> tuple[np.ndarray, np.ndarray]:
    """Middle and width in pixels of the tube at each station, NaN where none stands free: the run nearest the line."""
    middles, widths = np.full((2, len(strip)), np.nan)
    solid = np.pad(strip > 0.5, ((0, 0), (1, 1)))
    for station, row in enumerate(np.diff(solid.astype(np.int8), axis=1)):
        ups, downs = np.flatnonzero(row == 1), np.flatnonzero(row == -1)
        width = downs - ups
        free = (width >= max(3, THINNEST * diameter)) & (width <= THICKEST * diameter)
        free &= (ups > 1) & (downs < len(offsets) - 1)
        if free.any():
            middle = (offsets[0] + (ups + downs - 1) / 2)[free]
            nearest = np.abs(middle).argmin()
            middles[station], widths[station] = middle[nearest], width[free][nearest]
    return middles, widths


def _longest_run(kept: np.ndarray) -> tuple[int, int]:
    """First and last index of the longest run of True, over gaps of up to two."""
    indices = np.flatnonzero(kept)
    if not len(indices):
        return 0, 0
    runs = np.split(indices, np.flatnonzero(np.diff(indices) > 3) + 1)
    longest = max(runs, key=len)
    return int(longest[0]), int(longest[-1])
