"""A small bike, drawn: its photo, its matte and where its parts are; and folders of it in the real layout."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from training.photo_damage.damage import Material
from training.photo_damage.layers import Layers, take_apart
from training.photo_damage.parts import Parts

WIDTH, HEIGHT = 320, 240
FINE = 4  # drawn larger and averaged, so that the matte has soft edges
REAR_HUB, FRONT_HUB, RADIUS = (76, 174), (244, 174), 56
BOTTOM_BRACKET, HEAD_TUBE, SEAT_TUBE_TOP = (146, 184), (206, 96), (122, 100)
RED, BLACK, GREY, BROWN = (190, 40, 35), (30, 30, 32), (110, 110, 115), (90, 55, 30)


@dataclass(frozen=True)
class DrawnBike:
    """photo (H, W, 3) uint8 RGB; matte (H, W) uint8; parts in its pixels."""

    photo: np.ndarray
    matte: np.ndarray
    parts: Parts


@pytest.fixture(scope="session")
def drawn_bike() -> DrawnBike:
    colour = np.zeros((HEIGHT * FINE, WIDTH * FINE, 3), np.uint8)
    alpha = np.zeros((HEIGHT * FINE, WIDTH * FINE), np.uint8)
    for start, end, paint, width in _lines():
        ends = [tuple(FINE * v for v in point) for point in (start, end)]
        cv2.line(colour, *ends, paint, width * FINE)
        cv2.line(alpha, *ends, 255, width * FINE)
    for centre, radius, paint, width in [
        (REAR_HUB, 53, BLACK, 6),
        (FRONT_HUB, 53, BLACK, 6),
        (BOTTOM_BRACKET, 10, GREY, 4),
    ]:
        cv2.circle(colour, tuple(FINE * v for v in centre), radius * FINE, paint, width * FINE)
        cv2.circle(alpha, tuple(FINE * v for v in centre), radius * FINE, 255, width * FINE)
    small = (WIDTH, HEIGHT)
    matte = cv2.resize(alpha, small, interpolation=cv2.INTER_AREA)
    sums = cv2.resize(colour.astype(np.float32), small, interpolation=cv2.INTER_AREA)  # alpha times colour
    place = np.linspace(225, 185, HEIGHT)[:, None, None] * [1.0, 0.99, 0.96] * np.ones((1, WIDTH, 1))
    photo = sums + (1 - matte[..., None] / 255) * place
    return DrawnBike(np.round(photo).astype(np.uint8), matte, _parts())


@pytest.fixture(scope="session")
def layers(drawn_bike) -> Layers:
    return take_apart(drawn_bike.photo, drawn_bike.matte)


@pytest.fixture(scope="session")
def equipped(layers, drawn_bike) -> Layers:
    """The drawn bike with a mudguard and a rack over its rear wheel, a basket before its handlebar, a derailleur."""
    shape = np.zeros_like(layers.alpha)
    x, y, radius, _ = (round(v) for v in drawn_bike.parts.wheel("rear_wheel"))
    cv2.ellipse(shape, (x, y), (radius + 6, radius + 6), 0, 170, 280, 1.0, 3)
    cv2.rectangle(shape, (x - 45, y - radius - 20), (x + 30, y - radius - 15), 1.0, -1)
    cv2.rectangle(shape, (222, 82), (262, 112), 1.0, -1)
    colour = np.where(shape[..., None] > 0, np.float32([0.15, 0.25, 0.6]), layers.colour)
    derailleur = np.zeros_like(shape)
    size = drawn_bike.parts.wheel_diameter
    ends = [(round(x + size * ahead), round(y + size * below)) for ahead, below in ((0.05, 0.09), (0.09, 0.26))]
    cv2.line(derailleur, *ends, 1.0, 8)
    colour = np.where(derailleur[..., None] > 0, np.float32(0.1), colour)
    return replace(layers, colour=colour, alpha=np.max([layers.alpha, shape, derailleur], axis=0))


@pytest.fixture(scope="session")
def material(tmp_path_factory) -> Material:
    """One picture of rust and one of a texture, in folders of their own."""
    folder = tmp_path_factory.mktemp("material")
    rng = np.random.default_rng(3)
    files = []
    for name, tint in (("rust", (150, 75, 30)), ("textures", (60, 140, 90))):
        (folder / name).mkdir()
        files.append(folder / name / "one.png")
        Image.fromarray((rng.uniform(0.6, 1.0, (96, 96, 1)) * tint).astype(np.uint8)).save(files[-1])
    return Material([files[0]], [files[1]])


@pytest.fixture(scope="session")
def is_in_one_piece():
    """Whether nothing of an alpha (H, W) floats free of the rest."""

    def check(alpha: np.ndarray) -> bool:
        count, _, sizes, _ = cv2.connectedComponentsWithStats((alpha > 0.4).astype(np.uint8))
        return sizes[1:, cv2.CC_STAT_AREA].max() > 0.999 * sizes[1:count, cv2.CC_STAT_AREA].sum()

    return check


@pytest.fixture
def photo_folder(tmp_path, drawn_bike) -> Path:
    """photos/ with two photos of one kind of bike, and mattes/photos/ with their mattes."""
    for folder, picture in (("photos", drawn_bike.photo), ("mattes/photos", drawn_bike.matte)):
        (tmp_path / folder).mkdir(parents=True)
        for name in ("one", "two"):
            Image.fromarray(picture).save(tmp_path / folder / f"{name}.png")
    return tmp_path


def _lines() -> list[tuple[tuple[int, int], tuple[int, int], tuple[int, int, int], int]]:
    """Start, end, paint and width of all that is straight: spokes first, the frame over them."""
    lines = []
    for hub in (REAR_HUB, FRONT_HUB):
        for angle in np.arange(12) * np.pi / 6:
            rim = (round(hub[0] + 52 * np.cos(angle)), round(hub[1] + 52 * np.sin(angle)))
            lines.append((hub, rim, GREY, 1))
    triangle = [(HEAD_TUBE, BOTTOM_BRACKET), (HEAD_TUBE, SEAT_TUBE_TOP), (SEAT_TUBE_TOP, BOTTOM_BRACKET)]
    stays = [(HEAD_TUBE, FRONT_HUB), (BOTTOM_BRACKET, REAR_HUB), (SEAT_TUBE_TOP, REAR_HUB)]
    lines += [(start, end, RED, 5) for start, end in triangle + stays]
    lines += [(SEAT_TUBE_TOP, (116, 82), GREY, 4), ((100, 79), (134, 79), BROWN, 7)]  # post and saddle
    lines += [(HEAD_TUBE, (200, 72), GREY, 4), ((200, 72), (222, 68), BLACK, 5), ((222, 68), (222, 80), BLACK, 5)]
    lines += [(BOTTOM_BRACKET, (166, 196), GREY, 4), ((160, 198), (172, 198), BLACK, 4)]  # crank and pedal
    return lines


def _parts() -> Parts:
    boxes = {
        part: (x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)
        for part, (x, y) in (("rear_wheel", REAR_HUB), ("front_wheel", FRONT_HUB))
    }
    boxes |= {"saddle": (95, 74, 139, 84), "handlebar": (196, 64, 226, 84), "drivetrain": (60, 160, 176, 204)}
    points = {"bottom_bracket": BOTTOM_BRACKET, "head_tube": HEAD_TUBE, "seat_tube_top": SEAT_TUBE_TOP}
    return Parts(boxes, points)
