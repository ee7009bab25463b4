import numpy as np
import pytest
import torch

from training.repaint import repaint

FRAME, FRONT_WHEEL, SADDLE = 1, 2, 4


@pytest.fixture
def photo() -> tuple[np.ndarray, np.ndarray]:
    """A gray ground, a dark frame with some shading, and a disc of a wheel; and the part ids."""
    rows, columns = np.mgrid[:120, :160]
    parts = np.zeros((120, 160), np.uint8)
    parts[20:60, 10:70] = FRAME
    parts[(rows - 70) ** 2 + (columns - 115) ** 2 < 35**2] = FRONT_WHEEL
    image = np.full((120, 160, 3), 150, np.uint8)
    image[parts == FRAME] = 60
    image[30:40][parts[30:40] == FRAME] = 80
    return image, parts


def repaint_often(image, parts, defect, times=40):
    for seed in range(times):
        torch.manual_seed(seed)
        yield repaint(image, parts, defect, wheels=[FRONT_WHEEL])


def test_parts_change_colour_and_the_background_does_not(photo):
    image, parts = photo
    background = np.zeros_like(parts, bool)
    background[100:, :60] = background[:15] = True
    colours = []
    for painted in repaint_often(image, parts, np.zeros_like(parts)):
        assert (painted[background] == image[background]).all()
        colours.append(painted[25, 40])
    assert len(np.unique(colours, axis=0)) > 10
    assert (colours == image[25, 40]).all(axis=1).any(), "some keep theirs"


def test_light_and_shade_stay(photo):
    """The bright band on the frame is still the brighter, whatever the colour."""
    image, parts = photo
    for painted in repaint_often(image, parts, np.zeros_like(parts)):
        assert (painted[35, 40].astype(int) > painted[50, 40]).all()


def test_between_the_spokes_the_background_keeps_its_colour(photo):
    image, parts = photo
    for painted in repaint_often(image, parts, np.zeros_like(parts)):
        assert (painted[60:80, 105:125] == image[60:80, 105:125]).all()


def test_a_part_that_is_gone_leaves_no_ghost_of_a_colour(photo):
    """Both twins carry the sound bike's labels: where the saddle was, the label lies on the background."""
    image, parts = photo
    gone = image.copy()
    parts = parts.copy()
    parts[5:15, 10:40] = SADDLE
    image[5:15, 10:40] = 30
    defect = (parts == SADDLE).astype(np.uint8)
    frames = set()
    for sound, broken in zip(repaint_often(image, parts, defect), repaint_often(gone, parts, defect), strict=True):
        assert (broken[defect > 0] == gone[defect > 0]).all()
        assert (sound[defect > 0] == image[defect > 0]).all()
        assert (sound[defect == 0] == broken[defect == 0]).all()
        frames.add(tuple(sound[25, 40].tolist()))
    assert len(frames) > 10, "the others are painted"


def test_a_damaged_part_keeps_its_colour_where_the_damage_has_no_label(photo):
    """Retouched photos say of their damage that its part is not known: no seam may be painted around it."""
    image, parts = photo
    parts = parts.copy()
    parts[30:40, 20:40] = 255
    for painted in repaint_often(image, parts, (parts == 255).astype(np.uint8)):
        assert (painted[15:65, 5:75] == image[15:65, 5:75]).all()


def test_a_photo_without_part_labels_stays_as_it_is(photo):
    image, parts = photo
    for unlabelled in (np.zeros_like(parts), np.full_like(parts, 255)):
        assert all((painted == image).all() for painted in repaint_often(image, unlabelled, np.zeros_like(parts), 5))
