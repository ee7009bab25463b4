"""Write files so that a killed run leaves no half file behind under a real name."""

import json
from pathlib import Path

import cv2
import numpy as np

__all__ = ["write_atomically", "write_json", "write_picture", "write_text"]


def write_picture(path: Path, picture: np.ndarray, quality: int | None = None) -> None:
    """Write a picture in the format that the file's ending names.

    Args:
        picture: (H, W, 3) uint8 RGB, or (H, W) uint8.
        quality: of a JPEG, 1 to 100; OpenCV's default, if None.
    """
    ordered = picture[..., ::-1] if picture.ndim == 3 else picture  # OpenCV writes BGR
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if quality else []
    write_atomically(path, cv2.imencode(path.suffix, np.ascontiguousarray(ordered), options)[1].tobytes())


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8."""
    write_atomically(path, text.encode("utf-8"))


def write_json(path: Path, content) -> None:
    """Write readable JSON."""
    write_text(path, json.dumps(content, indent=2) + "\n")


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside the file, under a hidden name, then rename.

    What a killed run leaves under the hidden name, the next run that writes this file takes away.
    """
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
