import numpy as np
import pytest

from training.photo_damage.edits.tyre_edits import tyre_flat, tyre_off_rim

SEEDS = range(6)


def breaks(edit, layers, parts):
    return [edit(layers, parts, None, np.random.default_rng(seed)) for seed in SEEDS]


def test_flat_tyre_stands_on_the_ground_over_a_wider_patch(layers, drawn_bike):
    for damage in breaks(tyre_flat, layers, drawn_bike.parts):
        x, y, radius, _ = (round(v) for v in drawn_bike.parts.wheel(damage.part))
        columns = slice(x - radius, x + radius)
        low = y + radius - 2  # two rows above the ground
        assert (damage.layers.alpha[low, columns] > 0.5).sum() > 1.3 * (layers.alpha[low, columns] > 0.5).sum()
        below = y + radius + 2
        assert damage.layers.alpha[below:, columns].max() < 0.1  # nothing in the ground


def test_flat_tyre_changes_the_lower_half_only(layers, drawn_bike):
    for damage in breaks(tyre_flat, layers, drawn_bike.parts):
        _, y, radius, _ = drawn_bike.parts.wheel(damage.part)
        rows = np.flatnonzero(damage.mask.any(axis=1))
        assert rows.min() > y - 0.4 * radius


def test_tyre_is_off_along_an_arc_and_on_elsewhere(layers, drawn_bike):
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    for damage in breaks(tyre_off_rim, layers, drawn_bike.parts):
        x, y, radius, _ = drawn_bike.parts.wheel(damage.part)
        columns = np.round(x + 0.965 * radius * np.cos(angles) - 0.5).astype(int)
        rows = np.round(y + 0.965 * radius * np.sin(angles) - 0.5).astype(int)
        still_on = damage.layers.alpha[rows, columns] > 0.5
        assert 0.35 < still_on.mean() < 0.95


@pytest.mark.parametrize("edit", [tyre_flat, tyre_off_rim])
def test_bike_beside_the_wheel_is_untouched(layers, drawn_bike, edit):
    for damage in breaks(edit, layers, drawn_bike.parts):
        x0, y0, _, _ = drawn_bike.parts.boxes["saddle"]
        above = slice(0, int(y0) + 10)
        assert np.array_equal(damage.layers.alpha[above], layers.alpha[above])
