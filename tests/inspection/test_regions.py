import numpy as np
import pytest

from inspection.regions import Region, binary_mask, find_regions

SHAPE = (100, 120)  # small enough that opening has no effect and closing none either: kernels of 1 pixel
LARGE_SHAPE = (1000, 1200)  # opening by 3 pixels, closing by 9


def map_with(*patches, shape=SHAPE) -> np.ndarray:
    """An anomaly map of 0.1 with rectangles (x0, y0, x1, y1, score)."""
    anomaly_map = np.full(shape, 0.1, np.float32)
    for x0, y0, x1, y1, score in patches:
        anomaly_map[y0:y1, x0:x1] = score
    return anomaly_map


def test_a_region_has_the_numbers_worked_out_by_hand():
    anomaly_map = map_with((10, 20, 30, 40, 0.75))  # 20 x 20
    anomaly_map[20, 10] = 1.0
    bike_mask = np.zeros(SHAPE, bool)
    bike_mask[:80, :100] = True  # 8000 pixels
    (region,) = find_regions(anomaly_map, bike_mask)
    assert region.box == (10, 20, 30, 40)
    assert region.area == 400 / 8000
    assert region.peak == 1.0
    assert region.score == pytest.approx(0.75 + 0.25 / 400)
    assert region.part is None


def test_the_area_of_the_bike_itself_counts_where_it_is_given():
    anomaly_map = map_with((10, 20, 30, 40, 0.9))
    (region,) = find_regions(anomaly_map, np.ones(SHAPE, bool), bike_area=800)
    assert region.area == 0.5
    (region,) = find_regions(anomaly_map, np.ones(SHAPE, bool), bike_area=200)  # much of it beside the bike
    assert region.area == 1.0


@pytest.mark.parametrize("bike_mask", [None, np.ones(SHAPE, bool)], ids=["whole-photo", "full-mask"])
def test_area_is_a_fraction_of_the_bike(bike_mask):
    (region,) = find_regions(map_with((0, 0, 60, 100, 0.9)), bike_mask)
    assert region.area == 0.5


def test_most_damage_comes_first():
    anomaly_map = map_with((0, 0, 10, 10, 1.0), (50, 50, 70, 60, 0.7))  # 100 x 1.0 and 200 x 0.7
    assert [region.box for region in find_regions(anomaly_map)] == [(50, 50, 70, 60), (0, 0, 10, 10)]


@pytest.mark.parametrize(
    ("anomaly_map", "bike_mask"),
    [
        pytest.param(map_with(), None, id="nothing-above-threshold"),
        pytest.param(map_with((10, 10, 40, 40, 0.59)), None, id="just-below-threshold"),
        pytest.param(map_with((10, 10, 40, 40, 0.9)), np.zeros(SHAPE, bool), id="no-bike"),
        pytest.param(map_with((10, 10, 12, 12, 0.9)), None, id="below-min-area"),  # 4 of 12000 pixels
    ],
)
def test_no_region_where_there_is_no_damage(anomaly_map, bike_mask):
    assert find_regions(anomaly_map, bike_mask) == []


def test_damage_counts_from_the_threshold_up():
    assert len(find_regions(map_with((10, 10, 40, 40, 0.5)), threshold=0.5)) == 1


def test_damage_off_the_bike_is_left_out():
    bike_mask = np.zeros(SHAPE, bool)
    bike_mask[:, :60] = True
    (region,) = find_regions(map_with((50, 10, 70, 30, 0.9)), bike_mask)
    assert region.box == (50, 10, 60, 30)


@pytest.mark.parametrize(
    ("part_ids", "part"),
    [
        pytest.param({1: 0.6, 2: 0.4}, "frame", id="majority"),
        pytest.param({0: 0.9, 2: 0.1}, "saddle", id="background-does-not-vote"),
        pytest.param({255: 0.9, 1: 0.1}, "frame", id="unknown-does-not-vote"),
        pytest.param({0: 1.0}, None, id="background-alone"),
    ],
)
def test_a_region_is_named_for_the_part_most_of_it_lies_on(part_ids, part):
    part_map = np.ones(SHAPE, np.uint8)
    row = 20
    for part_id, share in part_ids.items():
        part_map[row : row + round(share * 20), 10:30] = part_id
        row += round(share * 20)
    (region,) = find_regions(
        map_with((10, 20, 30, 40, 0.9)),
        part_map=part_map,
        part_names={0: "background", 1: "frame", 2: "saddle"},
    )
    assert region.part == part


def test_corners_that_touch_are_one_region():
    assert len(find_regions(map_with((10, 10, 20, 20, 0.9), (20, 20, 30, 30, 0.9)))) == 1


def test_specks_vanish_and_pieces_of_a_scratch_join():
    patches = [(100, 100, 200, 110, 0.9), (206, 100, 300, 110, 0.9), (600, 600, 602, 602, 0.9)]
    mask = binary_mask(map_with(*patches, shape=LARGE_SHAPE))
    assert mask[105, 100:300].all()
    assert not mask[590:620].any()
    assert mask.sum() == 200 * 10


def test_joining_pieces_does_not_reach_off_the_bike():
    patches = [(100, 100, 200, 110, 0.9), (206, 100, 300, 110, 0.9)]
    bike_mask = np.ones(LARGE_SHAPE, bool)
    bike_mask[:, 200:206] = False
    assert not binary_mask(map_with(*patches, shape=LARGE_SHAPE), bike_mask)[:, 200:206].any()


