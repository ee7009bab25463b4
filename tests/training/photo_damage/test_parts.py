import numpy as np
import pytest

from training.photo_damage.parts import Parts, Wheel, box_mask, ellipse_mask, line_mask, read_parts


def test_annotation_in_thousandths_is_read_in_pixels():
    parts = read_parts({"saddle": [100, 200, 300, 400], "head_tube": [500, 500], "handlebar": None}, 2000, 1000)
    assert parts == Parts({"saddle": (200, 200, 600, 400)}, {"head_tube": (1000, 500)})


def test_lean_of_an_annotated_wheel_is_read():
    parts = read_parts({"rear_wheel": [0, 0, 500, 500], "rear_wheel_lean": -0.4}, 200, 200)
    assert parts.wheel("rear_wheel") == (50, 50, 50, 50)
    assert parts.wheel("rear_wheel").lean == -0.4


def test_tubes_need_both_ends(drawn_bike):
    triangle = {"down_tube", "top_tube", "seat_tube"}
    assert set(drawn_bike.parts.tubes()) == triangle | {"fork", "chain_stay", "seat_stay", "head", "seat_post"}
    assert set(Parts({}, drawn_bike.parts.points).tubes()) == triangle
    assert Parts().tubes() == {}


def test_head_lies_on_the_steering_axis_and_ends_above_the_tyre(drawn_bike):
    upper, lower = np.array(drawn_bike.parts.tubes()["head"])
    middle, hub = np.array(drawn_bike.parts.points["head_tube"]), np.array(drawn_bike.parts.front_hub)
    assert (upper + lower) / 2 == pytest.approx(middle)
    assert upper[1] < middle[1] < lower[1] < 174 - 56
    axis = (hub - middle) / np.linalg.norm(hub - middle)
    assert (lower - upper) / np.linalg.norm(lower - upper) == pytest.approx(axis)


def test_seat_post_runs_from_the_saddle_to_the_seat_tube(drawn_bike):
    (x, y), top = drawn_bike.parts.tubes()["seat_post"]
    x0, _, x1, bottom = drawn_bike.parts.boxes["saddle"]
    assert top == drawn_bike.parts.points["seat_tube_top"]
    assert y == bottom and x0 < x < top[0] < x1  # it leans back


def test_bike_faces_where_its_front_wheel_is(drawn_bike):
    front, rear = (drawn_bike.parts.boxes[part] for part in ("front_wheel", "rear_wheel"))
    assert drawn_bike.parts.facing == 1
    assert (drawn_bike.parts.front_hub, drawn_bike.parts.rear_hub) == ((244, 174), (76, 174))
    assert Parts({"front_wheel": rear, "rear_wheel": front}).facing == -1
    assert Parts({"front_wheel": front}).facing == 0


def test_yardstick_is_the_larger_wheel():
    parts = Parts({"front_wheel": (0, 0, 90, 100), "rear_wheel": (200, 0, 280, 80)})
    assert parts.wheel_diameter == 100
    assert parts.wheel("front_wheel") == (45, 50, 45, 50)
    assert parts.wheel("saddle") is None


def test_masks_cover_what_they_are_named_for():
    assert box_mask((6, 8), (-3, 1, 4, 3)).sum() == 4 * 2
    assert ellipse_mask((100, 100), (50, 50, 30, 20)).sum() == pytest.approx(np.pi * 30 * 20, rel=0.02)
    assert 5 <= line_mask((40, 40), (5, 20), (35, 20), 5)[:, 20].sum() <= 7  # OpenCV draws thick lines a little wider


def test_leaning_ellipse_fills_its_box_along_one_diagonal():
    mask = ellipse_mask((100, 100), Wheel((50, 50, 40, 30)).with_lean(0.6))
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    assert (columns[0], rows[0], columns[-1], rows[-1]) == pytest.approx((10, 20, 89, 79), abs=1)
    assert mask.sum() == pytest.approx(np.pi * 40 * 30 * 0.8, rel=0.02)  # sqrt(1 - 0.6 ** 2)
    assert mask[28, 22] and not mask[28, 78]
