from functools import cache

import cv2
import numpy as np
import pytest

from training.photo_damage.damage import Material, put_in_front
from training.photo_damage.distractors import DISTRACTORS, add_distractors
from training.photo_damage.distractors.falling_shadows import cast_shadow
from training.photo_damage.distractors.object_drawing import Light, Sketch
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

NAMES = sorted(DISTRACTORS)
SEEDS = range(4)
PUT_ON = ("bag", "basket", "bottle", "helmet", "lamps", "lock", "price_tag", "saddle_cover", "spoke_reflectors")
ON_THE_SURFACE = ("dust", "mud", "reflection", "stickers", "wet", "worn")


@pytest.fixture(scope="module")
def distract(layers, drawn_bike, material):
    return cache(lambda name, seed: DISTRACTORS[name](layers, drawn_bike.parts, material, np.random.default_rng(seed)))


def change(before: Layers, after: Layers) -> np.ndarray:
    return np.abs(after.put_together() - before.put_together()).max(axis=2)


@pytest.mark.parametrize("name", NAMES)
def test_distractor_shows_on_the_bike(distract, layers, name):
    carrying = [found for seed in SEEDS if (found := distract(name, seed)) is not None]
    assert carrying
    for after in carrying:
        for array in (after.colour, after.alpha, after.plate):
            assert array.dtype == np.float32
            assert array.min() >= -1e-3 and array.max() <= 1 + 1e-3
    assert max((change(layers, after) > 0.04).sum() for after in carrying) > 15


@pytest.mark.parametrize("name", NAMES)
def test_distractor_needs_no_pictures_to_paint_with(layers, drawn_bike, name):
    made = [DISTRACTORS[name](layers, drawn_bike.parts, Material([], []), np.random.default_rng(s)) for s in SEEDS]
    assert any(found is not None for found in made)


@pytest.mark.parametrize("name", NAMES)
def test_plate_changes_under_falling_shadows_only(distract, layers, name):
    for seed in SEEDS:
        if (after := distract(name, seed)) is not None:
            assert (after.plate is layers.plate) == (name != "cast_shadow")


@pytest.mark.parametrize("name", NAMES)
def test_layers_given_are_left_as_they_were(layers, drawn_bike, material, name):
    before = layers.colour.copy(), layers.alpha.copy(), layers.plate.copy()
    DISTRACTORS[name](layers, drawn_bike.parts, material, np.random.default_rng(0))
    for array, copy in zip((layers.colour, layers.alpha, layers.plate), before, strict=True):
        assert np.array_equal(array, copy)


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_gives_the_same(distract, layers, drawn_bike, material, name):
    one, two = distract(name, 3), DISTRACTORS[name](layers, drawn_bike.parts, material, np.random.default_rng(3))
    assert (one is None) == (two is None)
    if one is not None:
        for field in ("colour", "alpha", "plate"):
            assert np.array_equal(getattr(one, field), getattr(two, field))


@pytest.mark.parametrize("name", NAMES)
def test_photo_without_parts_is_never_an_error(layers, material, name):
    for alpha in (layers.alpha, np.zeros_like(layers.alpha)):
        bare = Layers(layers.colour, alpha, layers.plate)
        after = DISTRACTORS[name](bare, Parts(), material, np.random.default_rng(0))
        assert after is None or (name in ("dust", "mud", "wet", "worn", "cast_shadow") and alpha.any())


@pytest.mark.parametrize("name", PUT_ON)
def test_things_hide_but_never_remove_the_bike(distract, layers, name):
    for seed in SEEDS:
        if (after := distract(name, seed)) is not None:
            assert (after.alpha >= layers.alpha - 1e-5).all()


@pytest.mark.parametrize("name", ON_THE_SURFACE)
def test_what_lies_on_the_surface_keeps_the_outline(distract, layers, name):
    for seed in SEEDS:
        if (after := distract(name, seed)) is not None:
            assert np.allclose(after.alpha, layers.alpha, atol=1e-5)


