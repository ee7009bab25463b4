"""The rasteriser against geometry worked out without it: half-planes, rays that meet a sphere, brute force."""

import importlib
import sys
from dataclasses import dataclass, field

import numpy as np
import pytest

import training.synthetic_bikes
from training.synthetic_bikes.design import random_design
from training.synthetic_bikes.geometry import build_bike
from training.synthetic_bikes.raster import Camera, Rasteriser

CAMERA = Camera(np.array([0.1, -4.0, 0.9]), np.array([0.1, 0.0, 0.5]), field_of_view=24)
AHEAD = Camera(np.array([0.0, -4.0, 0.0]), np.zeros(3), field_of_view=40)


@dataclass
class Solid:
    """The least that can be drawn."""

    points: np.ndarray
    triangles: np.ndarray
    is_hidden: np.ndarray = field(init=False)
    piece: np.ndarray = field(init=False)

    def __post_init__(self):
        self.triangles = np.asarray(self.triangles)
        self.is_hidden = np.zeros(len(self.triangles), bool)
        self.piece = np.zeros(len(self.triangles), int)
        self.rest_points, self.uv = self.points, np.zeros((len(self.points), 2))
        self.normals = self.points / (np.linalg.norm(self.points, axis=1, keepdims=True) + 1e-9)


@pytest.fixture(scope="module")
def bike():
    rng = np.random.default_rng(0)
    return build_bike(random_design(rng, "road"), rng)


@pytest.fixture(scope="module")
def sphere():
    polar, around = np.meshgrid(np.linspace(0, np.pi, 80), np.linspace(0, 2 * np.pi, 160), indexing="ij")
    points = np.stack([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], axis=2)
    first = (np.arange(79)[:, None] * 160 + np.arange(159)[None]).ravel()
    halves = [np.stack([first, first + 1, first + 160], 1), np.stack([first + 1, first + 161, first + 160], 1)]
    return Solid(points.reshape(-1, 3), np.concatenate(halves))


def draw(body, camera, width, height):
    rasteriser = Rasteriser()
    rasteriser.load(body)
    return rasteriser.draw(camera, width, height)


def cover(corners: np.ndarray, width: int, height: int) -> np.ndarray:
    """(height, width) bool: pixel centres within a triangle (3, 2), by the sides they lie on."""
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    sides = []
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        sides.append((bx - ax) * (y - ay) - (by - ay) * (x - ax))
    return np.all(np.array(sides) >= 0, axis=0) | np.all(np.array(sides) <= 0, axis=0)


def test_missing_numba_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)  # importing it now raises ImportError
    with pytest.raises(ImportError, match=r"needs Numba: pip install -e '\.\[synthetic\]'"):
        importlib.reload(training.synthetic_bikes)


