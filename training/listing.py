"""The photos in folders, as the `datasets` library finds them, and word of all that lies there and is none."""

import glob
import os
from collections.abc import Callable
from pathlib import Path

import datasets
from datasets import Image, load_dataset

from inspection.photo import PHOTO_SUFFIXES

__all__ = ["MOST_NAMED", "has_photos", "list_images"]

READ_SUFFIXES = PHOTO_SUFFIXES - {".avif"}  # which the library does not take for an image
MOST_NAMED = 3  # in a message


def list_images(folders: list[Path], tell: Callable[[str], None]) -> list[Path]:
    """The photos that lie in the folders themselves, sorted.

    Args:
        tell: takes a line on what is left out.
    """
    patterns = [f"{glob.escape(str(folder))}/*" for folder in folders]
    shows_bars = not datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()  # they say "Downloading data"
    try:
        rows = load_dataset(
            "imagefolder", data_files={"train": patterns}, split="train", drop_labels=True, drop_metadata=True
        )
    finally:
        if shows_bars:
            datasets.enable_progress_bars()
    rows = rows.cast_column("image", Image(decode=False))  # decoded when trained on, not here
    found = {os.path.realpath(row["path"]) for row in rows["image"]}
    lying = sorted(Path(name) for pattern in patterns for name in glob.glob(pattern))
    photos = [path for path in lying if os.path.realpath(path) in found and path.suffix.lower() in READ_SUFFIXES]
    _tell_left_out(sorted(set(lying) - set(photos)), tell)
    return photos


def has_photos(folder: Path) -> bool:
    return folder.is_dir() and any(path.suffix.lower() in READ_SUFFIXES for path in folder.iterdir())


def _tell_left_out(left_out: list[Path], tell: Callable[[str], None]) -> None:
    """Nothing is left out without a word."""
    if left_out:
        named = ", ".join(str(path) for path in left_out[:MOST_NAMED]) + (", ..." if len(left_out) > MOST_NAMED else "")
        kinds = ", ".join(sorted(READ_SUFFIXES))
        tell(f"left out: {len(left_out)} folders or files that are not {kinds}: {named}: save photos as JPEG")
