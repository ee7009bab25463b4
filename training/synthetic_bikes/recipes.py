"""What to render: one bike, one scene, one damage. Drawn at random, or the four pairs of `datasets/bike-examples`."""

from dataclasses import dataclass, field

import numpy as np

from training.synthetic_bikes.damage import DAMAGES
from training.synthetic_bikes.design import BIKE_TYPES
from training.synthetic_bikes.scenes import SCENES

__all__ = ["EXAMPLES", "Recipe", "random_recipe"]


@dataclass(frozen=True)
class Recipe:
    """stem: of the files; seed: (run, number); part, facing: any, if None; quality of the JPEG: drawn, if None.

    design: measures that replace drawn ones; surroundings: names of wall and ground.
    """

    stem: str
    seed: tuple[int, int]
    bike_type: str
    scene: str
    kind: str
    part: str | None = None
    facing: str | None = None
    quality: int | None = None
    dust: float = 0.15
    design: dict = field(default_factory=dict)
    surroundings: dict = field(default_factory=dict)


def random_recipe(seed: int, index: int) -> Recipe:
    """Number `index` of the run with this seed: the same however many are made, in any order."""
    rng = np.random.default_rng([seed, index])
    # On a street a bike without its wheel would hover unless it has a stand; so those are drawn in the studio.
    bike_type, scene, kind = (str(rng.choice(sorted(names))) for names in (BIKE_TYPES, SCENES, DAMAGES))
    if kind == "wheel_missing" and bike_type != "city":
        scene = "studio"
    return Recipe(f"bike_{seed}_{index:06d}", (seed, index), bike_type, scene, kind, dust=rng.uniform(0.0, 0.45))


EXAMPLES = (
    Recipe(
        "road_saddle_missing", (1, 0), "road", "studio", "saddle_missing", facing="right", quality=90, dust=0.03,
        design={"paint": "teal", "decal": "white", "rim": "black_rim", "word": "SWIFT"},
    ),
    Recipe(
        "mountain_wheel_buckled", (2, 0), "mountain", "studio", "wheel_bent", "front_wheel", facing="left", quality=90,
        dust=0.06, design={"paint": "orange", "decal": "black", "word": "TRAIL"},
    ),
    Recipe(
        "road_rusty", (3, 0), "road", "street", "rust", "frame", facing="right", quality=90, dust=0.2,
        design={"paint": "cream", "decal": "black", "rim": "aluminium", "word": "METEOR"},
        surroundings={"wall": "brick", "ground": "slabs"},
    ),
    Recipe(
        "city_wheel_missing", (4, 0), "city", "street", "wheel_missing", "front_wheel", facing="right", quality=90,
        dust=0.1,
        design={"paint": "green", "decal": "white", "word": "URBANE", "has_mudguards": True, "has_rack": True},
        surroundings={"wall": "plaster", "ground": "asphalt"},
    ),
)  # fmt: skip
