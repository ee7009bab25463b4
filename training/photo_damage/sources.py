"""The photos to break: which ones, where their mattes and plates lie, and where their parts are."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from training.photo_damage.layers import Layers, take_apart
from training.photo_damage.parts import Parts, find_parts_in_side_view, read_parts

__all__ = ["Source", "find_sources", "list_pictures", "load_picture", "take_source_apart"]

LONGEST_SIDE = 640  # pixels; what the models see is smaller, and a pair takes a quarter of the time of 1280
PUBLISHED_ASPECT = 4 / 3  # of photos that their publisher squeezed to a square
PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass
class Source:
    """One photo with its matte, its plate (None: plain studio background) and its annotation (None: side view)."""

    photo: Path
    matte: Path
    plate: Path | None
    annotation: dict | None

    @property
    def bike_id(self) -> str:
        """One id for every picture of the same bike: photos named `<bike>_IMG_<time>` show one bike."""
        return f"{self.photo.parent.name}-{self.photo.stem.split('_IMG_')[0]}"


def find_sources(
    folders: Iterable[Path], mattes: Path, plates: Path | None = None, annotations: Path | None = None
) -> tuple[list[Source], dict[str, str]]:
    """The usable photos of the folders, sorted, and the others by name with the reason they are left out.

    Args:
        folders: of photos.
        mattes: `<mattes>/<folder>/<name>.png` or `<mattes>/<name>.png` for each photo.
        plates: `<plates>/<folder>/<name>.jpg`, optional; a photo without one must have a plain background.
        annotations: JSON lines with `file`, `usable`, boxes and points in thousandths of the photo's sides.

    Raises:
        FileNotFoundError: a folder does not exist or holds no pictures.
    """
    lines = annotations.read_text().splitlines() if annotations else []
    drawn = {line["file"]: line for line in map(json.loads, lines)}
    sources, left_out = [], {}
    for folder in folders:
        for photo in list_pictures(folder):
            annotation = drawn.get(photo.name)
            matte = next(
                (m for m in (mattes / folder.name / f"{photo.stem}.png", mattes / f"{photo.stem}.png") if m.exists()),
                None,
            )
            plate = plates / folder.name / f"{photo.stem}.jpg" if plates else None
            reason = _reason_to_leave_out(matte, annotation)
            if reason:
                left_out[photo.name] = reason
            else:
                sources.append(Source(photo, matte, plate if plate and plate.exists() else None, annotation))
    return sources, left_out


def take_source_apart(source: Source) -> tuple[np.ndarray, Layers, Parts]:
    """The photo (H, W, 3) uint8 RGB at the working size, its layers and its parts."""
    photo = _load(source.photo)
    height, width = photo.shape[:2]
    if source.annotation and source.annotation.get("squeezed"):
        height = round(width / PUBLISHED_ASPECT)
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    size = round(width * scale), round(height * scale)
    photo = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    matte = cv2.resize(cv2.imread(str(source.matte), cv2.IMREAD_GRAYSCALE), size, interpolation=cv2.INTER_AREA)
    plate = cv2.resize(_load(source.plate), size, interpolation=cv2.INTER_AREA) if source.plate else None
    if source.annotation:
        parts = read_parts(source.annotation, *size)
        matte = _keep_main_bike(matte, source.annotation)
    else:
        parts = find_parts_in_side_view(matte.astype(np.float32) / 255)
    return photo, take_apart(photo, matte, plate), parts


def list_pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, sorted by name.

    Raises:
        FileNotFoundError: the folder holds no pictures.
    """
    pictures = sorted(p for p in Path(folder).glob("*") if p.suffix.lower() in PHOTO_SUFFIXES)
    if not pictures:
        raise FileNotFoundError(f"{folder} holds no pictures: give a folder with {', '.join(sorted(PHOTO_SUFFIXES))}")
    return pictures


def load_picture(path: Path) -> np.ndarray:
    """One picture, (h, w, 3) float32 RGB in [0, 1], no side longer than LONGEST_SIDE."""
    picture = _load(path)
    scale = min(1.0, LONGEST_SIDE / max(picture.shape[:2]))
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _load(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))


def _reason_to_leave_out(matte: Path | None, annotation: dict | None) -> str | None:
    if matte is None:
        return "no matte"
    if annotation is None:
        return None
    if not annotation["usable"]:
        return annotation.get("reason") or "marked as not usable"
    if annotation.get("rotate"):
        return "lies on its side"
    if annotation.get("bars"):
        return "bars at the edges"
    return None


def _keep_main_bike(matte: np.ndarray, annotation: dict) -> np.ndarray:
    """The matte inside the annotated bike's box, grown by 3%: other bikes and people stay in the plate."""
    if not annotation.get("bike"):
        return matte
    height, width = matte.shape
    x0, y0, x1, y1 = (v / 1000 for v in annotation["bike"])
    margin = 0.03 * max(x1 - x0, y1 - y0)
    kept = np.zeros_like(matte)
    box = (
        slice(max(0, round((y0 - margin) * height)), round((y1 + margin) * height)),
        slice(max(0, round((x0 - margin) * width)), round((x1 + margin) * width)),
    )
    kept[box] = matte[box]
    return kept
