from pathlib import Path

import numpy as np
import pytest

from training.data import Photo
from training.intervals import bikes_of, mean_interval, percentiles, share_interval


# By R's prop.test(hits, photos, correct = FALSE), which is Wilson's.
@pytest.mark.parametrize(
    ("hits", "photos", "expected"),
    [
        pytest.param(0, 7, (0.0, 0.3543), id="none"),
        pytest.param(7, 7, (0.6457, 1.0), id="all"),
        pytest.param(5, 20, (0.1119, 0.4687), id="some"),
    ],
)
def test_a_share_of_single_photos_has_wilsons_interval(hits, photos, expected):
    assert share_interval([True] * hits + [False] * (photos - hits), np.arange(photos)) == pytest.approx(
        expected, abs=1e-4
    )


def test_ten_photos_of_a_bike_that_all_agree_tell_no_more_than_one():
    hits = np.array([True, False, True, True, False, False, True, False])
    once = share_interval(hits, np.arange(8))
    often = share_interval(hits.repeat(10), np.arange(8).repeat(10))
    assert often == pytest.approx(once, abs=0.02)
    assert share_interval(hits.repeat(10), np.arange(80))[1] - once[1] < -0.1


def test_shares_cover_the_truth_nineteen_times_in_twenty_though_photos_of_a_bike_agree():
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        found_share = rng.beta(2, 2, 40)  # of each bike's photos, 0.5 on average
        bikes = np.arange(40).repeat(8)
        low, high = share_interval(rng.uniform(size=320) < found_share[bikes], bikes)
        covered += low <= 0.5 <= high
    assert 0.92 <= covered / 400 <= 0.98


def test_what_no_draw_changes_gets_no_interval():
    assert percentiles(np.ones(100)) is None
    assert mean_interval([0, 0, 0], np.arange(3)) is None
    low, high = mean_interval([0.0, 1.0, 2.0, 3.0] * 10, np.arange(40))
    assert 1.0 < low < 1.5 < high < 2.0


def test_photos_of_a_bike_are_known_by_its_name_and_twins_by_the_files():
    names = [("a", "7"), ("b", "7"), ("c", ""), ("c", ""), ("d", "")]
    bikes = bikes_of([Photo(Path(f"{k}/{stem}.jpg"), 0, "test", bike_id=bike) for k, (stem, bike) in enumerate(names)])
    assert bikes[0] == bikes[1] != bikes[2] == bikes[3] != bikes[4]
