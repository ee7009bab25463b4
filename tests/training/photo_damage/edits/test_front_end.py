from dataclasses import replace

import numpy as np
import pytest

from training.photo_damage.edits.front_end import move_shadow, take_front_apart


def test_wheel_legs_and_rest_make_up_the_bike(layers, drawn_bike):
    front = take_front_apart(layers, drawn_bike.parts)
    together = np.maximum(front.moved_wheel(np.zeros(2))[..., 3], front.rest + front.legs[..., 3])
    assert np.abs(together - layers.alpha).mean() < 0.01
    assert front.forward == 1
    assert front.legs[150, 232, 3] > 0.9 > 0.1 > front.rest[150, 232]  # half way down the fork
    assert front.rest[140, 176] > 0.9  # the down tube


def test_a_soft_shadow_moves_along_with_the_wheel(layers, drawn_bike):
    y, x = np.indices(layers.alpha.shape)
    shadow = 0.4 * np.exp(-(((x - 244) / 22) ** 2) - ((y - 231) / 5) ** 2)
    plate = (0.8 * (1 - shadow[..., None]) * np.ones(3)).astype(np.float32)
    shaded = replace(layers, plate=plate)
    moved = move_shadow(shaded, drawn_bike.parts, np.array([-40.0, 0.0]))
    assert moved.plate[231, 204, 0] < 0.65
    assert moved.plate[231, 262, 0] > plate[231, 262, 0] + 0.05


def test_a_plate_without_a_shadow_is_kept(layers, drawn_bike):
    assert move_shadow(layers, drawn_bike.parts, np.array([-40.0, 0.0])).plate is layers.plate


@pytest.mark.parametrize("part", ["front_wheel", "rear_wheel"])
def test_a_bike_without_both_wheels_has_no_front_to_take_apart(layers, drawn_bike, part):
    boxes = {name: box for name, box in drawn_bike.parts.boxes.items() if name != part}
    assert take_front_apart(layers, replace(drawn_bike.parts, boxes=boxes)) is None
