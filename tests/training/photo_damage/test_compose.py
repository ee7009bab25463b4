import numpy as np
import pytest

from training.photo_damage.compose import ELSEWHERE_SIZE, Camera, Placement


@pytest.fixture(scope="module")
def place() -> np.ndarray:
    return np.random.default_rng(2).uniform(0.3, 0.6, (150, 260, 3)).astype(np.float32)


def test_home_is_the_photo_itself(layers):
    home = Placement.at_home(layers)
    assert np.array_equal(home.picture(layers), layers.put_together())
    mask = (layers.alpha > 0.5).astype(np.uint8)
    assert home.mask(mask) is mask


def test_whole_bike_stands_in_the_other_place(layers, place):
    for seed in range(4):
        placement = Placement.elsewhere(layers, place, np.random.default_rng(seed))
        picture = placement.picture(layers)
        assert picture.shape == (*ELSEWHERE_SIZE, 3)
        assert picture.min() >= -1e-5 and picture.max() <= 1 + 1e-5
        bike = placement.mask((layers.alpha > 0.5).astype(np.uint8))
        scale = np.hypot(*placement.matrix[:, 0])
        assert bike.sum() == pytest.approx((layers.alpha > 0.5).sum() * scale**2, rel=0.04)


def test_ids_moved_to_another_place_stay_ids(layers, place):
    ids = np.random.default_rng(0).choice(np.array([0, 3, 255], np.uint8), layers.alpha.shape)
    moved = Placement.elsewhere(layers, place, np.random.default_rng(1)).mask(ids)
    assert set(np.unique(moved)) == {0, 3, 255}


def test_camera_gives_both_twins_the_same_faults(layers):
    camera = Camera(exposure=1.1, white_balance=np.ones(3, np.float32), blur=0.6, noise=0.02, quality=80, seed=4)
    one, two = (camera.expose(layers.put_together()) for _ in range(2))
    assert one.dtype == np.uint8
    assert np.array_equal(one, two)


def test_camera_without_faults_only_rounds(layers):
    camera = Camera(exposure=1.0, white_balance=np.ones(3, np.float32), blur=0, noise=0, quality=95, seed=0)
    assert np.abs(camera.expose(layers.put_together()) - 255 * layers.put_together()).max() <= 0.51


def test_random_camera_stays_a_phone():
    for seed in range(20):
        camera = Camera.random(np.random.default_rng(seed))
        assert 0.6 < camera.exposure < 1.6 and 0 <= camera.blur <= 1 and 0 <= camera.noise <= 0.025
        assert 60 <= camera.quality <= 96
