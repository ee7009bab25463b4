import cv2
import numpy as np
import pytest

from training.photo_damage.edits.accessories import find_basket, find_mudguard, find_rack
from training.photo_damage.edits.accessory_edits import (
    basket_crushed,
    cable_hanging,
    lamp_dangling,
    mudguard_hanging,
    rack_loose,
)
from training.photo_damage.parts import Parts

FITTED = (mudguard_hanging, rack_loose, basket_crushed)
ADDED = (cable_hanging, lamp_dangling)


@pytest.mark.parametrize("edit", FITTED, ids=lambda edit: edit.__name__)
def test_fitted_thing_moves_out_of_its_place(equipped, drawn_bike, material, edit):
    masks = set()
    for seed in range(5):
        damage = edit(equipped, drawn_bike.parts, material, np.random.default_rng(seed))
        assert damage.kind == edit.__name__ and 0 < damage.severity <= 1
        assert damage.layers.plate is equipped.plate
        difference = np.abs(damage.layers.put_together() - equipped.put_together()).max(axis=2)
        assert (difference > 0.15).sum() > 60
        near = cv2.dilate(damage.mask.astype(np.uint8), np.ones((7, 7))).astype(bool)
        assert not (cv2.GaussianBlur(difference, (0, 0), 1.0) > 0.06)[~near].any()
        masks.add(damage.mask.tobytes())
    assert len(masks) > 1


@pytest.mark.parametrize("edit", FITTED, ids=lambda edit: edit.__name__)
def test_bike_without_the_thing_is_left_alone(layers, drawn_bike, material, edit):
    assert edit(layers, drawn_bike.parts, material, np.random.default_rng(0)) is None


@pytest.mark.parametrize("edit", FITTED + ADDED, ids=lambda edit: edit.__name__)
def test_photo_without_parts_is_left_alone(equipped, material, edit):
    assert edit(equipped, Parts(), material, np.random.default_rng(0)) is None


@pytest.mark.parametrize("edit", ADDED, ids=lambda edit: edit.__name__)
def test_what_hangs_is_drawn_over_the_place_and_nothing_of_the_bike_goes(layers, drawn_bike, material, edit):
    for seed in range(5):
        damage = edit(layers, drawn_bike.parts, material, np.random.default_rng(seed))
        assert (damage.layers.alpha >= layers.alpha - 1e-4).all()
        assert ((damage.layers.alpha > 0.5) & (layers.alpha < 0.1)).sum() > 25
        assert damage.mask[damage.layers.alpha > layers.alpha + 0.4].mean() > 0.8


def test_most_loose_cables_hang_far_down(layers, drawn_bike, material):
    top = drawn_bike.parts.boxes["handlebar"][3]
    for seed in range(5):
        damage = cable_hanging(layers, drawn_bike.parts, material, np.random.default_rng(seed))
        added = damage.layers.alpha - layers.alpha > 0.3
        assert np.flatnonzero(added.any(axis=1))[-1] > top + 0.15 * drawn_bike.parts.wheel_diameter


def test_mudguard_is_found_along_its_arc(equipped, drawn_bike):
    guard = find_mudguard(equipped.alpha, drawn_bike.parts, "rear_wheel")
    assert guard.first == pytest.approx(170, abs=15)
    assert guard.last == pytest.approx(280, abs=20)
    assert find_mudguard(equipped.alpha, drawn_bike.parts, "front_wheel") is None


@pytest.mark.parametrize(("last", "is_guard"), [(300, True), (262, False)])
def test_front_mudguard_reaches_past_the_fork(layers, drawn_bike, last, is_guard):
    alpha = layers.alpha.copy()
    x, y, radius, _ = (round(v) for v in drawn_bike.parts.wheel("front_wheel"))
    cv2.ellipse(alpha, (x, y), (radius + 6, radius + 6), 0, 190, last, 1.0, 3)
    assert (find_mudguard(alpha, drawn_bike.parts, "front_wheel") is not None) == is_guard


def test_rack_and_basket_are_found_where_they_are(equipped, drawn_bike):
    rack, front = find_rack(equipped.alpha, drawn_bike.parts)
    assert rack[101, 60] and not rack[174, 76]
    assert front[0] == pytest.approx(106, abs=8)
    basket = find_basket(equipped.alpha, drawn_bike.parts)
    assert basket[98, 240] and basket.sum() == pytest.approx(41 * 31, rel=0.25)
