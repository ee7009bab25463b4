from dataclasses import replace

import numpy as np
import pytest

from training.photo_damage.edits.detachable import find_detachable
from training.photo_damage.edits.handlebar_edits import (
    handlebar_bent,
    handlebar_broken,
    handlebar_missing,
    handlebar_turned,
)
from training.photo_damage.edits.torn_edits import grips_torn
from training.photo_damage.parts import Parts

SEEDS = range(8)
GRIP, STEM_TOP = (222, 78), (200, 74)  # x, y on the drawn bike; the handlebar reaches right and down from its stem


@pytest.fixture(scope="module")
def break_handlebar(layers, drawn_bike, material):
    return lambda edit, seed: edit(layers, drawn_bike.parts, material, np.random.default_rng(seed))


def test_piece_ends_at_the_stem(layers, drawn_bike):
    bar = find_detachable(layers, drawn_bike.parts, "handlebar")
    piece = bar.in_photo(bar.piece, layers.alpha.shape)
    assert piece[GRIP[1], GRIP[0]]
    assert not piece[100:].any()


def test_missing_handlebar_leaves_the_frame_and_at_times_its_stem(break_handlebar, layers):
    stems = []
    for seed in range(16):
        damage = break_handlebar(handlebar_missing, seed)
        assert damage.layers.alpha[GRIP[1], GRIP[0]] < 0.02 or damage.mask[GRIP[1], GRIP[0]]
        assert damage.mask[layers.alpha - damage.layers.alpha > 0.1].all()
        assert damage.layers.alpha[100:, :200].min() == 0
        assert np.abs(damage.layers.alpha - layers.alpha)[:, :190].max() < 1e-3
        stems.append(damage.layers.alpha[STEM_TOP[1], STEM_TOP[0]] > 0.5)
    assert any(stems) and not all(stems)


@pytest.mark.parametrize(
    "edit", [handlebar_missing, handlebar_turned, handlebar_bent, handlebar_broken], ids=lambda edit: edit.__name__
)
def test_nothing_floats(break_handlebar, is_in_one_piece, layers, edit):
    assert is_in_one_piece(layers.alpha)
    for seed in SEEDS:
        assert is_in_one_piece(break_handlebar(edit, seed).layers.alpha)


def test_broken_handlebar_ends_early_and_keeps_its_stem(break_handlebar, layers):
    for seed in SEEDS:
        alpha = break_handlebar(handlebar_broken, seed).layers.alpha
        assert alpha[GRIP[1], GRIP[0]] < 0.05
        assert alpha[84, 203] == pytest.approx(layers.alpha[84, 203], abs=0.02)
        assert (alpha <= layers.alpha + 1e-5).all()


def test_bent_handlebar_keeps_its_size(break_handlebar, layers):
    for seed in SEEDS:
        alpha = break_handlebar(handlebar_bent, seed).layers.alpha
        assert alpha.sum() == pytest.approx(layers.alpha.sum(), rel=0.01)
        assert np.abs(alpha - layers.alpha).max() > 0.5


def test_torn_grips_leave_the_tube_and_hang_below_it(break_handlebar, layers):
    for seed in SEEDS:
        damage = break_handlebar(grips_torn, seed)
        assert (damage.layers.alpha >= layers.alpha - 1e-5).all()
        assert (damage.layers.alpha - layers.alpha).max() > 0.4  # a strip in the air
        assert damage.layers.alpha[:60].max() < 0.02  # none of it above


def test_frame_that_holds_the_part_by_no_neck_is_left_alone(layers, drawn_bike, material):
    block = layers.alpha.copy()
    block[60:130, 170:240] = 1  # a bag that hides handlebar and head tube
    hidden = replace(layers, alpha=block)
    for edit in (handlebar_missing, handlebar_turned, handlebar_bent, handlebar_broken, grips_torn):
        assert edit(hidden, drawn_bike.parts, material, np.random.default_rng(0)) is None


def test_implausible_box_is_left_alone(layers, drawn_bike, material):
    parts = Parts(drawn_bike.parts.boxes | {"handlebar": (60, 20, 310, 200)}, drawn_bike.parts.points)
    assert handlebar_missing(layers, parts, material, np.random.default_rng(0)) is None
