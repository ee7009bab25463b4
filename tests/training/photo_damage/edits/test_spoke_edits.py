import numpy as np

from training.photo_damage.edits.spoke_edits import spokes_broken, spokes_missing

SEEDS = range(8)


def breaks(edit, layers, parts):
    return [edit(layers, parts, None, np.random.default_rng(seed)) for seed in SEEDS]


def between(layers, wheel) -> np.ndarray:
    """(H, W) bool: the ring half way between hub and rim."""
    rows, columns = np.indices(layers.alpha.shape) + 0.5
    radius = np.hypot((columns - wheel[0]) / wheel[2], (rows - wheel[1]) / wheel[3])
    return (radius > 0.4) & (radius < 0.7)


def test_missing_spokes_let_the_place_through_and_leave_the_tyre(layers, drawn_bike):
    shares = []
    for damage in breaks(spokes_missing, layers, drawn_bike.parts):
        wheel = drawn_bike.parts.wheel(damage.part)
        ring = between(layers, wheel)
        spokes = ring & (layers.alpha > 0.3) & (layers.alpha < 0.9)  # thinner than a pixel, unlike the frame
        shares.append((damage.layers.alpha[spokes] < 0.05).mean())
        x, y, radius, _ = (round(v) for v in wheel)
        assert damage.layers.alpha[y + radius - 5, x] > 0.9
    assert min(shares) > 0.1
    assert max(shares) > 0.7 > min(shares)  # all, and sectors


def test_missing_spokes_leave_the_fork(layers, drawn_bike):
    for damage in breaks(spokes_missing, layers, drawn_bike.parts):
        assert damage.layers.alpha[155, 235] > 0.95


def test_broken_spokes_are_gone_here_and_bent_there(layers, drawn_bike):
    for damage in breaks(spokes_broken, layers, drawn_bike.parts):
        change = damage.layers.alpha - layers.alpha
        assert change.min() < -0.2
        assert change.max() > 0.3
