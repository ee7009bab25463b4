import builtins
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from inspection.photo import read_photo
from training.photo_damage import plates
from training.photo_damage.plates import fill_plate, has_plain_background, keep_colours, make_plates
from training.photo_damage.sources import find_sources, take_source_apart


@pytest.fixture
def street(photo_folder, drawn_bike):
    """Sources on a wall of bricks over a dark floor."""
    rng = np.random.default_rng(0)
    bricks = np.kron(rng.integers(110, 220, (24, 32)), np.ones((10, 10)))
    bricks[200:] *= 0.3
    alpha = drawn_bike.matte[..., None] / 255
    photo = alpha * drawn_bike.photo + (1 - alpha) * bricks[..., None]
    for name in ("one", "two"):
        Image.fromarray(photo.astype(np.uint8)).save(photo_folder / "photos" / f"{name}.png")
    return find_sources([photo_folder / "photos"], photo_folder / "mattes")[0]


@pytest.fixture
def filled(monkeypatch):
    """Photos that were filled, by a fill that takes no time."""
    photos = []
    monkeypatch.setattr(plates, "fill_plate", lambda photo, matte: photos.append(photo) or np.full_like(photo, 51))
    return photos


def test_studio_needs_no_plate(photo_folder, filled, tmp_path):
    sources, _ = find_sources([photo_folder / "photos"], photo_folder / "mattes")
    assert [source.plate for source in make_plates(sources, tmp_path / "plates", workers=1)] == [None, None]
    assert not filled


def test_street_gets_plates_once(street, filled, tmp_path):
    made = make_plates(street, tmp_path / "plates", workers=1)
    again = make_plates(street, tmp_path / "plates", workers=1)
    assert len(filled) == 2 and made == again
    assert np.allclose(take_source_apart(made[0])[1].plate, 0.2, atol=0.01)


def test_stopped_run_goes_on_where_it_was(street, filled, tmp_path):
    first = make_plates(street, tmp_path / "plates", workers=1)
    first[1].plate.unlink()
    make_plates(street, tmp_path / "plates", workers=1)
    assert len(filled) == 3 and first[1].plate.exists()


def test_other_matte_gets_another_plate(street, filled, tmp_path, drawn_bike):
    first = make_plates(street[:1], tmp_path / "plates", workers=1)[0]
    Image.fromarray(drawn_bike.matte // 2 * 2).save(street[0].matte)
    assert make_plates(street[:1], tmp_path / "plates", workers=1)[0].plate != first.plate


def test_given_plate_is_kept(street, filled, tmp_path):
    given = replace(street[0], plate=street[1].photo)
    assert make_plates([given], tmp_path / "plates", workers=1) == [given] and not filled


def test_plate_of_a_framed_photo_fits(street, filled, tmp_path):
    lying = replace(street[0], annotation={"file": "one.png", "usable": True, "rotate": 90})
    photo, layers, _ = take_source_apart(make_plates([lying], tmp_path / "plates", workers=1)[0])
    assert layers.plate.shape == photo.shape == (320, 240, 3)


def test_kept_colours_are_the_estimated_ones(street, tmp_path):
    kept = keep_colours(street[:1], tmp_path / "colours", workers=1)[0]
    assert np.allclose(take_source_apart(kept)[1].colour, take_source_apart(street[0])[1].colour)


def test_street_is_not_plain(street, drawn_bike):
    assert has_plain_background(drawn_bike.photo, drawn_bike.matte)
    assert not has_plain_background(street_photo(street), drawn_bike.matte)


def test_filled_plate_shows_the_place_and_no_bike(street, drawn_bike):
    pytest.importorskip("patchmatch")
    photo, matte = (
        cv2.resize(p, (240, 180), interpolation=cv2.INTER_AREA) for p in (street_photo(street), drawn_bike.matte)
    )
    plate = fill_plate(photo, matte)
    assert np.array_equal(plate, fill_plate(photo, matte))
    untouched = ~plates.grow_matte(matte)
    assert np.array_equal(plate[untouched], photo[untouched])
    redness = [picture[..., 0].astype(int) - picture[..., 1] for picture in (photo, plate)]
    assert (redness[0] > 40).sum() > 100 and (redness[1] > 40).sum() < 5
    assert plate[:140].mean() > 140 and plate[165:].mean() < 100  # the floor ends where it ended


def test_missing_library_is_named_with_the_fix(monkeypatch, drawn_bike):
    real = builtins.__import__

    def without_patchmatch(name, *arguments):
        if name.startswith("patchmatch"):
            raise ImportError(name)
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without_patchmatch)
    with pytest.raises(ValueError, match=r"pip install -e '\.\[train\]'"):
        fill_plate(drawn_bike.photo, drawn_bike.matte)


def street_photo(sources) -> np.ndarray:
    return read_photo(sources[0].photo)
