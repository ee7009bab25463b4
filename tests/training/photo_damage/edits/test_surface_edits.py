from dataclasses import replace

import numpy as np
import pytest

from training.photo_damage.edits.paint_edits import burnt, sprayed
from training.photo_damage.edits.rust_edits import rust
from training.photo_damage.edits.surface_edits import paint_flaked, scratches
from training.photo_damage.edits.surfaces import find_rubber
from training.photo_damage.parts import ellipse_mask

SEEDS = range(6)
PAINTS = [pytest.param(value, id=name) for name, value in (("black", 0.04), ("grey", 0.5), ("white", 0.95))]


@pytest.fixture
def damage_surface(layers, drawn_bike, material):
    """Every damage of one kind, on a bike of one lightness."""

    def damage(edit, paint):
        painted = replace(layers, colour=np.full_like(layers.colour, paint))
        made = (edit(painted, drawn_bike.parts, material, np.random.default_rng(seed)) for seed in SEEDS)
        return painted, [one for one in made if one is not None]

    return damage


def changed_colours(painted, damage) -> np.ndarray:
    difference = np.abs(damage.layers.colour - painted.colour).max(axis=2)
    return damage.layers.colour[damage.mask & (difference > 0.15) & (painted.alpha > 0.8)]


@pytest.mark.parametrize("paint", PAINTS)
def test_rust_is_brown_on_every_paint(damage_surface, paint):
    painted, damages = damage_surface(rust, paint)
    assert len(damages) >= 4
    for damage in damages:
        red, green, blue = np.median(changed_colours(painted, damage), axis=0)
        assert red > 1.15 * green > 1.15 * blue


def test_rubber_does_not_rust(damage_surface, drawn_bike):
    painted, damages = damage_surface(rust, 0.5)
    height, width = painted.alpha.shape
    rubber = find_rubber(drawn_bike.parts, (slice(0, height), slice(0, width)))
    deep = rubber & ~find_edge(rubber)
    for damage in damages:
        assert np.abs(damage.layers.colour - painted.colour)[deep].max() < 0.05


@pytest.mark.parametrize("edit", [scratches, paint_flaked, sprayed])
@pytest.mark.parametrize("paint", PAINTS)
def test_what_is_below_or_over_the_paint_stands_out(damage_surface, edit, paint):
    painted, damages = damage_surface(edit, paint)
    assert len(damages) >= 5
    for damage in damages:
        assert len(changed_colours(painted, damage)) >= 15


@pytest.mark.parametrize("edit", [rust, scratches, paint_flaked, sprayed])
def test_the_outline_stays(damage_surface, edit):
    painted, damages = damage_surface(edit, 0.5)
    for damage in damages:
        assert np.array_equal(damage.layers.alpha, painted.alpha)


def test_fire_blackens(damage_surface):
    painted, damages = damage_surface(burnt, 0.8)
    for damage in damages:
        assert np.median(changed_colours(painted, damage)) < 0.3


def test_air_that_the_matte_took_in_is_not_sprayed(layers, drawn_bike, material):
    """Between the spokes alpha may be 1 where the picture shows what is behind the wheel."""
    x0, y0, x1, y1 = (round(v) for v in drawn_bike.parts.boxes["front_wheel"])
    alpha, colour = layers.alpha.copy(), layers.colour.copy()
    air = np.zeros(alpha.shape, bool)
    air[y0 + 40 : y0 + 70, x0 + 25 : x0 + 50] = layers.alpha[y0 + 40 : y0 + 70, x0 + 25 : x0 + 50] < 0.01
    alpha[air] = 1
    colour[air] = layers.plate[air]
    for seed in SEEDS:
        for edit in (sprayed, burnt):
            filled = replace(layers, alpha=alpha, colour=colour)
            damage = edit(filled, drawn_bike.parts, material, np.random.default_rng(seed))
            assert np.abs(damage.layers.colour - colour)[air].mean() < 0.05


def find_edge(mask: np.ndarray) -> np.ndarray:
    """(H, W) bool: the pixels of a mask within two pixels of its edge."""
    inner = mask.copy()
    for _ in range(2):
        inner &= np.roll(inner, 1, 0) & np.roll(inner, -1, 0) & np.roll(inner, 1, 1) & np.roll(inner, -1, 1)
    return mask & ~inner


@pytest.mark.parametrize("edit", [rust, sprayed, burnt], ids=lambda edit: edit.__name__)
def test_air_in_a_wheel_that_the_matte_fills_gets_no_paint(layers, drawn_bike, material, edit):
    wheel = drawn_bike.parts.wheel("front_wheel")
    filled = replace(layers, alpha=np.maximum(layers.alpha, ellipse_mask(layers.alpha.shape, wheel)).astype(np.float32))
    between = ellipse_mask(layers.alpha.shape, wheel, 0.75) & (layers.alpha < 0.01)
    for seed in SEEDS:
        damage = edit(filled, drawn_bike.parts, material, np.random.default_rng(seed))
        if damage is not None:
            changed = np.abs(damage.layers.put_together() - filled.put_together()).max(axis=2) > 0.1
            assert changed[between].mean() < 0.01
