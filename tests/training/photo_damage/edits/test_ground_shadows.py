from dataclasses import replace

import cv2
import numpy as np
import pytest

from training.photo_damage.edits.ground_shadows import lift_ground_shadow
from training.photo_damage.layers import Layers

HEIGHT, WIDTH = 300, 480
WHEEL = (240.0, 150.0, 80.0, 80.0)  # stands at row 230
FOOT = (slice(222, 240), slice(215, 266))


def ground_with_shadow(depth: float, grain: float = 0.0) -> tuple[np.ndarray, Layers]:
    """Grainy ground without and with a soft shadow, as much darker under the wheel as `depth`; and layers of it."""
    texture = grain * np.random.default_rng(0).standard_normal((HEIGHT, WIDTH, 1))
    bare = (np.linspace(0.5, 0.7, HEIGHT)[:, None, None] * (1 + texture) * [1, 0.97, 0.93]).clip(0, 1)
    rows, columns = np.indices((HEIGHT, WIDTH))
    shadow = depth * np.exp(-(((columns - 240) / 40) ** 2) - ((rows - 230) / 12) ** 2)
    plate = (bare * (1 - shadow[..., None])).astype(np.float32)
    return bare, Layers(np.zeros_like(plate), np.zeros((HEIGHT, WIDTH), np.float32), plate)


@pytest.mark.parametrize("grain", [pytest.param(0.0, id="studio"), pytest.param(0.06, id="asphalt")])
def test_shadow_is_lifted(grain):
    bare, layers = ground_with_shadow(0.3, grain)
    before, after = (np.abs((plate - bare)[FOOT].mean()) for plate in (layers.plate, lift(layers).plate))
    assert before > 0.08 and after < 0.3 * before


def test_texture_of_the_ground_stays():
    bare, layers = ground_with_shadow(0.3, grain=0.06)
    grains = [plate - cv2.blur(plate, (9, 9)) for plate in (bare.astype(np.float32), lift(layers).plate)]
    assert np.corrcoef(*(grain[FOOT].ravel() for grain in grains))[0, 1] > 0.97


def test_ground_away_from_the_wheel_is_untouched():
    _, layers = ground_with_shadow(0.3, grain=0.06)
    changed = np.abs(lift(layers).plate - layers.plate).max(axis=2) > 0
    rows, columns = np.nonzero(changed)
    assert columns.min() > 240 - 1.2 * 80 and columns.max() < 240 + 1.2 * 80
    assert rows.min() > 230 - 1.3 * 80 and rows.max() < 230 + 0.55 * 80
    assert lift(layers).alpha is layers.alpha and lift(layers).colour is layers.colour


def test_ground_without_a_shadow_is_left_alone():
    _, layers = ground_with_shadow(0.0)
    assert lift(layers) is layers


def test_thing_on_one_side_is_no_shadow():
    _, layers = ground_with_shadow(0.2)
    plate = layers.plate.copy()
    plate[:, :170] *= 0.4
    layers = replace(layers, plate=plate)
    assert lift(layers) is layers


@pytest.mark.parametrize(
    "wheel",
    [
        pytest.param((240.0, 230.0, 80.0, 80.0), id="foot-below-the-picture"),
        pytest.param((240.0, 150.0, 3.0, 3.0), id="tiny"),
        pytest.param((-200.0, 150.0, 80.0, 80.0), id="outside"),
    ],
)
def test_wheel_whose_ground_is_not_seen_is_left_alone(wheel):
    _, layers = ground_with_shadow(0.3)
    assert lift_ground_shadow(layers, wheel) is layers


def lift(layers: Layers) -> Layers:
    return lift_ground_shadow(layers, WHEEL)
