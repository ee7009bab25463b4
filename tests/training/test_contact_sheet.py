import numpy as np
import pytest

from training.contact_sheet import OUTLINE_COLOUR, TITLE_HEIGHT, draw_contact_sheet, outline


def test_sheet_has_a_tile_for_each_picture_and_fills_the_last_row():
    red = np.zeros((30, 40, 3), np.uint8) + np.uint8([200, 0, 0])
    sheet = draw_contact_sheet([(red, "one"), (red, "two"), (red, "three")], across=2, tile_wh=(80, 60))
    assert sheet.shape == (2 * (60 + TITLE_HEIGHT), 2 * 80, 3)
    assert sheet[TITLE_HEIGHT + 30, 40].tolist() == [200, 0, 0]
    assert sheet[-30, -40].tolist() == [245, 245, 245]


def test_tall_picture_keeps_its_shape():
    sheet = draw_contact_sheet([(np.zeros((60, 20, 3), np.uint8), "")], across=1, tile_wh=(60, 60))
    assert (sheet[TITLE_HEIGHT + 30] == 0).all(axis=1).sum() == 20


def test_long_title_is_cut_to_its_tile():
    black = np.zeros((60, 80, 3), np.uint8)
    sheet = draw_contact_sheet([(black, "wheel_missing 1.0, " * 9), (black, "")], across=2, tile_wh=(80, 60))
    title, nothing = sheet[:TITLE_HEIGHT, :80], sheet[:TITLE_HEIGHT, 80:]
    assert (title < 200).any() and (nothing == 245).all()
    assert (title[:, -2:] > 200).all()


def test_sheet_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no pictures"):
        draw_contact_sheet([], across=2, tile_wh=(80, 60))


def test_outline_is_drawn_on_the_masks_edge_of_a_copy():
    picture = np.zeros((20, 30, 3), np.uint8)
    mask = np.zeros((20, 30), np.uint8)
    mask[5:15, 5:25] = 255
    drawn = outline(picture, mask)
    assert drawn[5, 10].tolist() == list(OUTLINE_COLOUR)
    assert drawn[10, 15].tolist() == [0, 0, 0]
    assert not picture.any()
