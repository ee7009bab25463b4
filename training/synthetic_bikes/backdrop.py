"""All that both twins share: grounds, walls, things that stand about and the far view, lit as if no bike were there.

The bike then only takes light away: what a place sends to the camera is its share of the sky and its share of the lamp.
"""

from dataclasses import dataclass

import numpy as np

from training.synthetic_bikes.lighting import WIDE, Shadows
from training.synthetic_bikes.look import look_of_props
from training.synthetic_bikes.raster import Rasteriser, Surface
from training.synthetic_bikes.scenes.scene import Plane, Scene
from training.synthetic_bikes.shading import shade

__all__ = ["Backdrop", "build_backdrop"]

PROPS_METRES = 9.0  # side of the cube about the bike within which things that stand about throw shadows
FAR = 150.0  # metres at which the far view is painted
CONTACT = 1.6  # how much darker than by the sky alone it is where the bike touches the ground
CREASE = 0.22  # metres from a corner within which less of the sky is seen


@dataclass
class Backdrop:
    """Of each pixel's place, one row a pixel, and then of each fragment of the props.

    points, normals, sky, lamp: (H W + F, 3); sky and lamp: the radiance that each place owes to the surroundings and to
    the key lamp. props: what the fragments show, None where nothing stands about; depth: metres ahead (fine H, fine W)
    at which the props hide what is behind them, infinite where there are none. cast: shadows of the props alone.
    """

    points: np.ndarray
    normals: np.ndarray
    sky: np.ndarray
    lamp: np.ndarray
    props: Surface | None
    depth: np.ndarray
    cast: Shadows | None

    def radiance(self, shadows: Shadows) -> np.ndarray:
        """(H W + F, 3) with the shadows of a bike."""
        near = np.linalg.norm(self.points - shadows.middle, axis=1) < 0.87 * shadows.metres
        radiance = self.sky + self.lamp
        points, normals = self.points[near] + 0.003 * self.normals[near], self.normals[near]
        visible, openness = shadows.key_visibility(points), shadows.openness(points, normals)
        # What falls between the bike and the ground comes off dark surfaces: the sky's share counts more than once.
        radiance[near] = self.sky[near] * (openness**CONTACT)[:, None] + self.lamp[near] * visible[:, None]
        return radiance


def build_backdrop(
    rasteriser: Rasteriser, scene: Scene, size_wh: tuple[int, int], fineness: int, seed: int
) -> Backdrop:
    """
    Args:
        fineness: fine pixels along the side of a pixel.
        seed: of the lamps' samples and the wear of what stands about.
    """
    width, height = size_wh
    rng = np.random.default_rng([seed, 5])
    cast = None
    if scene.props is not None:
        samples, pixels = (16, 500) if scene.key.spread > WIDE else (6, 1000)
        middle = np.array([0.0, 0.0, 0.8])
        cast = Shadows(scene.key, scene.environment, rng, middle, PROPS_METRES, samples, 16, pixels, 400)
        cast.draw(scene.props)
    points, normals, sky, lamp = _planes(scene, cast, width, height)
    depth = np.full((height * fineness, width * fineness), np.inf, np.float32)
    if scene.props is None:
        return Backdrop(points, normals, sky, lamp, None, depth, cast)
    rasteriser.load(scene.props)
    triangles, depth = rasteriser.draw(scene.camera, width * fineness, height * fineness)
    behind = (points - scene.camera.position) @ scene.camera.axes()[2]
    behind = behind.reshape(height, width).repeat(fineness, 0).repeat(fineness, 1)
    is_buried = depth > behind + 0.03
    triangles[is_buried], depth[is_buried] = -1, np.inf
    surface = rasteriser.surface(scene.camera, triangles, fineness)
    look = look_of_props(scene.props, surface, seed)
    visible = cast.key_visibility(surface.point)
    visible = visible if scene.pattern is None else visible * scene.pattern(surface.point)
    shaded = shade(surface, look, scene.environment, scene.key, visible, cast.openness(surface.point, surface.normal))
    return Backdrop(
        np.concatenate([points, surface.point]),
        np.concatenate([normals, surface.normal]),
        np.concatenate([sky, shaded[0]]),
        np.concatenate([lamp, shaded[1]]),
        surface,
        depth,
        cast,
    )


