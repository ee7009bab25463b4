from dataclasses import replace

import cv2
import numpy as np
import pytest

from training.photo_damage.shadows import Shadows, find_ground

SHAPE = (240, 320)


def draw_wheels(rear: tuple[int, int], front: tuple[int, int]) -> np.ndarray:
    alpha = np.zeros(SHAPE, np.float32)
    for centre in (rear, front):
        cv2.circle(alpha, centre, 50, 1.0, 6)
    return alpha


@pytest.mark.parametrize("front_y", [pytest.param(150, id="level"), pytest.param(120, id="slanting")])
def test_ground_touches_both_tyres(front_y):
    slope, start = find_ground(draw_wheels((80, 150), (240, front_y)))
    assert slope == pytest.approx((front_y - 150) / 160, abs=0.02)
    assert 200 <= slope * 80 + start <= 207


def test_ground_of_a_steep_view_is_level_at_its_lowest_point():
    alpha = np.zeros(SHAPE, np.float32)
    cv2.line(alpha, (100, 220), (220, 40), 1.0, 8)
    slope, start = find_ground(alpha)
    assert slope == 0 and start == pytest.approx(225, abs=3)


def test_picture_without_a_bike_has_no_shadow():
    alpha = np.zeros(SHAPE, np.float32)
    assert not Shadows.random(alpha, np.random.default_rng(0)).cast(alpha).any()


def test_shadow_is_darkest_where_the_tyres_touch():
    alpha = draw_wheels((80, 150), (240, 150))
    for seed in range(4):
        shade = Shadows.random(alpha, np.random.default_rng(seed)).cast(alpha)
        assert shade.shape == SHAPE and shade.min() >= 0 and shade.max() <= 1
        below = shade[206]
        assert min(below[80], below[240]) > 0.12
        assert below[160] < 0.6 * min(below[80], below[240])


def test_fallen_shadow_leans_to_the_side_it_is_told():
    alpha = np.zeros(SHAPE, np.float32)
    alpha[80:200, 150:170] = 1  # a post
    post = Shadows.random(alpha, np.random.default_rng(0))
    nothing = (0.0, 0.0, 0.1, 1.0)
    shade = replace(post, contact=nothing, ambient=nothing, fallen=(0.5, 0.6, 0.2, 1.0)).cast(alpha)
    columns = np.arange(SHAPE[1])
    assert (shade.sum(axis=0) * columns).sum() / shade.sum() == pytest.approx(160 + 0.6 * 60, abs=4)
    assert 0.4 < shade.max() <= 0.5
