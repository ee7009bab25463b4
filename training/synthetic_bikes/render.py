"""Twin pictures: one bike, intact and broken, sharing all else; with part labels and the defect's mask."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from training.synthetic_bikes.damage import Damage
from training.synthetic_bikes.geometry import PARTS, Bike, rotation_about
from training.synthetic_bikes.lighting import Shadows
from training.synthetic_bikes.look import look_of
from training.synthetic_bikes.raster import Rasteriser, Surface
from training.synthetic_bikes.scene import Scene
from training.synthetic_bikes.shading import shade
from training.synthetic_bikes.wear import lay_over

__all__ = ["Exposure", "Picture", "render_twins"]

SUPERSAMPLING = 3  # pixels drawn for each side of a pixel written
WORN = 0.35  # a point worn by this much counts as defect
MOVED = 0.004  # metres; a triangle that moved less has not visibly moved


@dataclass
class Picture:
    """image (H, W, 3) uint8 RGB; part_labels (H, W) uint8; mask (H, W) bool: the defect, empty when intact."""

    image: np.ndarray
    part_labels: np.ndarray
    mask: np.ndarray


@dataclass(frozen=True)
class Exposure:
    """A phone camera's mild faults. noise: deviation in 1/255; blur: sigma in pixels; quality: of the JPEG."""

    noise: float
    blur: float
    vignette: float
    warmth: float
    quality: int
    seed: int

    @classmethod
    def random(cls, rng: np.random.Generator, quality: int | None = None) -> "Exposure":
        return cls(
            rng.uniform(0.8, 2.6), rng.uniform(0.25, 0.55), rng.uniform(0.02, 0.12), rng.normal(0, 0.02),
            quality or int(rng.integers(82, 95)), int(rng.integers(2**31)),
        )  # fmt: skip

    def develop(self, radiance: np.ndarray) -> np.ndarray:
        """(H, W, 3) linear radiance to uint8 RGB: tone curve, vignette, blur, noise."""
        height, width = radiance.shape[:2]
        y, x = np.mgrid[:height, :width].astype(np.float32)
        away = np.hypot(x - width / 2, y - height / 2) / np.hypot(width / 2, height / 2)
        radiance = radiance * (1 - self.vignette * away**2)[..., None] * [1 + self.warmth, 1.0, 1 - self.warmth]
        # Straight up to 0.7, then a shoulder: highlights roll off as on film.
        encoded = np.maximum(radiance, 0) ** (1 / 2.2)
        encoded = np.where(encoded < 0.7, encoded, 0.7 + 0.3 * np.tanh((encoded - 0.7) / 0.3 * 0.85))
        encoded = encoded * encoded * (3 - 2 * encoded) * 0.22 + encoded * 0.78  # a little contrast
        encoded = cv2.GaussianBlur(encoded.astype(np.float32), (0, 0), self.blur)
        rng = np.random.default_rng(self.seed)
        grain = rng.normal(0, self.noise / 255, (height, width, 1)) + rng.normal(0, self.noise / 510, encoded.shape)
        return np.clip((encoded + grain) * 255 + 0.5, 0, 255).astype(np.uint8)


def render_twins(
    rasteriser: Rasteriser,
    bike: Bike,
    damage: Damage,
    scene: Scene,
    exposure: Exposure,
    size_wh: tuple[int, int],
    dust: float,
    seed: int,
) -> tuple[Picture, Picture]:
    """The intact and the damaged picture.

    Args:
        size_wh: width and height in pixels.
        dust: 0 to 1.
        seed: of the dust's pattern and the lamps' samples.
    """
    width, height = size_wh
    drawn = []
    bike, broken = (_lean(twin, scene.lean) for twin in (bike, damage.bike))
    for twin, wear in ((bike, None), (broken, damage.wear)):
        rasteriser.load(twin)
        shadows = Shadows(scene.key, scene.environment, np.random.default_rng([seed, 4]))
        shadows.draw(rasteriser)
        surface = rasteriser.surface(scene.camera, width * SUPERSAMPLING, height * SUPERSAMPLING)
        look = look_of(twin, surface, dust, seed)
        worn = np.zeros(len(surface.pixel)) if wear is None else lay_over(wear, twin, surface, look)
        radiance = _compose(surface, shade(surface, look, shadows), _backdrop(scene, shadows, width, height))
        drawn.append((surface, worn, exposure.develop(radiance * scene.exposure)))
    labels = [_part_labels(twin, each[0], width, height) for twin, each in zip((bike, broken), drawn, strict=True)]
    if damage.is_missing:  # labelled where it should be
        labels[1] = np.where((labels[1] == 0) & (labels[0] == PARTS[damage.part]), labels[0], labels[1])
    mask = _defect_mask((bike, broken), damage, scene, [each[0] for each in drawn], drawn[1][1], width, height)
    return Picture(drawn[0][2], labels[0], np.zeros_like(mask)), Picture(drawn[1][2], labels[1], mask)


