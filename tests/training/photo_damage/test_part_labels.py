from dataclasses import replace

import numpy as np
import pytest

from training.photo_damage.part_labels import label_parts
from training.photo_damage.parts import PART_IDS, UNKNOWN, Parts


@pytest.fixture(scope="module")
def alpha(drawn_bike) -> np.ndarray:
    return drawn_bike.matte.astype(np.float32) / 255


def test_labels_name_the_part_at_each_place(alpha, drawn_bike):
    labels = label_parts(alpha, drawn_bike.parts)
    places = {
        "front_wheel": [(244 + 24, 174 + 6), (244 + 53, 174)],  # between two spokes: the whole disc is the wheel
        "rear_wheel": [(76, 174 + 53)],
        "saddle": [(115, 79)],
        "handlebar": [(216, 70), (222, 76)],
        "drivetrain": [(146, 184), (146, 194), (164, 196)],  # axle, chainring, pedal
        "frame": [(164, 98), (134, 142), (222, 130), (100, 136)],  # top tube, seat tube, fork, seat stay
    }
    for part, points in places.items():
        for x, y in points:
            assert labels[y, x] == PART_IDS[part], (part, x, y)
    assert labels[74, 265] == 0
    assert set(np.unique(labels)) == {0, *PART_IDS.values(), UNKNOWN}


def test_what_no_part_claims_is_unknown(alpha, drawn_bike):
    with_bag = alpha.copy()
    with_bag[90:110, 30:60] = 1  # behind the saddle, over the rear wheel
    labels = label_parts(with_bag, drawn_bike.parts)
    assert (labels[92:108, 32:58] == UNKNOWN).all()


def test_tube_that_the_matte_lost_is_no_background(alpha, drawn_bike):
    labels = label_parts(np.zeros_like(alpha), drawn_bike.parts)
    assert labels[98, 164] == UNKNOWN


def test_saddle_that_the_matte_lost_is_unknown(alpha, drawn_bike):
    lost = alpha.copy()
    lost[74:84, 95:139] = 0
    assert (label_parts(lost, drawn_bike.parts)[74:84, 95:139] == UNKNOWN).all()


def test_chain_is_labelled_on_its_own_side_only(alpha, drawn_bike):
    solid = np.ones_like(alpha)
    flipped = {name: (320 - x1, y0, 320 - x0, y1) for name, (x0, y0, x1, y1) in drawn_bike.parts.boxes.items()}
    points = {name: (320 - x, y) for name, (x, y) in drawn_bike.parts.points.items()}
    right, left = label_parts(solid, drawn_bike.parts), label_parts(solid, Parts(flipped, points))
    assert right[171, 111] == PART_IDS["drivetrain"]  # above the stay
    assert left[171, 320 - 112] != PART_IDS["drivetrain"]


def test_bike_with_undrawn_parts_is_unknown_and_not_frame(alpha, drawn_bike):
    labels = label_parts(alpha, Parts({"saddle": drawn_bike.parts.boxes["saddle"]}))
    assert set(np.unique(labels)) == {0, PART_IDS["saddle"], UNKNOWN}


@pytest.mark.parametrize("part", ["front_wheel", "rear_wheel", "saddle", "handlebar"])
def test_part_outside_the_photo_is_no_error(alpha, drawn_bike, part):
    x0, y0, x1, y1 = drawn_bike.parts.boxes[part]
    away = {**drawn_bike.parts.boxes, part: (x0 + 1000, y0, x1 + 1000, y1)}
    assert PART_IDS[part] not in label_parts(alpha, replace(drawn_bike.parts, boxes=away))
