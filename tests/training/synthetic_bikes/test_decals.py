from dataclasses import replace

import numpy as np
import pytest

from training.synthetic_bikes.bike_types import BIKE_TYPES
from training.synthetic_bikes.decals import build_decals
from training.synthetic_bikes.design import Layout
from training.synthetic_bikes.frame import build_frame
from training.synthetic_bikes.livery import LIVERIES, with_second_paint
from training.synthetic_bikes.shapes import join


def decals_of(bike_type: str, **changes):
    design = replace(BIKE_TYPES[bike_type], **changes)
    frame = build_frame(design, Layout(design))
    return {mesh.name: mesh for mesh in frame}, build_decals(design, frame)


@pytest.mark.parametrize("bike_type", ["city", "folding", "full_suspension", "step_through"])
def test_stickers_lie_on_their_tubes(bike_type):
    tubes, decals = decals_of(bike_type, stickers=(1, 2, 3, 4))
    assert len(decals) == 8  # a field and a bar each
    for decal in decals:
        tube = tubes[decal.name]
        gap = np.linalg.norm(decal.points[:, None] - tube.points[None], axis=2).min(axis=1)
        # Between a tube's rings the nearest of its points may be half a ring away.
        assert gap.max() < 0.04
        assert decal.points.min(0) == pytest.approx(np.maximum(decal.points.min(0), tube.points.min(0) - 0.002))


def test_sticker_bends_with_the_tube_it_is_on():
    tubes, decals = decals_of("city", stickers=(3,))
    tube, decal = tubes[decals[0].name], decals[0]
    # Same lengths along the tube: what cuts or bends one by its uv does the same to the other.
    along = (tube.points[-1] - tube.points[0]) / np.linalg.norm(tube.points[-1] - tube.points[0])
    start = tube.points[0] @ along
    assert np.allclose(decal.points @ along - start, decal.uv[:, 0], atol=2e-3)


def test_panel_goes_around_two_tubes_in_the_second_paint():
    _, decals = decals_of("mountain", livery="panel")
    assert {mesh.name for mesh in decals} == {"down_tube", "top_tube"}
    design = replace(BIKE_TYPES["mountain"], livery="panel", second_paint="lime")
    assert {mesh.material for mesh in with_second_paint(decals, design)} == {"lime_paint"}


@pytest.mark.parametrize("livery", sorted(LIVERIES))
def test_second_paint_is_on_what_the_livery_names_and_nowhere_else(livery):
    design = replace(BIKE_TYPES["city"], livery=livery, paint="black", second_paint="sky")
    frame = build_frame(design, Layout(design))
    painted = with_second_paint(frame, design)
    second = {mesh.name for mesh in painted if mesh.material == "sky_paint"}
    asked = {name for name in {mesh.name for mesh in frame} if any(name.endswith(end) for end in LIVERIES[livery])}
    assert second <= asked
    assert bool(second) == bool(asked)
    assert join(painted).points.shape == join(frame).points.shape
