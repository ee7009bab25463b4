import numpy as np
import pytest
from PIL import ImageDraw

from inspection.overlay import draw_overlay
from inspection.regions import Region, find_regions

SHAPE = (300, 400)
BIKE = np.ones(SHAPE, bool)


@pytest.fixture
def photo() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), np.uint8)


def test_an_intact_bike_comes_back_untouched(photo):
    overlay = draw_overlay(photo, np.full(SHAPE, 0.29, np.float32), BIKE, [], threshold=0.6)
    np.testing.assert_array_equal(np.asarray(overlay), photo)


def test_the_callers_photo_is_not_painted(photo):
    before = photo.copy()
    anomaly_map = np.full(SHAPE, 0.9, np.float32)
    draw_overlay(photo, anomaly_map, BIKE, find_regions(anomaly_map, BIKE))
    np.testing.assert_array_equal(photo, before)


def test_heat_covers_more_of_the_photo_the_higher_the_score():
    black = np.zeros((*SHAPE, 3), np.uint8)
    scores = [0.25, 0.4, 0.5, 0.6, 0.8, 1.0]
    anomaly_map = np.repeat(np.float32(scores), 10)[None].repeat(SHAPE[0], 0)
    anomaly_map = np.pad(anomaly_map, ((0, 0), (0, SHAPE[1] - anomaly_map.shape[1])))
    overlay = np.asarray(draw_overlay(black, anomaly_map, None, []))
    brightness = overlay[150, 5:60:10].astype(int).sum(axis=1)
    assert brightness[0] == 0
    assert (np.diff(brightness) > 0).all()


def test_the_photo_shows_through_the_hottest_heat():
    stripes = np.zeros((*SHAPE, 3), np.uint8)
    stripes[:, ::2] = 255
    overlay = np.asarray(draw_overlay(stripes, np.ones(SHAPE, np.float32), BIKE, []))
    assert (overlay[:, ::2].astype(int) - overlay[:, 1::2] >= 80).all()


def test_no_heat_off_the_bike(photo):
    bike_mask = BIKE.copy()
    bike_mask[:, 200:] = False
    overlay = np.asarray(draw_overlay(photo, np.full(SHAPE, 0.9, np.float32), bike_mask, []))
    np.testing.assert_array_equal(overlay[:, 200:], photo[:, 200:])
    assert (overlay[:, :200] != photo[:, :200]).any(axis=2).mean() > 0.9


def test_a_region_is_outlined_in_white_edged_with_dark():
    gray = np.full((*SHAPE, 3), 128, np.uint8)
    anomaly_map = np.zeros(SHAPE, np.float32)
    anomaly_map[100:200, 150:250] = 0.6
    overlay = np.asarray(draw_overlay(gray, anomaly_map, BIKE, find_regions(anomaly_map, BIKE)))
    assert overlay[150, 150].min() > 220
    assert overlay[150, 148].max() < 60


def test_specks_that_are_no_region_get_no_outline():
    gray = np.full((*SHAPE, 3), 128, np.uint8)
    anomaly_map = np.zeros(SHAPE, np.float32)
    anomaly_map[10:12, 10:12] = 0.9  # 4 of 120000 pixels
    anomaly_map[100:200, 150:250] = 0.9
    overlay = np.asarray(draw_overlay(gray, anomaly_map, BIKE, find_regions(anomaly_map, BIKE)))
    assert (overlay[:10, :30] == 128).all()


@pytest.fixture
def drawn_tags(monkeypatch) -> list[tuple[int, int, int, int]]:
    """The corners of the tags drawn, both included, in the order of drawing."""
    tags = []
    draw_tag = ImageDraw.ImageDraw.rounded_rectangle

    def draw_and_note(self, corners, *style):
        tags.append(corners)
        draw_tag(self, corners, *style)

    monkeypatch.setattr(ImageDraw.ImageDraw, "rounded_rectangle", draw_and_note)
    return tags


@pytest.mark.parametrize("side", [64, 300, 2000])
@pytest.mark.parametrize("corner", [(0, 0), (0, 1), (1, 0), (1, 1)], ids=["nw", "ne", "sw", "se"])
def test_tags_stay_in_the_photo(drawn_tags, side, corner):
    photo = np.full((side, side, 3), 128, np.uint8)
    quarter = side // 4
    x, y = (position * (side - quarter) for position in corner)
    region = Region((x, y, x + quarter, y + quarter), 0.8, 0.9, 0.06, "front wheel")
    draw_overlay(photo, np.zeros((side, side), np.float32), None, [region])
    ((x0, y0, x1, y1),) = drawn_tags
    assert 0 <= x0 < x1 < side
    assert 0 <= y0 < y1 < side


def test_tags_of_neighbours_do_not_overlap(drawn_tags):
    regions = [Region((x, 150, x + 10, 160), 0.8, 0.9, 0.01, "front wheel") for x in range(100, 200, 20)]
    draw_overlay(np.zeros((*SHAPE, 3), np.uint8), np.zeros(SHAPE, np.float32), None, regions)
    assert len(drawn_tags) == len(regions)
    for index, (x0, y0, x1, y1) in enumerate(drawn_tags):
        for other in drawn_tags[:index]:
            assert x1 < other[0] or other[2] < x0 or y1 < other[1] or other[3] < y0


def test_more_regions_than_there_is_room_for_are_still_drawn():
    regions = [Region((x, y, x + 4, y + 4), 0.8, 0.9, 0.01) for x in range(0, 60, 6) for y in range(0, 60, 6)]
    overlay = draw_overlay(np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), np.float32), None, regions)
    assert overlay.size == (64, 64)


@pytest.mark.parametrize(
    ("map_shape", "mask_shape", "message"),
    [
        pytest.param((30, 40), SHAPE, r"anomaly_map has shape \(30, 40\): expected \(300, 400\)", id="map"),
        pytest.param(SHAPE, (30, 40), r"bike_mask has shape \(30, 40\): expected \(300, 400\)", id="mask"),
    ],
)
def test_shapes_that_differ_are_refused(photo, map_shape, mask_shape, message):
    with pytest.raises(ValueError, match=message):
        draw_overlay(photo, np.zeros(map_shape, np.float32), np.ones(mask_shape, bool), [])
