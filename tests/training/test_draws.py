from collections import Counter

import pytest
import torch

from training.draws import BACKGROUND_SHARE, BalancedDraws

MANY = 40_000


def draw(labels, twins=(), backgrounds=0, draws=MANY, seed=1) -> list[tuple[int, int]]:
    mutual = {index: other for pair in twins for index, other in (pair, pair[::-1])}
    return list(BalancedDraws(labels, mutual, backgrounds, draws, torch.Generator().manual_seed(seed)))


@pytest.mark.parametrize(
    ("labels", "twins"),
    [
        pytest.param([0] * 8 + [1], [], id="few-damaged"),
        pytest.param([0] + [1] * 8, [], id="few-intact"),
        pytest.param([0, 0, 0, 1, 1, 1], [(0, 3), (1, 4), (2, 5)], id="all-twins"),
        pytest.param([0, 0, 0, 0, 0, 1, 1], [(0, 5), (1, 6)], id="intact-ones-without-twin"),
        pytest.param([0, 0, 1, 1, 1, 1, 1], [(0, 2), (1, 3)], id="damaged-ones-without-twin"),
        pytest.param([0, 0, 0, 1, 1, 1], [(0, 3)], id="both-without-twin"),
    ],
)
def test_each_couple_is_a_damaged_and_an_intact_photo_and_none_is_drawn_more_than_others(labels, twins):
    indices = [index for index, _ in draw(labels, twins)]
    assert {(labels[one], labels[other]) for one, other in zip(indices[::2], indices[1::2], strict=True)} == {(1, 0)}
    counts = Counter(indices)
    for label in (0, 1):
        expected = MANY / 2 / labels.count(label)
        assert all(
            counts[index] == pytest.approx(expected, rel=0.06) for index, each in enumerate(labels) if each == label
        )


def test_twins_come_together_under_one_number_and_all_else_under_its_own():
    draws = draw([0, 0, 0, 1, 1, 1], [(0, 3), (1, 4)])
    couples = list(zip(draws[::2], draws[1::2], strict=True))
    together = [(one[0], other[0]) for one, other in couples if one[1] == other[1]]
    assert set(together) == {(3, 0), (4, 1)}
    assert len(together) == pytest.approx(len(couples) * 2 / 3, rel=0.05)
    assert len({number for _, number in draws}) == MANY - len(together)


@pytest.mark.parametrize("draws", [0, 1, 7, 50])
def test_as_many_are_drawn_as_asked_for(draws):
    assert len(draw([0, 1, 1], [(0, 1)], draws=draws)) == draws


def test_some_draws_are_backgrounds_two_at_a_time():
    indices = [index for index, _ in draw([0, 1], backgrounds=3)]
    counts = Counter(indices)
    for index in (2, 3, 4):
        assert counts[index] == pytest.approx(MANY * BACKGROUND_SHARE / 3, rel=0.15)
    assert all((one > 1) == (other > 1) for one, other in zip(indices[::2], indices[1::2], strict=True))


def test_the_same_seed_draws_the_same():
    one, two, three = (draw([0, 0, 1, 1], [(0, 2)], backgrounds=1, draws=50, seed=seed) for seed in (1, 1, 2))
    assert one == two != three
