from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from inspection.photo import PhotoError, find_photos, photo_size, read_photo

RED, WHITE = (200, 30, 40), (255, 255, 255)


def encode(image: Image.Image, file_format: str, **options) -> bytes:
    buffer = BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def png(mode: str, colour, size=(64, 48)) -> bytes:
    return encode(Image.new(mode, size, colour), "PNG")


def gray16_png(value: int) -> bytes:
    return encode(Image.fromarray(np.full((48, 64), value, np.uint16)), "PNG")


def palette_png_with_alpha() -> bytes:
    image = Image.new("P", (64, 48), 0)
    image.putpalette([*RED, 0, 0, 0])
    return encode(image, "PNG", transparency=0)


def animation() -> bytes:
    frames = [Image.new("RGB", (64, 48), colour) for colour in (RED, (0, 0, 255))]
    return encode(frames[0], "GIF", save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("source", "expected", "tolerance"),
    [
        pytest.param(png("RGB", RED), RED, 0, id="png"),
        pytest.param(encode(Image.new("RGB", (64, 48), RED), "JPEG", quality=95), RED, 3, id="jpeg"),
        pytest.param(encode(Image.new("L", (64, 48), 77), "JPEG"), (77,) * 3, 1, id="gray-jpeg"),
        pytest.param(
            encode(Image.new("RGB", (64, 48), RED).convert("CMYK"), "JPEG", quality=95),
            RED,
            4,
            id="cmyk-jpeg",
        ),
        pytest.param(encode(Image.new("CMYK", (64, 48), (0, 255, 255, 0)), "TIFF"), (255, 0, 0), 0, id="cmyk-tiff"),
        pytest.param(gray16_png(65535), WHITE, 0, id="16-bit-white"),
        pytest.param(gray16_png(100 * 257), (100,) * 3, 0, id="16-bit-gray"),
        pytest.param(gray16_png(300), (1,) * 3, 0, id="16-bit-dark"),
        pytest.param(palette_png_with_alpha(), WHITE, 0, id="palette-transparent"),
        pytest.param(png("RGBA", (*RED, 0)), WHITE, 0, id="rgba-transparent"),
        pytest.param(png("RGBA", (0, 0, 0, 128)), (127,) * 3, 1, id="rgba-half"),
        pytest.param(png("LA", (10, 255)), (10,) * 3, 0, id="gray-alpha"),
        pytest.param(png("1", 1), WHITE, 0, id="1-bit"),
        pytest.param(encode(Image.new("F", (64, 48), 0.5), "TIFF"), (128,) * 3, 0, id="float"),
        pytest.param(animation(), RED, 0, id="animated-first-frame"),
        pytest.param(Image.new("YCbCr", (64, 48), (255, 128, 128)), WHITE, 0, id="pil-ycbcr"),
        pytest.param(Image.new("I", (64, 48), 65535), WHITE, 0, id="pil-integer"),
    ],
)
def test_every_kind_of_image_reads_as_the_colour_it_shows(source, expected, tolerance):
    image = read_photo(source)
    assert image.dtype == np.uint8
    assert image.shape == (48, 64, 3)
    np.testing.assert_allclose(image[24, 32].astype(int), expected, atol=tolerance)
    assert (image == image[0, 0]).all()


