import numpy as np
import pytest

from training.photo_damage.warps import (
    bend_across,
    buckle_disc,
    buckle_wheel,
    dent_disc,
    move,
    smooth_noise,
    stretch_disc,
    swirl_disc,
)


@pytest.fixture
def picture() -> np.ndarray:
    rows, columns = np.indices((80, 80), dtype=np.float32) / 80
    return np.dstack([rows, columns, rows * columns, np.ones_like(rows)])


def test_buckled_wheel_keeps_its_hub(picture):
    for seed in range(4):
        bent = buckle_wheel(picture, (40, 40, 30, 30), 0.2, np.random.default_rng(seed))
        assert np.allclose(bent[38:43, 38:43], picture[38:43, 38:43], atol=0.02)
        assert np.abs(bent - picture).max() > 0.02


def test_moving_by_nothing_changes_nothing(picture):
    assert np.allclose(move(picture, (40, 40), (0, 0), 0), picture, atol=1e-6)


def test_moving_shifts_by_whole_pixels_and_leaves_clear(picture):
    moved = move(picture, (40, 40), (3, -2), 0)
    assert np.allclose(moved[:78, 3:], picture[2:, :77], atol=1e-6)
    assert not moved[78:].any()


def test_positive_degrees_turn_anticlockwise():
    picture = np.zeros((41, 41, 4), np.float32)
    picture[20, 30] = 1  # right of the pivot
    assert move(picture, (20, 20), (0, 0), 90)[10, 20, 3] == pytest.approx(1, abs=1e-3)


def test_bend_moves_the_point_by_nearly_its_depth_and_spares_what_is_far():
    picture = np.zeros((101, 101, 4), np.float32)
    picture[50] = 1  # a level tube
    bent = bend_across(picture, np.array([50, 50]), (1.0, 0.0), depth=6, reach=15)
    # Row y shows what was at y - 6 exp(-(y - 50)^2 / 162): the tube is where that is 50, at 55.1.
    assert bent[:, 50, 3].argmax() == 55
    assert np.allclose(bent[:, [0, 100]], picture[:, [0, 100]], atol=0.1)


def test_noise_repeats_by_seed_and_has_its_shape():
    one, two = (smooth_noise((33, 47), np.random.default_rng(5), 8) for _ in range(2))
    assert one.shape == (33, 47) and one.dtype == np.float32
    assert np.array_equal(one, two)
    assert abs(np.mean([smooth_noise((64, 64), np.random.default_rng(s), 4).mean() for s in range(8)])) < 0.1


@pytest.fixture
def disc() -> tuple[np.ndarray, np.ndarray]:
    """u and v of a grid over the unit disc and a little around it, 0 in its middle."""
    line = np.linspace(-1.2, 1.2, 121, dtype=np.float32)
    return tuple(np.meshgrid(line, line))


def test_dent_moves_the_rim_by_its_depth_and_spares_the_other_side():
    for form in ("smooth", "flat", "kink"):
        # What is seen at 0.8 on the dent's middle was the rim.
        u, v = dent_disc(np.float32([0.8, -1.0, 0.0]), np.float32([0, 0, 0]), 0.2, 0.0, 0.4, form)
        assert u == pytest.approx([1.0, -1.0, 0.0], abs=0.01), form
        assert v == pytest.approx([0, 0, 0], abs=1e-6)


def test_flat_spot_is_a_straight_line():
    heights = np.linspace(-0.4, 0.4, 9, dtype=np.float32)
    u, v = dent_disc(np.full(9, 0.8, np.float32), heights, 0.2, 0.0, 0.4, "flat")
    assert np.hypot(u, v) == pytest.approx(np.ones(9), abs=0.01)


def test_oval_is_longer_one_way_and_shorter_across():
    u, v = stretch_disc(np.float32([1.1, 0.0]), np.float32([0.0, 0.9]), 0.1, 0.0, 2)
    assert (u[0], v[1]) == pytest.approx((1.0, 1.0), abs=0.02)


def test_swirl_turns_its_centre_and_ends_at_its_reach(disc):
    u, v = swirl_disc(*disc, 1.5, (0.2, 0.0), 0.5)
    away = np.hypot(disc[0] - 0.2, disc[1])
    assert np.allclose(u[away > 0.5], disc[0][away > 0.5], atol=1e-6)
    # Distances to the centre stay: it is a turn.
    assert np.allclose(np.hypot(u - 0.2, v), away, atol=1e-5)
    assert np.abs(v - disc[1])[away < 0.3].max() > 0.1


def test_buckle_shifts_crests_one_way_and_troughs_the_other():
    # Crests at angle 0 and 180 degrees, troughs at 90 and 270, shifted to the right by 0.2 and to the left.
    u, v = buckle_disc(np.float32([1.2, -0.2, 0.0]), np.float32([0.0, 1.0, 0.0]), 0.2, 0.0, 0.0, 2)
    assert u == pytest.approx([1.0, 0.0, 0.0], abs=0.03)
    assert v == pytest.approx([0.0, 1.0, 0.0], abs=1e-6)
