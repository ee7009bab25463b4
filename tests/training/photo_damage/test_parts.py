import numpy as np
import pytest

from training.photo_damage.parts import (
    PART_IDS,
    UNKNOWN,
    Parts,
    box_mask,
    ellipse_mask,
    find_parts_in_side_view,
    label_parts,
    line_mask,
    read_parts,
)


def test_wheels_of_a_side_view_are_found_to_3_percent(drawn_bike):
    found = find_parts_in_side_view(drawn_bike.matte.astype(np.float32) / 255)
    for wheel in ("front_wheel", "rear_wheel"):
        tolerance = 0.03 * drawn_bike.parts.wheel_diameter
        assert found.boxes[wheel] == pytest.approx(drawn_bike.parts.boxes[wheel], abs=tolerance)


def test_other_parts_of_a_side_view_are_found_roughly(drawn_bike):
    found = find_parts_in_side_view(drawn_bike.matte.astype(np.float32) / 255)
    for part in ("saddle", "handlebar"):
        found_box, drawn_box = (box_mask((240, 320), parts.boxes[part]) for parts in (found, drawn_bike.parts))
        assert (found_box & drawn_box).sum() > 0.8 * drawn_box.sum()
    for point, place in drawn_bike.parts.points.items():
        assert found.points[point] == pytest.approx(place, abs=0.25 * drawn_bike.parts.wheel_diameter)


def test_empty_matte_is_refused():
    with pytest.raises(ValueError, match="matte is empty"):
        find_parts_in_side_view(np.zeros((40, 60), np.float32))


def test_labels_name_the_part_at_each_place(drawn_bike):
    labels = label_parts(drawn_bike.matte.astype(np.float32) / 255, drawn_bike.parts)
    named = {
        "front_wheel": (244 + 24, 174 + 6),  # between two spokes: the whole disc is the wheel
        "rear_wheel": (76, 174 + 53),
        "saddle": (115, 79),
        "handlebar": (212, 70),
        "drivetrain": (146, 184),
        "frame": (164, 98),  # the top tube
    }
    for part, (x, y) in named.items():
        assert labels[y, x] == PART_IDS[part], part
    assert labels[74, 225 + 40] == 0
    assert set(np.unique(labels)) == {0, *PART_IDS.values(), UNKNOWN}


def test_bike_with_undrawn_parts_is_unknown_and_not_frame(drawn_bike):
    labels = label_parts(drawn_bike.matte.astype(np.float32) / 255, Parts({"saddle": drawn_bike.parts.boxes["saddle"]}))
    assert set(np.unique(labels)) == {0, PART_IDS["saddle"], UNKNOWN}


def test_annotation_in_thousandths_is_read_in_pixels():
    parts = read_parts({"saddle": [100, 200, 300, 400], "head_tube": [500, 500], "handlebar": None}, 2000, 1000)
    assert parts == Parts({"saddle": (200, 200, 600, 400)}, {"head_tube": (1000, 500)})


def test_tubes_need_both_ends(drawn_bike):
    assert len(drawn_bike.parts.tubes()) == 6
    no_wheels = Parts({}, drawn_bike.parts.points)
    assert set(no_wheels.tubes()) == {"down_tube", "top_tube", "seat_tube"}
    assert Parts().tubes() == {}


def test_yardstick_is_the_larger_wheel():
    parts = Parts({"front_wheel": (0, 0, 90, 100), "rear_wheel": (200, 0, 280, 80)})
    assert parts.wheel_diameter == 100
    assert parts.wheel("front_wheel") == (45, 50, 45, 50)
    assert parts.wheel("saddle") is None


def test_masks_cover_what_they_are_named_for():
    assert box_mask((6, 8), (-3, 1, 4, 3)).sum() == 4 * 2
    assert ellipse_mask((100, 100), (50, 50, 30, 20)).sum() == pytest.approx(np.pi * 30 * 20, rel=0.02)
    assert 5 <= line_mask((40, 40), (5, 20), (35, 20), 5)[:, 20].sum() <= 7  # OpenCV draws thick lines a little wider
