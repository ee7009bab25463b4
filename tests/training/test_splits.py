from collections import Counter

from training.splits import SPLITS, choose_split


def test_the_sides_have_their_shares():
    counts = Counter(choose_split(f"bike-{number}") for number in range(20000))
    for split, share in SPLITS.items():
        assert abs(counts[split] / 20000 - share) < 0.01  # three standard deviations of a share of 20000 draws


def test_a_key_keeps_its_side_for_ever():
    """Another hash would move photos from training to test under everyone who trained on them."""
    sides = {f"bike-{number}": choose_split(f"bike-{number}") for number in (0, 4, 5, 6, 9, 11)}
    assert sides == {
        "bike-0": "train",
        "bike-4": "train",
        "bike-5": "validation",
        "bike-6": "validation",
        "bike-9": "test",
        "bike-11": "train",
    }
