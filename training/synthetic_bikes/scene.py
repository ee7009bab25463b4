"""Where the bike stands: a studio sweep, or a pavement before a wall. Cameras, lamps and surroundings."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.lighting import BIKE_MIDDLE, Environment, KeyLamp, Shadows
from training.synthetic_bikes.noise import noise_2d
from training.synthetic_bikes.raster import Camera
from training.synthetic_bikes.textures import GROUNDS, PIXEL, WALLS

__all__ = ["SCENES", "Plane", "Scene", "random_scene"]

GRID = 0.010  # metres between the points where the bike's shadow on a plane is worked out
REACH = 2.0  # metres from the bike's middle that its shadow is followed


@dataclass
class Plane:
    """A flat receiver of light: pixel (row, column) lies at origin + PIXEL * (column * right - row * up).

    albedo (H, W, 3), relief (H, W) metres.
    """

    origin: np.ndarray
    right: np.ndarray
    up: np.ndarray
    albedo: np.ndarray
    relief: np.ndarray

    @property
    def normal(self) -> np.ndarray:
        return np.cross(self.right, self.up)

    def hit(self, position: np.ndarray, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Distance along each ray (infinite behind), and the column and row that it meets."""
        toward = rays @ self.normal
        distance = ((self.origin - position) @ self.normal) / np.where(np.abs(toward) < 1e-6, 1e-6, toward)
        distance = np.where(distance > 0, distance, np.inf)
        local = position + rays * np.minimum(distance, 1e3)[..., None] - self.origin
        return distance, local @ self.right / PIXEL, -(local @ self.up) / PIXEL

    def radiance(self, shadows: Shadows, column: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Light (H, W, 3) that leaves the plane at each column and row (H, W), with the bike's shadow."""

        def at(picture: np.ndarray, column: np.ndarray, row: np.ndarray) -> np.ndarray:
            maps = column.astype(np.float32), row.astype(np.float32)
            return cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

        slope_row, slope_column = np.gradient(self.relief / PIXEL)
        key = shadows.key.direction
        facing = key @ self.normal - slope_column * (key @ self.right) + slope_row * (key @ self.up)
        facing = np.clip(facing / np.sqrt(1 + slope_row**2 + slope_column**2), 0, None) * (key @ self.normal > 0)
        sky, visibility, first = self._shadow(shadows)
        fine_column, fine_row = (column - first[0]) * PIXEL / GRID, (row - first[1]) * PIXEL / GRID
        lamp = at(facing.astype(np.float32), column, row) * at(visibility, fine_column, fine_row)
        light = at(sky, fine_column, fine_row) + lamp[..., None] * shadows.key.colour
        return at(self.albedo, column, row) * light

    def _shadow(self, shadows: Shadows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sky light (h, w, 3) and the lamp's visibility (h, w) on a grid, and the column and row of its corner."""
        middle = np.array([(BIKE_MIDDLE - self.origin) @ self.right, -((BIKE_MIDDLE - self.origin) @ self.up)])
        steps = np.arange(-REACH, REACH, GRID)
        rows, columns = np.meshgrid(middle[1] + steps, middle[0] + steps, indexing="ij")
        points = self.origin + columns[..., None] * self.right - rows[..., None] * self.up + 0.002 * self.normal
        normals = np.broadcast_to(self.normal, points.shape).reshape(-1, 3)
        sky, _ = shadows.sky_light(points.reshape(-1, 3), normals)
        visibility = shadows.key_visibility(points.reshape(-1, 3)).reshape(rows.shape)
        sky = cv2.GaussianBlur(sky.reshape(points.shape).astype(np.float32), (0, 0), 2.0)
        visibility = cv2.GaussianBlur(visibility.astype(np.float32), (0, 0), 0.7)
        return sky, visibility, (middle - REACH) / PIXEL


@dataclass
class Scene:
    """name; camera; surroundings; key lamp; planes to stand on and before; haze: what fills the rest, linear RGB."""

    name: str
    view: str
    camera: Camera
    environment: Environment
    key: KeyLamp
    planes: list[Plane]
    exposure: float
    lean: float = 0.0  # radians, of the bike, towards +y
    haze: np.ndarray | None = None  # the studio's sweep: colour that the floor fades to with distance


def random_scene(
    name: str, rng: np.random.Generator, bike: Bike, aspect: float, facing: str | None = None, **choices: str
) -> Scene:
    """A studio or street with its own light, and a camera that frames the bike.

    Args:
        name: in SCENES.
        aspect: the picture's width over its height.
        facing: "right" or "left"; either, if None.
        choices: of the street: wall and ground, names in WALLS and GROUNDS.
    """
    side = {"right": -1.0, "left": 1.0}[facing or ("right" if rng.random() < 0.6 else "left")]
    scene = SCENES[name](rng, side, not bike.design.has_stand, **choices)
    scene.camera = _step_back(scene.camera, bike, aspect, filled=rng.uniform(0.80, 0.88))
    return scene


def studio(rng: np.random.Generator, side: float, may_lean: bool) -> Scene:
    camera, view = _camera(rng, side, field_of_view=rng.uniform(17, 24), heights=(0.75, 1.05), most_yaw=22)
    tone = rng.uniform(0.62, 0.92)
    colour = np.array([tone, tone, tone]) * (1 + rng.normal(0, 0.008, 3))
    half = round(5.0 / PIXEL / 2)
    albedo = np.ones((2 * half, 2 * half, 3), np.float32) * colour.astype(np.float32)
    floor = Plane(np.array([-half * PIXEL, half * PIXEL, 0.0]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), albedo,
                  np.zeros((2 * half, 2 * half), np.float32))  # fmt: skip
    picture = np.ones((128, 256, 3), np.float32) * 0.62
    elevation, azimuth = _angles(128)
    picture *= np.where(elevation < 0, 0.85 * tone, 0.75 + 0.25 * np.sin(np.maximum(elevation, 0)))[..., None]
    toward_camera = np.arctan2(side, 0.0)
    picture += _softbox(elevation, azimuth, 1.15, toward_camera + rng.uniform(-0.5, 0.5), 0.35, 1.1, 3.2)
    picture += _softbox(elevation, azimuth, 0.45, toward_camera + 1.0, 0.45, 0.22, 2.2)
    picture += _softbox(elevation, azimuth, 0.40, toward_camera - 1.1, 0.45, 0.18, 1.6)
    key = _direction(np.radians(rng.uniform(48, 66)), toward_camera + rng.uniform(-0.9, 0.9))
    lamp = KeyLamp(key, np.array([1.0, 0.985, 0.96]) * 0.55, spread=rng.uniform(9, 15))
    return Scene(
        "studio", view, camera, Environment(picture), lamp, [floor], rng.uniform(0.58, 0.66) / tone, haze=colour
    )


def street(
    rng: np.random.Generator, side: float, may_lean: bool, wall: str | None = None, ground: str | None = None
) -> Scene:
    camera, view = _camera(rng, side, field_of_view=rng.uniform(30, 40), heights=(1.0, 1.5), most_yaw=32)
    wall_name, ground_name = wall or str(rng.choice(sorted(WALLS))), ground or str(rng.choice(sorted(GROUNDS)))
    wide, tall, deep = (round(metres / PIXEL) for metres in (9.0, 3.3, 6.0))
    # A bike without a stand leans on the wall.
    lean = np.radians(rng.uniform(4.0, 7.0)) if may_lean else 0.0
    distance = 0.36 + 0.9 * np.sin(lean) if may_lean else rng.uniform(0.5, 1.4)
    wall_albedo, wall_relief = WALLS[wall_name]((tall, wide), rng)
    ground_albedo, ground_relief = GROUNDS[ground_name]((deep, wide), rng)
    # Seen from the bike's side: `right` runs to the camera's right.
    right = np.array([-side, 0.0, 0.0])
    up, ahead = np.array([0.0, 0.0, 1.0]), np.array([0.0, -side, 0.0])
    corner = -right * wide * PIXEL / 2 + ahead * distance
    _darken_foot(wall_albedo, ground_albedo)
    planes = [
        Plane(corner, right, ahead, ground_albedo, ground_relief),
        Plane(corner + up * tall * PIXEL, right, up, wall_albedo, wall_relief),
    ]
    sun_height = np.radians(rng.uniform(35, 60))
    toward_camera = np.arctan2(side, 0.0)
    sun = _direction(sun_height, toward_camera + rng.uniform(-1.1, 1.1))
    is_overcast = rng.random() < 0.35
    strength, spread = (0.35, 14.0) if is_overcast else (rng.uniform(1.1, 1.6), rng.uniform(0.6, 1.6))
    lamp = KeyLamp(sun, np.array([1.0, 0.94, 0.84]) * strength, spread)
    picture = _street_surroundings(rng, sun, side, wall_albedo.mean((0, 1)), ground_albedo.mean((0, 1)), is_overcast)
    return Scene(
        "street", view, camera, Environment(picture), lamp, planes, 1.0 if not is_overcast else 1.25, lean=-side * lean
    )


SCENES = {"studio": studio, "street": street}


def _camera(
    rng: np.random.Generator, side: float, field_of_view: float, heights: tuple[float, float], most_yaw: float
) -> tuple[Camera, str]:
    """Side-on to `most_yaw` degrees, at a phone's height, some metres off."""
    yaw = rng.uniform(-most_yaw, most_yaw)
    angle = np.radians(yaw)
    target = BIKE_MIDDLE + [rng.uniform(-0.04, 0.04), 0.0, rng.uniform(-0.03, 0.02)]
    position = target + np.array([np.sin(angle), side * np.cos(angle), 0]) * 4.0
    position[2] = rng.uniform(*heights)
    facing = "right" if side < 0 else "left"
    return Camera(position, target, field_of_view), f"{'side' if abs(yaw) < 12 else 'angled'}_facing_{facing}"


def _step_back(camera: Camera, bike: Bike, aspect: float, filled: float) -> Camera:
    """Move along the ground until the bike fills that share of the picture's width, or 0.9 of it of the height."""
    for _ in range(4):
        place = camera.project(bike.points, round(1000 * aspect), 1000)
        share = max(np.ptp(place[:, 0]) / (1000 * aspect), np.ptp(place[:, 1]) / 900)
        away = camera.position - camera.target
        away[:2] *= share / filled
        camera = replace(camera, position=camera.target + away)
    return camera


def _street_surroundings(
    rng: np.random.Generator, sun: np.ndarray, side: float, wall: np.ndarray, ground: np.ndarray, is_overcast: bool
) -> np.ndarray:
    elevation, azimuth = _angles(128)
    height = np.clip(np.sin(elevation), 0, 1)[..., None]
    zenith, horizon = np.array([0.40, 0.55, 0.80]), np.array([0.88, 0.92, 0.98])
    if is_overcast:
        zenith, horizon = np.array([0.92, 0.95, 1.0]), np.array([0.75, 0.78, 0.82])
    picture = horizon + (zenith - horizon) * np.sqrt(height)
    clouds = noise_2d(elevation.shape, 40, rng, 4)
    picture = picture + np.clip(clouds - 0.4, 0, 1)[..., None] * 0.35
    direction = np.stack(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)], 2
    )
    glow = np.maximum(direction @ sun, 0)
    picture += (0.9 * glow**12 + (0 if is_overcast else 14) * glow**500)[..., None] * np.array([1.0, 0.93, 0.8])
    # Across the street: roofs and trees; behind the bike: the wall.
    profile = 0.30 + 0.10 * noise_2d((1, elevation.shape[1]), 14, rng, 3)[0]
    far = np.array([0.20, 0.19, 0.17]) * (1 + 0.25 * noise_2d(elevation.shape, 6, rng, 2))[..., None]
    picture = np.where((elevation < profile[None])[..., None], far, picture)
    behind = -side * np.sin(azimuth)
    picture = np.where(((elevation < 0.95) & (behind > 0.25))[..., None], wall * 0.85, picture)
    picture = np.where((elevation < 0)[..., None], ground * 0.9, picture)
    return cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 0.7)


