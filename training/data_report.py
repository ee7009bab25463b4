"""Look over a data folder before training on it.

    python -m training.data_report data/processed --sheet sheet.jpg

prints how many photos there are of each class on each side, their sizes, and what is wrong: files that cannot be
read, labels that contradict each other, near-duplicates, masks and parts that do not fit. Ends with 1 where training
would stop or learn from a contradiction, with 0 otherwise.
"""

import argparse
import hashlib
import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inspection.photo import PhotoError, read_photo
from modeling.configuration_bike_classifier import PART_NAMES
from training.choosing import choose_evenly
from training.contact_sheet import draw_contact_sheet, outline
from training.copies import find_copies
from training.data import LABELS, Photo, count_photos, load_photos
from training.files import write_picture, write_text
from training.masks import check_part_ids, read_labels, read_mask
from training.near_duplicates import make_thumbnail
from training.options import StrictParser
from training.processes import on_first_process

__all__ = ["CHECKED", "Report", "check_photos", "main", "refuse_broken"]

CHECKED = "checked.txt"  # in the folder of a run: its data were found sound
MOST_NAMED = 20  # errors in one message
SHEET_PHOTOS, SHEET_ACROSS, TILE_WH = 48, 8, (220, 165)  # pixels


@dataclass
class Report:
    """What was found, each finding a line: errors stop training or mislead it, remarks are good to know."""

    errors: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)  # width and height of each readable photo, pixels


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = StrictParser(
        prog="python -m training.data_report",
        description="Check a data folder: classes, sizes, unreadable files, contradictions, near-duplicates.",
        epilog="example: python -m training.data_report data/processed --sheet sheet.jpg",
    )
    parser.add_argument("data_dir", type=Path, help="folder with intact/ and damaged/, and masks, parts if any")
    parser.add_argument("--sheet", type=Path, help="picture to write: photos of both classes, masks outlined")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    unused: list[str] = []
    try:
        photos = load_photos(arguments.data_dir, unused.append)
    except (FileNotFoundError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    report = check_photos(photos)
    report.remarks = unused + report.remarks
    print(count_photos(photos))
    if report.sizes:
        smallest, median, largest = np.quantile([max(size) for size in report.sizes], [0, 0.5, 1], method="nearest")
        print(f"longer side in pixels: {smallest} to {largest}, half of them {median} or more")
    for title, lines in (("errors", report.errors), ("remarks", report.remarks)):
        print(f"{title}: {len(lines) or 'none'}")
        print("".join(f"  {line}\n" for line in lines), end="")
    if arguments.sheet:
        arguments.sheet.parent.mkdir(parents=True, exist_ok=True)
        write_picture(arguments.sheet, draw_sheet(photos))
    return 1 if report.errors else 0


@on_first_process
def refuse_broken(
    photos: Sequence[Photo],
    others: Sequence[Path] = (),
    part_names: Sequence[str] = PART_NAMES,
    stamp: Path | None = None,
) -> None:
    """Open every file before hours are spent; a run must not end at a broken one, and none is left out in silence.

    Args:
        others: pictures that are trained with too: textures, or photos without a bike.
        part_names: of the part ids, from 0.
        stamp: file that says which files were found sound; while none of them changes, they are not opened again.

    Raises:
        ValueError: it names the files that cannot be read, do not fit their photos, or contradict one another.
    """
    found = _stamp(photos, others, part_names)
    if stamp and stamp.is_file() and stamp.read_text() == found:
        return
    errors = _inspect(photos, part_names).errors + _find_broken(others)
    if errors:
        more = f"\n  and {len(errors) - MOST_NAMED} more" if len(errors) > MOST_NAMED else ""
        lines = "".join(f"\n  {line}" for line in errors[:MOST_NAMED])
        raise ValueError(f"{len(errors)} faults in the data; mend the files or take them away:{lines}{more}")
    if stamp:
        with suppress(OSError):  # what cannot be written is told when the run is started
            stamp.parent.mkdir(parents=True, exist_ok=True)
            write_text(stamp, found)


def check_photos(photos: Sequence[Photo]) -> Report:
    """Open every file, compare the photos with one another, and tell what is good to know."""
    report = _inspect(photos, PART_NAMES)
    without_mask = [photo for photo in photos if photo.label == 1 and photo.mask is None]
    if without_mask:
        report.remarks.append(f"{len(without_mask)} damaged photos have no mask: where is not learned from them")
    if not any(photo.parts for photo in photos):
        report.remarks.append("no photo has part labels: parts are not learned")
    for split in ("validation", "test"):
        for label, name in enumerate(LABELS):
            count = sum(photo.split == split and photo.label == label for photo in photos)
            if count < 10:
                report.remarks.append(f"{count} {name} photos for {split}: figures on so few say little")
    return report


def draw_sheet(photos: Sequence[Photo]) -> np.ndarray:
    """(H, W, 3) uint8 RGB: up to SHEET_PHOTOS readable photos, evenly chosen, masks outlined."""
    tiles = []
    for photo in choose_evenly(photos, SHEET_PHOTOS):
        try:
            picture = read_photo(photo.path)
            mask = read_mask(photo.mask, picture.shape[:2]) if photo.mask else np.zeros(picture.shape[:2], np.uint8)
        except ValueError:  # named among the errors
            continue
        tiles.append((outline(picture, mask), f"{photo.path.parent.name}, {photo.split}: {photo.path.name}"))
    return draw_contact_sheet(tiles, SHEET_ACROSS, TILE_WH)


def _inspect(photos: Sequence[Photo], part_names: Sequence[str]) -> Report:
    """Everything that training would stop at or be misled by."""
    report = Report()
    with ThreadPoolExecutor() as pool:
        checked = pool.map(lambda photo: _check_files(photo, part_names), photos)
        found = list(tqdm(checked, "check", len(photos), unit="photo", delay=2))
    report.errors = [error for errors, *_ in found for error in errors] + _find_shared(photos)
    readable = [(photo, size) for photo, (_, size, *_) in zip(photos, found, strict=True) if size]
    report.sizes = [size for _, size in readable]
    digests, thumbnails = ([values[place] for values in found if values[1]] for place in (2, 3))
    errors, report.remarks = find_copies([photo for photo, _ in readable], digests, thumbnails)
    report.errors += errors
    return report


def _stamp(photos: Sequence[Photo], others: Sequence[Path], part_names: Sequence[str]) -> str:
    """Changes with what is to be checked: sides, labels, and each file's name, size and time."""
    digest = hashlib.sha256(repr(list(part_names)).encode())
    files = [path for photo in photos for path in (photo.path, photo.mask, photo.parts) if path]
    for photo in photos:
        digest.update(f"{photo.path} {photo.label} {photo.split} {photo.bike_id}\n".encode())
    for path in (*files, *others):
        about = path.stat()
        digest.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _find_broken(paths: Sequence[Path]) -> list[str]:
    def check(path: Path) -> str | None:
        try:
            read_photo(path)
        except PhotoError as error:
            return str(error)
        return None

    with ThreadPoolExecutor() as pool:
        checked = tqdm(pool.map(check, paths), "check the other pictures", len(paths), unit="picture", delay=2)
        return [error for error in checked if error]


def _check_files(photo: Photo, part_names: Sequence[str]):
    """What is wrong with the files of a photo; its width and height, SHA-256 and thumbnail, None if it is broken."""
    try:
        picture = read_photo(photo.path)
    except PhotoError as error:
        return [str(error)], None, None, None
    size = picture.shape[:2]
    errors = []
    for check in (lambda: _check_mask(photo, size), lambda: _check_parts(photo, size, part_names)):
        try:
            check()
        except ValueError as error:
            errors.append(str(error))
    return errors, size[::-1], hashlib.sha256(photo.path.read_bytes()).digest(), make_thumbnail(picture)


def _check_mask(photo: Photo, size: tuple[int, int]) -> None:
    if photo.mask is None:
        return
    has_defect = read_mask(photo.mask, size).any()
    if photo.label == 1 and not has_defect:
        raise ValueError(f"{photo.mask} is empty though its photo is damaged: draw the defect, or delete the mask")
    if photo.label == 0 and has_defect:
        raise ValueError(f"{photo.mask} marks a defect though its photo is intact: move the photo, or delete the mask")


def _check_parts(photo: Photo, size: tuple[int, int], part_names: Sequence[str]) -> None:
    if photo.parts is not None:
        check_part_ids(photo.parts, read_labels(photo.parts, size), part_names)


def _find_shared(photos: Sequence[Photo]) -> list[str]:
    """Photos that differ by their endings alone, and so have one mask: whose is it?"""
    owners = defaultdict(list)
    for photo in photos:
        for path in filter(None, (photo.mask, photo.parts)):
            owners[path].append(photo.path.name)
    return [
        f"{path} would belong to {' and '.join(names)}: give the photos names that differ before the ending"
        for path, names in owners.items()
        if len(names) > 1
    ]


if __name__ == "__main__":
    raise SystemExit(main())
