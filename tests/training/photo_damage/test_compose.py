from dataclasses import replace

import cv2
import numpy as np
import pytest

from training.photo_damage.compose import FULL, Placement
from training.photo_damage.parts import Parts, ellipse_mask
from training.photo_damage.places import Place

STOOD = (60.0, 40.0, 200.0, 140.0)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(2).uniform(0.3, 0.6, (150, 260, 3)).astype(np.float32)


@pytest.fixture(scope="module", params=[STOOD, None], ids=["stood", "empty"])
def place(request, picture) -> Place:
    return Place(picture, request.param, ground=75.0)


@pytest.fixture
def put_elsewhere(layers, drawn_bike, place):
    return lambda seed: Placement.elsewhere(layers, drawn_bike.parts, place, np.random.default_rng(seed))


def test_bare_layers_at_home_are_put_together(layers):
    home = Placement.at_home(layers)
    assert np.array_equal(home.picture(layers), layers.put_together())
    mask = (layers.alpha > 0.5).astype(np.uint8)
    assert home.mask(mask) is mask


def test_home_is_the_photo_itself(layers, drawn_bike):
    photo = drawn_bike.photo.astype(np.float32) / 255
    assert np.abs(layers.put_together() - photo).max() > 0.02
    assert np.abs(Placement.at_home(layers, drawn_bike.photo).picture(layers) - photo).max() < 1e-3


def test_around_the_edit_no_twin_gets_the_photo_back(layers, drawn_bike):
    edited = np.zeros(layers.alpha.shape, bool)
    edited[100:160, 60:120] = True
    home = Placement.at_home(layers, drawn_bike.photo, edited)
    assert np.allclose(home.picture(layers)[edited], layers.put_together()[edited], atol=1e-3)
    broken = replace(layers, alpha=layers.alpha * ~edited)
    difference = np.abs(home.picture(broken) - home.picture(layers)).max(axis=2)
    assert difference[~edited].max() < 1e-6 < 0.5 < difference[edited].max()


def test_blotches_are_put_together_without_an_edit(layers, drawn_bike):
    homes = [Placement.at_home(layers, drawn_bike.photo, rng=np.random.default_rng(seed)) for seed in range(8)]
    whole = np.abs(Placement.at_home(layers, drawn_bike.photo).residual).sum()
    assert 0.6 * whole < np.mean([np.abs(home.residual).sum() for home in homes]) < 0.95 * whole
    assert not np.array_equal(homes[0].residual, homes[1].residual)


def test_whole_bike_stands_in_the_other_place(layers, put_elsewhere, picture):
    for seed in range(6):
        placement = put_elsewhere(seed)
        composed = placement.picture(layers)
        assert composed.shape == picture.shape and composed.dtype == np.float32
        assert composed.min() >= 0 and composed.max() <= 1
        bike = placement.mask((layers.alpha > 0.5).astype(np.uint8))
        scale = np.hypot(*placement.matrix[:, 0])
        assert bike.sum() == pytest.approx((layers.alpha > 0.5).sum() * scale**2, rel=0.05)
        assert max(cv2.boundingRect(bike)[3] / bike.shape[0], cv2.boundingRect(bike)[2] / bike.shape[1]) < FULL + 0.03


def test_bike_stands_where_one_stood_at_about_its_size(layers, drawn_bike):
    columns, rows = np.meshgrid(np.arange(260), np.arange(150))
    map_of_place = np.dstack([columns, rows, rows]).astype(np.float32) / 300  # each pixel tells where it is
    for seed in range(8):
        place = Place(map_of_place, STOOD, ground=75.0)
        placement = Placement.elsewhere(layers, drawn_bike.parts, place, np.random.default_rng(seed))
        x, y, width, height = cv2.boundingRect(placement.mask((layers.alpha > 0.3).astype(np.uint8)))
        left, top, _ = 300 * placement.place[y, x]
        right, bottom, _ = 300 * placement.place[y + height - 1, x + width - 1]
        assert 0.7 * 100 < bottom - top < 1.3 * 100
        assert bottom == pytest.approx(STOOD[3], abs=12) and (left + right) / 2 == pytest.approx(130, abs=50)


