import numpy as np
import pytest

from tests.training.synthetic_bikes.test_raster import Solid
from training.synthetic_bikes.lighting import Environment, KeyLamp, Shadows

UP = np.array([0.0, 0.0, 1.0])


@pytest.fixture(scope="module")
def grey():
    return Environment(np.ones((32, 64, 3), np.float32))


@pytest.fixture(scope="module")
def plate():
    """40 cm square, half a metre above the ground."""
    corners = np.array([[-0.2, -0.2, 0.5], [0.2, -0.2, 0.5], [0.2, 0.2, 0.5], [-0.2, 0.2, 0.5]])
    return Solid(corners, [[0, 1, 2], [0, 2, 3]])


def shadows_from(direction, environment, spread=0.5) -> Shadows:
    lamp = KeyLamp(np.asarray(direction) / np.linalg.norm(direction), np.ones(3), spread)
    return Shadows(lamp, environment, np.random.default_rng(0), key_size=256, sky_size=128)


def test_a_shadow_falls_where_the_lamp_throws_it(grey, plate):
    shadows = shadows_from([-1.0, 0.0, 1.0], grey)  # from 45 degrees: half a metre high is half a metre aside
    shadows.draw(plate)
    seen = shadows.key_visibility(np.array([[0.5, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.6]]))
    assert seen == pytest.approx([0, 1, 1, 1])


def test_a_wide_lamp_has_soft_shadows(grey, plate):
    places = np.stack([np.linspace(0.0, 0.5, 60), np.zeros(60), np.zeros(60)], axis=1)
    soft = []
    for spread in (0.3, 12.0):
        shadows = shadows_from(UP, grey, spread)
        shadows.draw(plate)
        share = shadows.key_visibility(places)
        assert share[0] == 0 and share[-1] == 1
        soft.append(((share > 0.01) & (share < 0.99)).sum())
    assert soft[1] > soft[0] + 5


def test_less_of_the_sky_is_seen_under_a_plate(grey, plate):
    shadows = shadows_from(UP, grey)
    shadows.draw(plate)
    places = np.array([[0.0, 0.0, 0.45], [0.0, 0.0, 0.0], [1.2, 0.0, 0.0], [0.0, 0.0, 0.6]])
    close, below, beside, above = shadows.openness(places, np.tile(UP, (4, 1)))
    assert close < 0.3 < below < 0.95 < beside
    assert above == pytest.approx(1)


def test_what_a_copy_draws_leaves_the_first_alone(grey, plate):
    shared = shadows_from(UP, grey)
    twin = shared.copy()
    twin.draw(plate)
    under = np.zeros((1, 3))
    assert shared.key_visibility(under) == 1 and twin.key_visibility(under) == 0


def test_in_two_parts_a_body_throws_the_same_shadow(grey, plate):
    whole, parts = shadows_from(UP, grey), shadows_from(UP, grey)
    whole.draw(plate)
    parts.draw(plate, np.array([True, False]))
    parts.draw(plate, np.array([False, True]))
    places = np.random.default_rng(1).uniform(-0.5, 0.5, (200, 3)) * [1, 1, 0]
    assert np.array_equal(whole.key_visibility(places), parts.key_visibility(places))


def test_an_even_surrounding_lights_and_mirrors_evenly(grey):
    directions = np.random.default_rng(2).normal(size=(50, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    assert np.allclose(grey.irradiance(directions), 1, atol=1e-3)
    assert np.allclose(grey.reflection(directions, np.linspace(0, 1, 50)), 1, atol=1e-3)
