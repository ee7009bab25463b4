"""From a recipe to twin pictures and what metadata.jsonl says of them."""

from dataclasses import replace
from functools import partial

import numpy as np

from training.metadata import mask_box
from training.synthetic_bikes.camera_faults import CameraFaults
from training.synthetic_bikes.damage import DAMAGES, Wreck, break_bike
from training.synthetic_bikes.design import random_design
from training.synthetic_bikes.dirt import random_dirt
from training.synthetic_bikes.geometry import Bike, build_bike
from training.synthetic_bikes.raster import Rasteriser
from training.synthetic_bikes.recipes import SEVERITIES, Recipe, can_happen
from training.synthetic_bikes.render import Picture, is_shown, render_twins
from training.synthetic_bikes.scenes import Scene, random_scene
from training.synthetic_bikes.wear import Wear

__all__ = ["render_recipe"]

LEAST_SHARE = 0.0006  # of the picture that each damage must change
TRIAL_WIDTH = 240  # pixels of the pictures on which that is tried
# Bikes and places to try: up to the first number as the recipe says, up to the next from either side, up to the next in
# the studio, the rest as damaged as can be. A long run must not end because one bike's damage cannot be shown.
SAID, FROM_EITHER_SIDE, IN_THE_OPEN, ATTEMPTS = 3, 8, 14, 24


def render_recipe(
    rasteriser: Rasteriser, recipe: Recipe, size_wh: tuple[int, int]
) -> tuple[Picture, Picture, dict, int]:
    """The intact and the damaged picture, what both twins' lines of metadata say, and the quality of the JPEGs.

    Args:
        size_wh: width and height of the pictures, in pixels.

    Raises:
        ValueError: the damage cannot befall such a bike, or would never show.
    """
    wreck, dirt, scene, rng = _stage(rasteriser, recipe, size_wh)
    faults = CameraFaults.random(rng, recipe.quality, scene.exposure, scene.darkness)
    layers, seed = list(dirt.values()), int(rng.integers(2**31))
    intact, damaged = render_twins(rasteriser, wreck, layers, scene, faults, size_wh, recipe.dust, seed)
    damages = [
        {"type": d.kind, "part": d.part, "severity": round(float(d.severity), 3), "box": mask_box(mask)}
        for d, mask in zip(wreck.damages, damaged.masks, strict=True)
    ]
    about = {
        "damages": damages,
        "distractors": sorted([*wreck.bike.design.distractors, *dirt]),
        "bike_type": recipe.bike_type,
        "view": scene.view,
        "scene": scene.name,
        "bike_id": recipe.stem,
        "seed": list(recipe.seed),
    }
    return intact, damaged, about, faults.quality


def _stage(
    rasteriser: Rasteriser, recipe: Recipe, size_wh: tuple[int, int]
) -> tuple[Wreck, dict[str, Wear], Scene, np.random.Generator]:
    """Bikes and places are drawn until the damage can be seen: it may be hidden, cropped or too small."""
    aspect = size_wh[0] / size_wh[1]
    trial_wh = (TRIAL_WIDTH, round(TRIAL_WIDTH / aspect))
    for attempt in range(ATTEMPTS):
        recipe = _ease(recipe, attempt)
        rng = np.random.default_rng([*recipe.seed, 7, attempt])
        bike = build_bike(random_design(rng, recipe.bike_type, **recipe.design), rng)
        scene = random_scene(recipe.scene, rng, bike, aspect, recipe.facing, recipe.textures, **recipe.surroundings)
        dirt = random_dirt(bike, rng)
        shows = partial(is_shown, rasteriser, scene=scene, size_wh=trial_wh, least=LEAST_SHARE)
        wreck = _break(bike, recipe, rng, shows)
        if wreck is not None:
            dirt = {name: replace(wear, triangles=_follow(wear.triangles, bike, wreck)) for name, wear in dirt.items()}
            return wreck, dirt, scene, rng
    raise ValueError(f"{recipe.stem}: {recipe.kind} cannot be seen on any {recipe.bike_type} bike in {recipe.scene}")


def _ease(recipe: Recipe, attempt: int) -> Recipe:
    """The recipe, easier to show with each attempt that was in vain."""
    if attempt == SAID:
        return replace(recipe, facing=None)
    if attempt == FROM_EITHER_SIDE:
        return replace(recipe, scene="studio", surroundings={})
    if attempt == IN_THE_OPEN:
        return replace(recipe, severity=SEVERITIES["severe"])
    return recipe


def _break(bike: Bike, recipe: Recipe, rng: np.random.Generator, shows) -> Wreck | None:
    others = [
        kind for kind in rng.permutation(sorted(DAMAGES)) if kind != recipe.kind and can_happen(kind, recipe.scene)
    ]
    kinds = [recipe.kind, *map(str, others)]
    return break_bike(bike, kinds, recipe.count, rng, recipe.part, recipe.severity, shows)


def _follow(triangles: np.ndarray, bike: Bike, wreck: Wreck) -> np.ndarray:
    """Where a layer lies once the wreck has cut and added triangles: on whole pieces, old and new."""
    pieces = np.unique(bike.piece[triangles])
    return np.isin(wreck.bike.piece, pieces)
