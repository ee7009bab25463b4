import cv2
import numpy as np
import pytest

from training.photo_damage.matching import GAINS, MOST_NOISE, Look, estimate_noise, match_looks

SHAPE = (120, 160)


@pytest.fixture
def checks() -> np.ndarray:
    """(H, W, 3), sharp and without noise."""
    rows, columns = np.indices(SHAPE)
    checks = 0.3 + 0.4 * ((rows // 16 + columns // 16) % 2)
    return np.repeat(checks[..., None], 3, axis=2).astype(np.float32)


@pytest.fixture
def alpha() -> np.ndarray:
    alpha = np.zeros(SHAPE, np.float32)
    alpha[20:100, 20:140] = 1
    return alpha


@pytest.mark.parametrize("deviation", [0.004, 0.01])
def test_noise_is_found_beside_edges(checks, deviation):
    noise = deviation * np.random.default_rng(0).standard_normal(SHAPE).astype(np.float32)
    assert estimate_noise(checks[..., 0] + noise) == pytest.approx(deviation, rel=0.2)


def test_texture_counts_as_little_noise():
    texture = np.random.default_rng(0).uniform(0, 1, SHAPE).astype(np.float32)
    assert estimate_noise(texture) == MOST_NOISE


def test_look_without_differences_changes_nothing(checks, alpha):
    colour, fitted_alpha = Look().fit_bike(checks, alpha)
    assert np.array_equal(colour, checks) and np.array_equal(fitted_alpha, alpha)
    assert np.array_equal(Look().fit_place(checks), checks)


def test_sharper_one_is_softened(checks, alpha):
    soft = cv2.GaussianBlur(checks, (0, 0), 1.5)
    crisp_bike = match_looks(checks, checks, alpha, soft, 1.0, np.random.default_rng(0))
    crisp_place = match_looks(checks, soft, alpha, checks, 1.0, np.random.default_rng(0))
    assert crisp_bike.bike_blur > 0.3 and crisp_bike.place_blur == 0
    assert crisp_place.place_blur > 0.3 and crisp_place.bike_blur == 0


def test_cleaner_one_gets_the_others_noise(checks, alpha):
    noisy = checks + 0.01 * np.random.default_rng(1).standard_normal(SHAPE).astype(np.float32)[..., None]
    clean_bike = match_looks(checks, checks, alpha, noisy, 1.0, np.random.default_rng(0))
    clean_place = match_looks(noisy, checks, alpha, checks, 1.0, np.random.default_rng(0))
    assert clean_bike.bike_noise.std() == pytest.approx(0.01, rel=0.2) and clean_bike.place_noise is None
    assert clean_place.place_noise.std() == pytest.approx(0.01, rel=0.2) and clean_place.bike_noise is None


def test_light_goes_a_part_of_the_way_to_the_places(checks, alpha):
    warm_dusk = 0.5 * checks * np.float32([1.15, 1.0, 0.85])
    for seed in range(5):
        gain = match_looks(checks, checks, alpha, warm_dusk, 1.0, np.random.default_rng(seed)).gain
        assert 0.5 < gain.mean() < 0.98 and gain[0] > gain[1] > gain[2]
        assert GAINS[0] <= gain.min() and gain.max() <= GAINS[1]
