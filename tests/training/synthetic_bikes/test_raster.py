import sys

import numpy as np
import pytest

from training.synthetic_bikes.design import random_design
from training.synthetic_bikes.geometry import build_bike
from training.synthetic_bikes.raster import Camera, Rasteriser

CAMERA = Camera(np.array([0.1, -4.0, 0.9]), np.array([0.1, 0.0, 0.5]), field_of_view=24)


@pytest.fixture(scope="module")
def bike():
    rng = np.random.default_rng(0)
    return build_bike(random_design(rng, "road"), rng)


def test_missing_pyvista_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvista", None)  # importing it now raises ImportError
    with pytest.raises(RuntimeError, match=r"pip install 'bike-defect-detection\[synthetic\]'.*libegl1 libosmesa6"):
        Rasteriser()


def test_projection_is_the_inverse_of_the_rays():
    rays = CAMERA.rays(64, 48)
    distances = np.random.default_rng(1).uniform(2, 6, (48, 64, 1))
    places = CAMERA.project((CAMERA.position + rays * distances).reshape(-1, 3), 64, 48).reshape(48, 64, 2)
    columns, rows = np.meshgrid(np.arange(64) + 0.5, np.arange(48) + 0.5)
    assert np.allclose(places, np.stack([columns, rows], axis=2), atol=1e-6)


def test_pixels_show_the_points_that_project_onto_them(rasteriser, bike):
    rasteriser.load(bike)
    surface = rasteriser.surface(CAMERA, 160, 120)
    assert len(surface.pixel) > 300
    places = CAMERA.project(surface.point, 160, 120)
    centres = np.stack([surface.pixel % 160, surface.pixel // 160], axis=1) + 0.5
    # Where a triangle is seen edge-on, the point is clipped to it.
    assert np.quantile(np.abs(places - centres).max(axis=1), 0.98) < 0.6
    assert (np.sum(surface.normal * surface.view, axis=1) <= 1e-9).all()
    assert np.allclose(np.linalg.norm(surface.normal, axis=1), 1, atol=1e-6)


def test_hidden_triangles_are_not_drawn(rasteriser, bike):
    twin = bike.copy()
    twin.is_hidden |= twin.triangles_of("front_wheel")
    rasteriser.load(twin)
    shown = rasteriser.triangles(CAMERA, 160, 120)
    assert not twin.is_hidden[shown[shown >= 0]].any()
    rasteriser.load(bike)
    shown = rasteriser.triangles(CAMERA, 160, 120)
    assert twin.is_hidden[shown[shown >= 0]].any()


def test_depth_is_metres_to_the_bike(rasteriser, bike):
    rasteriser.load(bike)
    camera = Camera(np.array([0.1, -3.0, 0.5]), np.array([0.1, 0.0, 0.5]), height_m=2.7)
    depth = rasteriser.depth(camera, 128)
    seen = np.isfinite(depth)
    assert 0.01 < seen.mean() < 0.5
    ahead = bike.points @ camera.axes()[2] - camera.position @ camera.axes()[2]
    assert ahead.min() - 0.01 < depth[seen].min() and depth[seen].max() < ahead.max() + 0.01
