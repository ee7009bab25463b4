from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import pipeline

from inspection.inspector import BikeInspector
from inspection.photo import PhotoError

BIKE = (200, 100, 500, 400)
DAMAGE = (300, 200, 360, 240)


@pytest.fixture(scope="module")
def inspector(tiny_models):
    return BikeInspector.from_pretrained(tiny_models / "classifier", tiny_models / "localizer", device="cpu")


@pytest.fixture
def damaged(bike_photo):
    return bike_photo(640, 480, [BIKE], [DAMAGE])


@pytest.fixture
def intact(bike_photo):
    return bike_photo(640, 480, [BIKE])


@pytest.fixture
def street(bike_photo):
    return bike_photo(640, 480)


def assert_box_near(box, expected, pixels=6):
    """Within a pixel of the map: about 6 photo pixels, as the models see 96 x 128."""
    assert np.abs(np.subtract(box, expected)).max() <= pixels, f"{box} is not near {expected}"


def test_a_damaged_bike_has_a_region_where_the_damage_is(inspector, damaged):
    inspection = inspector.inspect(damaged)
    assert (inspection.photo, inspection.width, inspection.height, inspection.error) == (None, 640, 480, None)
    assert inspection.bike_found
    assert inspection.verdict == "DAMAGED"
    assert inspection.probability > 0.9
    [region] = inspection.regions
    assert_box_near(region.box, DAMAGE)
    assert region.part == "front wheel"
    assert region.area == pytest.approx(60 * 40 / (300 * 300), rel=0.2)
    assert region.peak > 0.95
    assert 0 < inspection.seconds < 60


@pytest.mark.parametrize("silent", ["classifier", "localizer", "both"])
def test_the_damage_that_either_network_sees_is_on_the_map(tiny_models, damaged, silent):
    inspector = BikeInspector.from_pretrained(tiny_models / "classifier", tiny_models / "localizer", device="cpu")
    if silent != "localizer":
        inspector.classifier.config.evidence_shift = -50
    if silent != "classifier":
        with torch.no_grad():
            inspector.localizer.draem.discriminative.output.bias[1] -= 50
    regions = inspector.inspect(damaged).regions
    if silent == "both":
        assert regions == []
    else:
        [region] = regions
        assert_box_near(region.box, DAMAGE, pixels=10)


def test_an_intact_bike_is_not_localized(inspector, intact):
    inspection = inspector.inspect(intact)
    assert (inspection.bike_found, inspection.verdict, inspection.regions) == (True, "INTACT", [])
    assert inspection.probability < 0.2
    assert not inspection.has_anomaly_map
    assert inspection.anomaly_map is None


@pytest.mark.parametrize("options", [{}, {"always_localize": True}], ids=["plain", "always-localize"])
def test_without_a_bike_there_is_no_verdict(inspector, street, options):
    inspection = inspector.inspect(street, **options)
    assert (inspection.bike_found, inspection.verdict, inspection.regions) == (False, None, [])
    assert inspection.anomaly_map is None
    assert inspection.bike_mask.shape == (480, 640)
    assert not inspection.bike_mask.any()


def test_damage_off_the_bike_is_not_the_bikes(inspector, bike_photo):
    inspection = inspector.inspect(bike_photo(640, 480, [BIKE], [(20, 20, 60, 60)]), always_localize=True)
    assert inspection.bike_found
    assert inspection.has_anomaly_map
    assert inspection.regions == []


@pytest.mark.parametrize("width", [320, 1600, 4000])
def test_boxes_are_in_photo_pixels_at_every_size(inspector, bike_photo, width):
    scale = width / 640
    boxes = [tuple(round(scale * side) for side in box) for box in (BIKE, DAMAGE)]
    inspection = inspector.inspect(bike_photo(width, round(480 * scale), boxes[:1], boxes[1:]))
    [region] = inspection.regions
    assert_box_near(region.box, boxes[1], pixels=6 * scale)


