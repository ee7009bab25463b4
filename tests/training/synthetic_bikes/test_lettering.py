"""What is printed on bikes, looked at through a camera."""

from dataclasses import replace

import numpy as np
import pytest

from training.synthetic_bikes.bike_types import BIKE_TYPES
from training.synthetic_bikes.geometry import build_bike
from training.synthetic_bikes.lettering import ink_on
from training.synthetic_bikes.raster import Camera

SIZE = (400, 300)  # width, height


def print_on(
    rasteriser, side: float, field_of_view: float = 18, **changes
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Names, the bike's ink and the pale ink (H, W) as seen from the right (-1) or the left."""
    plain = {"word": "", "has_bands": False, "stickers": (), "has_bottle_cage": False}
    bike = build_bike(replace(BIKE_TYPES["road"], **(plain | changes)), np.random.default_rng(2))
    camera = Camera(np.array([0.15, side * 4.0, 0.55]), np.array([0.15, 0.0, 0.5]), field_of_view)
    rasteriser.load(bike)
    triangles, _ = rasteriser.draw(camera, *SIZE)
    surface = rasteriser.surface(camera, triangles)
    names = np.array([piece.name for piece in bike.pieces])[bike.piece[surface.triangle]]
    pictures = [np.full(SIZE[0] * SIZE[1], "", dtype=names.dtype), *np.zeros((2, SIZE[0] * SIZE[1]))]
    for picture, values in zip(pictures, (names, *ink_on(bike, surface, names)), strict=True):
        picture[surface.pixel] = values
    return tuple(picture.reshape(SIZE[::-1]) for picture in pictures)


@pytest.mark.parametrize("side", [-1.0, 1.0], ids=["right", "left"])
def test_word_is_on_the_down_tube_and_reads_from_left_to_right(rasteriser, side):
    names, ink, _ = print_on(rasteriser, side, field_of_view=6, word="HHH...")
    assert ink.sum() > 30 and set(names[ink > 0.1]) == {"down_tube"}
    columns = np.flatnonzero(ink.sum(axis=0) > 0.1)
    heavy = np.average(np.arange(SIZE[0]), weights=ink.sum(axis=0))
    assert heavy < (columns[0] + columns[-1]) / 2 - 1  # the letters come before the dots


def test_bike_without_words_is_plain(rasteriser):
    _, ink, pale = print_on(rasteriser, -1.0)
    assert not ink.any() and not pale.any()


def test_bands_are_on_the_seat_tube(rasteriser):
    names, ink, _ = print_on(rasteriser, -1.0, has_bands=True)
    assert ink.sum() > 10 and set(names[ink > 0]) == {"seat_tube"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"tyre_word": "ROLL", "tyre_radius": 0.025}, "tyre", id="tyre"),
        pytest.param({"rim_word": "ROLL", "rim_depth": 0.05}, "rim", id="rim"),
        pytest.param({"has_tyre_stripes": True}, "tyre", id="stripe"),
    ],
)
def test_wheels_bear_pale_words(rasteriser, changes, expected):
    names, ink, pale = print_on(rasteriser, -1.0, **changes)
    assert pale.sum() > 5 and not ink.any() and set(names[pale > 0.05]) == {expected}
    halves = pale[:, : SIZE[0] // 2].sum(), pale[:, SIZE[0] // 2 :].sum()
    assert min(halves) > 0.2 * max(halves)  # on both wheels
