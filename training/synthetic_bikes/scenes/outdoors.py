"""Places under the sky: street, yard, rack, roadside, park, snow, and the street at night."""

from collections.abc import Callable

import numpy as np

from training.synthetic_bikes.grounds import GROUNDS
from training.synthetic_bikes.lighting import KeyLamp
from training.synthetic_bikes.noise import Pattern
from training.synthetic_bikes.patchwork import bounded, kerbed, lined
from training.synthetic_bikes.props.clutter import bags, boxes, pallet, planks, tyres
from training.synthetic_bikes.props.plants import lawn, weeds
from training.synthetic_bikes.props.street_furniture import (
    bench,
    bin_,
    bollard,
    hoop,
    pole,
    railing,
    tree,
    wheel_holder,
)  # fmt: skip
from training.synthetic_bikes.props.vehicles import car, parked_bike
from training.synthetic_bikes.scenes.cameras import Viewpoint
from training.synthetic_bikes.scenes.scene import Place, ground_plane, wall_plane
from training.synthetic_bikes.scenes.site import Site
from training.synthetic_bikes.scenes.skies import Daylight, far_view, random_daylight, surroundings
from training.synthetic_bikes.textures import Texture

__all__ = ["night", "park", "rack", "roadside", "snow", "street", "yard"]

PAVED = ("asphalt", "asphalt", "slabs", "slabs", "cobbles", "pavers", "pavers")
MASONRY = ("brick", "brick", "plaster", "plaster", "concrete", "rubble", "shutter", "tiles", "shop_window", "planks")
NEUTRAL = np.array([0.25, 0.24, 0.22])


def street(site: Site) -> Place:
    """A pavement before a wall."""
    rng = site.rng
    tipped, away = site.lean_on_wall()
    ground, wall = site.draw_ground(*PAVED), site.draw_wall(*MASONRY)
    if rng.random() < 0.5:
        _set_aside(site, (pole, bin_, bin_, bench, bollard), away - 0.35)
    if rng.random() < 0.2:
        _park_beside(site, max(away - 0.5, 0.15))
    return _by_day(site, ground, wall, away, tipped)


def yard(site: Site) -> Place:
    """Behind the house: clutter before a wall or a fence."""
    rng = site.rng
    tipped, away = site.lean_on_wall()
    away += 0.4 if tipped == 0 else 0.0
    ground = site.draw_ground("asphalt", "gravel", "earth", "pavers", "slabs", "grass", "floor")
    wall = site.draw_wall("planks", "planks", "brick", "plaster", "shutter", "concrete", "hedge", "rubble")
    for _ in range(rng.integers(2, 6)):
        _set_aside(site, (boxes, pallet, planks, bags, tyres, bin_, bin_), away - 0.4)
    if rng.random() < 0.35:
        _park_beside(site, max(away - 0.45, 0.2))
    return _by_day(site, ground, wall, away, tipped)


def rack(site: Site) -> Place:
    """Among other bikes at hoops or wheel holders."""
    rng = site.rng
    has_wall = rng.random() < 0.5
    ground = site.draw_ground(*PAVED, "gravel")
    wall = site.draw_wall(*MASONRY, "hedge", "hedge") if has_wall else None
    away = rng.uniform(1.8, 3.5)
    pitch = rng.uniform(0.55, 0.9)
    if rng.random() < 0.7:
        for row in range(3):
            site.stage.place(hoop(rng), rng.normal(0, 0.06), 0.34 + row * pitch)
    else:
        site.stage.place(wheel_holder(rng, 7), rng.choice([-0.55, 0.55]), 0.9, np.pi / 2)
    for row in range(rng.integers(1, 4)):
        if rng.random() < 0.85:
            lean = rng.normal(0, 0.06)
            site.stage.place(parked_bike(rng, lean), rng.normal(0, 0.25), 0.62 + row * pitch, rng.normal(0, 0.06))
    if rng.random() < 0.5:
        _set_aside(site, (bin_, pole, tree, bollard), 1.5)
    tipped = 0.0 if site.bike.design.has_stand else np.radians(rng.uniform(1.0, 4.0))
    return _by_day(site, ground, wall, away, tipped, far="houses" if rng.random() < 0.6 else "trees")