def test_region_grows_as_far_as_the_map_stays_high_and_no_further():
    core, rim, beyond = (20, 20, 40, 40, 0.7), (10, 10, 60, 60, 0.5), (5, 5, 80, 80, 0.4)
    (region,) = find_regions(map_with(beyond, rim, core), threshold=0.6)
    assert region.box == (10, 10, 60, 60)
    assert region.peak == pytest.approx(0.7)


def test_what_never_reaches_the_threshold_is_not_marked_beside_what_does():
    two = map_with((10, 10, 30, 30, 0.7), (60, 60, 90, 90, 0.55))
    assert [region.box for region in find_regions(two, threshold=0.6)] == [(10, 10, 30, 30)]


def test_a_speck_that_reaches_the_threshold_does_not_bring_in_what_is_around_it():
    speck = map_with((10, 10, 60, 60, 0.5), (30, 30, 33, 33, 0.7))
    assert find_regions(speck, threshold=0.6, min_area=0.002) == []


def test_pieces_far_apart_stay_two():
    patches = [(100, 100, 200, 110, 0.9), (220, 100, 300, 110, 0.9)]
    assert len(find_regions(map_with(*patches, shape=LARGE_SHAPE))) == 2


@pytest.mark.parametrize("corner", [(0, 0), (0, 1160), (960, 0), (960, 1160)], ids=["nw", "ne", "sw", "se"])
def test_working_in_a_box_gives_what_the_whole_photo_gives(corner):
    """A far-away patch makes the box the whole photo; near the corner nothing may change."""
    rng = np.random.default_rng(3)
    anomaly_map = map_with(shape=LARGE_SHAPE)
    rows, columns = (slice(start, start + 40) for start in corner)
    anomaly_map[rows, columns] = rng.random((40, 40)).repeat(4, 0).repeat(4, 1)[:40, :40]
    alone = binary_mask(anomaly_map)
    anomaly_map[480:500, 580:600] = 0.9
    anomaly_map[1000 - 60 - corner[0] :, :][:20, 580:600] = 0.9
    together = binary_mask(anomaly_map)
    near = np.s_[max(0, corner[0] - 20) : corner[0] + 60, max(0, corner[1] - 20) : corner[1] + 60]
    np.testing.assert_array_equal(alone[near], together[near])


def test_flipping_the_photo_flips_the_box():
    anomaly_map = map_with((10, 20, 30, 50, 0.9))
    (region,) = find_regions(np.ascontiguousarray(anomaly_map[:, ::-1]))
    assert region.box == (120 - 30, 20, 120 - 10, 50)


def test_the_callers_arrays_are_left_alone():
    anomaly_map, bike_mask = map_with((10, 20, 30, 40, 0.9)), np.ones(SHAPE, bool)
    copies = anomaly_map.copy(), bike_mask.copy()
    find_regions(anomaly_map, bike_mask)
    np.testing.assert_array_equal(anomaly_map, copies[0])
    np.testing.assert_array_equal(bike_mask, copies[1])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"bike_mask": np.ones((120, 100), bool)},
            r"bike_mask has shape \(120, 100\): expected \(100, 120\)",
            id="bike-mask",
        ),
        pytest.param(
            {"part_map": np.ones((9, 9), np.uint8), "part_names": {}},
            r"part_map has shape \(9, 9\)",
            id="part-map",
        ),
        pytest.param({"part_map": np.ones(SHAPE, np.uint8)}, "come together", id="no-names"),
        pytest.param(
            {"part_map": np.full(SHAPE, 7, np.uint8), "part_names": {1: "frame"}},
            r"part id 7 has no name: part_names knows \[1\]",
            id="unnamed-part",
        ),
        pytest.param({"threshold": 60}, r"threshold is 60: expected a number in \[0, 1\]", id="threshold"),
        pytest.param({"min_area": -1}, "min_area is -1", id="min-area"),
        pytest.param(
            {"anomaly_map": np.zeros((1, *SHAPE), np.float32)},
            r"anomaly_map has shape \(1, 100, 120\): expected \(H, W\)",
            id="batch",
        ),
    ],
)
def test_wrong_arguments_are_refused_with_what_was_expected(changes, message):
    arguments = {"anomaly_map": map_with((10, 10, 40, 40, 0.9)), **changes}
    with pytest.raises(ValueError, match=message):
        find_regions(**arguments)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"box": (5, 0, 5, 9)}, r"box is \(5, 0, 5, 9\)", id="empty-box"),
        pytest.param({"box": (-1, 0, 5, 9)}, "expected 0 <= x0 < x1", id="negative-box"),
        pytest.param({"score": 0.9, "peak": 0.8}, "expected 0 <= score <= peak <= 1", id="peak-below-mean"),
        pytest.param({"peak": 1.1}, r"peak is 1\.1", id="peak-above-1"),
        pytest.param({"area": 0.0}, r"area is 0\.0: expected a fraction", id="no-area"),
    ],
)
def test_an_impossible_region_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Region(**{"box": (0, 0, 5, 9), "score": 0.7, "peak": 0.8, "area": 0.1, **changes})
