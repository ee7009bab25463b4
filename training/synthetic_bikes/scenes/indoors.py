"""Places under a roof: a photographer's studio, and a depot or workshop."""

import numpy as np

from training.synthetic_bikes.lighting import Environment, KeyLamp
from training.synthetic_bikes.patchwork import lined
from training.synthetic_bikes.props.clutter import bags, boxes, pallet, shelf, tyres, workbench
from training.synthetic_bikes.props.repair_stand import repair_stand
from training.synthetic_bikes.props.vehicles import parked_bike
from training.synthetic_bikes.scenes.cameras import Viewpoint
from training.synthetic_bikes.scenes.scene import Place, ground_plane, wall_plane
from training.synthetic_bikes.scenes.site import Site
from training.synthetic_bikes.scenes.skies import angles_of, direction, panel
from training.synthetic_bikes.textures import Texture

__all__ = ["depot", "studio", "workshop"]

ROWS = 128  # of the pictures of the surroundings


def studio(site: Site) -> Place:
    """A pale sweep under softboxes."""
    rng = site.rng
    tone = rng.uniform(0.62, 0.92)
    colour = (np.array([tone, tone, tone]) * (1 + rng.normal(0, 0.008, 3))).astype(np.float32)
    sheet = Texture(
        lambda x, y, footprint: np.broadcast_to(colour, (len(x), 3)),
        lambda x, y, footprint: np.zeros(len(x), np.float32),
    )
    elevation, azimuth = angles_of(ROWS)
    picture = np.ones((ROWS, 2 * ROWS, 3), np.float32) * 0.62
    picture *= np.where(elevation < 0, 0.85 * tone, 0.75 + 0.25 * np.sin(np.maximum(elevation, 0)))[..., None]
    toward_camera = np.arctan2(site.side, 0.0)
    picture += panel(elevation, azimuth, 1.15, toward_camera + rng.uniform(-0.5, 0.5), 0.35, 1.1, 3.2)
    picture += panel(elevation, azimuth, 0.45, toward_camera + 1.0, 0.45, 0.22, 2.2)
    picture += panel(elevation, azimuth, 0.40, toward_camera - 1.1, 0.45, 0.18, 1.6)
    key = direction(np.radians(rng.uniform(48, 66)), toward_camera + rng.uniform(-0.9, 0.9))
    lamp = KeyLamp(key, np.array([1.0, 0.985, 0.96]) * 0.55, spread=rng.uniform(9, 15))
    view = Viewpoint((17.0, 26.0), 35.0, (0.7, 1.1), (0.78, 0.90), 0.04, 0.3)
    planes = [ground_plane(site.side, sheet)]
    return Place(
        Environment(picture), lamp, planes, lambda rays: np.tile(colour, (len(rays), 1)), view, is_sweep=True,
        exposure=rng.uniform(1.3, 1.75),
    )  # fmt: skip


def depot(site: Site) -> Place:
    """A hall of bikes, shelves and crates under strip lights."""
    rng = site.rng
    tipped, away = site.lean_on_wall()
    is_deep = rng.random() < 0.5
    if is_deep:
        tipped, away = 0.0 if site.bike.design.has_stand else np.radians(rng.uniform(1, 4)), rng.uniform(1.8, 4.0)
    ground = site.draw_ground("floor", "floor", "floor", "asphalt", "boards")
    wall = site.draw_wall("plaster", "plaster", "concrete", "brick", "shutter", "planks", "tiles")
    makers = (shelf, workbench, boxes, boxes, pallet, tyres, bags)
    for _ in range(rng.integers(1, 6)):
        across = rng.choice([-1, 1]) * rng.uniform(1.3, 3.2) if not is_deep else rng.uniform(-3, 3)
        depth = away - rng.uniform(0.35, 0.6) if is_deep else max(away - 0.4, 0.1)
        site.stage.place(makers[rng.integers(len(makers))](rng), across, depth, rng.normal(0, 0.08))
    for _ in range(rng.integers(0, 4) if is_deep else rng.integers(0, 2)):
        across = rng.uniform(-2.0, 2.0) if is_deep else rng.choice([-1, 1]) * rng.uniform(1.5, 2.0)
        depth = rng.uniform(0.7, away - 0.6) if is_deep else max(away - 0.45, 0.1)
        site.stage.place(parked_bike(rng, 0.02), across, depth, rng.normal(0, 0.3))
    if rng.random() < 0.3:
        ground = lined(ground, rng.uniform(-0.9, max(away - 0.3, 0.1)), rng)
    environment, lamp = _strip_lights(rng, site.side)
    planes = [ground_plane(site.side, ground), wall_plane(site.side, wall, away)]
    view = Viewpoint(height=(0.6, 1.8), field_of_view=(34.0, 58.0))
    return Place(environment, lamp, planes, lambda rays: np.full((len(rays), 3), 0.2), view, tipped, darkness=0.25)


def workshop(site: Site) -> Place:
    """A bike clamped into a repair stand, before a wall of shelves and benches: it needs no wheels to be held up."""
    rng, layout = site.rng, site.bike.layout
    lift, away = rng.uniform(0.18, 0.50), rng.uniform(0.9, 2.2)
    clamp = layout.seat_top - 0.07 * layout.seat_direction  # on the frame: posts and saddles may be missing
    site.stage.place(repair_stand(rng, clamp[2] + lift), -site.side * clamp[0], 0.0)
    for _ in range(rng.integers(2, 6)):
        maker = (shelf, workbench, workbench, boxes, tyres)[rng.integers(5)]
        site.stage.place(maker(rng), rng.uniform(-2.5, 2.5), away - rng.uniform(0.3, 0.45), rng.normal(0, 0.05))
    environment, lamp = _strip_lights(rng, site.side)
    ground, wall = (
        site.draw_ground("floor", "floor", "boards"),
        site.draw_wall("plaster", "plaster", "concrete", "planks"),
    )
    planes = [ground_plane(site.side, ground), wall_plane(site.side, wall, away)]
    view = Viewpoint(height=(0.6, 1.5), field_of_view=(34.0, 58.0))
    return Place(environment, lamp, planes, lambda rays: np.full((len(rays), 3), 0.2), view, lift=lift, darkness=0.2)


def _strip_lights(rng: np.random.Generator, side: float) -> tuple[Environment, KeyLamp]:
    elevation, azimuth = angles_of(ROWS)
    tone = np.array([(1.0, 0.97, 0.90), (0.93, 1.0, 0.97), (1.0, 0.86, 0.68)][rng.integers(3)])
    picture = np.where((elevation > 0)[..., None], 0.30, 0.14) * np.ones((1, 1, 3))
    for around in rng.uniform(0, 2 * np.pi, rng.integers(3, 7)):
        picture = picture + panel(elevation, azimuth, rng.uniform(0.7, 1.3), around, 0.07, 0.5, rng.uniform(4, 9))
    if rng.random() < 0.5:  # a door or a window stands open to the day
        picture = picture + panel(elevation, azimuth, 0.2, np.arctan2(side, 0) + rng.uniform(-1, 1), 0.3, 0.35, 3.0)
    key = direction(np.radians(rng.uniform(55, 80)), rng.uniform(0, 2 * np.pi))
    return Environment(picture * tone), KeyLamp(key, tone * rng.uniform(0.2, 0.5), spread=rng.uniform(7, 16))