def test_boxes_are_in_the_pixels_of_the_upright_photo(inspector, damaged, tmp_path):
    """A phone held upright stores the photo lying and says so in its EXIF block."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    path = tmp_path / "phone.png"
    Image.fromarray(damaged).save(path, exif=exif)
    inspection = inspector.inspect(path)
    assert (inspection.width, inspection.height) == (480, 640)
    [region] = inspection.regions
    x0, y0, x1, y1 = DAMAGE
    assert_box_near(region.box, (480 - y1, x0, 480 - y0, x1), pixels=9)  # tall on a wide canvas: shown smaller


def test_maps_are_on_the_photos_own_pixels(inspector, damaged):
    inspection = inspector.inspect(damaged)
    anomaly_map, bike_mask = inspection.anomaly_map, inspection.bike_mask
    assert (anomaly_map.shape, anomaly_map.dtype) == ((480, 640), np.float32)
    assert (bike_mask.shape, bike_mask.dtype) == ((480, 640), bool)
    assert anomaly_map[250, 400] > 0
    assert not anomaly_map[:70].any()  # the localizer saw the bike's crop alone
    assert anomaly_map[220, 330] > 0.95
    assert anomaly_map.max() <= 1
    assert bike_mask[250, 350]
    assert not bike_mask[50, 50]
    side = 300 * 1.08  # 4% on each side
    assert bike_mask.mean() == pytest.approx(side * side / (640 * 480), rel=0.1)


@pytest.mark.parametrize("probability", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_the_map_takes_on_the_verdict_by_its_weight(inspector, damaged, probability):
    evidence = replace(inspector.inspect(damaged).evidence, probability=probability)
    size = evidence.size
    alone = evidence.anomaly_map(size).astype(float)
    joined = replace(evidence, verdict_weight=0.25).anomaly_map(size).astype(float)
    assert joined.min() >= 0 and joined.max() <= 1
    assert not joined[alone == 0].any()
    between = (alone > 1e-3) & (alone < 1 - 1e-3)
    lift = np.log(joined[between] / (1 - joined[between])) - np.log(alone[between] / (1 - alone[between]))
    expected = {0.0: -3.454, 0.2: -0.3466, 0.5: 0, 0.9: 0.5493, 1.0: 3.454}[probability]  # a quarter of the log-odds
    np.testing.assert_allclose(lift, expected, atol=0.02)


@pytest.mark.parametrize("batch_size", [1, 2, 16])
def test_a_batch_is_its_photos_one_by_one(inspector, damaged, intact, street, bike_photo, batch_size, monkeypatch):
    photos = [damaged, intact, street, bike_photo(300, 500, [(50, 100, 250, 400)], [(100, 200, 140, 260)]), intact]
    singles = [inspector.inspect(photo) for photo in photos]
    monkeypatch.setattr(inspector, "batch_size", batch_size)
    for together, alone in zip(inspector.inspect(photos), singles, strict=True):
        assert together.probability == pytest.approx(alone.probability, abs=1e-5)
        assert [region.box for region in together.regions] == [region.box for region in alone.regions]
        assert replace(together, probability=0, regions=[]) == replace(alone, probability=0, regions=[])


def test_a_broken_photo_in_a_list_is_named_and_the_rest_go_on(inspector, damaged, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image")
    first, second, third = inspector.inspect([damaged, broken, damaged])
    assert (first.verdict, third.verdict) == ("DAMAGED", "DAMAGED")
    assert second.photo == str(broken)
    assert "broken.jpg is not an image we can read" in second.error
    assert (second.width, second.verdict, second.probability, second.regions) == (None, None, None, [])
    assert (second.bike_found, second.anomaly_map, second.bike_mask) == (False, None, None)
    assert second.to_dict()["error"] == second.error
    assert second.with_thresholds(0.9) == replace(second, damage_threshold=0.9)
    with pytest.raises(ValueError, match="no overlay of an unreadable photo"):
        second.overlay()


def test_a_single_broken_photo_is_an_error(inspector, tmp_path):
    with pytest.raises(PhotoError, match=r"nowhere.jpg does not exist"):
        inspector.inspect(tmp_path / "nowhere.jpg")


def test_an_empty_list_gives_an_empty_list(inspector):
    assert inspector.inspect([]) == []


@pytest.mark.parametrize(
    "as_source",
    [
        pytest.param(lambda array, path: path, id="path"),
        pytest.param(lambda array, path: str(path), id="text"),
        pytest.param(lambda array, path: path.read_bytes(), id="bytes"),
        pytest.param(lambda array, path: BytesIO(path.read_bytes()), id="file"),
        pytest.param(lambda array, path: Image.open(path), id="pil"),
        pytest.param(lambda array, path: array, id="array"),
    ],
)
def test_a_photo_may_come_in_any_form(inspector, damaged, tmp_path, as_source):
    path = tmp_path / "bike.png"
    Image.fromarray(damaged).save(path)
    inspection = inspector.inspect(as_source(damaged, path))
    assert replace(inspection, photo=None) == inspector.inspect(damaged)


def test_thresholds_default_to_the_models_own(inspector, damaged):
    inspection = inspector.inspect(damaged)
    assert (inspection.damage_threshold, inspection.anomaly_threshold) == (0.3, 0.5)


def test_the_damage_threshold_is_where_damaged_begins(inspector, damaged):
    probability = inspector.inspect(damaged).probability
    at, above = (inspector.inspect(damaged, damage_threshold=probability + margin) for margin in (0, 1e-6))
    assert (at.verdict, at.has_anomaly_map) == ("DAMAGED", True)
    assert (above.verdict, above.has_anomaly_map) == ("INTACT", False)


def test_the_anomaly_threshold_moves_the_regions(inspector, damaged):
    [low], [high] = (inspector.inspect(damaged, anomaly_threshold=threshold).regions for threshold in (0.05, 0.95))
    assert low.area > high.area
    assert inspector.inspect(damaged, anomaly_threshold=1.0).regions == []


def test_stage_1_alone_gives_the_verdict_and_no_map(inspector, damaged):
    inspection = inspector.inspect(damaged, stage1_only=True)
    assert (inspection.verdict, inspection.regions, inspection.has_anomaly_map) == ("DAMAGED", [], False)


def test_always_localize_reports_the_regions_of_an_intact_bike(inspector, damaged):
    inspection = inspector.inspect(damaged, always_localize=True, damage_threshold=1.0)
    assert inspection.verdict == "INTACT"
    assert len(inspection.regions) == 1
    assert inspection.has_anomaly_map


@pytest.mark.parametrize("always_localize", [False, True])
@pytest.mark.parametrize("damage_threshold", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("anomaly_threshold", [0.1, 0.5, 0.9])
def test_other_thresholds_give_what_a_fresh_inspection_would(
    inspector, damaged, always_localize, damage_threshold, anomaly_threshold
):
    inspection = inspector.inspect(damaged, always_localize=always_localize)
    moved = inspection.with_thresholds(damage_threshold, anomaly_threshold)
    fresh = inspector.inspect(
        damaged,
        always_localize=always_localize,
        damage_threshold=damage_threshold,
        anomaly_threshold=anomaly_threshold,
    )
    assert moved == fresh
    assert moved.has_anomaly_map == fresh.has_anomaly_map
    assert moved.with_thresholds(0.3, 0.5) == inspection


def test_a_lower_threshold_on_a_bike_that_was_not_localized_gives_no_regions(inspector, intact):
    moved = inspector.inspect(intact).with_thresholds(damage_threshold=0.0)
    assert (moved.verdict, moved.regions, moved.anomaly_map, moved.anomaly_threshold) == ("DAMAGED", [], None, 0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"damage_threshold": 40}, r"damage_threshold is 40: use a number in \[0, 1\]", id="percent"),
        pytest.param({"anomaly_threshold": -0.1}, r"anomaly_threshold is -0.1", id="negative"),
        pytest.param({"anomaly_threshold": float("nan")}, r"anomaly_threshold is nan", id="nan"),
        pytest.param({"stage1_only": True, "always_localize": True}, "exclude each other", id="both-stages"),
    ],
)
def test_wrong_options_are_named(inspector, damaged, options, message):
    with pytest.raises(ValueError, match=message):
        inspector.inspect(damaged, **options)


def test_the_overlay_paints_the_damage_and_nothing_else(inspector, damaged, intact):
    overlay = np.asarray(inspector.inspect(damaged).overlay())
    assert overlay.shape == damaged.shape
    assert (overlay[220, 330] != damaged[220, 330]).any()
    np.testing.assert_array_equal(overlay[420:], damaged[420:])
    np.testing.assert_array_equal(np.asarray(inspector.inspect(intact).overlay()), intact)


def test_an_overlay_for_the_screen_is_smaller_and_shows_the_same(inspector, damaged):
    inspection = inspector.inspect(damaged)
    assert inspection.overlay(max_side=5000).size == (640, 480)
    small = np.asarray(inspection.overlay(max_side=320))
    assert small.shape == (240, 320, 3)
    assert (small[110, 165] != damaged[220, 330]).any()


def test_the_dictionary_is_the_json_line(inspector, damaged, tmp_path):
    path = tmp_path / "bike.png"
    Image.fromarray(damaged).save(path)
    fields = inspector.inspect(path).to_dict()
    assert list(fields) == [
        *("photo", "width", "height", "bike_found", "verdict", "probability", "regions", "error", "seconds"),
    ]
    assert (fields["photo"], fields["width"], fields["height"]) == (str(path), 640, 480)
    assert list(fields["regions"][0]) == ["box", "score", "peak", "area", "part"]
    assert all(type(side) is int for side in fields["regions"][0]["box"])


def test_transformers_pipeline_gives_the_same_probability(inspector, tiny_models, damaged, intact):
    classify = pipeline("image-classification", model=str(tiny_models / "classifier"), device="cpu")
    for photo in (damaged, intact):
        answers = {answer["label"]: answer["score"] for answer in classify(Image.fromarray(photo))}
        assert answers["DAMAGED"] == pytest.approx(inspector.inspect(photo).probability, abs=1e-4)
