"""Twin pictures: one bike, intact and broken, sharing all else; with part labels and the defect's mask."""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from training.synthetic_bikes.damage import Wreck
from training.synthetic_bikes.geometry import Bike, rotation_about
from training.synthetic_bikes.lighting import Shadows
from training.synthetic_bikes.look import Look, look_of
from training.synthetic_bikes.masks import Shown, draw_defects, label_parts
from training.synthetic_bikes.raster import Rasteriser, Surface
from training.synthetic_bikes.scene import Scene
from training.synthetic_bikes.shading import shade
from training.synthetic_bikes.wear import Wear, lay_over

__all__ = ["Exposure", "Picture", "is_shown", "render_twins"]

SUPERSAMPLING = 3  # pixels drawn for each side of a pixel written


@dataclass
class Picture:
    """image (H, W, 3) uint8 RGB; part_labels (H, W) uint8; masks (H, W) bool, one a damage, none when intact.

    shown: which triangles.
    """

    image: np.ndarray
    part_labels: np.ndarray
    shown: Shown
    masks: list[np.ndarray] = field(default_factory=list)

    @property
    def mask(self) -> np.ndarray:
        """(H, W) bool: all of the damage."""
        return np.any([np.zeros(self.part_labels.shape, bool), *self.masks], axis=0)


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
    wreck: Wreck,
    dirt: list[Wear],
    scene: Scene,
    exposure: Exposure,
    size_wh: tuple[int, int],
    dust: float,
    seed: int,
) -> tuple[Picture, Picture]:
    """The intact and the damaged picture.

    Args:
        dirt: layers on both twins.
        size_wh: width and height in pixels.
        dust: 0 to 1.
        seed: of the dust's pattern and the lamps' samples.
    """
    width, height = size_wh
    pictures, worn = [], []
    for twin, damages in ((wreck.intact, []), (wreck.bike, wreck.damages)):
        twin = _lean(twin, scene.lean)
        rasteriser.load(twin)
        shadows = Shadows(scene.key, scene.environment, np.random.default_rng([seed, 4]))
        shadows.draw(rasteriser)
        surface = rasteriser.surface(scene.camera, width * SUPERSAMPLING, height * SUPERSAMPLING)
        shown = Shown(twin, scene.camera, _fine(surface, surface.triangle, -1, size_wh), SUPERSAMPLING)
        look = look_of(twin, surface, dust, seed)
        worn = [_lay_over(damage.wear, twin, surface, look, size_wh) for damage in damages]
        for wear in dirt:  # over the damage: it has been out in the rain since
            lay_over(wear, twin, surface, look)
        radiance = _compose(surface, shade(surface, look, shadows), _backdrop(scene, shadows, width, height))
        pictures.append(Picture(exposure.develop(radiance * scene.exposure), label_parts(shown), shown))
    intact, damaged = pictures
    damaged.masks = draw_defects(intact.shown, damaged.shown, wreck.damages, worn)
    # A missing part is labelled where it should be.
    for damage, mask in zip(wreck.damages, damaged.masks, strict=True):
        if damage.gone:
            was = mask & (damaged.part_labels == 0)
            damaged.part_labels[was] = intact.part_labels[was]
    return intact, damaged


def is_shown(rasteriser: Rasteriser, wreck: Wreck, scene: Scene, size_wh: tuple[int, int], least: float) -> bool:
    """Whether the last damage of a wreck changes at least that share of the picture."""
    settled = wreck.copy()
    settled.settle()
    damage, shown, worn = settled.damages[-1], [], None
    for twin in (settled.intact, settled.bike):
        twin = _lean(twin, scene.lean)
        rasteriser.load(twin)
        surface = rasteriser.surface(scene.camera, *size_wh)
        shown.append(Shown(twin, scene.camera, _fine(surface, surface.triangle, -1, size_wh, 1), 1))
        if damage.wear is not None:
            worn = _lay_over(damage.wear, twin, surface, look_of(twin, surface, 0.0, 0), size_wh, 1)
    seen = replace(damage, gone=[], is_hull=False)
    return draw_defects(*shown, [seen], [worn])[0].mean() >= least


def _lay_over(
    wear: Wear | None, bike: Bike, surface: Surface, look: Look, size_wh: tuple[int, int], fineness: int = SUPERSAMPLING
) -> np.ndarray | None:
    """Change the look; return the share (h, w) of each fine pixel that is worn."""
    return None if wear is None else _fine(surface, lay_over(wear, bike, surface, look), 0, size_wh, fineness)


def _fine(
    surface: Surface, values: np.ndarray, empty: float, size_wh: tuple[int, int], fineness: int = SUPERSAMPLING
) -> np.ndarray:
    """The values (K,) of the surface's points where they lie in the fine picture (h, w)."""
    fine = np.full(size_wh[0] * size_wh[1] * fineness**2, empty, values.dtype)
    fine[surface.pixel] = values
    return fine.reshape(size_wh[1] * fineness, size_wh[0] * fineness)


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


def _lean(bike: Bike, angle: float) -> Bike:
    """Tipped about the line where it stands, towards +y."""
    turn = rotation_about(np.array([1.0, 0.0, 0.0]), -angle)
    return replace(bike, points=bike.points @ turn.T, normals=bike.normals @ turn.T)
