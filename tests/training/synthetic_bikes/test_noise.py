import numpy as np
import pytest

from training.synthetic_bikes.noise import Cells, Pattern, noise_3d


@pytest.fixture
def places():
    return np.random.default_rng(0).uniform(-20, 20, (2, 20000)).astype(np.float32)


def test_patterns_have_no_mean_and_unit_deviation(places):
    values = Pattern(np.random.default_rng(1), 0.3, 3)(*places)
    assert abs(values.mean()) < 0.1 and values.std() == pytest.approx(1, abs=0.15)


def test_patterns_finer_than_a_pixel_fade(places):
    pattern = Pattern(np.random.default_rng(1), 0.02, 3)
    deviations = [pattern(*places, np.full(20000, footprint, np.float32)).std() for footprint in (0.0, 0.01, 0.1)]
    assert deviations[0] > deviations[1] > deviations[2] == 0


def test_patterns_are_smooth():
    x = np.linspace(0, 2, 4001).astype(np.float32)
    values = Pattern(np.random.default_rng(2), 0.1, 1)(x, np.zeros_like(x))
    assert np.abs(np.diff(values)).max() < 0.05


def test_equal_points_have_equal_noise_however_they_are_drawn():
    points = np.random.default_rng(3).uniform(-1, 1, (500, 3))
    values = noise_3d(points, 0.1, np.random.default_rng(4), 3)
    assert np.array_equal(noise_3d(points[::-1], 0.1, np.random.default_rng(4), 3)[::-1], values)
    assert values.std() > 0.5


def test_a_stone_has_one_tone_and_ends_at_its_joint():
    cells = Cells(np.random.default_rng(5), 0.1)
    x = np.linspace(0, 3, 6001).astype(np.float32)
    to_joint, tone = cells(x, np.full_like(x, 0.37))
    changes = np.flatnonzero(np.diff(tone))
    assert 20 < len(changes) < 60  # some thirty stones along three metres
    assert to_joint[changes].max() < 0.001 and to_joint.max() > 0.02