def test_mud_lies_low_and_is_not_rust(distract, layers, drawn_bike):
    ground, size = drawn_bike.parts.boxes["rear_wheel"][3], drawn_bike.parts.wheel_diameter
    for seed in SEEDS:
        after = distract("mud", seed)
        muddy = (change(layers, after) > 0.15) & (layers.alpha > 0.9)
        assert np.median(ground - np.nonzero(muddy)[0]) < 0.7 * size
        tyres = (change(layers, after) > 0.06) & (layers.alpha > 0.9) & (layers.colour.max(axis=2) < 0.2)
        red, _, blue = after.colour[tyres].mean(axis=0)
        assert 0 < red - blue < 0.4 * red


def test_wear_stays_well_below_damage(distract, layers):
    assert all(cv2.GaussianBlur(change(layers, distract("worn", seed)), (0, 0), 1.2).max() < 0.2 for seed in SEEDS)


def test_shadow_darkens_bike_and_place_alike(layers, drawn_bike, material):
    for seed in SEEDS:
        after = cast_shadow(layers, drawn_bike.parts, material, np.random.default_rng(seed))
        assert (after.plate <= layers.plate + 1e-6).all() and (after.colour <= layers.colour + 1e-6).all()
        bright = (layers.colour.mean(axis=2) > 0.1) & (layers.plate.mean(axis=2) > 0.1)
        on_bike, on_place = (
            1 - (new.mean(axis=2) / old.mean(axis=2))[bright].min()
            for new, old in ((after.colour, layers.colour), (after.plate, layers.plate))
        )
        assert on_place > 0.15
        assert on_bike == pytest.approx(on_place, abs=0.12)


def test_half_of_the_bikes_carry_nothing_and_the_rest_say_what(layers, drawn_bike, material, monkeypatch):
    for name in NAMES:
        monkeypatch.setitem(DISTRACTORS, name, lambda layers, *_: Layers(layers.colour, layers.alpha, layers.plate))
    order = {name: place for place, name in enumerate(DISTRACTORS)}
    counts = []
    for seed in range(400):
        after, names = add_distractors(layers, drawn_bike.parts, material, np.random.default_rng(seed))
        assert (after is layers) == (not names)
        assert names == sorted(names, key=order.get) and len(set(names)) == len(names)
        counts.append(len(names))
    assert set(counts) == {0, 1, 2, 3}
    assert np.mean(np.array(counts) == 0) == pytest.approx(0.5, abs=0.08)


def test_what_the_photo_does_not_allow_is_not_named(layers, drawn_bike, material, monkeypatch):
    for name in NAMES:
        monkeypatch.setitem(DISTRACTORS, name, lambda *_: None)
    for seed in range(10):
        after, names = add_distractors(layers, drawn_bike.parts, material, np.random.default_rng(seed))
        assert after is layers and names == []


def test_drawn_thing_lies_where_it_was_drawn_in_the_photos_light():
    shape = (60, 80)
    colour = np.full((*shape, 3), 0.5, np.float32)
    grey = Layers(colour, np.zeros(shape, np.float32), colour)
    light = Light(np.full(3, 0.1), np.full(3, 0.6), blur=0.3, grain=0.0, direction=np.array([0, -0.6, 0.8]))
    sketch = Sketch(shape, [(20, 10), (50, 40)], (1.0, 1.0, 1.0))
    sketch.cover(sketch.outline([(20, 10), (50, 10), (50, 40), (20, 40)]))
    piece = sketch.render(light, np.random.default_rng(0))
    rows, columns = np.nonzero(piece[..., 3] > 0.5)
    assert (columns.min(), rows.min()) == pytest.approx((20, 10), abs=1)
    assert (columns.max(), rows.max()) == pytest.approx((50, 40), abs=1)
    assert piece[25, 35, :3] == pytest.approx(0.6, abs=1e-3)  # white is as light as the photo allows
    assert put_in_front(piece, grey).put_together()[25, 35] == pytest.approx(0.6, abs=1e-3)


def test_no_dark_seam_appears_when_a_bike_with_a_thing_is_resampled(distract, layers):
    after = next(found for seed in SEEDS if (found := distract("saddle_cover", seed)) is not None)
    clear = (after.alpha < 1e-3) & (layers.alpha < 1e-3) & (layers.colour.min(axis=2) > 0.1)
    assert after.colour[clear].max(axis=1).min() > 0.02
