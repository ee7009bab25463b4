"""Twin pictures: one bike, intact and broken, sharing all else; with part labels and the defect's mask."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from training.synthetic_bikes.backdrop import Backdrop, build_backdrop
from training.synthetic_bikes.camera_faults import CameraFaults
from training.synthetic_bikes.damage import Damage
from training.synthetic_bikes.geometry import PARTS, Bike, rotation_about
from training.synthetic_bikes.lighting import BIKE_MIDDLE, Shadows
from training.synthetic_bikes.look import look_of
from training.synthetic_bikes.raster import Rasteriser, Surface
from training.synthetic_bikes.scenes import Scene
from training.synthetic_bikes.shading import shade
from training.synthetic_bikes.wear import lay_over

__all__ = ["Picture", "render_twins"]

SUPERSAMPLING = 3  # pixels drawn for each side of a pixel written
WORN = 0.35  # a point worn by this much counts as defect
MOVED = 0.004  # metres; a triangle that moved less has not visibly moved


@dataclass
class Picture:
    """image (H, W, 3) uint8 RGB; part_labels (H, W) uint8; mask (H, W) bool: the defect, empty when intact.

    visible_fraction: share of the bike that is in the picture and not behind something, 0 to 1.
    """

    image: np.ndarray
    part_labels: np.ndarray
    mask: np.ndarray
    visible_fraction: float = 1.0


def render_twins(
    rasteriser: Rasteriser,
    bike: Bike,
    damage: Damage,
    scene: Scene,
    faults: CameraFaults,
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
    backdrop = build_backdrop(rasteriser, scene, size_wh, SUPERSAMPLING, seed)
    for twin, wear in ((bike, None), (broken, damage.wear)):
        rasteriser.load(twin)
        shadows = Shadows(scene.key, scene.environment, np.random.default_rng([seed, 4]))
        shadows.draw(twin)
        triangles, depth = rasteriser.draw(scene.camera, width * SUPERSAMPLING, height * SUPERSAMPLING)
        triangles[depth > backdrop.depth] = -1
        surface = rasteriser.surface(scene.camera, triangles, SUPERSAMPLING)
        look = look_of(twin, surface, dust, seed)
        worn = np.zeros(len(surface.pixel)) if wear is None else lay_over(wear, twin, surface, look)
        light = _light_on(surface, scene, backdrop, shadows)
        sky, lamp = shade(surface, look, scene.environment, scene.key, *light)
        radiance = _compose(surface, sky + lamp, backdrop, backdrop.radiance(shadows), width, height)
        drawn.append(
            (surface, worn, faults.bent(radiance), _visible_fraction(rasteriser, twin, scene, surface, size_wh))
        )
    metering = faults.meter(drawn[0][2])
    images = [faults.develop(each[2], metering) for each in drawn]
    labels = [_part_labels(twin, each[0], width, height) for twin, each in zip((bike, broken), drawn, strict=True)]
    occluded = _occluded(rasteriser, (bike, broken), scene, backdrop, size_wh)
    if damage.is_missing:  # labelled where it should be
        labels[1] = np.where((labels[1] == 0) & (labels[0] == PARTS[damage.part]), labels[0], labels[1])
    mask = _defect_mask((bike, broken), damage, scene, [each[0] for each in drawn], drawn[1][1], width, height)
    mask = faults.bent((mask & ~occluded).astype(np.uint8), cv2.INTER_NEAREST).astype(bool)
    labels = [faults.bent(each, cv2.INTER_NEAREST) for each in labels]
    return (
        Picture(images[0], labels[0], np.zeros_like(mask), drawn[0][3]),
        Picture(images[1], labels[1], mask, drawn[1][3]),
    )


def _light_on(surface: Surface, scene: Scene, backdrop: Backdrop, shadows: Shadows) -> tuple[np.ndarray, np.ndarray]:
    """Shares (K,) of the key lamp and of the sky that reach the bike, past itself and what stands about."""
    point = surface.point + 0.002 * surface.normal
    visible, openness = shadows.key_visibility(point), shadows.openness(point, surface.normal)
    if backdrop.cast is not None:
        visible = visible * backdrop.cast.key_visibility(point)
        openness = openness * backdrop.cast.openness(point, surface.normal)
    return visible if scene.pattern is None else visible * scene.pattern(point), openness


def _compose(
    surface: Surface, colours: np.ndarray, backdrop: Backdrop, behind: np.ndarray, width: int, height: int
) -> np.ndarray:
    """(H, W, 3): each pixel's fragments, the bike's and the props', weighted by their fine pixels; the rest is plane."""
    pixels, fine = width * height, SUPERSAMPLING**2
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
    return total.reshape(height, width, 3).astype(np.float32)


def _occluded(
    rasteriser: Rasteriser, twins: tuple[Bike, Bike], scene: Scene, backdrop: Backdrop, size_wh: tuple[int, int]
) -> np.ndarray:
    """(H, W) bool: where something stands in front of where the bike is or was."""
    width, height = size_wh
    if backdrop.props is None:
        return np.zeros((height, width), bool)
    distance = np.linalg.norm(scene.camera.position[:2] - BIKE_MIDDLE[:2])
    nearest = min(((twin.points - scene.camera.position) @ scene.camera.axes()[2]).min() for twin in twins)
    return _shrink(backdrop.depth < min(nearest, distance), width, height) > 0.5


def _visible_fraction(
    rasteriser: Rasteriser, bike: Bike, scene: Scene, surface: Surface, size_wh: tuple[int, int]
) -> float:
    """Share of the bike's pixels that are in the picture and not behind something: 0 to 1."""
    width, height = size_wh
    angle = np.degrees(2 * np.arctan(2 * np.tan(np.radians(scene.camera.field_of_view / 2))))
    wide, _ = rasteriser.draw(replace(scene.camera, field_of_view=angle), 2 * width, 2 * height)
    whole = np.count_nonzero(wide >= 0)
    return min(1.0, len(surface.fine_pixel) / SUPERSAMPLING**2 / max(whole, 1))


def _part_labels(bike: Bike, surface: Surface, width: int, height: int) -> np.ndarray:
    """(H, W) uint8: in each pixel the part that covers most of it, background where less than a third is bike."""
    fine = np.zeros(width * height * SUPERSAMPLING**2, np.uint8)
    fine[surface.fine_pixel] = bike.part_ids[surface.fine_triangle]
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
        fine[surfaces[1].fine_pixel] = (worn > WORN)[surfaces[1].fine_fragment]
    else:
        step = np.linalg.norm(broken.points - bike.points, axis=1)
        changed = damage.affected & ((step[bike.triangles].max(axis=1) > MOVED) | broken.is_hidden)
        for surface in surfaces:
            fine[surface.fine_pixel] |= changed[surface.fine_triangle]
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
