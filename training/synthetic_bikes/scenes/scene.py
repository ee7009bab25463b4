"""What makes a scene: a camera, light, flat grounds and walls, things that stand about, and the far view."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from training.synthetic_bikes.geometry import Bike, rotation_about
from training.synthetic_bikes.lighting import Environment, KeyLamp
from training.synthetic_bikes.props.stage import Props
from training.synthetic_bikes.raster import Camera
from training.synthetic_bikes.scenes.cameras import Viewpoint
from training.synthetic_bikes.textures import Texture

__all__ = ["Place", "Plane", "Scene", "ground_plane", "wall_plane"]


@dataclass
class Plane:
    """A flat receiver of light; its texture's x runs along `right`, y along `up`, metres from `origin`.

    tall: metres along `up` at which it ends, if it does.
    """

    origin: np.ndarray
    right: np.ndarray
    up: np.ndarray
    texture: Texture
    tall: float = np.inf

    @property
    def normal(self) -> np.ndarray:
        return np.cross(self.right, self.up)

    def hit(self, position: np.ndarray, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Distance (K,) along each ray (K, 3), infinite where it misses, and the texture's x and y that it meets."""
        toward = rays @ self.normal
        distance = ((self.origin - position) @ self.normal) / np.where(np.abs(toward) < 1e-6, 1e-6, toward)
        distance = np.where((distance > 0) & (distance < 150), distance, np.inf)
        local = position + rays * np.minimum(distance, 150)[:, None] - self.origin
        x, y = local @ self.right, local @ self.up
        return np.where((y >= 0) & (y <= self.tall), distance, np.inf), x, y


@dataclass
class Place:
    """A scene before its camera is set up; the fields are a Scene's.

    viewpoint: from where it may be seen; tipped: radians that the bike is, away from the camera; lift: metres that it
    is held above the ground.
    """

    environment: Environment
    key: KeyLamp
    planes: list[Plane]
    far: Callable[[np.ndarray], np.ndarray]
    viewpoint: Viewpoint
    tipped: float = 0.0
    pattern: Callable[[np.ndarray], np.ndarray] | None = None
    is_sweep: bool = False
    exposure: float = 0.0
    darkness: float = 0.0
    lift: float = 0.0


@dataclass
class Scene:
    """name; view: from where the bike is seen; camera; all that surrounds and lights the bike.

    props: what stands about, if anything does; lean: radians that the bike is tipped, towards +y; lift: metres that it
    is held above the ground; far(directions (K, 3)) -> (K, 3): radiance beyond all planes; pattern(points (K, 3)) ->
    (K,): share of the key lamp that trees or lampshades let through; is_sweep: the ground bends up into a wall behind;
    exposure: stops that the scene wants; darkness: 0 by day, 1 at night.
    """

    name: str
    view: str
    camera: Camera
    environment: Environment
    key: KeyLamp
    planes: list[Plane]
    far: Callable[[np.ndarray], np.ndarray]
    props: Props | None = None
    lean: float = 0.0
    lift: float = 0.0
    pattern: Callable[[np.ndarray], np.ndarray] | None = None
    is_sweep: bool = False
    exposure: float = 0.0
    darkness: float = 0.0

    def set_up(self, bike: Bike) -> Bike:
        """The bike, upright at the origin as built, as it stands here: tipped about the line on the ground, or held."""
        turn = rotation_about(np.array([1.0, 0.0, 0.0]), -self.lean)
        points = bike.points @ turn.T + [0.0, 0.0, self.lift]
        return replace(bike, points=points, normals=bike.normals @ turn.T)


def ground_plane(side: float, texture: Texture, edge: float = -30.0) -> Plane:
    """The ground z = 0; its texture's y is 0 at the bike, and it ends 30 m in front."""
    ahead = np.array([0.0, -side, 0.0])
    # The origin lies far in front of the bike, where the texture's y begins.
    return Plane(ahead * edge, np.array([-side, 0.0, 0.0]), ahead, _shifted(texture, edge))


def wall_plane(side: float, texture: Texture, away: float, tall: float = np.inf, turn: float = 0.0) -> Plane:
    """A wall behind the bike.

    Args:
        away: metres behind the bike's bottom bracket.
        turn: radians that it stands askew.
    """
    ahead = np.array([0.0, -side, 0.0])
    right = np.array([-side * np.cos(turn), -side * np.sin(turn), 0.0])
    return Plane(ahead * away, right, np.array([0.0, 0.0, 1.0]), texture, tall)


def _shifted(texture: Texture, by: float) -> Texture:
    return Texture(
        lambda x, y, footprint: texture.albedo(x, y + by, footprint),
        lambda x, y, footprint: texture.relief(x, y + by, footprint),
        texture.gloss,
    )
