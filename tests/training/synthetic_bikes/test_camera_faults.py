import numpy as np
import pytest

from training.synthetic_bikes.camera_faults import CameraFaults


@pytest.fixture(scope="module")
def light():
    """(90, 120, 3) linear radiance: greys from dark to bright, and something red."""
    radiance = np.repeat(np.geomspace(0.02, 2.0, 120, dtype=np.float32)[None, :, None], 90, 0).repeat(3, 2)
    radiance[30:50, 40:60] = [0.5, 0.03, 0.03]
    return radiance


def faults(seed=0, **options) -> CameraFaults:
    return CameraFaults.random(np.random.default_rng(seed), **options)


def take(camera: CameraFaults, radiance: np.ndarray) -> np.ndarray:
    return camera.develop(camera.bent(radiance), camera.meter(camera.bent(radiance)))


@pytest.mark.parametrize("seed", range(4))
def test_the_same_seed_takes_the_same_picture(light, seed):
    assert np.array_equal(take(faults(seed), light), take(faults(seed), light))
    assert not np.array_equal(take(faults(seed), light), take(faults(seed + 10), light))


def test_the_meter_evens_out_how_bright_the_day_is(light):
    dim, bright = take(faults(), light).astype(int), take(faults(), 20 * light).astype(int)
    assert np.abs(dim - bright).max() <= 3


@pytest.mark.parametrize("seed", range(6))
def test_a_twin_differs_only_where_its_light_does(light, seed):
    camera, changed = faults(seed), light.copy()
    changed[70:80, 90:110] *= 0.3
    metering = camera.meter(light)
    difference = np.abs(camera.develop(light, metering).astype(int) - camera.develop(changed, metering)).max(axis=2)
    assert difference[73:77, 95:105].min() > 5
    assert difference[:60].max() == 0 and difference[:, :80].max() == 0


def test_a_warm_lamps_cast_is_taken_out_in_part(light):
    camera, cast = faults(1), np.array([1.6, 1.0, 0.5], np.float32)
    grey = np.repeat(light[:, :, 1:2], 3, 2)
    seen = take(camera, grey * cast)[5:25, 30:90].reshape(-1, 3).mean(axis=0)
    unbalanced = (cast / cast.max()) ** (1 / 2.2)
    assert 1 < seen[0] / seen[2] < 0.9 * unbalanced[0] / unbalanced[2]


@pytest.mark.parametrize("seed", range(8))
def test_the_lens_lets_nothing_in_from_outside(seed):
    marked = np.ones((90, 120), np.uint8)
    marked[0], marked[-1], marked[:, 0], marked[:, -1] = 2, 2, 2, 2
    bent = faults(seed).bent(marked, 0)  # nearest
    assert set(np.unique(bent)) <= {1, 2} and bent[45, 60] == 1


def test_the_night_is_noisier_than_the_day():
    noise = [np.mean([faults(seed, darkness=darkness).noise for seed in range(200)]) for darkness in (0.0, 1.0)]
    assert noise[1] > 1.5 * noise[0]


def test_the_jpegs_quality_can_be_chosen():
    assert faults(quality=91).quality == 91
    assert all(40 <= faults(seed).quality < 96 for seed in range(50))
