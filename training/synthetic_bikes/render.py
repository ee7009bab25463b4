"""Twin pictures: one bike, intact and broken, sharing all else; with part labels and the defect's mask."""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from training.synthetic_bikes.backdrop import Backdrop, build_backdrop
from training.synthetic_bikes.camera_faults import CameraFaults
from training.synthetic_bikes.damage import Wreck
from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.lighting import Shadows
from training.synthetic_bikes.look import Look, look_of
from training.synthetic_bikes.masks import Shown, draw_defects, label_parts
from training.synthetic_bikes.raster import Rasteriser, Surface
from training.synthetic_bikes.scenes import Scene
from training.synthetic_bikes.shading import shade
from training.synthetic_bikes.steering import steer
from training.synthetic_bikes.wear import Wear, lay_over

__all__ = ["Picture", "is_shown", "render_twins"]

SUPERSAMPLING = 3  # pixels drawn for each side of a pixel written


@dataclass
class Picture:
    """image (H, W, 3) uint8 RGB; part_labels (H, W) uint8; masks (H, W) bool, one a damage, none when intact.

    visible_fraction: share of the bike that is in the picture and not behind something, 0 to 1.
    """

    image: np.ndarray
    part_labels: np.ndarray
    visible_fraction: float
    masks: list[np.ndarray] = field(default_factory=list)

    @property
    def mask(self) -> np.ndarray:
        """(H, W) bool: all of the damage."""
        return np.any([np.zeros(self.part_labels.shape, bool), *self.masks], axis=0)


def render_twins(
    rasteriser: Rasteriser,
    wreck: Wreck,
    dirt: list[Wear],
    scene: Scene,
    faults: CameraFaults,
    size_wh: tuple[int, int],
    dust: float,
    seed: int,
    fineness: int = SUPERSAMPLING,
) -> tuple[Picture, Picture]:
    """The intact and the damaged picture.

    Args:
        dirt: layers on both twins.
        size_wh: width and height in pixels.
        dust: 0 to 1.
        seed: of the dust's pattern and the lamps' samples.
        fineness: pixels drawn for each side of a pixel written.
    """
    width, height = size_wh
    backdrop = build_backdrop(rasteriser, scene, size_wh, fineness, seed)
    radiances, shown, worn = [], [], []
    twins = [scene.set_up(steer(bike)) for bike in (wreck.intact, wreck.bike)]
    for twin, damages, shadows in zip(twins, ([], wreck.damages), _cast(twins, scene, seed), strict=True):
        rasteriser.load(twin)
        drawn, surface = _draw(rasteriser, twin, scene, backdrop.depth, fineness)
        look = look_of(twin, surface, dust, seed)
        worn = [_lay_over(damage.wear, drawn, surface, look) for damage in damages]
        for wear in dirt:  # over the damage: it has been out in the rain since
            lay_over(wear, twin, surface, look)
        light = _light_on(surface, scene, backdrop, shadows)
        sky, lamp = shade(surface, look, scene.environment, scene.key, *light)
        radiance = _compose(surface, sky + lamp, backdrop, backdrop.radiance(shadows), size_wh, fineness)
        radiances.append(faults.bent(radiance))
        shown.append(drawn)
    metering = faults.meter(radiances[0])
    intact, damaged = (
        Picture(faults.develop(radiance, metering), label_parts(each), _visible_fraction(rasteriser, each))
        for radiance, each in zip(radiances, shown, strict=True)
    )
    damaged.masks = draw_defects(*shown, wreck.damages, worn)
    _label_missing(intact, damaged, wreck)
    for picture in (intact, damaged):
        picture.part_labels = faults.bent(picture.part_labels, cv2.INTER_NEAREST)
        picture.masks = [faults.bent(mask.astype(np.uint8), cv2.INTER_NEAREST) > 0 for mask in picture.masks]
    return intact, damaged


def _cast(twins: list[Bike], scene: Scene, seed: int) -> list[Shadows]:
    """Each twin's shadows; those of all that is alike are drawn once."""
    intact, broken = twins
    is_alike = (intact.points == broken.points).all(axis=1)[intact.triangles].all(axis=1)
    is_alike &= ~(intact.is_hidden | broken.is_hidden)
    shared = Shadows(scene.key, scene.environment, np.random.default_rng([seed, 4]))
    shared.draw(intact, is_alike)
    cast = [shared, shared.copy()]
    for shadows, twin in zip(cast, twins, strict=True):
        shadows.draw(twin, ~is_alike)
    return cast


