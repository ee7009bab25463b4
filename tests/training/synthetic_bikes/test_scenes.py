"""Every scene, small: it can be drawn, is neither black nor white, shows its bike, and follows from the seed."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

from training.synthetic_bikes.backdrop import build_backdrop
from training.synthetic_bikes.camera_faults import CameraFaults
from training.synthetic_bikes.design import random_design
from training.synthetic_bikes.geometry import build_bike
from training.synthetic_bikes.grounds import GROUNDS
from training.synthetic_bikes.props.stage import Stage
from training.synthetic_bikes.raster import Rasteriser
from training.synthetic_bikes.scenes import SCENES, random_scene
from training.synthetic_bikes.scenes.site import Site
from training.synthetic_bikes.textures import Texture, picture_texture
from training.synthetic_bikes.walls import WALLS

SIZE_WH = (96, 72)


@pytest.fixture(scope="module")
def bike():
    rng = np.random.default_rng(0)
    return build_bike(random_design(rng, "city"), rng)


@pytest.fixture(scope="module")
def red_picture(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("textures") / "red.png"
    Image.new("RGB", (40, 30), (200, 20, 20)).save(path)
    return path


def set_up(name, bike, seed, **options):
    return random_scene(name, np.random.default_rng([seed, 3]), bike, SIZE_WH[0] / SIZE_WH[1], **options)


def radiance_of(scene) -> np.ndarray:
    backdrop = build_backdrop(Rasteriser(), scene, SIZE_WH, 1, 0)
    return (backdrop.sky + backdrop.lamp)[: SIZE_WH[0] * SIZE_WH[1]].reshape(SIZE_WH[1], SIZE_WH[0], 3)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", sorted(SCENES))
def test_every_scene_is_drawn_at_a_sane_brightness(name, bike, seed):
    scene = set_up(name, bike, seed)
    radiance = radiance_of(scene).astype(np.float32)
    assert np.isfinite(radiance).all() and (radiance >= 0).all()
    camera = CameraFaults.random(np.random.default_rng(seed), None, scene.exposure, scene.darkness)
    picture = camera.develop(radiance, camera.meter(radiance))
    assert 25 < picture.mean() < 245
    assert picture.std() > 3


@pytest.mark.parametrize("name", sorted(SCENES))
def test_every_scene_shows_most_of_its_bike(name, bike):
    scene = set_up(name, bike, 1)
    places = scene.camera.project(bike.points[::50], *SIZE_WH)
    inside = ((places >= 0) & (places < SIZE_WH)).all(axis=1)
    assert inside.mean() > 0.5


def test_the_same_seed_makes_the_same_scene(bike):
    first, second, other = (radiance_of(set_up("yard", bike, seed)) for seed in (4, 4, 5))
    assert np.array_equal(first, second) and not np.array_equal(first, other)


@pytest.mark.parametrize(("facing", "side"), [("right", -1), ("left", 1)])
def test_the_camera_stands_on_the_side_that_is_asked_for(bike, facing, side):
    scene = set_up("street", bike, 2, facing=facing)
    assert np.sign(scene.camera.position[1]) == side and scene.view.endswith(f"facing_{facing}")


def test_cameras_go_from_side_on_to_50_degrees_and_from_low_to_high(bike):
    positions = np.array([set_up("studio" if k % 3 else "night", bike, k).camera.position for k in range(60)])
    yaw = np.degrees(np.arctan2(np.abs(positions[:, 0] - 0.1), np.abs(positions[:, 1])))
    assert yaw.max() < 55 and (yaw < 10).mean() > 0.15 and (yaw > 20).any()
    assert positions[:, 2].min() < 0.95 and positions[:, 2].max() > 1.3


@pytest.mark.parametrize(("makers", "name"), [(m, n) for m in (WALLS, GROUNDS) for n in sorted(m)])
def test_every_surface_reflects_some_light_and_not_all(makers, name):
    texture = makers[name](np.random.default_rng(7))
    x, y = (each.ravel().astype(np.float32) for each in np.meshgrid(np.linspace(-2, 2, 60), np.linspace(0, 2, 40)))
    footprint = np.full(len(x), 0.01, np.float32)
    albedo = texture.albedo(x, y, footprint)
    assert albedo.shape == (2400, 3) and (albedo >= 0).all() and 0.005 < albedo.mean() < 0.9
    assert albedo.max() < 1.3
    assert all(np.isfinite(slope).all() for slope in texture.slopes(x, y, footprint))


def test_given_pictures_are_laid_on_some_grounds_and_walls(bike, red_picture):
    site = Site(np.random.default_rng(0), 1.0, bike, Stage(1.0), (red_picture,))
    laid = []
    for _ in range(60):
        ground = site.draw_ground("asphalt")
        laid.append(site.laid)
        if site.laid == "picture":
            assert redness(ground) > 5
    assert set(laid) == {"picture", "asphalt"} and 10 < laid.count("picture") < 40
    walls = [redness(site.draw_wall("concrete")) > 1.5 for _ in range(60)]
    assert 10 < sum(walls) < 40


def test_a_picture_that_is_missing_or_none_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.png"):
        picture_texture(tmp_path / "gone.png", np.random.default_rng(0))
    (tmp_path / "words.png").write_text("no picture")
    with pytest.raises(UnidentifiedImageError, match=r"words\.png"):
        picture_texture(tmp_path / "words.png", np.random.default_rng(0))


def redness(texture: Texture) -> float:
    x, y = np.random.default_rng(1).uniform(0, 2, (2, 300)).astype(np.float32)
    albedo = texture.albedo(x, y, np.full(300, 0.01, np.float32)).mean(axis=0)
    return float(albedo[0] / albedo[1])
