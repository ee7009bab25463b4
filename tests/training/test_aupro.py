import numpy as np
import pytest

from training.pixel_curves import PixelCurves


def measure(*pairs: tuple[np.ndarray, np.ndarray]) -> float:
    curves = PixelCurves()
    for anomaly_map, mask in pairs:
        curves.update(anomaly_map, mask, np.ones_like(mask))
    return curves.compute().get("aupro", float("nan"))


@pytest.fixture
def mask() -> np.ndarray:
    """A large defect and a small one."""
    mask = np.zeros((60, 80), bool)
    mask[10:40, 10:40] = mask[50:54, 60:64] = True
    return mask


def test_perfect_map_scores_1(mask):
    assert measure((mask.astype(np.float32), mask)) == pytest.approx(1, abs=1e-6)


def test_noise_scores_as_chance(mask):
    noise = np.random.default_rng(0).uniform(0, 1, (20, *mask.shape))
    assert measure(*((one, mask) for one in noise)) == pytest.approx(0.15, abs=0.01)  # the triangle below 0.3, by 0.3


def test_small_defect_counts_as_much_as_a_large_one(mask):
    missed = mask.astype(np.float32)
    missed[50:54, 60:64] = 0
    # The missed one comes in only with all that is sound: half of the regions are marked all along.
    assert measure((missed, mask)) == pytest.approx(0.5 + 0.5 * 0.15, abs=0.01)


def test_as_computed_threshold_by_threshold():
    rng = np.random.default_rng(1)
    anomaly_map = rng.uniform(0, 1, (40, 50))
    mask = np.zeros((40, 50), bool)
    mask[5:15, 5:15] = mask[20:38, 30:36] = True
    anomaly_map[mask] = (anomaly_map[mask] + 0.6).clip(0, 1) * 0.9
    regions = [np.s_[5:15, 5:15], np.s_[20:38, 30:36]]
    rates, overlaps = [], []
    for threshold in np.linspace(1, 0, 4001):
        marked = anomaly_map >= threshold
        rates.append(marked[~mask].mean())
        overlaps.append(np.mean([marked[region].mean() for region in regions]))
    below = np.linspace(0, 0.3, 3001)
    expected = np.trapezoid(np.interp(below, rates, overlaps), below) / 0.3
    assert measure((anomaly_map, mask)) == pytest.approx(expected, abs=2e-3)


def test_without_defects_there_is_no_figure(mask):
    assert np.isnan(measure((np.zeros(mask.shape), np.zeros_like(mask))))


def test_noise_scores_as_chance_however_much_background_is_around_the_bike(mask):
    curves, rng = PixelCurves(), np.random.default_rng(0)
    on_bike = np.zeros((240, 320), bool)
    on_bike[:60, :80] = True
    padded = np.zeros_like(on_bike)
    padded[:60, :80] = mask
    for _ in range(80):
        curves.update(rng.uniform(0, 1, padded.shape) * on_bike, padded, on_bike)
    figures = curves.compute()
    assert figures["aupro"] == pytest.approx(0.15, abs=0.01)
    assert figures["pixel_auroc"] == pytest.approx(0.5, abs=0.01)
    assert figures["pixel_ap"] == pytest.approx(mask.mean(), abs=0.01)