def _planes(
    scene: Scene, cast: Shadows | None, width: int, height: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """points, normals, sky, lamp (H W, 3) of the planes, and of the far view where none is met."""
    eye = scene.camera.position
    rays = scene.camera.rays(width, height).reshape(-1, 3)
    points, normals = eye + FAR * rays, np.zeros_like(rays)
    sky, lamp = scene.far(rays).astype(float), np.zeros_like(rays)
    hits = [plane.hit(eye, rays) for plane in scene.planes]
    nearest = np.argmin([hit[0] for hit in hits], axis=0) if hits else np.zeros(len(rays), int)
    pixel = 2 * np.tan(np.radians(scene.camera.field_of_view / 2)) / height
    for number, (plane, (distance, x, y)) in enumerate(zip(scene.planes, hits, strict=True)):
        here = np.flatnonzero(np.isfinite(distance) & (nearest == number))
        if not len(here):
            continue
        points[here] = eye + rays[here] * distance[here, None]
        normals[here] = plane.normal
        grazing = np.abs(rays[here] @ plane.normal)
        footprint = (distance[here] * pixel / np.sqrt(np.maximum(grazing, 0.02))).astype(np.float32)
        place = x[here].astype(np.float32), y[here].astype(np.float32), footprint
        sky[here], lamp[here] = _lit(scene, plane, cast, points[here], rays[here], *place)
    if scene.is_sweep:
        _bend_up(scene, points, rays, sky, lamp)
    return points, normals, sky, lamp


def _lit(
    scene: Scene,
    plane: Plane,
    cast: Shadows | None,
    points: np.ndarray,
    rays: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    footprint: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Radiance (K, 3) of places on a plane from the surroundings and from the lamp."""
    albedo = plane.texture.albedo(x, y, footprint)
    rise_x, rise_y = plane.texture.slopes(x, y, footprint)
    normals = plane.normal - rise_x[:, None] * plane.right - rise_y[:, None] * plane.up
    normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    openness = np.prod([_crease(points, other) for other in scene.planes if other is not plane], axis=0)
    facing = np.clip(normals @ scene.key.direction, 0, None) * (scene.key.direction @ plane.normal > 0)
    if cast is not None:
        raised = points + 0.004 * plane.normal
        openness = openness * cast.openness(raised, np.broadcast_to(plane.normal, points.shape))
        facing = facing * cast.key_visibility(raised)
    if scene.pattern is not None:
        facing = facing * scene.pattern(points)
    sky = albedo * scene.environment.irradiance(normals) * openness[..., None]
    if plane.texture.gloss > 0:
        cosine = np.clip(-np.sum(normals * rays, axis=1), 0.02, 1)
        mirrored = rays + 2 * cosine[:, None] * normals
        strength = plane.texture.gloss * (0.04 + 0.9 * (1 - cosine) ** 5) * openness
        sky = sky + strength[:, None] * scene.environment.reflection(mirrored, np.full(len(rays), 0.25))
    return sky, albedo * facing[:, None] * scene.key.colour


def _crease(points: np.ndarray, other: Plane) -> np.ndarray:
    """Share (K,) of the sky that another plane leaves to points near it."""
    away = np.abs((points - other.origin) @ other.normal)
    return 1 - 0.5 * np.exp(-away / CREASE)


def _bend_up(scene: Scene, points: np.ndarray, rays: np.ndarray, sky: np.ndarray, lamp: np.ndarray) -> None:
    """A studio's sweep: behind the bike the floor bends up into a wall, a little darker with height."""
    is_floor = points[:, 2] < 0.01
    floor = (sky + lamp)[is_floor & (np.linalg.norm(points, axis=1) < 6)].mean(axis=0)
    wall = floor * (0.97 - 0.9 * np.clip(rays[:, 2] + 0.06, 0, 0.4))[:, None]
    behind = points[:, 1] * -np.sign(scene.camera.position[1])
    share = np.where(is_floor, np.clip((behind - 0.5) / 1.4, 0, 1), 1.0)
    share = (share * share * (3 - 2 * share))[:, None]
    sky += (wall - sky) * share
    lamp *= 1 - share
