import numpy as np
import pytest

from inspection.bike import find_bike, scale_box, working_size
from modeling.letterbox import Letterbox

BACKGROUND, FRAME, WHEEL = range(3)


def part_logits(*boxes, size=(96, 128)) -> np.ndarray:
    """(3, h, w) float32, certain: background but for boxes (part, x0, y0, x1, y1)."""
    part_ids = np.zeros(size, int)
    for part, x0, y0, x1, y1 in boxes:
        part_ids[y0:y1, x0:x1] = part
    return np.where(part_ids == np.arange(3)[:, None, None], 20, 0).astype(np.float32)


@pytest.mark.parametrize("photo_size", [(96, 128), (480, 640), (3000, 4000)], ids=str)
def test_the_crop_is_the_bikes_box_with_a_margin_in_photo_pixels(photo_size):
    letterbox = Letterbox.fit(photo_size, (96, 128))
    bike = find_bike(part_logits((FRAME, 40, 30, 90, 60)), letterbox)
    scale = photo_size[0] / 96
    expected = scale * np.array([40 - 3, 30 - 3, 90 + 3, 60 + 3])  # 6% of 50
    assert np.abs(np.subtract(bike.crop, expected)).max() <= max(1, scale)
    assert all(isinstance(side, int) for side in bike.crop)


def test_the_crop_stays_in_the_photo():
    bike = find_bike(part_logits((FRAME, 0, 0, 128, 50)), Letterbox.fit((480, 640), (96, 128)))
    assert bike.crop[:3] == (0, 0, 640)
    assert 250 < bike.crop[3] < 480


def test_the_mask_reaches_a_little_out_of_the_bike_on_all_sides():
    bike = find_bike(part_logits((FRAME, 40, 30, 90, 60)), Letterbox.fit((960, 1280), (96, 128)))
    assert bike.mask.shape == (768, 1024)
    rows, columns = np.nonzero(bike.mask)
    found = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    reach = 16  # 4% of 400
    assert np.abs(np.subtract(found, (320 - reach, 240 - reach, 720 + reach, 480 + reach))).max() <= 1


@pytest.mark.parametrize(
    ("height", "is_kept"), [pytest.param(20, True, id="a-wheel-apart"), pytest.param(3, False, id="a-speck")]
)
def test_small_components_are_not_the_bike(height, is_kept):
    logits = part_logits((FRAME, 10, 30, 60, 70), (WHEEL, 100, 40, 115, 40 + height))
    bike = find_bike(logits, Letterbox.fit((96, 128), (96, 128)))
    assert bike.mask[41, 107] == is_kept
    assert (bike.crop[2] > 100) == is_kept


@pytest.mark.parametrize(
    ("box", "is_bike"),
    [
        pytest.param((WHEEL, 40, 40, 52, 52), True, id="1.2%"),
        pytest.param((WHEEL, 40, 40, 50, 50), False, id="0.8%"),
        pytest.param((BACKGROUND, 0, 0, 128, 96), False, id="none"),
    ],
)
def test_less_than_a_hundredth_of_the_photo_is_no_bike(box, is_bike):
    assert (find_bike(part_logits(box), Letterbox.fit((96, 128), (96, 128))) is not None) == is_bike


def test_each_pixel_has_the_part_it_is_most_like_on_the_background_too():
    logits = part_logits((FRAME, 40, 30, 60, 60), (WHEEL, 60, 30, 90, 60))
    logits[WHEEL, :, 90:] += 1
    bike = find_bike(logits, Letterbox.fit((96, 128), (96, 128)))
    assert bike.part_map[45, 50] == FRAME
    assert bike.part_map[45, 75] == WHEEL
    assert bike.part_map[45, 100] == WHEEL
    assert set(np.unique(bike.part_map)) == {FRAME, WHEEL}


def test_part_logits_at_a_quarter_of_the_canvas_mark_the_same_place():
    letterbox = Letterbox.fit((1200, 800), (96, 128))  # tall: 64 x 96 in the middle of the canvas
    bike = find_bike(part_logits((FRAME, 12, 6, 20, 18), size=(24, 32)), letterbox)
    # Canvas x 48 to 80, y 24 to 72, less the bar of 32; 12.5 photo pixels each; margin 6% of 600.
    assert np.abs(np.subtract(bike.crop, (200 - 36, 300 - 36, 600 + 36, 900 + 36))).max() <= 2


@pytest.mark.parametrize(
    ("photo_size", "grid"),
    [((3000, 4000), (768, 1024)), ((600, 500), (600, 500)), ((32, 50_000), (1, 1024))],
    ids=str,
)
def test_the_working_grid_is_the_photo_at_1024_pixels_at_most(photo_size, grid):
    assert working_size(photo_size) == grid


@pytest.mark.parametrize("size", [(768, 1024), (683, 1024), (100, 37)], ids=str)
@pytest.mark.parametrize("new_size", [(3000, 4000), (2999, 4501), (40, 50), (768, 1024)], ids=str)
def test_a_scaled_box_covers_what_it_covered_and_never_more_than_the_grid(size, new_size):
    height, width = size
    for box in [(0, 0, width, height), (width - 1, height - 1, width, height), (3, 5, 4, 6), (7, 11, 30, 90)]:
        x0, y0, x1, y1 = scale_box(box, size, new_size)
        exact = np.multiply(box, [new_size[1] / width, new_size[0] / height] * 2)
        assert 0 <= x0 < x1 <= new_size[1]
        assert 0 <= y0 < y1 <= new_size[0]
        assert -1e-6 <= exact[0] - x0 < 1 + 1e-6
        assert -1e-6 <= y1 - exact[3] < 1 + 1e-6
    assert scale_box((0, 0, width, height), size, new_size) == (0, 0, new_size[1], new_size[0])
