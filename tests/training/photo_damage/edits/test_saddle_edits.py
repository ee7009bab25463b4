import numpy as np
import pytest

from training.photo_damage.edits.detachable import find_detachable
from training.photo_damage.edits.saddle_edits import saddle_drooping, saddle_missing, saddle_turned
from training.photo_damage.edits.torn_edits import saddle_torn
from training.photo_damage.parts import Parts

SEEDS = range(8)
NOSE, TAIL, POST_TOP = (132, 79), (102, 79), (119, 91)  # x, y on the drawn bike, which faces right


@pytest.fixture(scope="module")
def break_saddle(layers, drawn_bike, material):
    return lambda edit, seed: edit(layers, drawn_bike.parts, material, np.random.default_rng(seed))


def test_piece_is_the_saddle_without_its_post(layers, drawn_bike):
    saddle = find_detachable(layers, drawn_bike.parts, "saddle")
    piece = saddle.in_photo(saddle.piece, layers.alpha.shape)
    for x, y in (NOSE, TAIL):
        assert piece[y, x]
    assert not piece[POST_TOP[1] + 2 :].any()


def test_missing_saddle_leaves_no_ghost_and_no_hole_in_the_mask(break_saddle, layers):
    for seed in SEEDS:
        damage = break_saddle(saddle_missing, seed)
        gone = layers.alpha - damage.layers.alpha > 0.02
        assert damage.mask[gone].all()
        for x, y in (NOSE, TAIL):
            assert damage.mask[y, x]
        # The topmost rows held cover and its soft rim only; rails lie lower, where drawn.
        assert damage.layers.alpha[70:76, :160].max() < 0.02


def test_missing_saddle_takes_its_post_at_times_and_never_the_frame(break_saddle, layers):
    lengths = []
    for seed in range(16):
        alpha = break_saddle(saddle_missing, seed).layers.alpha
        lengths.append(alpha[POST_TOP[1], POST_TOP[0]] > 0.5)
        assert np.array_equal(alpha[108:], layers.alpha[108:])
    assert any(lengths) and not all(lengths)


@pytest.mark.parametrize("edit", [saddle_turned, saddle_drooping, saddle_missing], ids=lambda edit: edit.__name__)
def test_nothing_floats(break_saddle, is_in_one_piece, layers, edit):
    assert is_in_one_piece(layers.alpha)
    for seed in SEEDS:
        assert is_in_one_piece(break_saddle(edit, seed).layers.alpha)


def test_drooping_saddle_hangs_lower_than_it_was(break_saddle, layers):
    def lowest(alpha: np.ndarray) -> float:
        weights = alpha[60:98, 95:150]  # saddle and the upper half of the post
        return float((weights.sum(axis=1) * np.arange(60, 98)).sum() / weights.sum())

    for seed in SEEDS:
        assert lowest(break_saddle(saddle_drooping, seed).layers.alpha) > lowest(layers.alpha)


def test_torn_saddle_shows_light_foam_where_the_cover_was_dark(break_saddle, layers):
    for seed in SEEDS:
        damage = break_saddle(saddle_torn, seed)
        box = (slice(74, 84), slice(95, 140))
        lighter = damage.layers.colour[box].mean(axis=2) - layers.colour[box].mean(axis=2) > 0.15
        assert (lighter & damage.mask[box]).sum() >= 12
        assert damage.layers.alpha[box].min() >= layers.alpha[box].min() - 1e-6  # nothing is cut away


@pytest.mark.parametrize(
    "box",
    [
        pytest.param((20, 20, 139, 84), id="as wide as a wheel"),
        pytest.param((95, 34, 139, 84), id="as high as a child seat"),
        pytest.param((95, 20, 139, 30), id="of empty background"),
    ],
)
def test_implausible_box_is_left_alone(layers, drawn_bike, material, box):
    parts = Parts(drawn_bike.parts.boxes | {"saddle": box}, drawn_bike.parts.points)
    for edit in (saddle_missing, saddle_turned, saddle_drooping, saddle_torn):
        assert edit(layers, parts, material, np.random.default_rng(0)) is None
