"""Write files and folders so that a killed run leaves nothing half-written behind under a real name."""

import json
import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from safetensors import SafetensorError

__all__ = ["recover_folder", "replace_folder", "write_atomically", "write_json", "write_picture", "write_text"]


@contextmanager
def replace_folder(folder: Path, is_main_process: bool = True) -> Iterator[Path]:
    """Write a folder anew: into one beside it, which takes its place once it is whole.

    Until then the earlier one stays; after a kill at the wrong moment `recover_folder` brings it back.

    Args:
        is_main_process: of several processes that write the folder together, the one that then renames it.

    Raises:
        OSError: the disk is full, or may not be written; the earlier folder is untouched.
    """
    partial = _beside(folder, "partial")
    try:
        partial.mkdir(parents=True, exist_ok=True)
        yield partial
        if is_main_process:
            if folder.exists():
                folder.rename(_beside(folder, "old"))
            partial.rename(folder)
            shutil.rmtree(_beside(folder, "old"), ignore_errors=True)
    except (OSError, RuntimeError, SafetensorError) as error:  # torch and safetensors have errors of their own
        shutil.rmtree(partial, ignore_errors=True)
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise OSError(
            f"cannot write {folder} ({reason}): make room there or let it be written, and start again with the same "
            "command; what was saved before is untouched"
        ) from error


def recover_folder(folder: Path) -> None:
    """Take away what a run left that was killed in `replace_folder`; the last whole folder is in place again."""
    old = _beside(folder, "old")
    if old.is_dir() and not folder.is_dir():  # killed between the two renames
        old.rename(folder)
    for leftover in (_beside(folder, "partial"), old):
        shutil.rmtree(leftover, ignore_errors=True)


def _beside(folder: Path, suffix: str) -> Path:
    return folder.with_name(f".{folder.name}.{suffix}")


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
    """Write readable JSON; a number that is none (NaN), or not finite, is null there."""
    write_text(path, json.dumps(_finite(content), indent=2, allow_nan=False) + "\n")


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside the file, under a hidden name, then rename.

    What a killed run leaves under the hidden name, the next run that writes this file takes away.
    """
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def _finite(content):
    if isinstance(content, dict):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
