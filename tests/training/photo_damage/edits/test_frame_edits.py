import numpy as np
import pytest

from training.photo_damage.edits.frame_edits import tube_bent, tube_cut, tube_snapped
from training.photo_damage.parts import Parts

SEEDS = range(6)


@pytest.fixture
def break_tubes(layers, drawn_bike, material):
    return lambda edit: [edit(layers, drawn_bike.parts, material, np.random.default_rng(seed)) for seed in SEEDS]


def test_a_cut_shows_what_is_behind_and_adds_nothing(break_tubes, layers):
    for damage in break_tubes(tube_cut):
        opened = (layers.alpha > 0.9) & (damage.layers.alpha < 0.1)
        assert opened.sum() >= 20
        assert damage.mask[opened].all()
        assert (damage.layers.alpha <= layers.alpha + 1e-6).all()


def test_the_gap_grows_with_the_severity(break_tubes, layers):
    damages = sorted(break_tubes(tube_cut), key=lambda damage: damage.severity)
    gone = [(layers.alpha - damage.layers.alpha).sum() for damage in damages]
    assert gone[-1] > 1.5 * gone[0]


def test_snapped_halves_stand_elsewhere_and_none_is_lost(break_tubes, layers):
    for damage in break_tubes(tube_snapped):
        assert ((layers.alpha < 0.1) & (damage.layers.alpha > 0.9)).sum() >= 20
        assert ((layers.alpha > 0.9) & (damage.layers.alpha < 0.1)).sum() >= 20
        assert damage.layers.alpha.sum() == pytest.approx(layers.alpha.sum(), rel=0.03)


def test_a_bent_tube_is_moved_and_still_whole(break_tubes, layers):
    for damage in break_tubes(tube_bent):
        assert ((layers.alpha < 0.1) & (damage.layers.alpha > 0.9)).sum() >= 20
        assert damage.layers.alpha.sum() == pytest.approx(layers.alpha.sum(), rel=0.15)


@pytest.mark.parametrize("edit", [tube_cut, tube_snapped, tube_bent])
def test_a_tube_the_matte_does_not_show_is_not_broken(layers, drawn_bike, material, edit):
    away = Parts(drawn_bike.parts.boxes, {name: (x, 12.0) for name, (x, _) in drawn_bike.parts.points.items()})
    only_tubes = Parts({}, away.points)
    assert edit(layers, only_tubes, material, np.random.default_rng(0)) is None
