import numpy as np
import pytest
from PIL import Image

from training.plots import plot_kinds, plot_verdicts


@pytest.fixture
def path(tmp_path):
    return tmp_path / "plot.png"


def test_verdicts_are_drawn_even_where_none_is_damaged(path):
    labels = np.array([0, 0, 0, 1, 1, 1])
    for probability in (np.array([0.1, 0.3, 0.5, 0.39, 0.41, 0.9]), np.full(6, 0.1)):
        plot_verdicts(path, probability, labels, threshold=0.4)
        with Image.open(path) as image:
            assert image.size[0] > 900 and len(image.convert("RGB").getcolors(1 << 20)) > 100


def test_every_kind_gets_its_row(path):
    heights = []
    for count in (3, 30):
        rows = {f"kind_{k}": {"photos": k, "recall": k / 30, "hit_rate": k / 40} for k in range(count)}
        plot_kinds(path, rows)
        with Image.open(path) as image:
            heights.append(image.size[1])
    assert heights[1] > heights[0] + 500
