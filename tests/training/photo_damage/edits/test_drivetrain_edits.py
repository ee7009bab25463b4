from dataclasses import replace

import numpy as np
import pytest

from training.photo_damage.edits.drivetrain import drop_fragments, find_drivetrain, trace_tube, turn_rear_wheel
from training.photo_damage.edits.drivetrain_edits import (
    chain_hanging,
    crank_missing,
    derailleur_bent,
    drivetrain_missing,
)
from training.photo_damage.edits.strands import hang_between
from training.photo_damage.layers import Layers

EDITS = (chain_hanging, crank_missing, drivetrain_missing)
PEDAL, SEAT_TUBE, TYRE = (198, 166), (142, 134), (227, 76)  # row and column


@pytest.fixture(scope="module")
def break_bike(layers, drawn_bike, material):
    return lambda edit, seed=0: edit(layers, drawn_bike.parts, material, np.random.default_rng(seed))


def change(before: Layers, after: Layers) -> np.ndarray:
    return np.abs(after.put_together() - before.put_together()).max(axis=2)


def test_missing_drivetrain_takes_the_pedal_and_leaves_tubes_and_tyre(break_bike, layers):
    damage = break_bike(drivetrain_missing)
    assert damage.layers.alpha[PEDAL] < 0.1 < 0.9 < layers.alpha[PEDAL]
    assert damage.mask[PEDAL]
    for place in (SEAT_TUBE, TYRE):
        assert damage.layers.alpha[place] > 0.9


def test_missing_drivetrain_shows_the_tube_that_the_chainring_hid(break_bike, drawn_bike):
    damage = break_bike(drivetrain_missing)
    # On the down tube, just beside the bracket's shell, where the grey chainring was drawn over red paint.
    bracket, head = (np.array(drawn_bike.parts.points[name]) for name in ("bottom_bracket", "head_tube"))
    x, y = np.round(bracket + 9 * (head - bracket) / np.hypot(*(head - bracket))).astype(int)
    red, green, _ = damage.layers.colour[y, x]
    assert damage.layers.alpha[y, x] > 0.8
    assert red > 2 * green


def test_what_floats_goes_but_what_the_window_cuts_stays():
    alpha = np.zeros((60, 80), np.float32)
    alpha[5:50, 5:40] = alpha[20:24, 50:54] = alpha[30:34, 76:] = 1  # the bike, a fragment, the front wheel's edge
    layers = Layers(np.zeros((60, 80, 3), np.float32), alpha, np.ones((60, 80, 3), np.float32))
    after = drop_fragments(layers, near=np.ones_like(alpha, bool)).alpha
    assert after[22, 52] == 0
    assert after[32, 78] == after[10, 10] == 1


def test_missing_crank_leaves_the_chainring(break_bike, layers):
    for seed in range(6):
        damage = break_bike(crank_missing, seed)
        assert damage.layers.alpha[PEDAL] < 0.1
        ring = layers.alpha[184 - 11 : 184, 136:140]  # the chainring's rear
        assert np.array_equal(damage.layers.alpha[184 - 11 : 184, 136:140], ring)


def test_a_crank_may_break_off_halfway(break_bike):
    severities = {break_bike(crank_missing, seed).severity for seed in range(8)}
    assert severities == {0.5, 0.8}


@pytest.mark.parametrize("seed", range(6))
def test_hanging_chain_reaches_far_below_the_stay_and_stays_above_ground(break_bike, layers, drawn_bike, seed):
    damage = break_bike(chain_hanging, seed)
    added = (damage.layers.alpha - layers.alpha) > 0.3
    x, y, _, half_height = drawn_bike.parts.wheel("rear_wheel")
    assert np.flatnonzero(added.any(axis=1))[-1] > y + 0.5 * half_height
    assert np.flatnonzero(added.any(axis=1))[-1] < y + half_height + 4
    assert damage.mask[added].mean() > 0.9


