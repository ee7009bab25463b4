"""The photos to break: which ones, where their mattes and plates lie, and where their parts are."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageOps

from training.photo_damage.layers import Layers, take_apart
from training.photo_damage.parts import BOXED, POINTED, Parts, find_parts_in_side_view, read_parts

__all__ = ["Source", "bike_id_of", "find_sources", "list_pictures", "load_picture", "take_source_apart"]

LONGEST_SIDE = 640  # pixels, of the pairs; what the models see is smaller, and 1280 would take four times as long
PUBLISHED_ASPECT = 4 / 3  # of photos that their publisher squeezed to a square
PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass
class Source:
    """One photo with its matte, its plate (None: plain studio background) and its annotation (None: side view)."""

    photo: Path
    matte: Path
    plate: Path | None
    annotation: Mapping[str, Any] | None

    @property
    def bike_id(self) -> str:
        """As in `bike_id_of`."""
        return bike_id_of(self.photo)


def bike_id_of(photo: Path) -> str:
    """One id for every picture of the same bike: photos named `<bike>_IMG_<time>` show one bike.

    >>> bike_id_of(Path("street/bike4_IMG_20180319.jpg"))
    'street-bike4'
    """
    return f"{photo.parent.name}-{photo.stem.split('_IMG_')[0]}"


def find_sources(
    folders: Iterable[Path], mattes: Path, plates: Path | None = None, annotations: Path | None = None
) -> tuple[list[Source], dict[str, str]]:
    """The usable photos, folder by folder and sorted, and the others by `<folder>/<name>` with the reason.

    Args:
        folders: of photos.
        mattes: `<mattes>/<folder>/<name>.png` or `<mattes>/<name>.png` for each photo.
        plates: `<plates>/<folder>/<name>.jpg`, optional; a photo without one must have a plain background.
        annotations: JSON lines with `file`, `usable`, boxes and points in thousandths of the photo's sides; a photo
            without a line must be a side view facing right.

    Raises:
        FileNotFoundError: a folder does not exist or holds no pictures.
        ValueError: a line of the annotations cannot be used, or a matte or plate has another size than its photo.
    """
    for given in (mattes, plates):
        if given is not None and not given.is_dir():
            raise FileNotFoundError(f"{given} is no folder: give the folder of the photos' mattes or plates")
    drawn = _read_annotations(annotations) if annotations else {}
    sources, left_out = [], {}
    for folder in folders:
        for photo in list_pictures(folder):
            annotation = drawn.get(photo.name)
            matte = _first_existing(mattes / folder.name / f"{photo.stem}.png", mattes / f"{photo.stem}.png")
            plate = _first_existing(plates / folder.name / f"{photo.stem}.jpg") if plates else None
            if reason := _reason_to_leave_out(matte, annotation):
                left_out[f"{folder.name}/{photo.name}"] = reason
                continue
            for layer in (matte, plate):
                _check_size(photo, layer)
            sources.append(Source(photo, matte, plate, annotation))
    return sources, left_out


def take_source_apart(source: Source) -> tuple[np.ndarray, Layers, Parts]:
    """The photo (H, W, 3) uint8 RGB, no side longer than LONGEST_SIDE, its layers and its parts.

    Raises:
        OSError: a file cannot be read.
        ValueError: the matte shows no bike.
    """
    photo = _read_rgb(source.photo)
    height, width = photo.shape[:2]
    if source.annotation and source.annotation.get("squeezed"):
        height = round(width / PUBLISHED_ASPECT)
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    size = round(width * scale), round(height * scale)
    photo = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    matte = cv2.imread(str(source.matte), cv2.IMREAD_GRAYSCALE)
    if matte is None:
        raise OSError(f"{source.matte} cannot be read as a picture: export the matte again")
    matte = cv2.resize(matte, size, interpolation=cv2.INTER_AREA)
    plate = cv2.resize(_read_rgb(source.plate), size, interpolation=cv2.INTER_AREA) if source.plate else None
    if source.annotation:
        matte = _keep_main_bike(matte, source.annotation)
    if matte.max() < 128:
        raise ValueError(f"{source.matte} shows no bike: export the matte again, or mark its photo as not usable")
    if source.annotation:
        parts = read_parts(source.annotation, *size)
    else:
        parts = find_parts_in_side_view(matte.astype(np.float32) / 255)
    return photo, take_apart(photo, matte, plate), parts


def list_pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, sorted by name.

    Raises:
        FileNotFoundError: the folder does not exist or holds no pictures.
    """
    pictures = sorted(p for p in Path(folder).glob("*") if p.suffix.lower() in PHOTO_SUFFIXES)
    if not pictures:
        raise FileNotFoundError(f"{folder} holds no pictures: give a folder with {', '.join(sorted(PHOTO_SUFFIXES))}")
    return pictures


def load_picture(path: Path) -> np.ndarray:
    """One picture, (h, w, 3) float32 RGB in [0, 1], no side longer than LONGEST_SIDE."""
    picture = _read_rgb(path)
    scale = min(1.0, LONGEST_SIDE / max(picture.shape[:2]))
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _read_rgb(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))


def _read_annotations(path: Path) -> dict[str, dict]:
    """The lines by the photo's name, checked, so that no run stops hours in."""
    lines = {}
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path}, line {number},"
        try:
            line = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"{where} is not JSON: mend or delete it") from error
        if not isinstance(line, dict) or "file" not in line or "usable" not in line:
            raise ValueError(f"{where} needs `file` and `usable`: mend or delete it")
        for names, count, kind in (((*BOXED, "bike"), 4, "box x0, y0, x1, y1"), (POINTED, 2, "point x, y")):
            for name in names:
                if line.get(name) and not _is_numbers(line[name], count):
                    raise ValueError(f"{where} has a {name} that is no {kind} in thousandths: mend it, or write null")
        lines[line["file"]] = line
    return lines


def _is_numbers(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(isinstance(v, int | float) for v in value)


def _first_existing(*paths: Path) -> Path | None:
    return next((path for path in paths if path.exists()), None)


def _check_size(photo: Path, layer: Path | None) -> None:
    """Refuse a matte or plate of another size than the upright photo; only the files' headers are read."""
    if layer is None:
        return
    sizes = []
    for path in (photo, layer):
        with Image.open(path) as image:
            is_turned = image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
            sizes.append(image.size[::-1] if is_turned else image.size)
    if sizes[0] != sizes[1]:
        photo_size, layer_size = (f"{width}x{height}" for width, height in sizes)
        raise ValueError(f"{layer} is {layer_size} but its photo is {photo_size}: export it at the photo's size")


def _reason_to_leave_out(matte: Path | None, annotation: Mapping[str, Any] | None) -> str | None:
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


def _keep_main_bike(matte: np.ndarray, annotation: Mapping[str, Any]) -> np.ndarray:
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