def test_small_spot_far_away_is_magnified(layers, drawn_bike, picture):
    far = Place(picture, (120.0, 80.0, 150.0, 100.0), ground=75.0)
    for seed in range(8):
        placement = Placement.elsewhere(layers, drawn_bike.parts, far, np.random.default_rng(seed))
        width, height = cv2.boundingRect(placement.mask((layers.alpha > 0.3).astype(np.uint8)))[2:]
        assert 1.4 * 20 < height < 2.6 * 20


def test_bikes_are_mirrored_half_of_the_time(layers, put_elsewhere):
    mirrored = [np.linalg.det(put_elsewhere(seed).matrix[:, :2]) < 0 for seed in range(24)]
    assert 5 < sum(mirrored) < 19


def test_missing_wheel_casts_no_shadow(layers, drawn_bike, picture):
    place = Place(np.full_like(picture, 0.9), STOOD, ground=75.0)
    disc = ellipse_mask(layers.alpha.shape, drawn_bike.parts.wheel("front_wheel"), 1.05)
    broken = replace(layers, alpha=layers.alpha * ~disc)
    for seed in range(4):
        placement = Placement.elsewhere(layers, drawn_bike.parts, place, np.random.default_rng(seed))
        contact = replace(placement.shadows, fallen=(0, 0, 0.1, 1.0), ambient=(0, 0, 0.1, 1.0))
        whole, part = (contact.cast(placement._warp(twin.alpha)) for twin in (layers, broken))
        x, y = placement.matrix @ [244, 230, 1]  # under the front tyre
        under = slice(round(y) - 2, round(y) + 3), slice(round(x) - 4, round(x) + 5)
        assert whole[under].max() > 0.1
        assert part[under].max() < 0.35 * whole[under].max()


def test_twins_elsewhere_differ_only_in_the_damage_and_its_shadow(layers, put_elsewhere):
    edited = np.zeros(layers.alpha.shape, np.uint8)
    edited[60:100, 90:140] = 1  # the saddle
    broken = replace(layers, alpha=layers.alpha * (1 - edited))
    placement = put_elsewhere(3)
    placement.shadows = replace(placement.shadows, fallen=(0, 0, 0.1, 1.0), ambient=(0, 0, 0.1, 1.0))
    difference = np.abs(placement.picture(broken) - placement.picture(layers)).max(axis=2)
    near = cv2.dilate(placement.mask(edited), np.ones((13, 13), np.uint8)) > 0
    assert difference[~near].max() < 0.01 < 0.1 < difference[near].max()


def test_same_seed_gives_the_same_picture(layers, put_elsewhere):
    assert np.array_equal(put_elsewhere(4).picture(layers), put_elsewhere(4).picture(layers))


def test_ids_moved_to_another_place_stay_ids(layers, put_elsewhere):
    ids = np.random.default_rng(0).choice(np.array([0, 3, 255], np.uint8), layers.alpha.shape)
    assert set(np.unique(put_elsewhere(1).mask(ids))) == {0, 3, 255}


def test_bike_that_would_not_be_seen_stays_at_home(layers, drawn_bike, picture):
    place = Place(np.full_like(picture, 0.7), STOOD, ground=75.0)
    white_on_white = replace(layers, colour=np.full_like(layers.colour, 0.7), plate=np.full_like(layers.plate, 0.7))
    assert Placement.elsewhere(white_on_white, drawn_bike.parts, place, np.random.default_rng(0)) is None
    assert Placement.elsewhere(layers, drawn_bike.parts, place, np.random.default_rng(0)) is not None


def test_bike_that_would_bring_its_own_place_along_stays_at_home(layers, drawn_bike, place):
    cut = layers.alpha.copy()
    cut[:, 0] = 1
    closed = np.maximum(layers.alpha, ellipse_mask(cut.shape, drawn_bike.parts.wheel("rear_wheel"), 0.9))
    veiled = layers.alpha.copy()
    veiled[100:160, 100:200] = 0.5
    gone = layers.alpha.copy()
    gone[215:] = 0  # the lowest part of both tyres
    for alpha in (cut, closed.astype(np.float32), veiled, gone, np.zeros_like(cut)):
        broken = replace(layers, alpha=alpha)
        assert Placement.elsewhere(broken, drawn_bike.parts, place, np.random.default_rng(0)) is None
    assert Placement.elsewhere(layers, Parts(), place, np.random.default_rng(0)) is not None
