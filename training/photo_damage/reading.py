"""Pictures from files: photos as the inspector reads them, mattes, and materials to paint with."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from inspection.photo import OVERLAY_SUFFIX, PHOTO_SUFFIXES, PhotoError, read_photo
from training.photo_damage.framing import LONGEST_SIDE

__all__ = ["keep_readable", "list_pictures", "load_picture", "read_matte"]


def list_pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, sorted by name, less hidden ones and overlays.

    Raises:
        FileNotFoundError: there is no such folder, or it holds no pictures.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} {'is no folder' if folder.exists() else 'does not exist'}: check the path")
    pictures = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in PHOTO_SUFFIXES and not path.name.startswith(".")
        if not path.name.endswith(OVERLAY_SUFFIX)
    )
    if not pictures:
        raise FileNotFoundError(f"{folder} holds no pictures: give a folder with {', '.join(sorted(PHOTO_SUFFIXES))}")
    return pictures


def keep_readable(pictures: Sequence[Path]) -> tuple[list[Path], dict[str, str]]:
    """The pictures that can be read, and the others by path with the reason: better known now than hours later."""
    readable, unreadable = [], {}
    for path in tqdm(pictures, desc="check", unit="picture", delay=2):
        try:
            read_photo(path)
        except PhotoError as error:
            unreadable[str(path)] = str(error)
        else:
            readable.append(path)
    return readable, unreadable


def load_picture(path: Path) -> np.ndarray:
    """One picture, (h, w, 3) float32 RGB in [0, 1], no side longer than LONGEST_SIDE.

    Raises:
        PhotoError: as `read_photo`.
    """
    picture = read_photo(path)
    scale = min(1.0, LONGEST_SIDE / max(picture.shape[:2]))
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def read_matte(path: Path) -> np.ndarray:
    """One matte, (H, W) uint8: how opaque a cut-out is, else how light the picture.

    Raises:
        PhotoError: as `read_photo`.
    """
    picture = read_photo(path)  # a broken file is named here
    with Image.open(path) as image:
        if image.has_transparency_data:
            alpha = np.asarray(image.convert("RGBA").getchannel("A"))
            if alpha.min() < 255:
                return alpha
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
