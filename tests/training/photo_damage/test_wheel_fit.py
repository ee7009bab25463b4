import numpy as np
import pytest

from training.photo_damage.parts import Parts, Wheel, ellipse_mask
from training.photo_damage.wheel_fit import fit_wheel, fit_wheels

SHAPE = (240, 320)


def draw_tyre(wheel: Wheel) -> np.ndarray:
    return (ellipse_mask(SHAPE, wheel) & ~ellipse_mask(SHAPE, wheel, scale=0.88)).astype(np.float32)


@pytest.mark.parametrize("off", [(4, -4, 4, 3), (-4, 3, -3, 4), (0, 0, -4, -4)])
def test_wheel_drawn_4_percent_off_is_found_to_1_percent(drawn_bike, off):
    alpha = drawn_bike.matte.astype(np.float32) / 255
    drawn = {part: tuple(np.add(drawn_bike.parts.boxes[part], off)) for part in ("front_wheel", "rear_wheel")}
    fitted = fit_wheels(alpha, Parts(drawn))
    for part in drawn:
        tolerance = 0.01 * drawn_bike.parts.wheel_diameter
        assert fitted.boxes[part] == pytest.approx(drawn_bike.parts.boxes[part], abs=tolerance)
        assert fitted.wheel(part).lean == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("lean", [-0.5, 0.35])
def test_leaning_wheel_is_found_from_its_box(lean):
    true = Wheel((160, 120, 60, 90)).with_lean(lean)
    fitted = fit_wheel(draw_tyre(true), Wheel((162, 119, 61, 91)))
    assert fitted == pytest.approx(true, abs=1.5)
    assert fitted.lean == pytest.approx(lean, abs=0.03)


def test_wheel_with_a_mudguard_keeps_to_the_tyre():
    true = Wheel((160, 120, 80, 80))
    mudguard = ellipse_mask(SHAPE, true, scale=1.09) & ~ellipse_mask(SHAPE, true, scale=1.05)
    mudguard[120:] = False
    alpha = np.maximum(draw_tyre(true), mudguard.astype(np.float32))
    assert fit_wheel(alpha, Wheel((161, 120, 80, 81))) == pytest.approx(true, abs=1)


@pytest.mark.parametrize(
    "alpha",
    [
        pytest.param(np.zeros(SHAPE, np.float32), id="nothing there"),
        pytest.param(np.ones(SHAPE, np.float32), id="no edge"),
        pytest.param(draw_tyre(Wheel((160, 120, 60, 60))), id="another wheel"),
    ],
)
def test_wheel_whose_tyre_is_not_seen_stays_as_drawn(alpha):
    assert fit_wheel(alpha, Wheel((160, 120, 90, 90))) is None
    parts = Parts({"front_wheel": (70, 30, 250, 210)})
    assert fit_wheels(alpha, parts).boxes == parts.boxes


def test_wheel_of_a_few_pixels_is_left_alone():
    assert fit_wheel(np.ones(SHAPE, np.float32), Wheel((160, 120, 5, 40))) is None
