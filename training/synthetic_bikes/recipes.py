"""What to render: which bike, which scene, which damage, and how often each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from training.synthetic_bikes.damage import DAMAGES
from training.synthetic_bikes.dealing import deal
from training.synthetic_bikes.design import BIKE_TYPES
from training.synthetic_bikes.scenes import SCENES

__all__ = ["SEVERITIES", "Recipe", "can_happen", "name_severity", "random_recipe"]

# How often each is in a deck; what is not listed is in it once.
TYPE_WEIGHTS = {name: {"city": 3, "trekking": 2, "mountain": 2, "road": 2, "step_through": 2}.get(name, 1)
                for name in BIKE_TYPES}  # fmt: skip
SCENE_WEIGHTS = {name: {"street": 3, "rack": 2, "depot": 2, "yard": 2, "studio": 2}.get(name, 1) for name in SCENES}
SEVERITIES = {"slight": (0.15, 0.43), "moderate": (0.43, 0.72), "severe": (0.72, 1.0)}
COUNT_WEIGHTS = {1: 8, 2: 3, 3: 1}  # damages of one bike
FACINGS = {"left": 1, "right": 1}
HELD_UP = ("studio", "workshop")  # scenes where a bike without a wheel need not stand


@dataclass(frozen=True)
class Recipe:
    """stem: of the files; seed: (run, number); kind: of damage, and the part it befalls, any if None.

    severity: range to draw from; count: of damages, the others of any kind; facing: "left", "right", any if None;
    quality of the JPEG: drawn, if None; dust: 0 to 1; design: measures that replace drawn ones; surroundings: names
    of wall and ground; textures: pictures for some of the walls and grounds.
    """

    stem: str
    seed: tuple[int, int]
    bike_type: str
    scene: str
    kind: str
    part: str | None = None
    severity: tuple[float, float] = (0.15, 1.0)
    count: int = 1
    facing: str | None = None
    quality: int | None = None
    dust: float = 0.15
    design: dict = field(default_factory=dict)
    surroundings: dict = field(default_factory=dict)
    textures: tuple[Path, ...] = ()


def random_recipe(
    seed: int, index: int, textures: tuple[Path, ...] = (), kinds: Sequence[str] = tuple(DAMAGES)
) -> Recipe:
    """Number `index` of the run with this seed: the same however many are made, in any order.

    Args:
        kinds: of damage that have their turns; beside one of them a bike may have others.
    """
    kind = deal(dict.fromkeys(kinds, 1), seed, 0, number=index)
    turn, number = index // len(kinds), sorted(DAMAGES).index(kind)  # how often the kind has had its turn
    damage = DAMAGES[kind]
    types = {name: TYPE_WEIGHTS[name] for name in damage.bike_types or BIKE_TYPES}
    scenes = find_scenes(kind)
    alike = [other for other in sorted(kinds) if find_scenes(other) == scenes]  # they share a deck of scenes
    rng = np.random.default_rng([seed, index])
    return Recipe(
        stem=f"bike_{seed}_{index:06d}",
        seed=(seed, index),
        bike_type=deal(types, seed, 1, number, number=turn),
        scene=deal(scenes, seed, 2, len(alike), number=turn * len(alike) + alike.index(kind)),
        kind=kind,
        part=deal(dict.fromkeys(damage.parts, 1), seed, 3, number, number=turn),
        severity=SEVERITIES[deal(dict.fromkeys(SEVERITIES, 1), seed, 4, number, number=turn)],
        count=deal(COUNT_WEIGHTS, seed, 5, number=index),
        facing=deal(FACINGS, seed, 6, number=index),
        dust=float(rng.uniform(0.0, 0.45)),
        design=dict(damage.design),
        textures=textures,
    )


def find_scenes(kind: str) -> dict[str, int]:
    """Weight of each scene in which the damage can happen."""
    return {name: weight for name, weight in SCENE_WEIGHTS.items() if can_happen(kind, name)}


def can_happen(kind: str, scene: str) -> bool:
    """Whether the damage looks right there: a bike without wheels would hover, one in a stand touches no ground."""
    damage = DAMAGES[kind]
    return not (damage.needs_stand and scene not in HELD_UP) and not (damage.needs_ground and scene == "workshop")


def name_severity(severity: float) -> str:
    """The band of SEVERITIES that a severity lies in.

    >>> name_severity(0.2), name_severity(1.0)
    ('slight', 'severe')
    """
    return next((name for name, (_, most) in SEVERITIES.items() if severity < most), "severe")