def test_chain_of_a_bike_facing_left_hangs_behind_it(layers, drawn_bike, material):
    width = layers.alpha.shape[1]
    mirrored = Layers(*(np.ascontiguousarray(a[:, ::-1]) for a in (layers.colour, layers.alpha, layers.plate)))
    boxes = {name: (width - x1, y0, width - x0, y1) for name, (x0, y0, x1, y1) in drawn_bike.parts.boxes.items()}
    points = {name: (width - x, y) for name, (x, y) in drawn_bike.parts.points.items()}
    parts = replace(drawn_bike.parts, boxes=boxes, points=points)
    for seed in range(4):
        damage = chain_hanging(mirrored, parts, material, np.random.default_rng(seed))
        assert change(mirrored, damage.layers)[mirrored.alpha > 0.99].max() < 0.02


def test_bent_derailleur_leaves_its_place(equipped, drawn_bike, material):
    x, y = np.round(np.array(drawn_bike.parts.wheel("rear_wheel")[:2]) + 112 * np.array((0.075, 0.2))).astype(int)
    for seed in range(4):
        damage = derailleur_bent(equipped, drawn_bike.parts, material, np.random.default_rng(seed))
        assert damage.kind == "derailleur_bent" and 0 < damage.severity <= 1
        assert damage.mask[y, x]
        place = (slice(y - 5, y + 6), slice(x - 5, x + 6))
        assert (change(equipped, damage.layers)[place] > 0.3).mean() > 0.3


def test_bike_without_a_derailleur_keeps_none(break_bike):
    assert break_bike(derailleur_bent) is None


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_drivetrain_seen_from_ahead_is_left_alone(layers, drawn_bike, material, edit):
    x0, y0, x1, y1 = drawn_bike.parts.boxes["rear_wheel"]
    narrow = replace(drawn_bike.parts, boxes={**drawn_bike.parts.boxes, "rear_wheel": (x0 + 40, y0, x1 - 40, y1)})
    assert edit(layers, narrow, material, np.random.default_rng(0)) is None


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_same_seed_breaks_the_same_and_the_intact_layers_stay(break_bike, layers, edit):
    alpha = layers.alpha.copy()
    one, two = break_bike(edit, 3), break_bike(edit, 3)
    assert np.array_equal(one.layers.alpha, two.layers.alpha)
    assert np.array_equal(one.layers.colour, two.layers.colour)
    assert np.array_equal(layers.alpha, alpha)
    assert one.layers.plate is layers.plate


def test_tube_is_traced_to_its_axis_from_points_drawn_beside_it(layers, drawn_bike):
    bracket, head = (np.array(drawn_bike.parts.points[name], float) for name in ("bottom_bracket", "head_tube"))
    tube = trace_tube(layers.alpha, bracket + (3, 2), head + (3, 2), drawn_bike.parts.wheel_diameter)
    away = bracket + 0.5 - tube.start
    assert abs(away[0] * tube.direction[1] - away[1] * tube.direction[0]) < 1.0
    assert tube.half_width == pytest.approx(2.5, abs=0.8)


def test_wheel_turned_all_the_way_round_is_the_wheel_without_stays(layers, drawn_bike):
    turned = turn_rear_wheel(layers, find_drivetrain(layers.alpha, drawn_bike.parts), 360)
    x, y = np.round(drawn_bike.parts.wheel("rear_wheel")[:2]).astype(int)
    spokes_and_tyre = (slice(y + 8, y + 50), slice(x - 45, x + 20))
    assert np.abs(turned[..., 3] - layers.alpha)[spokes_and_tyre].max() < 0.05
    half_up_the_seat_stay = ((y + 100) // 2 + 12, (x + 122) // 2 - 9)
    assert layers.alpha[half_up_the_seat_stay] > 0.9
    assert turned[half_up_the_seat_stay][3] < 0.1


def test_slack_chain_hangs_from_both_ends_and_sags_as_told():
    points = hang_between(np.array([10.0, 20.0]), np.array([90.0, 40.0]), sag=25.0)
    assert points[0] == pytest.approx([10, 20], abs=1e-6)
    assert points[-1] == pytest.approx([90, 40], abs=1e-6)
    assert points[:, 1].max() == pytest.approx(65, abs=0.1)
