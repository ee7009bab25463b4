import cv2
import numpy as np
import pytest

from training.retouch.tools import TOOLS


@pytest.fixture
def bike() -> tuple[np.ndarray, np.ndarray]:
    """A photo (H, W, 3) of a drawn bike on grainy ground, and its part ids."""
    parts = np.zeros((240, 320), np.uint8)
    for part, centre in ((2, (240, 160)), (3, (80, 160))):
        cv2.circle(parts, centre, 50, part, -1)
    corners = [(80, 160), (150, 160), (220, 90), (130, 90), (150, 160)]
    cv2.polylines(parts, [np.int32(corners), np.int32([(220, 90), (240, 160)])], False, 1, 9)
    cv2.ellipse(parts, (125, 70), (25, 8), 0, 0, 360, 4, -1)
    cv2.line(parts, (215, 65), (245, 60), 5, 8)
    cv2.circle(parts, (150, 165), 14, 6, -1)
    colours = np.uint8([[150, 160, 170], [200, 30, 40], *[[20, 20, 20]] * 2, [60, 40, 30], [90, 90, 90], [50, 50, 50]])
    grain = np.random.default_rng(0).integers(-8, 9, (240, 320, 1))
    return (colours[parts] + grain).clip(0, 255).astype(np.uint8), parts


@pytest.mark.parametrize("name", TOOLS)
def test_what_a_tool_does_to_the_bike_is_in_its_mask_and_the_mask_is_on_the_bike(bike, name):
    photo, parts = bike
    before = photo.copy()
    missed = []
    for seed in range(20):
        damaged, mask = TOOLS[name](photo, parts, np.random.default_rng(seed))
        assert damaged.shape == photo.shape
        assert damaged.dtype == np.uint8
        changed = np.abs(damaged.astype(int) - photo).max(axis=2) > 40
        missed.append((changed & ~mask & (parts > 0)).sum() / changed.sum())
        assert (changed & mask).sum() > 15
        assert (parts[mask] > 0).mean() > 0.2
        assert mask.mean() < 0.25
    assert np.mean(missed) < 0.08
    assert np.array_equal(photo, before)


@pytest.mark.parametrize("name", TOOLS)
def test_the_same_generator_damages_alike(bike, name):
    pictures = [TOOLS[name](*bike, np.random.default_rng(seed))[0] for seed in (3, 3, 4, 5, 6)]
    assert np.array_equal(pictures[0], pictures[1])
    assert any(not np.array_equal(pictures[0], other) for other in pictures[2:])


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_leaves_a_photo_without_a_bike_alone(name):
    photo, parts = np.full((60, 80, 3), 128, np.uint8), np.zeros((60, 80), np.uint8)
    assert TOOLS[name](photo, parts, np.random.default_rng(0)) is None


def test_a_bent_wheel_is_bent_at_its_rim():
    parts = np.zeros((240, 320), np.uint8)
    cv2.circle(parts, (160, 120), 80, 2, -1)
    photo = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    for seed in range(20):
        _, mask = TOOLS["pushed"](photo, parts, np.random.default_rng(seed))
        rows, columns = np.nonzero(mask & (parts > 0))
        assert np.hypot(rows - 120, columns - 160).max() > 70
        assert not mask[115:126, 155:166].all()


def test_pixels_of_unknown_part_are_no_bike(bike):
    photo, parts = bike
    unknown = np.where(parts == 0, 255, parts).astype(np.uint8)
    for name in ("pushed", "squeezed"):
        _, mask = TOOLS[name](photo, unknown, np.random.default_rng(1))
        assert (parts[mask] > 0).mean() > 0.4
