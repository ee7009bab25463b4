import numpy as np
import pytest
import torch

from modeling import BikeImageProcessor
from training.views import RandomView, bike_box, smaller_at_first, to_canvases


def test_pictures_and_labels_turn_together():
    """A photo that is its own label still is after any turn: where it is bright, the label says so."""
    torch.manual_seed(0)
    view = RandomView()
    square = np.zeros((96, 128), np.uint8)
    square[30:70, 40:90] = 1
    image = np.repeat(255 * square[..., None], 3, axis=2)
    for _ in range(30):
        (turned,), (label,), mask = view([image], [square], square)
        bright = turned.float().mean(dim=0) > 127
        inside = torch.nn.functional.max_pool2d(-label[None].float(), 7, 1, 3)[0] == -1  # eroded by 3
        around = torch.nn.functional.max_pool2d(label[None].float(), 7, 1, 3)[0] == 1  # dilated by 3
        assert (bright & inside).sum() > 0.9 * inside.sum()
        assert torch.equal(label, mask)
        bars = (turned.float().mean(dim=0) - 127).abs() < 60  # gray that came in from outside
        assert not (bright & ~around & ~bars).any()


def test_twins_get_the_same_view():
    torch.manual_seed(1)
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    view = RandomView()
    empty = np.zeros((48, 64), np.uint8)
    for _ in range(10):
        (first, second), _, _ = view([image, image], [empty], empty)
        # All but the noise, which falls on each photo anew.
        assert (first.float() - second.float()).abs().mean() < 15


def test_the_defect_stays_in_the_picture():
    torch.manual_seed(2)
    view = RandomView(degrees=45, scale=(1.5, 2.0))
    mask = np.zeros((96, 128), np.uint8)
    mask[:12, :16] = 1  # in the corner: most turns would lose it
    image = np.zeros((96, 128, 3), np.uint8)
    for _ in range(40):
        assert view([image], [mask], mask)[2].sum() >= 0.4 * mask.sum()


def test_the_box_of_the_bike_leaves_unknown_pixels_out():
    parts = np.zeros((100, 200), np.uint8)
    parts[20:40, 50:150] = 2
    parts[90, 0] = 255
    assert bike_box(parts, margin=0.0) == (50, 20, 150, 40)
    assert bike_box(parts, margin=0.25) == (25, 0, 175, 65)
    assert bike_box(np.zeros((9, 9), np.uint8), margin=0.1) is None


def test_labels_keep_their_values_on_the_canvas():
    parts = np.random.default_rng(0).choice(np.uint8([0, 3, 255]), (70, 90))
    _, (label,) = to_canvases([np.zeros((70, 90, 3), np.uint8)], [parts], (96, 128))
    assert set(np.unique(label)) == {0, 3, 255}


@pytest.mark.parametrize(
    ("progress", "size"),
    [pytest.param(0.49, (192, 256), id="first"), pytest.param(0.5, (384, 512), id="then")],
)
def test_the_first_part_of_a_run_is_small(progress, size):
    processor = BikeImageProcessor(image_mean=(0.1, 0.2, 0.3))
    chosen = smaller_at_first(processor, progress, share=0.5, scale=0.5)
    assert chosen.canvas_size == size
    assert chosen.image_mean == processor.image_mean
