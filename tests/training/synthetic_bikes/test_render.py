from dataclasses import replace

import cv2
import numpy as np
import pytest

from training.synthetic_bikes import render, twins
from training.synthetic_bikes.camera_faults import CameraFaults
from training.synthetic_bikes.damage import DAMAGES
from training.synthetic_bikes.geometry import PARTS
from training.synthetic_bikes.lighting import Shadows
from training.synthetic_bikes.recipes import Recipe, random_recipe
from training.synthetic_bikes.twins import render_recipe

SIZE = (240, 180)
QUICK_KINDS = ("saddle_missing", "wheel_buckled", "tube_snapped", "chain_hanging", "rust")


def recipe_of(kind: str, scene: str = "studio", **more) -> Recipe:
    damage = DAMAGES[kind]
    bike_type = next(iter(damage.bike_types), "trekking")
    settings = {"facing": "right", "quality": 90, "severity": (0.5, 0.8), "design": dict(damage.design)}
    return Recipe("a", (11, 0), bike_type, scene, kind, **{**settings, **more})


def each_kind():
    """All kinds, the slow tests' but for a few."""
    return [pytest.param(kind, marks=() if kind in QUICK_KINDS else pytest.mark.slow) for kind in sorted(DAMAGES)]


@pytest.fixture
def no_shadows(monkeypatch):
    """Light that nothing blocks, and a camera without faults: only the damage itself tells the twins apart."""

    class Unblocked(Shadows):
        def key_visibility(self, points):
            return np.ones(len(points))

        def openness(self, points, normals):
            return np.ones(len(points))

    def faultless(rng, quality=None, scene_exposure=0.0, darkness=0.0):
        drawn = CameraFaults.random(rng, quality, scene_exposure, darkness)
        return replace(drawn, noise=0.0, blur=0.01, shake=(0.0, 0.0), sharpening=0.0, haze=0.0, bend=0.0)

    monkeypatch.setattr(render, "Shadows", Unblocked)
    monkeypatch.setattr(twins, "CameraFaults", type("Faultless", (), {"random": staticmethod(faultless)}))


def find_difference(intact, damaged) -> np.ndarray:
    """(H, W) int, of 255, the largest over the colours."""
    return np.abs(intact.image.astype(int) - damaged.image).max(axis=2)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union."""
    return (one & other).sum() / (one | other).sum()


def test_same_recipe_gives_the_same_bit_for_bit(rasteriser):
    recipe = recipe_of("wheel_buckled", scene="rack", count=2)
    one, two = (render_recipe(rasteriser, recipe, SIZE) for _ in range(2))
    for first, second in zip(one[:2], two[:2], strict=True):
        assert np.array_equal(first.mask, second.mask)
        assert np.array_equal(first.part_labels, second.part_labels)
        assert np.array_equal(first.image, second.image)
    assert one[2:] == two[2:]


@pytest.mark.parametrize("kind", each_kind())
def test_twins_differ_inside_the_mask_only(rasteriser, no_shadows, kind):
    intact, damaged, about, _ = render_recipe(rasteriser, recipe_of(kind), SIZE)
    assert not intact.mask.any()
    difference = find_difference(intact, damaged)
    # A few pixels beside it, where the mist of a spray can ends or the camera sharpens.
    assert (difference[~damaged.mask] > 24).mean() < 0.0002
    # It lies on the damage: not much larger, but for where a part is missing and the hull around bent spokes.
    shown = cv2.dilate((difference > 10).astype(np.uint8), np.ones((5, 5))).astype(bool)
    assert shown[damaged.mask].mean() > 0.25
    x0, y0, x1, y1 = about["damages"][0]["box"]
    assert damaged.mask[y0:y1, x0:x1].sum() == damaged.mask.sum() > 0


@pytest.mark.parametrize("kind", each_kind())
def test_shadows_beside_the_mask_are_soft(rasteriser, kind):
    intact, damaged, _, _ = render_recipe(rasteriser, recipe_of(kind), SIZE)
    near = cv2.dilate(damaged.mask.astype(np.uint8), np.ones((7, 7))).astype(bool)
    assert (find_difference(intact, damaged)[~near] > 60).mean() < 0.01


@pytest.mark.parametrize("kind", each_kind())
def test_mask_is_nearly_the_same_when_drawn_more_finely(rasteriser, monkeypatch, kind):
    size = (480, 360) if kind == "scratches" else SIZE  # which are thinner than the pixels of a small picture
    masks = []
    for fineness in (3, 5):
        monkeypatch.setattr(render.render_twins, "__defaults__", (fineness,))
        masks.append(render_recipe(rasteriser, recipe_of(kind), size)[1].mask)
    assert overlap(*masks) > 0.9


def test_missing_part_is_labelled_where_it_should_be(rasteriser):
    intact, damaged, _, _ = render_recipe(rasteriser, recipe_of("saddle_missing"), SIZE)
    was = intact.part_labels == PARTS["saddle"]
    was = was & damaged.mask  # the post stays
    assert was.sum() > 10
    assert (damaged.part_labels[was] > 0).all()
    assert (damaged.part_labels[was] == PARTS["saddle"]).mean() > 0.8


def test_wheel_is_labelled_as_a_disc_but_for_what_is_before_it(rasteriser):
    intact, _, _, _ = render_recipe(rasteriser, recipe_of("saddle_missing"), SIZE)
    labels = intact.part_labels
    for part in ("front_wheel", "rear_wheel"):
        wheel = (labels == PARTS[part]).astype(np.uint8)
        outline = max(cv2.findContours(wheel, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=cv2.contourArea)
        disc = cv2.drawContours(np.zeros_like(wheel), [cv2.convexHull(outline)], -1, 1, cv2.FILLED).astype(bool)
        assert not (labels[disc] == 0).mean() > 0.03  # between the spokes is wheel, not background
        assert wheel[disc].mean() > 0.6
    assert (labels == PARTS["drivetrain"]).sum() > 20  # which lies before the rear wheel, seen from the right


def test_all_that_is_missing_is_seen_in_the_other_twin_only(rasteriser):
    recipe = recipe_of("wheel_missing", part="front_wheel")
    intact, damaged, about, _ = render_recipe(rasteriser, recipe, SIZE)
    assert about["damages"][0]["part"] == "front_wheel"
    front = intact.part_labels == PARTS["front_wheel"]
    assert front.sum() > 500 and damaged.mask[front].mean() > 0.98


def test_box_of_a_sprayed_frame_leaves_out_the_saddle_that_droops_on_it(rasteriser):
    recipe = random_recipe(1, 28, (), tuple(DAMAGES))
    boxes = {damage["type"]: damage["box"] for damage in render_recipe(rasteriser, recipe, (480, 360))[2]["damages"]}
    assert boxes["saddle_drooping"][3] < boxes["sprayed"][1]  # the one's lowest pixel, the other's highest


def test_damage_that_a_bike_cannot_have_is_an_error(rasteriser):
    with pytest.raises(ValueError, match="a: derailleur_bent cannot be seen on any city bike in studio"):
        recipe = Recipe("a", (11, 0), "city", "studio", "derailleur_bent", design={"gears": "single"})
        render_recipe(rasteriser, recipe, SIZE)
