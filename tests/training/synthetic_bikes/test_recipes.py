from collections import Counter

import pytest

from training.synthetic_bikes.damage import DAMAGES
from training.synthetic_bikes.design import BIKE_TYPES
from training.synthetic_bikes.recipes import COUNT_WEIGHTS, FACINGS, SCENE_WEIGHTS, random_recipe

RECIPES = [random_recipe(3, index) for index in range(20 * len(DAMAGES))]


def test_recipe_is_the_same_however_many_are_drawn():
    assert random_recipe(5, 3) == random_recipe(5, 3) != random_recipe(5, 4)
    assert random_recipe(6, 3) != random_recipe(5, 3)


def test_each_kind_has_its_turn_as_often_as_the_others():
    counts = Counter(recipe.kind for recipe in RECIPES)
    assert set(counts) == set(DAMAGES) and set(counts.values()) == {20}


@pytest.mark.parametrize(
    ("weights", "drawn"),
    [
        pytest.param(FACINGS, [r.facing for r in RECIPES], id="facing"),
        pytest.param(COUNT_WEIGHTS, [r.count for r in RECIPES], id="count"),
        pytest.param(
            SCENE_WEIGHTS,
            [r.scene for r in RECIPES if not DAMAGES[r.kind].needs_stand and not DAMAGES[r.kind].needs_ground],
            id="scene",
        ),
    ],
)
def test_draws_are_balanced_as_the_weights_say(weights, drawn):
    counts, total = Counter(drawn), sum(weights.values())
    for name, weight in weights.items():
        assert counts[name] == pytest.approx(len(drawn) * weight / total, rel=0.12)


def test_severities_and_parts_of_each_kind_are_balanced():
    for kind, damage in DAMAGES.items():
        own = [recipe for recipe in RECIPES if recipe.kind == kind]
        for drawn in ([r.severity for r in own], [r.part for r in own]):
            assert max(Counter(drawn).values()) - min(Counter(drawn).values()) <= 2
        assert {recipe.part for recipe in own} == set(damage.parts)
        assert {recipe.bike_type for recipe in own} <= set(damage.bike_types or BIKE_TYPES)


def test_bike_that_would_hover_is_drawn_where_it_may():
    assert {recipe.scene for recipe in RECIPES if DAMAGES[recipe.kind].needs_stand} == {"studio", "workshop"}
    assert not any(recipe.scene == "workshop" for recipe in RECIPES if DAMAGES[recipe.kind].needs_ground)