def test_16_bit_rgb_keeps_its_high_byte():
    """Pillow writes no 16-bit RGB, so a PNG that OpenCV wrote."""
    pixels = np.full((48, 64, 3), (40 * 257, 30 * 257, 200 * 257), np.uint16)  # OpenCV's order is BGR
    assert read_photo(cv2.imencode(".png", pixels)[1].tobytes())[0, 0].tolist() == [200, 30, 40]


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_puts_the_marked_corner_upper_left(orientation, file_format):
    upright = np.zeros((48, 64, 3), np.uint8)
    upright[:16, :16] = (255, 0, 0)
    upright[:16, -16:] = (0, 255, 0)
    stored = {  # as a camera held each way stores the scene
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    source = encode(Image.fromarray(np.ascontiguousarray(stored)), file_format, exif=exif)
    image = read_photo(source)
    assert image.shape == upright.shape
    np.testing.assert_allclose(image[4, 4].astype(int), (255, 0, 0), atol=8)
    np.testing.assert_allclose(image[4, -4].astype(int), (0, 255, 0), atol=8)


def test_jpeg_pixels_are_pillows(shared_data):
    path = sorted((shared_data / "street").glob("*.jpg"))[0]
    difference = np.abs(read_photo(path).astype(int) - np.asarray(Image.open(path).convert("RGB")))
    assert difference.max() <= 4  # two builds of libjpeg-turbo round their colour conversion apart


def test_path_bytes_file_and_pil_image_read_the_same(tmp_path):
    path = tmp_path / "a.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    path.write_bytes(encode(Image.fromarray(noise), "JPEG"))
    image = read_photo(path)
    accented = tmp_path / "vélo.jpg"
    accented.write_bytes(path.read_bytes())
    for source in (str(path), accented, path.read_bytes(), BytesIO(path.read_bytes())):
        np.testing.assert_array_equal(read_photo(source), image)
    with Image.open(path) as opened:
        np.testing.assert_allclose(read_photo(opened).astype(int), image, atol=4)


def test_every_pixel_of_a_tall_photo_is_in_its_place():
    noise = np.random.default_rng(0).integers(0, 256, (600, 40, 3), np.uint8)
    np.testing.assert_array_equal(read_photo(encode(Image.fromarray(noise), "PNG")), noise)


def test_a_right_array_is_not_copied():
    array = np.zeros((48, 64, 3), np.uint8)
    assert read_photo(array) is array


def test_a_damaged_exif_block_does_not_cost_the_photo():
    source = encode(Image.new("RGB", (64, 48), RED), "JPEG", exif=b"Exif\0\0not a TIFF header")
    np.testing.assert_allclose(read_photo(source)[0, 0].astype(int), RED, atol=3)


JPEG_BYTES = encode(Image.effect_noise((256, 256), 60).convert("RGB"), "JPEG")
PNG_BYTES = encode(Image.effect_noise((256, 256), 60), "PNG")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", r"a\.jpg is empty \(0 bytes\)", id="empty"),
        pytest.param(b"GIF? no, words", r"a\.jpg is not an image we can read: use JPEG or PNG", id="text"),
        pytest.param(JPEG_BYTES[: len(JPEG_BYTES) // 2], r"a\.jpg is damaged or truncated", id="truncated-jpeg"),
        pytest.param(PNG_BYTES[: len(PNG_BYTES) // 2], r"a\.jpg is damaged or truncated", id="truncated-png"),
        pytest.param(png("RGB", RED, (1, 1)), r"a\.jpg is 1x1: a photo needs 32 pixels a side", id="1x1"),
        pytest.param(png("RGB", RED, (500, 31)), r"a\.jpg is 500x31: a photo needs 32 pixels", id="flat"),
        pytest.param(png("1", 1, (20000, 15000)), r"20000x15000, 300\.0 MP: the limit is 200\.0", id="bomb"),
        pytest.param(
            encode(Image.new("F", (64, 48), 254.0), "TIFF"),
            r"gray values from 254\.0 to 254\.0",
            id="float-255",
        ),
        pytest.param(
            encode(Image.new("F", (64, 48), float("nan")), "TIFF"),
            "gray values from nan to nan",
            id="float-nan",
        ),
        pytest.param(encode(Image.new("LAB", (64, 48)), "TIFF"), "is stored as LAB: export it as RGB", id="lab"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_the_fix(tmp_path, content, message):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(PhotoError, match=message) as caught:
        read_photo(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param("nowhere/a.jpg", r"nowhere/a\.jpg does not exist", id="missing"),
        pytest.param(Path(__file__).parent, "is a folder", id="folder"),
        pytest.param(b"", "the photo is empty", id="no-bytes"),
        pytest.param(None, "a NoneType is no photo", id="none"),
        pytest.param(np.zeros((48, 64, 3), np.float32), r"float32 of shape \(48, 64, 3\): expected uint8", id="dtype"),
        pytest.param(np.zeros((3, 48, 64), np.uint8), r"uint8 of shape \(3, 48, 64\)", id="channels-first"),
        pytest.param(np.zeros((48, 64), np.uint8), r"uint8 of shape \(48, 64\)", id="gray-array"),
        pytest.param(np.zeros((8, 64, 3), np.uint8), "the array is 64x8: a photo needs 32", id="small-array"),
    ],
)
def test_a_bad_source_is_refused(source, message):
    with pytest.raises(PhotoError, match=message):
        read_photo(source)


def test_the_pixel_limit_is_the_callers():
    with pytest.raises(PhotoError, match=r"64x48, 0\.0 MP"):
        read_photo(png("RGB", RED), max_pixels=64 * 48 - 1)
    assert read_photo(png("RGB", RED), max_pixels=64 * 48).shape == (48, 64, 3)


def test_a_photo_above_pillows_own_limit_is_read(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 32 * 1000)  # Pillow refuses from twice its limit up
    assert read_photo(png("RGB", RED, (64, 2000))).shape == (2000, 64, 3)
    assert Image.MAX_IMAGE_PIXELS == 32 * 1000


def test_photo_size_is_width_and_height():
    assert photo_size(png("RGB", RED)) == (64, 48)


@pytest.fixture
def photo_folder(tmp_path) -> Path:
    for name in ("b.JPG", "a.png", "sub/c.webp", ".hidden.jpg", ".cache/d.jpg", "notes.txt", "a.overlay.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_a_folder_gives_its_photos_sorted_at_any_depth(photo_folder):
    found = [path.relative_to(photo_folder).as_posix() for path in find_photos([photo_folder])]
    assert found == ["a.png", "b.JPG", "sub/c.webp"]


def test_a_named_file_is_taken_whatever_its_name_and_once(photo_folder):
    notes, photo = photo_folder / "notes.txt", photo_folder / "b.JPG"
    assert find_photos([notes, str(photo), photo]) == [notes, photo]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("nowhere", "nowhere does not exist", id="missing"),
        pytest.param(".cache", r"\.cache holds no photos: expected \.avif, \.bmp", id="no-photos"),
    ],
)
def test_a_path_without_photos_is_an_error(photo_folder, name, message):
    (photo_folder / ".cache/d.jpg").unlink()
    with pytest.raises(PhotoError, match=message):
        find_photos([photo_folder, photo_folder / name])
