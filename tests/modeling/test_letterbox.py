import numpy as np
import pytest

from modeling.letterbox import Letterbox

# Photo (height, width), canvas (height, width), crop (x0, y0, x1, y1).
GEOMETRIES = [
    pytest.param((1000, 2000), (384, 512), None, id="wide-shrunk"),
    pytest.param((2000, 1000), (384, 512), None, id="tall-shrunk"),
    pytest.param((48, 40), (384, 512), None, id="grown"),
    pytest.param((384, 512), (384, 512), None, id="same"),
    pytest.param((333, 777), (96, 128), (101, 57, 640, 301), id="odd-crop-shrunk"),
    pytest.param((600, 800), (256, 256), (700, 500, 800, 600), id="corner-crop-grown"),
    pytest.param((3000, 4000), (384, 512), (1200, 10, 1500, 2990), id="tall-crop"),
    pytest.param((32, 5000), (96, 128), None, id="panorama"),
]


@pytest.mark.parametrize(("photo_size", "canvas_size", "crop"), GEOMETRIES)
def test_a_box_comes_back_where_it_was(photo_size, canvas_size, crop):
    letterbox = Letterbox.fit(photo_size, canvas_size, crop)
    x0, y0, x1, y1 = letterbox.crop
    box = (x0, y0, (x0 + x1) / 2, (y0 + y1) / 2)
    np.testing.assert_allclose(letterbox.box_to_photo(letterbox.box_to_canvas(box)), box, atol=1e-6)


@pytest.mark.parametrize(("photo_size", "canvas_size", "crop"), GEOMETRIES)
def test_the_crop_fills_the_canvas_in_one_direction_and_is_centred(photo_size, canvas_size, crop):
    letterbox = Letterbox.fit(photo_size, canvas_size, crop)
    left, top, right, bottom = letterbox.box_to_canvas(letterbox.crop)
    height, width = canvas_size
    assert letterbox.content_size[0] == height or letterbox.content_size[1] == width
    assert abs(left - (width - right)) <= 1
    assert abs(top - (height - bottom)) <= 1


@pytest.mark.parametrize("size", [None, (150, 200)], ids=["photo-size", "working-grid"])
@pytest.mark.parametrize(("photo_size", "canvas_size", "crop"), GEOMETRIES)
def test_a_map_of_ones_comes_back_as_ones_in_the_crop_and_zeros_outside(photo_size, canvas_size, crop, size):
    letterbox = Letterbox.fit(photo_size, canvas_size, crop)
    photo_map = letterbox.to_photo(np.ones(canvas_size, np.float32), size=size)
    height, width = size or photo_size
    assert photo_map.shape == (height, width)
    scale_x, scale_y = width / photo_size[1], height / photo_size[0]
    rows, columns = np.nonzero(photo_map)
    found = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    expected = np.multiply(letterbox.crop, (scale_x, scale_y, scale_x, scale_y))
    assert np.abs(np.subtract(found, expected)).max() <= 1
    x0, y0, x1, y1 = found
    np.testing.assert_allclose(photo_map[y0:y1, x0:x1], 1, atol=1e-6)


@pytest.mark.parametrize(
    ("photo_size", "canvas_size", "crop", "box"),
    [
        pytest.param((300, 400), (384, 512), None, (100, 80, 180, 200), id="grown"),
        pytest.param((600, 800), (384, 512), None, (200, 160, 360, 400), id="shrunk"),
        pytest.param((600, 800), (384, 512), (150, 100, 700, 580), (200, 160, 360, 400), id="crop"),
        pytest.param((500, 300), (384, 512), (20, 30, 280, 450), (60, 90, 200, 300), id="tall-crop"),
    ],
)
@pytest.mark.parametrize("fraction", [1, 4])
def test_what_is_painted_on_the_photo_comes_back_within_a_pixel(photo_size, canvas_size, crop, box, fraction):
    letterbox = Letterbox.fit(photo_size, canvas_size, crop)
    x0, y0, x1, y1 = box
    image = np.zeros((*photo_size, 3), np.uint8)
    image[y0:y1, x0:x1] = 255
    canvas = letterbox.to_canvas(image, fill=0)[..., 0].astype(np.float32) / 255
    height, width = canvas_size
    coarse = canvas.reshape(height // fraction, fraction, width // fraction, fraction).mean(axis=(1, 3))
    rows, columns = np.nonzero(letterbox.to_photo(coarse) >= 0.5)
    found = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    # One pixel of the coarser of photo and map; the map's own is what its makers see.
    pixel = max(1, fraction * (letterbox.crop[2] - letterbox.crop[0]) / letterbox.content_size[1])
    assert np.abs(np.subtract(found, box)).max() <= pixel


def test_labels_keep_their_values_there_and_back():
    labels = np.random.default_rng(17).choice([0, 3, 6, 255], size=(60, 90)).astype(np.uint8)
    letterbox = Letterbox.fit(labels.shape, (96, 128))
    canvas = letterbox.labels_to_canvas(labels, fill=255)
    assert set(np.unique(canvas)) == {0, 3, 6, 255}
    np.testing.assert_array_equal(letterbox.labels_to_photo(canvas), labels)


def test_labels_at_a_quarter_of_the_canvas_keep_their_values():
    quarter = np.zeros((24, 32), np.uint8)
    quarter[:, 16:] = 6
    photo = Letterbox.fit((240, 320), (96, 128)).labels_to_photo(quarter)
    assert photo.shape == (240, 320)
    assert (photo[:, :160] == 0).all()
    assert (photo[:, 160:] == 6).all()


def test_around_the_crop_the_canvas_is_gray():
    canvas = Letterbox.fit((100, 400), (96, 128)).to_canvas(np.zeros((100, 400, 3), np.uint8))
    assert canvas.shape == (96, 128, 3)
    assert (canvas[:32] == 127).all()
    assert (canvas[32:64] == 0).all()
    assert (canvas[64:] == 127).all()


@pytest.mark.parametrize(
    "crop",
    [
        pytest.param((10, 10, 10, 20), id="empty"),
        pytest.param((30, 10, 20, 20), id="inverted"),
        pytest.param((-1, 0, 20, 20), id="left-of-the-photo"),
        pytest.param((0, 0, 101, 20), id="right-of-the-photo"),
    ],
)
def test_a_crop_that_is_not_in_the_photo_is_refused(crop):
    with pytest.raises(ValueError, match="is empty or reaches out of the photo of 100x80"):
        Letterbox.fit((80, 100), (96, 128), crop)