def roadside(site: Site) -> Place:
    """Cars stand behind the bike; houses or trees beyond."""
    rng = site.rng
    ground = site.draw_ground(*PAVED)
    tipped = _prop_up(site)
    away = rng.uniform(1.9, 3.2)
    x = rng.uniform(-3.5, 0.0)
    for _ in range(2):
        site.stage.place(car(rng), x, away, np.pi * rng.integers(2) + rng.normal(0, 0.02))
        x += rng.uniform(4.8, 6.5)
    if rng.random() < 0.4:
        _set_aside(site, (pole, bin_, tree, bollard), 1.0)
    has_wall = rng.random() < 0.6
    wall = site.draw_wall(*MASONRY, "hedge") if has_wall else None
    return _by_day(site, ground, wall, away + rng.uniform(2.5, 7.0), tipped, far="houses")


def park(site: Site) -> Place:
    """Grass or a path, with trees, a hedge or open country behind."""
    rng = site.rng
    ground = site.draw_ground("grass", "grass", "grass", "gravel", "earth")
    tipped = _prop_up(site)
    for _ in range(rng.integers(0, 4)):
        site.stage.place(tree(rng), rng.uniform(-4.0, 4.0), rng.uniform(1.5, 8.0))
    if rng.random() < 0.25:
        site.stage.place(bench(rng), rng.uniform(-1.5, 1.5), rng.uniform(1.0, 2.5), rng.normal(0, 0.2))
    if rng.random() < 0.2:
        site.stage.place(railing(rng, 12.0), 0.0, rng.uniform(1.0, 3.0))
    wall = site.draw_wall("hedge") if rng.random() < 0.35 else None
    tall = rng.uniform(1.1, 2.2)
    far = "trees" if rng.random() < 0.7 else "open"
    return _by_day(site, ground, wall, rng.uniform(1.0, 4.0), tipped, tall, far)


def snow(site: Site) -> Place:
    """Winter: snow on the ground, grey light."""
    rng = site.rng
    ground = site.draw_ground("snow")
    if rng.random() < 0.5:
        tipped, away = site.lean_on_wall()
        return _by_day(site, ground, site.draw_wall(*MASONRY), away, tipped, exposure=0.55)
    tipped = _prop_up(site)
    if rng.random() < 0.5:
        _set_aside(site, (tree, bench, pole, bin_), 1.5)
    return _by_day(site, ground, None, 3.0, tipped, far=str(rng.choice(["trees", "houses"])), exposure=0.55)


def night(site: Site) -> Place:
    """Under a street lamp; or before a lit window."""
    rng = site.rng
    tipped, away = site.lean_on_wall()
    ground, wall = site.draw_ground(*PAVED), site.draw_wall(*MASONRY)
    if rng.random() < 0.5:
        _set_aside(site, (pole, bin_, bollard, boxes), away - 0.35)
    glow = np.array([(1.0, 0.62, 0.28), (1.0, 0.80, 0.55), (0.85, 0.95, 1.0)][rng.integers(3)])
    foot = np.array([rng.uniform(-2.5, 2.5), site.side * rng.uniform(0.5, 2.5), rng.uniform(3.2, 5.0)])
    toward = foot / np.linalg.norm(foot)
    dusk = np.array([0.022, 0.026, 0.04]) * rng.uniform(0.6, 3.0)
    light = Daylight(toward, glow * 0.25, 2.0, dusk, dusk + 0.02 * glow)
    environment = surroundings(rng, light, site.side, NEUTRAL, NEUTRAL)
    lamp = KeyLamp(toward, glow * 0.55, rng.uniform(1.0, 2.5))

    def pool(points: np.ndarray) -> np.ndarray:
        """Light of a lamp falls off with the square of the distance."""
        return np.clip((np.linalg.norm(foot) / np.linalg.norm(points - foot, axis=1)) ** 2, 0, 2.5)

    planes = [ground_plane(site.side, ground), wall_plane(site.side, wall, away)]
    far = far_view(rng, light, "houses")
    return Place(environment, lamp, planes, far, Viewpoint(), tipped, pool, exposure=-1.0, darkness=1.0)


