"""Where overlays go on disk: a name for each photo, nothing overwritten unasked, no half-written file."""

import os
from collections.abc import Iterable
from pathlib import Path

from inspection.photo import OVERLAY_SUFFIX

__all__ = ["plan_overlays", "save_overlay"]

QUALITY = 90  # JPEG


def plan_overlays(photos: Iterable[Path], folder: Path, overwrite: bool) -> dict[Path, Path]:
    """Choose where each photo's overlay will be: NAME.overlay.jpg, then NAME-2.overlay.jpg for the same name.

    Raises:
        FileExistsError: one of them exists, and overwrite is not set.
        NotADirectoryError: the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"--out {folder} is a file: give a folder")
    overlays: dict[Path, Path] = {}
    names: set[str] = set()
    for photo in photos:
        name, count = photo.stem, 1
        while name.lower() in names:  # some file systems do not tell A from a
            count += 1
            name = f"{photo.stem}-{count}"
        names.add(name.lower())
        overlays[photo] = folder / f"{name}{OVERLAY_SUFFIX}"
    existing = [overlay for overlay in overlays.values() if overlay.exists()]
    if existing and not overwrite:
        others = f" and {len(existing) - 1} more exist" if len(existing) > 1 else " exists"
        raise FileExistsError(f"{existing[0]}{others}: add --overwrite or choose another --out")
    return overlays


def save_overlay(inspection, path: Path | None) -> Path | None:
    """Write the overlay, whole or not at all; None where none is wanted or stage 2 did not run."""
    if path is None or not inspection.has_anomaly_map:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    inspection.overlay().save(partial, format="JPEG", quality=QUALITY)
    os.replace(partial, path)
    return path
