import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_auroc, binary_average_precision

from training.pixel_curves import PixelCurves

SIZE = 40, 60
ON_BIKE = np.ones(SIZE, bool)


def photo(rng: np.random.Generator, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A map that is higher on the defect, most often, and the defect."""
    mask = np.zeros(SIZE, bool)
    top, left = rng.integers(0, 25), rng.integers(0, 40)
    mask[top : top + 10, left : left + 15] = True
    return (scale * (0.7 * rng.uniform(0, 1, SIZE) + 0.3 * mask)).astype(np.float32), mask


@pytest.mark.parametrize("scale", [pytest.param(1.0, id="warm"), pytest.param(1e-3, id="cold")])
def test_figures_are_those_of_torchmetrics(scale):
    rng, curves = np.random.default_rng(0), PixelCurves()
    photos = [photo(rng, scale) for _ in range(4)]
    for number, (anomaly_map, mask) in enumerate(photos):
        curves.update(anomaly_map, mask, ON_BIKE, number)
    values, truth = (torch.from_numpy(np.stack(arrays)).flatten() for arrays in zip(*photos, strict=True))
    figures = curves.compute()
    assert figures["pixel_ap"] == pytest.approx(binary_average_precision(values, truth.int()).item(), abs=5e-3)
    assert figures["pixel_auroc"] == pytest.approx(binary_auroc(values, truth.int()).item(), abs=2e-3)


def test_intervals_hold_the_figure_and_narrow_with_more_bikes_but_not_with_more_photos_of_them():
    rng = np.random.default_rng(1)
    spread = {}
    for name, count, repeats in (("few", 6, 1), ("many", 60, 1), ("often", 6, 10)):
        curves = PixelCurves()
        for bike in range(count):
            anomaly_map, mask = photo(rng, scale=1 if bike % 2 else 0.5)
            for _ in range(repeats):
                curves.update(anomaly_map, mask, ON_BIKE, bike)
        low, high = curves.intervals()["pixel_ap"]
        assert low < curves.compute()["pixel_ap"] < high
        spread[name] = high - low
    assert spread["many"] < 0.5 * spread["few"]
    assert spread["often"] > 0.5 * spread["few"]


def test_a_defect_off_the_bike_is_missed_and_not_left_out():
    curves = PixelCurves()
    mask, on_bike = np.zeros(SIZE, bool), np.zeros(SIZE, bool)
    on_bike[:, :30] = mask[:5, :5] = mask[:5, 50:] = True  # a region of 25 pixels on the bike, one of 50 off it
    curves.update(mask.astype(np.float32), mask, on_bike)
    figures = curves.compute()
    assert figures["aupro"] == pytest.approx(0.5 + 0.5 * 0.15, abs=1e-3)  # it comes in with all that is sound
    assert figures["pixel_auroc"] == pytest.approx(25 / 75 + 50 / 75 / 2)  # half of the ties


def test_without_defects_there_are_no_figures():
    curves = PixelCurves()
    assert curves.compute() == curves.intervals() == {}
    curves.update(np.zeros(SIZE), np.zeros(SIZE, bool), ON_BIKE)
    assert curves.compute() == curves.intervals() == {}
