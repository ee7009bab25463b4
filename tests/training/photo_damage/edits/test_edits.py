from dataclasses import replace

import cv2
import numpy as np
import pytest

from training.photo_damage.damage import CHANGE, draw_hull, find_changes
from training.photo_damage.edits import EDITS
from training.photo_damage.parts import Parts, ellipse_mask

KINDS = sorted(EDITS)
MASKED_BY_CHANGE = sorted(kind for kind in EDITS if not kind.endswith(("_missing", "_cut")))
WITH_ONE_MASK = ("both_wheels_missing", "drivetrain_missing", "handlebar_missing")
OF_EQUIPMENT = ("basket_crushed", "derailleur_bent", "mudguard_hanging", "rack_loose")
SEEDS = range(4)


@pytest.fixture(scope="module")
def whole(layers, equipped):
    """The bike as it was before damage of a kind: with what it takes to break so, and else bare."""
    return lambda kind: equipped if kind in OF_EQUIPMENT else layers


@pytest.fixture(scope="module")
def break_bike(whole, drawn_bike, material):
    return lambda kind, seed: EDITS[kind](whole(kind), drawn_bike.parts, material, np.random.default_rng(seed))


def grow(mask: np.ndarray, pixels: int) -> np.ndarray:
    return cv2.dilate(mask.astype(np.uint8), np.ones((2 * pixels + 1,) * 2)).astype(bool)


def change(before, after) -> np.ndarray:
    return np.abs(after.put_together() - before.put_together()).max(axis=2)


@pytest.mark.parametrize("kind", KINDS)
def test_bike_breaks(break_bike, layers, kind):
    for seed in SEEDS:
        damage = break_bike(kind, seed)
        assert damage.kind == kind
        assert 0 < damage.severity <= 1
        assert damage.mask.dtype == bool and damage.mask.shape == layers.alpha.shape
        assert damage.layers.plate is layers.plate
        for array in (damage.layers.colour, damage.layers.alpha):
            assert array.dtype == np.float32
            assert array.min() >= -1e-3 and array.max() <= 1 + 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_shows_a_change_beside_the_mask(break_bike, whole, kind):
    for seed in SEEDS:
        damage = break_bike(kind, seed)
        visible = cv2.GaussianBlur(change(whole(kind), damage.layers), (0, 0), 1.0) > CHANGE
        assert not (visible & ~grow(damage.mask, 3)).any()


@pytest.mark.parametrize("kind", KINDS)
def test_mask_lies_on_the_change(break_bike, whole, kind):
    for seed in SEEDS:
        damage = break_bike(kind, seed)
        changed = change(whole(kind), damage.layers) > 0.1
        assert changed[damage.mask].mean() > 0.1
        if kind in MASKED_BY_CHANGE:
            assert not (damage.mask & ~grow(change(whole(kind), damage.layers) > CHANGE, 5)).any()


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_breaks_the_same(break_bike, kind):
    one, two = (break_bike(kind, 7) for _ in range(2))
    assert np.array_equal(one.mask, two.mask)
    assert np.array_equal(one.layers.alpha, two.layers.alpha)
    assert np.array_equal(one.layers.colour, two.layers.colour)
    assert (one.part, one.severity) == (two.part, two.severity)


@pytest.mark.parametrize(
    "kind", sorted(set(KINDS) - {"both_wheels_missing", "drivetrain_missing", "handlebar_missing"})
)
def test_other_seeds_break_otherwise(break_bike, kind):
    assert len({break_bike(kind, seed).mask.tobytes() for seed in SEEDS}) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_photo_without_the_part_is_left_alone(layers, material, kind):
    damage = EDITS[kind](layers, Parts(), material, np.random.default_rng(0))
    # Paint and rust need the bike only.
    assert (damage is not None) == (kind in ("burnt", "rust", "sprayed"))


@pytest.mark.parametrize("kind", KINDS)
def test_photo_without_a_bike_is_left_alone(layers, drawn_bike, material, kind):
    empty = replace(layers, alpha=np.zeros_like(layers.alpha))
    damage = EDITS[kind](empty, drawn_bike.parts, material, np.random.default_rng(0))
    assert damage is None or not damage.mask.any() or kind == "wheel_missing"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.endswith("_missing") and kind != "spokes_missing"])
def test_all_that_is_gone_is_in_the_mask(break_bike, layers, kind):
    for seed in SEEDS:
        damage = break_bike(kind, seed)
        gone = layers.alpha - damage.layers.alpha > 0.3
        assert gone.any() and damage.mask[gone].all()


def test_missing_wheels_mask_covers_the_whole_disc(break_bike, layers, drawn_bike):
    seen = set()
    for seed in SEEDS:
        damage = break_bike("wheel_missing", seed)
        seen.add(damage.part)
        assert damage.mask[ellipse_mask(layers.alpha.shape, drawn_bike.parts.wheel(damage.part))].all()
        x, y, radius, _ = (round(v) for v in drawn_bike.parts.wheel(damage.part))
        assert damage.layers.alpha[y + radius - 3, x] == pytest.approx(0, abs=1e-3)  # the tyre on the ground
    assert seen == {"front_wheel", "rear_wheel"}


def test_missing_wheel_leaves_the_fork(break_bike, layers):
    damage = next(d for seed in SEEDS if (d := break_bike("wheel_missing", seed)).part == "front_wheel")
    assert damage.layers.alpha[155, 235] == pytest.approx(layers.alpha[155, 235], abs=0.02)


def test_hull_holds_what_is_gone_and_little_else():
    gone = np.zeros((100, 200), bool)
    gone[20:30, 50:90] = gone[60:70, 50:90] = True
    hull = draw_hull(gone)
    assert hull[20:70, 50:90].all()
    assert hull.sum() < 54 * 44 + 1


def test_equal_layers_have_no_changes(layers):
    assert not find_changes(layers, layers).any()
