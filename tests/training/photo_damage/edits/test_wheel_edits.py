from dataclasses import replace

import cv2
import numpy as np
import pytest

from training.photo_damage.edits.rim_edits import wheel_buckled, wheel_crushed, wheel_dented, wheel_oval, wheel_swirled
from training.photo_damage.edits.wheel_edits import both_wheels_missing, wheel_displaced, wheel_missing
from training.photo_damage.edits.wheel_layers import take_wheel
from training.photo_damage.parts import Parts, ellipse_mask

SEEDS = range(6)
FORK = [(230, 143), (235, 155), (240, 165)]  # along the fork's leg, between rim and hub
ACROSS_TYRE = (219, 119)  # where the fork crosses rim and tyre
STAYS = [(105, 179), (92, 148)]


def breaks(edit, layers, parts, seeds=SEEDS):
    return [edit(layers, parts, None, np.random.default_rng(seed)) for seed in seeds]


def ring_alpha(layers, wheel, radius) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    columns = wheel[0] + radius * wheel[2] * np.cos(angles) - 0.5
    rows = wheel[1] + radius * wheel[3] * np.sin(angles) - 0.5
    return cv2.remap(layers.alpha, columns[None].astype(np.float32), rows[None].astype(np.float32), cv2.INTER_LINEAR)[0]


def test_missing_wheel_leaves_fork_and_stays_whole(layers, drawn_bike):
    seen = set()
    for damage in breaks(wheel_missing, layers, drawn_bike.parts):
        seen.add(damage.part)
        points = [*FORK, ACROSS_TYRE] if damage.part == "front_wheel" else STAYS
        for x, y in points:
            assert damage.layers.alpha[y, x] == pytest.approx(layers.alpha[y, x], abs=0.05)
    assert seen == {"front_wheel", "rear_wheel"}


def test_missing_wheel_leaves_no_tyre_and_no_spokes(layers, drawn_bike):
    for damage in breaks(wheel_missing, layers, drawn_bike.parts):
        wheel = drawn_bike.parts.wheel(damage.part)
        for radius in (0.6, 0.95):
            # At most fork or stays are left of each ring.
            assert (ring_alpha(damage.layers, wheel, radius) > 0.1).mean() < 0.2
        assert damage.mask[ellipse_mask(layers.alpha.shape, wheel)].all()


def test_what_only_the_wheel_held_goes_with_it(layers, drawn_bike):
    alpha = layers.alpha.copy()
    alpha[206:228, 279:297] = 1.0  # a thing that leans on the front tyre, as far out as the tyre is thick and more
    leaning = replace(layers, alpha=alpha)
    damages = breaks(wheel_missing, leaning, drawn_bike.parts)
    front = next(damage for damage in damages if damage.part == "front_wheel")
    assert front.layers.alpha[206:228, 279:297].max() < 0.2
    assert front.mask[210:224, 283:293].all()
    assert cv2.connectedComponents((front.layers.alpha > 0.3).astype(np.uint8))[0] == 2  # the place, and one bike


def test_both_wheels_go_with_both_discs_in_the_mask(layers, drawn_bike):
    damage = both_wheels_missing(layers, drawn_bike.parts, None, np.random.default_rng(0))
    for part in ("front_wheel", "rear_wheel"):
        wheel = drawn_bike.parts.wheel(part)
        assert damage.mask[ellipse_mask(layers.alpha.shape, wheel)].all()
        assert (ring_alpha(damage.layers, wheel, 0.95) > 0.1).mean() < 0.2


def test_both_wheels_stay_where_one_is_not_drawn(layers, drawn_bike):
    boxes = {part: box for part, box in drawn_bike.parts.boxes.items() if part != "rear_wheel"}
    one_wheel = Parts(boxes, drawn_bike.parts.points)
    assert both_wheels_missing(layers, one_wheel, None, np.random.default_rng(0)) is None


def test_wheel_seen_from_the_front_is_left_alone(layers, drawn_bike):
    x, y, _, half_height = drawn_bike.parts.wheel("front_wheel")
    narrow = {"front_wheel": (x - 0.3 * half_height, y - half_height, x + 0.3 * half_height, y + half_height)}
    assert take_wheel(layers, Parts(narrow, drawn_bike.parts.points), "front_wheel") is None


def test_wheel_drawn_beside_its_place_is_left_alone(layers, drawn_bike):
    x0, y0, x1, y1 = drawn_bike.parts.boxes["front_wheel"]
    beside = {**drawn_bike.parts.boxes, "front_wheel": (x0 + 25, y0 - 25, x1 + 25, y1 - 25)}
    assert take_wheel(layers, replace(drawn_bike.parts, boxes=beside), "front_wheel") is None


def test_wheel_is_filled_behind_the_fork(layers, drawn_bike):
    wheel = take_wheel(layers, drawn_bike.parts, "front_wheel")
    radius, _ = wheel.polar()
    tyre = (radius > 0.93) & (radius < 0.97)
    assert wheel.rgba[tyre][:, 3].min() > 0.9
    assert wheel.rgba[tyre][:, 0].max() < 0.3  # black all the way round: the red fork is not in it


def test_displaced_wheel_stays_whole_behind_the_fork(layers, drawn_bike):
    for damage in breaks(wheel_displaced, layers, drawn_bike.parts):
        wheel = drawn_bike.parts.wheel(damage.part)
        assert (ring_alpha(damage.layers, wheel, 0.95) > 0.5).mean() < 0.8  # no longer in its place
        for x, y in FORK if damage.part == "front_wheel" else STAYS:
            assert damage.layers.alpha[y, x] > 0.9
            assert damage.layers.colour[y, x, 0] > 0.5  # red


@pytest.mark.parametrize("edit", [wheel_buckled, wheel_crushed, wheel_dented, wheel_oval, wheel_swirled])
def test_bent_wheel_stays_behind_fork_and_stays(layers, drawn_bike, edit):
    for damage in breaks(edit, layers, drawn_bike.parts):
        others = [*FORK, ACROSS_TYRE, *STAYS]
        hidden = 0
        for x, y in others:
            hidden += damage.layers.colour[y, x, 0] < 0.5  # not red
        # Only a wheel folded over its own half may hide them.
        assert hidden == 0 or edit is wheel_crushed


@pytest.mark.parametrize("edit", [wheel_buckled, wheel_crushed, wheel_dented, wheel_oval])
def test_bent_rim_has_left_its_circle(layers, drawn_bike, edit):
    for damage in breaks(edit, layers, drawn_bike.parts):
        before, after = (
            ring_alpha(bike, drawn_bike.parts.wheel(damage.part), 0.95) > 0.5 for bike in (layers, damage.layers)
        )
        assert before.mean() > 0.95
        assert after.mean() < 0.97


def test_dents_keep_the_hub(layers, drawn_bike):
    for damage in breaks(wheel_dented, layers, drawn_bike.parts):
        x, y = (round(v) for v in drawn_bike.parts.wheel(damage.part)[:2])
        box = slice(y - 4, y + 5), slice(x - 4, x + 5)
        assert np.allclose(damage.layers.alpha[box], layers.alpha[box], atol=0.1)