def test_projection_is_the_inverse_of_the_rays():
    rays = CAMERA.rays(64, 48)
    distances = np.random.default_rng(1).uniform(2, 6, (48, 64, 1))
    places = CAMERA.project((CAMERA.position + rays * distances).reshape(-1, 3), 64, 48).reshape(48, 64, 2)
    columns, rows = np.meshgrid(np.arange(64) + 0.5, np.arange(48) + 0.5)
    assert np.allclose(places, np.stack([columns, rows], axis=2), atol=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_a_triangle_covers_the_pixels_whose_centres_lie_in_it(seed):
    rng = np.random.default_rng(seed)
    # Every second one is thin and slants, as spokes do.
    points = rng.uniform(-2, 2, (3, 3)) * [1, 0.5, 1]
    if seed % 2:
        points[1] = points[0] + rng.normal(0, 0.02, 3)
    shown, depth = draw(Solid(points, [[0, 1, 2]]), AHEAD, 480, 360)
    assert (shown == 0).sum() > 5
    assert np.array_equal(shown == 0, cover(AHEAD.project(points, 480, 360), 480, 360))
    assert np.isinf(depth[shown < 0]).all()
    normal = np.cross(points[1] - points[0], points[2] - points[0])
    rays = AHEAD.rays(480, 360)
    met = ((points[0] - AHEAD.position) @ normal) / (rays @ normal) * rays[..., 1]  # ahead is +y
    assert np.allclose(depth[shown == 0], met[shown == 0], rtol=1e-4)


def test_a_sphere_has_the_outline_and_the_depth_that_rays_meet(sphere):
    shown, depth = draw(sphere, AHEAD, 160, 120)
    rays = AHEAD.rays(160, 120)
    toward = -rays @ AHEAD.position
    under_root = toward**2 - (AHEAD.position @ AHEAD.position - 1)
    assert ((shown >= 0) != (under_root > 0)).mean() < 0.002  # a mesh lies a little within its sphere
    inside = (shown >= 0) & (under_root > 0.05)
    met = (toward - np.sqrt(np.maximum(under_root, 0))) * rays[..., 1]
    assert np.abs(depth - met)[inside].max() < 0.01


def test_a_spheres_surface_points_outwards_and_lies_on_it(sphere):
    rasteriser = Rasteriser()
    rasteriser.load(sphere)
    shown, _ = rasteriser.draw(AHEAD, 160, 120)
    surface = rasteriser.surface(AHEAD, shown)
    assert np.allclose(np.linalg.norm(surface.point, axis=1), 1, atol=0.003)
    assert (np.sum(surface.normal * surface.point, axis=1) > 0.999).mean() > 0.98
    assert (np.sum(surface.normal * surface.view, axis=1) <= 1e-9).all()


@pytest.mark.parametrize("order", [[0, 1], [1, 0]], ids=["near-first", "far-first"])
def test_the_nearer_triangle_hides_the_other(order):
    near = np.array([[-0.3, -1.0, -0.3], [0.3, -1.0, -0.3], [0.0, -1.0, 0.4]])
    far = near * [4, 0, 4]
    triangles = np.array([[0, 1, 2], [3, 4, 5]])[order]
    shown, _ = draw(Solid(np.concatenate([near, far]), triangles), AHEAD, 80, 60)
    near_number = order.index(0)
    assert np.array_equal(shown == near_number, cover(AHEAD.project(near, 80, 60), 80, 60))
    assert (shown == 1 - near_number).sum() > 20


def test_what_lies_behind_the_camera_is_not_drawn():
    behind = np.array([[-1.0, -5.0, -1.0], [1.0, -5.0, -1.0], [0.0, -5.0, 1.0]])
    assert (draw(Solid(behind, [[0, 1, 2]]), AHEAD, 40, 30)[0] == -1).all()


def test_hidden_triangles_are_not_drawn(bike):
    twin = bike.copy()
    twin.is_hidden |= twin.triangles_of("front_wheel")
    shown, _ = draw(twin, CAMERA, 160, 120)
    assert not twin.is_hidden[shown[shown >= 0]].any()
    shown, _ = draw(bike, CAMERA, 160, 120)
    assert twin.is_hidden[shown[shown >= 0]].any()


def test_a_bikes_pixels_show_the_points_that_project_onto_them(bike):
    rasteriser = Rasteriser()
    rasteriser.load(bike)
    shown, _ = rasteriser.draw(CAMERA, 480, 360)
    surface = rasteriser.surface(CAMERA, shown, fineness=3)
    assert len(surface.pixel) > 300
    places = CAMERA.project(surface.point, 160, 120)
    centres = np.stack([surface.pixel % 160, surface.pixel // 160], axis=1) + 0.5
    # Where a triangle is seen edge-on, the point is clipped to it.
    assert np.quantile(np.abs(places - centres).max(axis=1), 0.98) < 0.8
    assert np.array_equal(np.unique(surface.fine_fragment), np.arange(len(surface.pixel)))
    assert np.allclose(np.linalg.norm(surface.normal, axis=1), 1, atol=1e-6)
