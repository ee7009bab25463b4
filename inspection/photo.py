"""Read any photo safely: upright RGB, or one clear line on what is wrong with the file.

JPEGs are decoded by OpenCV, straight into the result, everything else by Pillow, which also reads every
header: at 12 MP 33 ms where Pillow and NumPy take 95, at 100 MP a peak of 300 MB (600 to turn it) where they
take 990.
"""

import os
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from inspection.pixel_modes import to_rgb_array

__all__ = [
    "MAX_PIXELS",
    "MIN_SIDE",
    "OVERLAY_SUFFIX",
    "PHOTO_SUFFIXES",
    "PhotoError",
    "PhotoSource",
    "find_photos",
    "photo_size",
    "read_photo",
    "upright_turn",
]

PhotoSource = str | os.PathLike | bytes | bytearray | BinaryIO | Image.Image | np.ndarray

MAX_PIXELS = 200_000_000  # the largest phone cameras; decoded, 600 MB
MIN_SIDE = 32  # pixels; the localizer's stride: below it there is nothing to see
PHOTO_SUFFIXES = frozenset({".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
OVERLAY_SUFFIX = ".overlay.jpg"  # what we write ourselves, and so never take from a folder as a photo

# Damaged files make Pillow's decoders raise any of these.
DECODING_ERRORS = (OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError, struct.error, cv2.error)
JPEG_FLAGS = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION  # as stored: every format is turned alike

# EXIF orientation -> the turn that sets the stored pixels upright.
UPRIGHT_TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda image: cv2.flip(image, 1),
    3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
    4: lambda image: cv2.flip(image, 0),
    5: lambda image: cv2.transpose(image),
    6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    7: lambda image: cv2.flip(cv2.transpose(image), -1),
    8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


class PhotoError(ValueError):
    """A photo that cannot be used; the message is one line that names it, the reason and the fix."""


def read_photo(source: PhotoSource, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Read a photo as upright RGB pixels.

    Transparency is laid on white, 16 bits are scaled to 8, an animation gives its first frame, the EXIF
    orientation is applied. An array that is right already comes back as it is, not copied.

    Args:
        source: a path, a file's bytes, an open binary file, a PIL image, or an (H, W, 3) uint8 RGB array.
        max_pixels: refuse a larger photo, from its header alone.

    Returns:
        (H, W, 3) uint8, RGB.

    Raises:
        PhotoError: missing, a folder, empty, not an image, truncated, too large, smaller than 32 pixels
            a side, or in a form that has no single reading as a photo.

    >>> read_photo(Image.new("RGBA", (64, 48), (255, 0, 0, 0)))[0, 0].tolist()
    [255, 255, 255]
    """
    if isinstance(source, np.ndarray):
        return _check_array(source, max_pixels)
    name = _name(source)
    with _opened(source, name) as image:
        _check_size(image.size, max_pixels, name)
        # Of a caller's PIL image the pixels may have changed since it was a file.
        is_jpeg_file = image.format == "JPEG" and not isinstance(source, Image.Image)
        decode = _decode_jpeg if is_jpeg_file and image.mode == "RGB" else _decode
        pixels = decode(image, name)
        turn = UPRIGHT_TURNS.get(_orientation(image))
    return turn(pixels) if turn else pixels


def photo_size(source: PhotoSource) -> tuple[int, int]:
    """Width and height as stored, in pixels, from the header alone; a PhotoError where there is none."""
    with _opened(source, _name(source)) as image:
        return image.size


def upright_turn(source: PhotoSource) -> Callable[[np.ndarray], np.ndarray] | None:
    """What turns an array of the pixels as stored upright; None where they are. A PhotoError as from `photo_size`."""
    with _opened(source, _name(source)) as image:
        return UPRIGHT_TURNS.get(_orientation(image))


def find_photos(paths: Iterable[str | os.PathLike]) -> list[Path]:
    """List the photos that files and folders stand for, each once.

    Args:
        paths: a file is taken whatever its name; a folder gives its image files (PHOTO_SUFFIXES) at any
            depth, sorted, less hidden ones and overlays (OVERLAY_SUFFIX).

    Returns:
        Paths in the order given.

    Raises:
        PhotoError: a path that does not exist, or a folder without photos.
    """
    photos: dict[Path, None] = {}  # an ordered set
    for path in map(Path, paths):
        if not path.exists():
            raise PhotoError(f"{path} does not exist: check the path")
        found = _photos_in(path) if path.is_dir() else [path]
        if not found:
            raise PhotoError(f"{path} holds no photos: expected {', '.join(sorted(PHOTO_SUFFIXES))}")
        photos.update(dict.fromkeys(found))
    return list(photos)


def _photos_in(folder: Path) -> list[Path]:
    photos = []
    for parent, subfolders, names in os.walk(folder):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        shown = (name for name in names if not name.startswith(".") and not name.endswith(OVERLAY_SUFFIX))
        photos += [Path(parent, name) for name in shown if Path(name).suffix.lower() in PHOTO_SUFFIXES]
    return sorted(photos)


def _name(source: PhotoSource) -> str:
    """What to call the photo in messages."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    name = getattr(source, "filename", None) or getattr(source, "name", None)
    return name if isinstance(name, str) else "the photo"


def _check_array(image: np.ndarray, max_pixels: int) -> np.ndarray:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise PhotoError(f"the array is {image.dtype} of shape {image.shape}: expected uint8 (H, W, 3), RGB")
    _check_size((image.shape[1], image.shape[0]), max_pixels, "the array")
    return np.ascontiguousarray(image)


def _check_size(size_wh: tuple[int, int], max_pixels: int, name: str) -> None:
    width, height = size_wh
    if width * height > max_pixels:
        megapixels, limit = width * height / 1e6, max_pixels / 1e6
        raise PhotoError(f"{name} is {width}x{height}, {megapixels:.1f} MP: the limit is {limit:.1f}, shrink it")
    if min(size_wh) < MIN_SIDE:
        raise PhotoError(f"{name} is {width}x{height}: a photo needs {MIN_SIDE} pixels a side or more")


@contextmanager
def _opened(source: PhotoSource, name: str) -> Iterator[Image.Image]:
    """The photo with its header read and its pixels not; closed afterwards where we opened it."""
    if isinstance(source, Image.Image):
        yield source
        return
    if isinstance(source, (bytes, bytearray)):
        if not source:
            raise PhotoError(f"{name} is empty (0 bytes): send it again")
        source = BytesIO(source)
    elif isinstance(source, (str, os.PathLike)):
        _check_file(Path(source))
    elif not hasattr(source, "read"):
        raise PhotoError(f"a {type(source).__name__} is no photo: give a path, bytes, an image or an array")
    try:
        with _pillow_limit_lifted():
            image = Image.open(source)
    except UnidentifiedImageError as error:
        raise PhotoError(f"{name} is not an image we can read: use JPEG or PNG") from error
    except DECODING_ERRORS as error:
        raise PhotoError(f"{name} cannot be opened: {getattr(error, 'strerror', None) or error}") from error
    with image:
        yield image


def _check_file(path: Path) -> None:
    if not path.exists():
        raise PhotoError(f"{path} does not exist: check the path")
    if path.is_dir():
        raise PhotoError(f"{path} is a folder: give a photo in it")
    if path.is_file() and not path.stat().st_size:
        raise PhotoError(f"{path} is empty (0 bytes): copy it again")


_pillow_limit_lock = threading.Lock()


@contextmanager
def _pillow_limit_lifted() -> Iterator[None]:
    """Let Pillow read a header of any size: its own fixed limit is below ours, which is checked next."""
    with _pillow_limit_lock:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _decode_jpeg(image: Image.Image, name: str) -> np.ndarray:
    """(H, W, 3) uint8 RGB of a JPEG in colour, as stored."""
    with _damage_named(name):
        scan_start = image.fp.tell()  # Pillow has read the header this far
        image.fp.seek(0)
        encoded = image.fp.read()
        # OpenCV paints what a cut file lacks in gray and says nothing, so look for the end-of-image marker.
        if encoded.find(b"\xff\xd9", scan_start) < 0:
            raise EOFError("no end-of-image marker after the start of the scan")
        if image.filename and image.filename.isascii():  # all that OpenCV opens on every system
            destination = np.empty((image.height, image.width, 3), np.uint8)
            pixels = cv2.imread(image.filename, destination, JPEG_FLAGS)
        else:  # the same with a second copy in memory
            pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), JPEG_FLAGS)
        if pixels is None:
            raise OSError("OpenCV could not decode it")
    return pixels


def _decode(image: Image.Image, name: str) -> np.ndarray:
    """(H, W, 3) uint8 RGB of any other image, as stored."""
    with _damage_named(name):
        image.load()
    try:
        return to_rgb_array(image)
    except ValueError as error:
        raise PhotoError(f"{name} {error}") from error


@contextmanager
def _damage_named(name: str) -> Iterator[None]:
    try:
        yield
    except DECODING_ERRORS as error:
        raise PhotoError(f"{name} is damaged or truncated: copy or export it again") from error


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation; 1, as stored, where the EXIF block is damaged: the pixels are still good."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except DECODING_ERRORS:
        return 1
