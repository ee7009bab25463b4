"""All places by name, and how one is set up: the place, something in front of the bike now and then, the camera."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.synthetic_bikes.geometry import Bike, rotation_about
from training.synthetic_bikes.props.clutter import bags, boxes
from training.synthetic_bikes.props.stage import Stage
from training.synthetic_bikes.props.street_furniture import bin_, bollard, hoop, pole
from training.synthetic_bikes.props.vehicles import parked_bike
from training.synthetic_bikes.scenes.cameras import aim
from training.synthetic_bikes.scenes.indoors import depot, studio, workshop
from training.synthetic_bikes.scenes.outdoors import night, park, rack, roadside, snow, street, yard
from training.synthetic_bikes.scenes.scene import Place, Scene
from training.synthetic_bikes.scenes.site import Site

__all__ = ["SCENES", "random_scene"]

SCENES: dict[str, Callable[[Site], Place]] = {
    "depot": depot,
    "night": night,
    "park": park,
    "rack": rack,
    "roadside": roadside,
    "snow": snow,
    "street": street,
    "studio": studio,
    "workshop": workshop,
    "yard": yard,
}
OCCLUDED_SHARE = 0.22  # of the scenes but studio and workshop have something in front of the bike


def random_scene(
    name: str,
    rng: np.random.Generator,
    bike: Bike,
    aspect: float,
    facing: str | None = None,
    pictures: Sequence[Path] = (),
    **choices: str,
) -> Scene:
    """A place with its own light, and a camera that frames the bike.

    Args:
        name: in SCENES.
        aspect: the picture's width over its height.
        facing: "right" or "left"; either, if None.
        pictures: of textures, for walls and grounds.
        choices: wall and ground, names in WALLS and GROUNDS.
    """
    side = {"right": -1.0, "left": 1.0}[facing or ("right" if rng.random() < 0.5 else "left")]
    stage = Stage(side)
    place = SCENES[name](Site(rng, side, bike, stage, tuple(pictures), **choices))
    if name not in ("studio", "workshop") and rng.random() < OCCLUDED_SHARE:
        _stand_in_front(rng, stage)
    turn = rotation_about(np.array([1.0, 0.0, 0.0]), side * place.tipped)
    camera, view = aim(rng, place.viewpoint, side, replace(bike, points=bike.points @ turn.T), aspect)
    up = np.array([0.0, 0.0, place.lift])
    camera = replace(camera, position=camera.position + up, target=camera.target + up)
    return Scene(
        name, view, camera, place.environment, place.key, place.planes, place.far, stage.body(), -side * place.tipped,
        place.lift, place.pattern, place.is_sweep, place.exposure, place.darkness,
    )  # fmt: skip


def _stand_in_front(rng: np.random.Generator, stage: Stage) -> None:
    """Something thin, low or to one side, between the camera and the bike."""
    kind = str(rng.choice(["pole", "bollard", "hoop", "low", "bike"], p=[0.25, 0.25, 0.25, 0.15, 0.1]))
    across = rng.uniform(-0.85, 0.85)
    if kind == "pole":
        stage.place(pole(rng), across, -rng.uniform(0.40, 0.8))
    elif kind == "bollard":
        stage.place(bollard(rng), across, -rng.uniform(0.40, 0.9))
    elif kind == "hoop":
        stage.place(hoop(rng), across, -rng.uniform(0.38, 0.6), turn=rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.1))
    elif kind == "low":
        pieces = (bags, boxes, bin_)[rng.integers(3)](rng)
        stage.place(pieces, float(np.sign(across)) * rng.uniform(0.75, 1.1), -rng.uniform(0.6, 0.9), rng.normal(0, 0.3))
    else:
        stage.place(parked_bike(rng, rng.normal(0, 0.05)), float(np.sign(across)) * rng.uniform(0.9, 1.4), -0.75)
