import cv2
import numpy as np
import pytest

from training.synthetic_bikes.damage import DAMAGES
from training.synthetic_bikes.geometry import PARTS
from training.synthetic_bikes.recipes import Recipe, random_recipe
from training.synthetic_bikes.writer import render_recipe

SIZE = (160, 120)


def recipe_of(kind: str) -> Recipe:
    return Recipe("a", (11, 0), "road", "studio", kind, facing="right", quality=90)


def grow(mask: np.ndarray, pixels: int) -> np.ndarray:
    return cv2.dilate(mask.astype(np.uint8), np.ones((2 * pixels + 1,) * 2)).astype(bool)


def test_same_recipe_gives_the_same_bit_for_bit(rasteriser):
    one, two = (render_recipe(rasteriser, recipe_of("wheel_bent"), SIZE) for _ in range(2))
    for first, second in zip(one[:2], two[:2], strict=True):
        assert np.array_equal(first.mask, second.mask)
        assert np.array_equal(first.part_labels, second.part_labels)
        assert np.array_equal(first.image, second.image)
    assert one[2] == two[2]


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(DAMAGES))
def test_every_kind_shows_and_changes_the_bike_inside_its_mask_only(rasteriser, kind):
    intact, damaged, line = render_recipe(rasteriser, recipe_of(kind), SIZE)
    assert intact.image.shape == damaged.image.shape == (120, 160, 3)
    assert damaged.mask.sum() >= 10 and not intact.mask.any()
    x0, y0, x1, y1 = line["damages"][0]["box"]
    assert damaged.mask[y0:y1, x0:x1].sum() == damaged.mask.sum()
    for picture in (intact, damaged):
        assert set(np.unique(picture.part_labels)) <= {0, *PARTS.values()}
    near = grow(damaged.mask, 3)
    # Beside the mask the bike's outline is the same, but for triangles that moved less than shows.
    outlines = [picture.part_labels > 0 for picture in (intact, damaged)]
    assert ((outlines[0] != outlines[1]) & ~near).sum() <= 3
    difference = np.abs(intact.image.astype(int) - damaged.image).max(axis=2)
    assert difference[damaged.mask].max() > 20
    # Elsewhere only shadows and reflections move, on the bike and on the floor: soft, and in few places strong.
    assert (difference[~near] > 40).mean() < 0.02


@pytest.mark.slow
def test_missing_part_is_labelled_where_it_should_be(rasteriser):
    intact, damaged, _ = render_recipe(rasteriser, recipe_of("saddle_missing"), SIZE)
    was = intact.part_labels == PARTS["saddle"]
    assert was.sum() > 10
    assert damaged.mask[was].all()
    # All of it but what was hidden behind it and now shows.
    assert (damaged.part_labels[was] > 0).all()
    assert (damaged.part_labels[was] == PARTS["saddle"]).mean() > 0.8


def test_recipe_is_the_same_however_many_are_drawn():
    assert random_recipe(5, 3) == random_recipe(5, 3) != random_recipe(5, 4)
    for index in range(60):
        recipe = random_recipe(5, index)
        # Without a stand a bike that lacks a wheel would hover beside the wall.
        assert recipe.kind != "wheel_missing" or recipe.bike_type == "city" or recipe.scene == "studio"