def _compose(surface: Surface, colours: np.ndarray, backdrop: np.ndarray) -> np.ndarray:
    """Lay the bike's fine pixels over the backdrop, averaging each block of them."""
    height, width = backdrop.shape[:2]
    fine_width = width * SUPERSAMPLING
    row, column = surface.pixel // fine_width // SUPERSAMPLING, surface.pixel % fine_width // SUPERSAMPLING
    block = row * width + column
    covered = np.bincount(block, minlength=height * width) / SUPERSAMPLING**2
    # Glints are capped before averaging, as a sensor would, or they leave jagged white dots.
    sums = [np.bincount(block, np.minimum(colours[:, k], 2.5), height * width) / SUPERSAMPLING**2 for k in range(3)]
    bike = np.stack(sums, axis=1).reshape(height, width, 3)
    return bike + backdrop * (1 - covered.reshape(height, width, 1))


def _backdrop(scene: Scene, shadows: Shadows, width: int, height: int) -> np.ndarray:
    """(H, W, 3) radiance of the planes behind the bike; the studio's floor runs into its far wall."""
    rays = scene.camera.rays(width, height)
    picture, nearest = np.zeros((height, width, 3), np.float32), np.full((height, width), np.inf)
    for plane in scene.planes:
        distance, column, row = plane.hit(scene.camera.position, rays)
        is_nearer = distance < nearest
        picture[is_nearer] = plane.radiance(shadows, column, row)[is_nearer]
        nearest[is_nearer] = distance[is_nearer]
    if scene.haze is None:
        return cv2.GaussianBlur(picture, (0, 0), 0.6)
    # The sweep: behind the bike the floor bends up into a wall, a little darker with height.
    floor_light = np.median(picture[-height // 12 :], axis=(0, 1))
    wall = floor_light * (0.97 - 0.9 * np.clip(rays[..., 2] + 0.06, 0, 0.4))[..., None]
    place = scene.camera.position + rays * np.minimum(nearest, 50)[..., None]
    behind = place[..., 1] * -np.sign(scene.camera.position[1])
    share = np.where(np.isfinite(nearest), np.clip((behind - 0.5) / 1.4, 0, 1), 1.0)
    share = (share * share * (3 - 2 * share))[..., None]
    return (picture + (wall - picture) * share).astype(np.float32)


def _part_labels(bike: Bike, surface: Surface, width: int, height: int) -> np.ndarray:
    """(H, W) uint8: in each pixel the part that covers most of it, background where less than a third is bike."""
    fine = np.zeros(width * height * SUPERSAMPLING**2, np.uint8)
    fine[surface.pixel] = bike.part_ids[surface.triangle]
    fine = fine.reshape(height * SUPERSAMPLING, width * SUPERSAMPLING)
    shares = np.stack([_shrink(fine == part, width, height) for part in range(1, len(PARTS) + 1)])
    return np.where(shares.sum(axis=0) > 0.33, shares.argmax(axis=0) + 1, 0).astype(np.uint8)


def _defect_mask(
    twins: tuple[Bike, Bike],
    damage: Damage,
    scene: Scene,
    surfaces: list[Surface],
    worn: np.ndarray,
    width: int,
    height: int,
) -> np.ndarray:
    """(H, W) bool."""
    bike, broken = twins
    reach = max(1, round(width * 0.006))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    if damage.is_missing:
        removed = scene.camera.project(bike.points[bike.points_of(damage.affected)], width, height)
        hull = cv2.convexHull(removed.astype(np.float32))
        mask = cv2.fillConvexPoly(np.zeros((height, width), np.uint8), np.round(hull).astype(np.int32), 1)
        return cv2.dilate(mask, disc).astype(bool)
    fine = np.zeros(width * height * SUPERSAMPLING**2, np.uint8)
    if damage.wear is not None:
        fine[surfaces[1].pixel] = worn > WORN
    else:
        step = np.linalg.norm(broken.points - bike.points, axis=1)
        changed = damage.affected & ((step[bike.triangles].max(axis=1) > MOVED) | broken.is_hidden)
        for surface in surfaces:
            fine[surface.pixel] |= changed[surface.triangle]
    fine = fine.reshape(height * SUPERSAMPLING, width * SUPERSAMPLING)
    mask = (_shrink(fine, width, height) > 0.2).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc)
    if damage.part in ("front_wheel", "rear_wheel"):  # what lies between bent spokes belongs to the defect
        outlines = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
        mask = cv2.drawContours(mask, outlines, -1, 1, cv2.FILLED)
    return mask.astype(bool)


def _lean(bike: Bike, angle: float) -> Bike:
    """Tipped about the line where it stands, towards +y."""
    turn = rotation_about(np.array([1.0, 0.0, 0.0]), -angle)
    return replace(bike, points=bike.points @ turn.T, normals=bike.normals @ turn.T)


def _shrink(fine: np.ndarray, width: int, height: int) -> np.ndarray:
    return cv2.resize(fine.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
