import cv2
import numpy as np
import pytest
from PIL import Image

from training.photo_damage import mattes
from training.photo_damage.mattes import make_mattes, sharpen_mask
from training.photo_damage.parts import ellipse_mask


@pytest.fixture
def found(drawn_bike):
    """What the model finds: the bike and 4 pixels around it, wheels as discs."""
    discs = [ellipse_mask(drawn_bike.matte.shape, drawn_bike.parts.wheel(f"{end}_wheel")) for end in ("front", "rear")]
    wheels = discs[0] | discs[1]
    mask = cv2.dilate(((drawn_bike.matte > 127) | wheels).astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    return mask, wheels


def overlap(matte: np.ndarray, other: np.ndarray) -> float:
    one, two = matte > 127, other > 127
    return (one & two).sum() / (one | two).sum()


def test_sharpened_mask_is_near_the_true_matte(drawn_bike, found):
    matte = sharpen_mask(drawn_bike.photo, *found)
    assert overlap(255 * found[0], drawn_bike.matte) < 0.45
    assert overlap(matte, drawn_bike.matte) > 0.7
    assert not matte[cv2.dilate(found[0].astype(np.uint8), np.ones((15, 15))) == 0].any()


def test_same_mask_gives_the_same_matte(drawn_bike, found):
    assert np.array_equal(sharpen_mask(drawn_bike.photo, *found), sharpen_mask(drawn_bike.photo, *found))


def test_every_photo_with_a_bike_gets_a_matte_of_its_size_once(photo_folder, drawn_bike, found, monkeypatch):
    seen = []

    def find_in_first(photo):
        seen.append(photo.shape)
        return found if len(seen) == 1 else None

    monkeypatch.setattr(mattes, "_find_bike", find_in_first)
    out = photo_folder / "found"
    make_mattes([photo_folder / "photos"], out, workers=1)
    assert sorted(path.name for path in (out / "photos").iterdir()) == ["one.png", "two.png"]
    assert cv2.imread(str(out / "photos" / "two.png")).max() == 0
    with Image.open(out / "photos" / "one.png") as matte:
        assert matte.size == (320, 240)
    make_mattes([photo_folder / "photos"], out, workers=1)
    assert len(seen) == 2  # each is looked at once, the one without a bike too


@pytest.mark.slow
def test_model_answers_in_the_photos_size(drawn_bike):
    found = mattes._find_bike(drawn_bike.photo)
    if found is not None:  # the model need not know a drawing
        assert all(part.shape == drawn_bike.matte.shape and part.dtype == bool for part in found)
