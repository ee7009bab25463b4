import cv2
import numpy as np
import pytest

from training.photo_damage.camera import Camera

EVERY_FAULT = dict(
    exposure=1.1,
    contrast=1.1,
    white_balance=np.float32([1.05, 1, 0.95]),
    vignette=0.2,
    haze=0.1,
    blur=0.6,
    motion=(2.0, 1.0),
    noise=0.02,
    grain=0.6,
    sharpening=0.5,
    shrink=0.7,
    first_jpeg=(70, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, 3, 5),
    seed=4,
)


@pytest.fixture(scope="module")
def picture(drawn_bike) -> np.ndarray:
    return drawn_bike.photo.astype(np.float32) / 255


def test_camera_without_faults_only_rounds(picture):
    photo = Camera().expose(picture)
    assert photo.dtype == np.uint8
    assert np.abs(photo - 255 * picture).max() <= 0.51


@pytest.mark.parametrize("fault", sorted(set(EVERY_FAULT) - {"seed", "grain"}))
def test_every_fault_shows(picture, fault):
    exposed = Camera(**{fault: EVERY_FAULT[fault]}).expose(picture).astype(int)
    difference = np.abs(exposed - Camera().expose(picture))
    assert 0.3 < difference.mean() < 40


def test_both_twins_get_the_same_faults_grain_for_grain(picture):
    camera = Camera(**EVERY_FAULT)
    assert np.array_equal(camera.expose(picture), camera.expose(picture))
    broken = picture.copy()
    broken[40:80, 40:80] = 0.5
    difference = np.abs(camera.expose(broken).astype(int) - camera.expose(picture)).max(axis=2)
    # A block of JPEG with its colour is 16 pixels wide, and blur and halo reach a few more.
    assert difference[:10].max() == difference[:, 120:].max() == difference[110:].max() == 0
    assert difference[45:75, 45:75].min() >= 0 and difference[45:75, 45:75].mean() > 20


def test_noise_grows_with_the_light():
    light = np.full((64, 128, 3), 0.8, np.float32)
    light[:, :64] = 0.05
    noisy = Camera(noise=0.03, seed=1).expose(light).astype(float) / 255
    dark, bright = noisy[:, :60].std(), noisy[:, 68:].std()
    assert 0.02 < bright < 0.05 and 1.2 * dark < bright


def test_softened_noise_keeps_its_strength():
    gray = np.full((96, 96, 3), 0.5, np.float32)
    hard, soft = (Camera(noise=0.03, grain=grain, seed=1).expose(gray).astype(float) for grain in (0.0, 0.9))
    assert soft.std() == pytest.approx(hard.std(), rel=0.2)
    assert np.abs(np.diff(soft, axis=1)).mean() < 0.8 * np.abs(np.diff(hard, axis=1)).mean()


def test_motion_smears_along_its_way_and_keeps_the_light():
    point = np.zeros((41, 41, 3), np.float32)
    point[20, 20] = 1.0
    smeared = Camera(motion=(6.0, 0.0)).expose(point)[..., 0].astype(float)
    assert smeared.sum() == pytest.approx(255, rel=0.05)
    assert (smeared.sum(axis=0) > 10).sum() >= 6 and (smeared.sum(axis=1) > 10).sum() <= 2


def test_earlier_jpeg_has_its_blocks_where_it_says(picture):
    ramp = np.tile(np.linspace(0, 1, 96, dtype=np.float32)[None, :, None], (96, 1, 3))
    ramp = ramp + 0.1 * np.random.default_rng(0).standard_normal((96, 96, 1)).astype(np.float32)
    blocky = Camera(first_jpeg=(5, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444, 3, 0)).expose(ramp).astype(float).mean(axis=2)
    steps = np.abs(np.diff(blocky, axis=1)).mean(axis=0)  # from column i to i + 1
    by_offset = [steps[offset:88:8].mean() for offset in range(8)]
    assert int(np.argmax(by_offset)) == (8 - 3 - 1)


def test_random_cameras_are_phones_and_mostly_mild(picture):
    cameras = [Camera.random(np.random.default_rng(seed)) for seed in range(200)]
    for camera in cameras:
        assert 0.6 < camera.exposure < 1.6 and camera.noise <= 0.035 and camera.blur <= 1.1
        assert np.hypot(*camera.motion) <= 5 and 0.55 <= camera.shrink <= 1 and 60 <= camera.quality <= 96
    for fault in ("vignette", "haze", "blur", "noise", "sharpening"):
        assert 0.05 < np.mean([getattr(camera, fault) > 0 for camera in cameras]) < 0.8
    for camera in cameras[:6]:
        assert np.abs(camera.expose(picture).astype(float) - 255 * picture).mean() < 60


def test_same_seed_gives_the_same_camera(picture):
    one, two = (Camera.random(np.random.default_rng(5)).expose(picture) for _ in range(2))
    assert np.array_equal(one, two)
