"""The photos to break: which ones, where their mattes and plates lie, and where their parts are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from inspection.photo import PhotoError, read_photo
from training.photo_damage.annotations import read_annotations, read_credits, read_reasons
from training.photo_damage.framing import Framing, find_framing
from training.photo_damage.layers import Layers, take_apart
from training.photo_damage.parts import BOXED, Parts, read_parts
from training.photo_damage.reading import list_pictures, read_matte
from training.photo_damage.side_view import find_parts_in_side_view
from training.photo_damage.wheel_fit import fit_wheels

__all__ = ["Source", "bike_id_of", "find_sources", "load_plate", "open_source", "take_source_apart"]

MOST_BIKE = 0.75  # of the photo: a matte that holds more has taken the place for the bike
LEAST_BIKE = 0.004  # of the photo: a matte that holds less has lost the bike


@dataclass
class Source:
    """One photo with its matte, its plate (None: plain background), and what was written down about it.

    annotation: None: a side view facing right; credit: `source` and `licence`, None where nobody knows;
    colour: the bike's own colours, None: estimated each time; plate_is_framed: whether the plate is the picture to
    work on, and not as large as the photo.
    """

    photo: Path
    matte: Path
    plate: Path | None
    annotation: Mapping[str, Any] | None
    credit: Mapping[str, str] | None = None
    colour: Path | None = None
    plate_is_framed: bool = False

    @property
    def bike_id(self) -> str:
        """As in `bike_id_of`."""
        return bike_id_of(self.photo)


def bike_id_of(photo: Path) -> str:
    """One id for every picture of the same bike: photos named `<bike>_IMG_<time>` show one bike.

    >>> bike_id_of(Path("street/bike4_IMG_20180319.jpg"))
    'street-bike4'
    """
    return f"{photo.parent.resolve().name}-{photo.stem.split('_IMG_')[0]}"


def find_sources(
    folders: Iterable[Path],
    mattes: Path,
    plates: Path | None = None,
    annotations: Sequence[Path] = (),
    *,
    leave_out: Path | None = None,
    credits: Path | None = None,
) -> tuple[list[Source], dict[str, str]]:
    """The usable photos, folder by folder and sorted, and the others by `<folder>/<name>` with the reason.

    Args:
        folders: of photos.
        mattes: `<mattes>/<folder>/<name>.png` or `<mattes>/<name>.png` for each photo.
        plates: `<plates>/<folder>/<name>.jpg`, optional; a photo without one must have a plain background.
        annotations: files of JSON lines with `file`, `usable`, boxes and points in thousandths of the photo's sides;
            the last line of a photo counts; a photo without one must be a side view facing right.
        leave_out: a CSV of `file` and `reason`: photos that are left out whatever the annotations say.
        credits: a CSV of `file`, `source` and `licence`: where photos come from.

    Raises:
        FileNotFoundError: a folder does not exist or holds no pictures.
        ValueError: a line of the annotations or a CSV cannot be used, or two folders have one name.
    """
    folders = [Path(folder).resolve() for folder in folders]
    if len({folder.name for folder in folders}) < len(folders):
        raise ValueError("two folders of photos have the same name, so their bikes would too: rename one")
    for given in (mattes, plates):
        if given is not None and not given.is_dir():
            raise FileNotFoundError(f"{given} is no folder: give the folder of the photos' mattes or plates")
    drawn = {name: line for path in annotations for name, line in read_annotations(path).items()}
    reasons = read_reasons(leave_out) if leave_out else {}
    credited = read_credits(credits) if credits else {}
    sources, left_out = [], {}
    for photo in tqdm([p for folder in folders for p in list_pictures(folder)], desc="check", unit="photo", delay=2):
        name, stem = f"{photo.parent.name}/{photo.name}", f"{photo.parent.name}/{photo.stem}"
        matte = _first_existing(mattes / f"{stem}.png", mattes / f"{photo.stem}.png")
        plate = _first_existing(plates / f"{stem}.jpg") if plates else None
        credit = credited.get(name) or credited.get(photo.name)
        source = Source(photo, matte, plate, drawn.get(photo.name), credit) if matte else None
        listed = reasons.get(name) or reasons.get(photo.name) or _reason_in_annotation(drawn.get(photo.name))
        if reason := listed or (_reason_in_files(source) if source else "no matte"):
            left_out[name] = reason
        else:
            sources.append(source)
    return sources, left_out


def take_source_apart(source: Source) -> tuple[np.ndarray, Layers, Parts]:
    """The photo (H, W, 3) uint8 RGB, framed as in `find_framing`, its layers and its parts.

    Raises:
        PhotoError: a file cannot be read.
        ValueError: the matte shows no bike, or has another size than the photo.
    """
    photo, matte, annotation, framing = open_source(source)
    if annotation:
        parts = fit_wheels(matte.astype(np.float32) / 255, read_parts(annotation, *framing.size))
    else:
        parts = find_parts_in_side_view(matte.astype(np.float32) / 255)
    plate = _read_plate(source, framing) if source.plate else None
    colour = read_photo(source.colour) if source.colour else None
    return photo, take_apart(photo, matte, plate, colour), parts


def open_source(source: Source) -> tuple[np.ndarray, np.ndarray, dict[str, Any] | None, Framing]:
    """The photo (H, W, 3) uint8 RGB, its main bike's matte (H, W) uint8 and its annotation, framed; and the framing.

    Raises:
        PhotoError: a file cannot be read.
        ValueError: the matte shows no bike, or has another size than the photo.
    """
    photo, matte = read_photo(source.photo), read_matte(source.matte)
    _check_sizes(photo, matte, source.matte)
    framing = find_framing(photo, source.annotation)
    matte = framing.apply(matte)
    annotation = None
    if source.annotation:
        annotation = framing.move(source.annotation, photo.shape[:2])
        matte = _keep_main_bike(matte, annotation)
    if (matte > 127).mean() < LEAST_BIKE:
        raise ValueError(f"{source.matte} shows no bike: export the matte again, or mark its photo as not usable")
    return framing.apply(photo), matte, annotation, framing


def load_plate(source: Source) -> tuple[np.ndarray, dict[str, Any] | None]:
    """The plate (H, W, 3) float32 RGB in [0, 1] and the annotation, framed as `take_source_apart` frames them."""
    photo = read_photo(source.photo)
    framing = find_framing(photo, source.annotation)
    annotation = framing.move(source.annotation, photo.shape[:2]) if source.annotation else None
    return _read_plate(source, framing).astype(np.float32) / 255, annotation


def _read_plate(source: Source, framing: Framing) -> np.ndarray:
    plate = read_photo(source.plate)
    return plate if source.plate_is_framed else framing.apply(plate)


def _first_existing(*paths: Path) -> Path | None:
    return next((path for path in paths if path.exists()), None)


def _check_sizes(photo: np.ndarray, layer: np.ndarray, path: Path) -> None:
    if photo.shape[:2] != layer.shape[:2]:
        photo_size, layer_size = (f"{picture.shape[1]}x{picture.shape[0]}" for picture in (photo, layer))
        raise ValueError(f"{path} is {layer_size} but its photo is {photo_size}: export it at the photo's size")


def _reason_in_annotation(annotation: Mapping[str, Any] | None) -> str | None:
    if annotation is None:
        return None
    if not annotation["usable"]:
        return annotation.get("reason") or "marked as not usable"
    if (annotation.get("rotate") or 0) % 90:
        return "lies on its side, and not by a quarter turn"
    return None


def _reason_in_files(source: Source) -> str | None:
    """Why photo, matte or plate cannot be used; opened here, as a file that breaks later would end the run."""
    try:
        _, matte, _, _ = open_source(source)
        if source.plate:
            _check_sizes(read_photo(source.photo), read_photo(source.plate), source.plate)
    except (PhotoError, ValueError) as error:
        return str(error)
    return "its matte takes nearly the whole photo" if matte.mean() > 255 * MOST_BIKE else None


def _keep_main_bike(matte: np.ndarray, annotation: Mapping[str, Any]) -> np.ndarray:
    """The matte inside the boxes of the annotated bike and its parts, grown by 3%; the rest stays in the plate."""
    if not annotation.get("bike"):
        return matte
    height, width = matte.shape
    boxes = np.array([annotation[name] for name in ("bike", *BOXED) if annotation.get(name)]) / 1000
    x0, y0, x1, y1 = *boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)
    margin = 0.03 * max(x1 - x0, y1 - y0)
    kept = np.zeros_like(matte)
    box = (
        slice(max(0, round((y0 - margin) * height)), round((y1 + margin) * height)),
        slice(max(0, round((x0 - margin) * width)), round((x1 + margin) * width)),
    )
    kept[box] = matte[box]
    return kept
