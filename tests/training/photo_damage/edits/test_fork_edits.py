from dataclasses import replace

import numpy as np
import pytest

from training.photo_damage.edits.fork_edits import collapse_front, fork_bent, fork_snapped
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts

SEEDS = range(5)
REAR = (slice(None), slice(0, 120))  # left of the seat tube


@pytest.fixture(params=["right", "left"])
def bike(request, layers, drawn_bike) -> tuple[Layers, Parts]:
    """The drawn bike, facing right or left."""
    if request.param == "right":
        return layers, drawn_bike.parts
    width = layers.alpha.shape[1]
    flipped = Layers(*(np.ascontiguousarray(a[:, ::-1]) for a in (layers.colour, layers.alpha, layers.plate)))
    boxes = {name: (width - x1, y0, width - x0, y1) for name, (x0, y0, x1, y1) in drawn_bike.parts.boxes.items()}
    points = {name: (width - x, y) for name, (x, y) in drawn_bike.parts.points.items()}
    return flipped, Parts(boxes, points)


def ends_of_front_wheel(alpha: np.ndarray, facing: int) -> tuple[int, int]:
    """The front tyre's foremost column, counted from the bike's rear end, and its lowest row."""
    seen = alpha > 0.5
    columns = np.flatnonzero(seen.any(axis=0))
    front = columns[-1] if facing > 0 else alpha.shape[1] - 1 - columns[0]
    half = seen[:, 170:] if facing > 0 else seen[:, :150]
    return int(front), int(np.flatnonzero(half.any(axis=1))[-1])


@pytest.mark.parametrize("edit", [fork_bent, fork_snapped])
def test_the_wheel_is_moved_whole_and_the_rear_stays(bike, material, edit):
    layers, parts = bike
    before, _ = ends_of_front_wheel(layers.alpha, parts.facing)
    for seed in SEEDS:
        damage = edit(layers, parts, material, np.random.default_rng(seed))
        after, lowest = ends_of_front_wheel(damage.layers.alpha, parts.facing)
        assert abs(after - before) >= 5
        assert lowest <= ends_of_front_wheel(layers.alpha, parts.facing)[1] + 1  # not sunk into the ground
        rear = REAR if parts.facing > 0 else (slice(None), slice(200, None))
        assert np.array_equal(damage.layers.alpha[rear], layers.alpha[rear])
        assert damage.layers.alpha.sum() == pytest.approx(layers.alpha.sum(), rel=0.1)
        assert damage.part == "frame"


def test_a_crash_pushes_the_front_wheel_towards_the_rear_one(bike):
    layers, parts = bike
    before, ground = ends_of_front_wheel(layers.alpha, parts.facing)
    for seed in SEEDS:
        broken, severity = collapse_front(layers, parts, np.random.default_rng(seed))
        after, lowest = ends_of_front_wheel(broken.alpha, parts.facing)
        assert after < before - 5
        assert lowest == pytest.approx(ground, abs=2)
        assert 0 < severity <= 1


@pytest.mark.parametrize("edit", [fork_bent, fork_snapped])
def test_a_wheel_seen_from_its_front_is_left_alone(layers, drawn_bike, material, edit):
    x0, y0, x1, y1 = drawn_bike.parts.boxes["front_wheel"]
    boxes = drawn_bike.parts.boxes | {"front_wheel": (x0 + 40, y0, x1 - 40, y1)}
    parts = replace(drawn_bike.parts, boxes=boxes)
    assert edit(layers, parts, material, np.random.default_rng(0)) is None
