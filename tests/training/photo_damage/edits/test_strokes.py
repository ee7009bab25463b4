import numpy as np
import pytest

from training.photo_damage.edits.strokes import break_up, contrasting, draw_shapes, ragged_stroke


def test_shapes_cover_their_area():
    covered = draw_shapes((40, 60), [np.array([(10, 10), (30, 10), (30, 20), (10, 20)])])
    assert covered.sum() == pytest.approx(20 * 10, rel=0.1)
    assert covered[15, 20] == pytest.approx(1)
    assert covered[30, 50] == 0


def test_a_stroke_is_as_wide_as_asked():
    points = np.array([(10.0, 20.0), (90.0, 20.0)])
    outline = ragged_stroke(points, np.array([6.0, 6.0]), 0.2, np.random.default_rng(0))
    assert draw_shapes((40, 100), [outline]).sum() == pytest.approx(80 * 6, rel=0.15)


def test_broken_up_share_is_as_asked():
    field = np.random.default_rng(0).standard_normal((60, 60)).astype(np.float32)
    where = np.zeros((60, 60), bool)
    where[10:50, 10:50] = True
    assert break_up(field, 0.3, where)[where].mean() == pytest.approx(0.3, abs=0.04)


@pytest.mark.parametrize("below", [0.0, 0.5, 1.0])
def test_colours_stand_out_from_what_is_below(below):
    choices = [(0.05, 0.05, 0.05), (0.5, 0.5, 0.5), (0.95, 0.95, 0.95)]
    for seed in range(5):
        chosen = contrasting(np.full(3, below), choices, np.random.default_rng(seed))
        assert np.abs(chosen - below).max() > 0.35
