"""One photo that others annotated, written as the data contract has it: intact/ or damaged/, and masks/damaged/.

A photo that EXIF turns is saved upright. Its annotations may be meant for the upright picture, as most tools show it,
or for the pixels as stored: the annotated size tells which. Where both sizes are equal, it is taken for upright.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from inspection.photo import PHOTO_SUFFIXES, PhotoError, photo_size, read_photo, upright_turn
from training.files import write_atomically, write_json, write_picture
from training.metadata import RECORDS

__all__ = ["FOLDERS", "AnnotatedPhoto", "MarkedDamage", "choose_stems", "write_photo"]

FOLDERS = ("intact", "damaged", "masks/damaged", RECORDS)
TURNED_QUALITY = 95  # of the JPEG of a photo that had to be turned

Drawing = Callable[[tuple[int, int]], np.ndarray]  # from height and width to (H, W) uint8, 1 inside


@dataclass(frozen=True)
class MarkedDamage:
    """One damage: its `type` in metadata.jsonl, the bike's part if known, and its mask, None where nobody drew it."""

    kind: str
    part: str | None
    draw: Drawing | None


@dataclass(frozen=True)
class AnnotatedPhoto:
    """What is known of one photo, which is damaged where it has damages.

    Attributes:
        name: path below the folder of photos, with slashes.
        size_wh: width and height in pixels, as the annotations say.
        bike_id: of the bike on it, as the annotations say; None where they do not.
    """

    name: str
    size_wh: tuple[int, int]
    damages: tuple[MarkedDamage, ...] = ()
    bike_id: str | None = None


def choose_stems(names: Sequence[str]) -> dict[str, str]:
    """What to call the photos: as they are called, folders joined on, and marked where they would be alike.

    >>> choose_stems(["a.jpg", "b/a.jpg"])
    {'a.jpg': 'a', 'b/a.jpg': 'b_a'}
    >>> sorted(choose_stems(["a.jpg", "a.png"]).values())
    ['a_509b0d46', 'a_7f071235']
    """
    # Hidden files are no part of an image folder.
    stems = {name: "_".join(PurePosixPath(name).with_suffix("").parts).lstrip(".") for name in names}
    counts = Counter(stem.lower() for stem in stems.values())  # some disks know no capitals
    marks = {name: f"_{hashlib.sha256(name.encode()).hexdigest()[:8]}" for name in names}
    return {name: stem + marks[name] * (counts[stem.lower()] > 1) for name, stem in stems.items()}


def write_photo(photo: AnnotatedPhoto, stem: str, path: Path, out: Path) -> dict:
    """Write a photo and its mask, unless they are there.

    Args:
        stem: of the files' names.
        path: the photo's file.
        out: folder of the data contract, with all FOLDERS.

    Returns:
        Its line of metadata.jsonl.

    Raises:
        PhotoError: the picture cannot be used, or is another than was annotated.
        ValueError: what is wrong with its annotations.
    """
    record = out / RECORDS / f"{stem}.json"  # written last: where it is, the pictures are whole
    if record.exists():
        return json.loads(record.read_text(encoding="utf-8"))
    picture = read_photo(path)
    if path.suffix.lower() not in PHOTO_SUFFIXES:
        raise PhotoError(f"{path} is named as no picture: rename it to end in .jpg, or what it is")
    set_upright = _find_turn(path, picture, photo.size_wh)
    shape = photo.size_wh[::-1]
    masks = [set_upright(damage.draw(shape)) if damage.draw else None for damage in photo.damages]
    label = "damaged" if photo.damages else "intact"
    # Where one damage is not marked, a mask of the others would call it sound.
    if masks and all(mask is not None for mask in masks):
        write_picture(out / "masks" / label / f"{stem}.png", 255 * np.max(masks, axis=0))
    target = out / label / f"{stem}{path.suffix.lower()}"
    if upright_turn(path) is None:
        write_atomically(target, path.read_bytes())
    elif target.suffix in (".jpg", ".jpeg"):
        write_picture(target, picture, TURNED_QUALITY)
    else:
        target = target.with_name(f"{stem}.png")
        write_picture(target, picture)
    damages = [_describe(damage, mask) for damage, mask in zip(photo.damages, masks, strict=True)]
    bike = {"bike_id": photo.bike_id} if photo.bike_id else {}  # without, near-duplicates are looked for
    line = {"file_name": f"{label}/{target.name}", "source": photo.name, **bike, "damages": damages}
    write_json(record, line)
    return line


def _find_turn(path: Path, picture: np.ndarray, annotated_wh: tuple[int, int]) -> Callable[[np.ndarray], np.ndarray]:
    """What makes a drawing of the annotated size fit the picture (H, W, 3), which is upright."""
    found_wh = picture.shape[1], picture.shape[0]
    if found_wh == annotated_wh:
        return np.ascontiguousarray
    if (turn := upright_turn(path)) and photo_size(path) == annotated_wh:
        return turn
    found, annotated = (f"{width}x{height}" for width, height in (found_wh, annotated_wh))
    raise PhotoError(f"{path} is {found}, but was annotated as {annotated}: put the picture there that was annotated")


def _describe(damage: MarkedDamage, mask: np.ndarray | None) -> dict:
    about = {"type": damage.kind}
    if damage.part:
        about["part"] = damage.part
    if mask is not None:
        x, y, width, height = cv2.boundingRect(mask)
        about["box"] = [x, y, x + width, y + height]
    return about
