import numpy as np
import pytest

from training.importers.masks import draw_box, draw_polygon, draw_run_lengths, read_run_lengths


def test_box_reaching_a_little_over_the_edge_is_cut_there():
    mask = draw_box((-0.9, 40, 30, 100.8), (100, 120))
    assert mask.sum() == 30 * 60 and mask[40:, :30].all()


def test_concave_polygon_leaves_its_notch_out():
    mask = draw_polygon([0, 0, 8, 0, 8, 8, 4, 4, 0, 8], (8, 8))
    assert mask[0].all() and not mask[7, 3:5].any()
    assert abs(int(mask.sum()) - 48) <= 4  # the square less a quarter, to half a pixel along the notch


def test_polygon_is_as_large_as_its_area():
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    circle = np.stack([50 + 30 * np.cos(angle), 40 + 30 * np.sin(angle)], axis=1)
    assert draw_polygon(circle.ravel().tolist(), (90, 110)).sum() == pytest.approx(np.pi * 30**2, rel=0.01)


def test_compressed_runs_are_those_of_the_plain_list():
    runs = [605, 20, 40, 20, 40, 3, 5272]
    # By pycocotools 2.0.11: mask.frPyObjects({"counts": runs, "size": [60, 100]}, 60, 100)["counts"].
    assert read_run_lengths("mb0d0X100_O`S5") == runs
    mask = draw_run_lengths(runs, (60, 100))
    assert mask[5:25, 10].all() and mask[5:25, 11].all() and mask.sum() == 43


@pytest.mark.parametrize(
    ("draw", "outline", "message"),
    [
        pytest.param(draw_box, (5, 5, 5, 9), "is empty, 0x4", id="empty box"),
        pytest.param(draw_box, (5, 5, 90, 9), "reaches out of the photo's 20x20", id="box outside"),
        pytest.param(draw_polygon, [1, 2, 3, 4], "has 4 numbers", id="line"),
        pytest.param(draw_polygon, [1, 1, 9, 1, float("nan"), 9], "reaches out", id="no number"),
        pytest.param(draw_polygon, [1, 1, 9, 1, 5, 1], "covers no pixel", id="flat polygon"),
        pytest.param(draw_run_lengths, [10, 5], "are for 15 pixels, not the photo's 20x20", id="runs too short"),
        pytest.param(draw_run_lengths, [-5, 405], "whole numbers", id="negative run"),
        pytest.param(draw_run_lengths, [400], "cover no pixel", id="runs of nothing"),
    ],
)
def test_outline_that_cannot_be_is_refused(draw, outline, message):
    with pytest.raises(ValueError, match=message):
        draw(outline, (20, 20))


@pytest.mark.parametrize(
    ("text", "message"), [("04é", "the character 'é'"), ("0o", "cut off")], ids=["character", "cut"]
)
def test_compressed_runs_that_cannot_be_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        read_run_lengths(text)