def _darken_foot(wall: np.ndarray, ground: np.ndarray) -> None:
    """Dirt and dim light gather where wall and ground meet."""
    rows = np.arange(40, dtype=np.float32)
    fade = 1 - 0.55 * np.exp(-rows / 9)
    wall[-40:] *= fade[::-1, None, None]
    ground[:40] *= fade[:, None, None]


def _angles(rows: int) -> tuple[np.ndarray, np.ndarray]:
    elevation = np.pi / 2 - (np.arange(rows) + 0.5) / rows * np.pi
    azimuth = (np.arange(2 * rows) + 0.5) / (2 * rows) * 2 * np.pi
    return tuple(np.meshgrid(elevation, azimuth, indexing="ij"))


def _direction(elevation: float, azimuth: float) -> np.ndarray:
    return np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])


def _softbox(
    elevation: np.ndarray, azimuth: np.ndarray, at: float, around: float, tall: float, wide: float, strength: float
) -> np.ndarray:
    """A lit panel with soft edges; half-sizes in radians."""
    turn = np.abs((azimuth - around + np.pi) % (2 * np.pi) - np.pi)
    edge = np.clip((tall - np.abs(elevation - at)) / 0.08, 0, 1) * np.clip((wide - turn) / 0.08, 0, 1)
    return (edge * strength)[..., None].astype(np.float32)