def is_shown(rasteriser: Rasteriser, wreck: Wreck, scene: Scene, size_wh: tuple[int, int], least: float) -> bool:
    """Whether the last damage of a wreck changes at least that share of the picture."""
    settled = wreck.copy()
    settled.settle()
    damage, shown, worn = settled.damages[-1], [], None
    front = np.full(size_wh[::-1], np.inf, np.float32)
    if scene.props is not None:
        rasteriser.load(scene.props)
        front = rasteriser.draw(scene.camera, *size_wh)[1]
    for bike in (settled.intact, settled.bike):
        twin = scene.set_up(steer(bike))
        rasteriser.load(twin)
        drawn, surface = _draw(rasteriser, twin, scene, front, 1)
        if damage.wear is not None:
            worn = _lay_over(damage.wear, drawn, surface, look_of(twin, surface, 0.0, 0))
        shown.append(drawn)
    seen = replace(damage, gone=[], placed=[], is_hull=False)
    return draw_defects(*shown, [seen], [worn])[0].mean() >= least


def _draw(rasteriser: Rasteriser, twin: Bike, scene: Scene, front: np.ndarray, fineness: int) -> tuple[Shown, Surface]:
    """What of the loaded bike shows past the props, `front` (h, w) metres ahead in fine pixels."""
    triangles, depth = rasteriser.draw(scene.camera, front.shape[1], front.shape[0])
    triangles[depth > front] = -1
    shown = Shown(twin, scene.camera, triangles, depth, front, fineness)
    return shown, rasteriser.surface(scene.camera, triangles, fineness)


def _lay_over(wear: Wear | None, shown: Shown, surface: Surface, look: Look) -> np.ndarray | None:
    """Change the look; return the share (h, w) of each fine pixel that is worn."""
    if wear is None:
        return None
    worn = np.zeros(shown.triangles.shape)
    worn.ravel()[surface.fine_pixel] = lay_over(wear, shown.bike, surface, look)[surface.fine_fragment]
    return worn


def _label_missing(intact: Picture, damaged: Picture, wreck: Wreck) -> None:
    """A missing part is labelled where it should be."""
    for damage, mask in zip(wreck.damages, damaged.masks, strict=True):
        if damage.gone:
            was = mask & (damaged.part_labels == 0)
            damaged.part_labels[was] = intact.part_labels[was]


def _light_on(surface: Surface, scene: Scene, backdrop: Backdrop, shadows: Shadows) -> tuple[np.ndarray, np.ndarray]:
    """Shares (K,) of the key lamp and of the sky that reach the bike, past itself and what stands about."""
    point = surface.point + 0.002 * surface.normal
    visible, openness = shadows.key_visibility(point), shadows.openness(point, surface.normal)
    if backdrop.cast is not None:
        visible = visible * backdrop.cast.key_visibility(point)
        openness = openness * backdrop.cast.openness(point, surface.normal)
    return visible if scene.pattern is None else visible * scene.pattern(point), openness


def _compose(
    surface: Surface, colours: np.ndarray, backdrop: Backdrop, behind: np.ndarray, size_wh: tuple[int, int], side: int
) -> np.ndarray:
    """(H, W, 3): of each pixel the bike's and the props' fragments, weighted by fine pixels; the rest is plane."""
    pixels, fine = size_wh[0] * size_wh[1], side**2
    is_bike = np.zeros(pixels * fine, bool)
    is_bike[surface.fine_pixel] = True
    layers = [(surface.pixel, colours, np.bincount(surface.fine_fragment, minlength=len(colours)))]
    if backdrop.props is not None:
        props = backdrop.props
        shown = props.fine_fragment[~is_bike[props.fine_pixel]]
        layers.append((props.pixel, behind[pixels:], np.bincount(shown, minlength=len(props.pixel))))
    total, covered = np.zeros((pixels, 3)), np.zeros(pixels)
    for pixel, colour, count in layers:
        covered += np.bincount(pixel, count, pixels)
        # Glints are capped before averaging, as a sensor would, or they leave jagged white dots.
        for k in range(3):
            total[:, k] += np.bincount(pixel, count * np.minimum(colour[:, k], 2.5), pixels)
    total = total / fine + behind[:pixels] * (1 - covered / fine)[:, None]
    return total.reshape(size_wh[1], size_wh[0], 3).astype(np.float32)


def _visible_fraction(rasteriser: Rasteriser, shown: Shown) -> float:
    """Share of the bike's pixels that are in the picture and not behind something: 0 to 1."""
    width, height = shown.size_wh
    camera = shown.camera
    angle = np.degrees(2 * np.arctan(2 * np.tan(np.radians(camera.field_of_view / 2))))
    rasteriser.load(shown.bike)
    wide, _ = rasteriser.draw(replace(camera, field_of_view=angle), 2 * width, 2 * height)
    whole = np.count_nonzero(wide >= 0)
    return min(1.0, np.count_nonzero(shown.triangles >= 0) / shown.fineness**2 / max(whole, 1))