def _by_day(
    site: Site,
    ground: Texture,
    wall: Texture | None,
    away: float,
    tipped: float,
    tall: float = np.inf,
    far: str = "trees",
    exposure: float = 0.0,
) -> Place:
    """Sun or clouds over a ground, and a wall where there is one; under trees now and then."""
    rng = site.rng
    light = random_daylight(rng, site.side)
    if site.laid == "grass":
        site.stage.place(lawn(rng, _mean(ground)), 0.0, 0.0)
    elif wall is not None and site.laid != "snow" and rng.random() < 0.35:
        site.stage.place(weeds(rng), rng.uniform(-1, 1), away - 0.03)
    if away > 1.7 or wall is None:
        ground = _end_ground(site, ground, min(away, 5.0) if wall is None else away)
    planes, colours = [ground_plane(site.side, ground)], [_mean(ground)]
    if wall is not None:
        planes.append(wall_plane(site.side, wall, away, tall))
        colours.append(_mean(wall))
    environment = surroundings(rng, light, site.side, colours[0], colours[1] if wall is not None and away < 2 else None)
    pattern = _leaves(rng, light) if light.spread < 5 and rng.random() < 0.35 else None
    return Place(
        environment, light.lamp, planes, far_view(rng, light, far), Viewpoint(), tipped, pattern, exposure=exposure
    )


def _end_ground(site: Site, ground: Texture, room: float) -> Texture:
    """No ground goes on for ever: a kerb and road, a frayed edge, or a line; room: metres that there are."""
    rng = site.rng
    at, kind = rng.uniform(0.75, max(room, 1.2)), rng.random()
    if site.laid in ("grass", "earth", "gravel", "snow"):
        if kind < 0.55:
            beyond = GROUNDS[str(rng.choice(["earth", "gravel", "grass", "asphalt"]))](rng)
            return bounded(ground, beyond, at, rng, frayed=rng.uniform(0.03, 0.10))
        return ground
    if kind < 0.5:
        return kerbed(ground, GROUNDS["asphalt"](rng), at, rng)
    if kind < 0.7:
        return bounded(ground, GROUNDS["grass"](rng), at, rng, frayed=0.04)
    return lined(ground, at, rng) if kind < 0.82 else ground


def _leaves(rng: np.random.Generator, light: Daylight) -> Callable[[np.ndarray], np.ndarray]:
    """What a crown lets through: flecks of sun, soft-edged, within large shadows."""
    crowns, flecks, dense = Pattern(rng, 1.3, 3), Pattern(rng, 0.16, 2), rng.uniform(-0.4, 0.9)

    def share(points: np.ndarray) -> np.ndarray:
        # Along the sun's rays onto the ground.
        flat = points[:, :2] - points[:, 2:] * light.sun[:2] / light.sun[2]
        x, y = flat[:, 0].astype(np.float32), flat[:, 1].astype(np.float32)
        fleck = flecks(x, y)
        # The sun's disc is as wide as a hand by the time it reaches the ground: nothing has a sharp edge.
        open_sky = np.clip((crowns(x, y) + 0.45 * fleck - dense) * 0.8, 0, 1)
        return 0.08 + 0.92 * np.maximum(open_sky, np.clip((fleck - 0.7) * 0.9, 0, 1))

    return share


def _prop_up(site: Site) -> float:
    """Radians that the bike is tipped: none on its stand, else against a post or hoop that is set behind it."""
    rng = site.rng
    if site.bike.design.has_stand:
        return 0.0
    tipped = np.radians(rng.uniform(2.0, 5.0))
    if rng.random() < 0.7:
        maker = (pole, hoop, bollard, tree)[rng.integers(4)]
        site.stage.place(maker(rng), rng.uniform(-0.45, 0.1), site.reach(tipped) + 0.06)
    return tipped


def _set_aside(site: Site, makers: tuple, farthest: float) -> None:
    """One thing to the left or right of the bike, or behind it where there is room."""
    rng = site.rng
    pieces = makers[rng.integers(len(makers))](rng)
    across = rng.choice([-1, 1]) * rng.uniform(1.15, 2.6)
    site.stage.place(pieces, across, rng.uniform(-0.1, max(farthest, 0.0)), rng.normal(0, 0.25))


def _park_beside(site: Site, away: float) -> None:
    rng = site.rng
    across = rng.choice([-1, 1]) * rng.uniform(0.9, 1.7)
    site.stage.place(parked_bike(rng, 0.03), across, away, rng.normal(0, 0.08))


def _mean(texture: Texture) -> np.ndarray:
    """(3,): mean albedo over some square metres."""
    x, y = (each.ravel().astype(np.float32) for each in np.meshgrid(np.linspace(-1, 1, 12), np.linspace(0.1, 2, 12)))
    return texture.albedo(x, y, np.full(len(x), 0.05, np.float32)).mean(axis=0)
