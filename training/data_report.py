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
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inspection.photo import PhotoError, read_photo
from training.classifier_data import read_labels
from training.contact_sheet import draw_contact_sheet, outline
from training.data import LABELS, Photo, count_photos, load_photos
from training.files import write_picture
from training.near_duplicates import group_near_duplicates, read_thumbnail

__all__ = ["Report", "check_photos", "main", "refuse_broken"]

MOST_NAMED = 20  # groups that are on several sides
SHEET_PHOTOS, SHEET_ACROSS, TILE_WH = 48, 8, (220, 165)  # pixels


@dataclass
class Report:
    """What was found, each finding a line: errors stop training or mislead it, remarks are good to know."""

    errors: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)  # width and height of each readable photo, pixels


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.data_report",
        description="Check a data folder: classes, sizes, unreadable files, contradictions, near-duplicates.",
        epilog="example: python -m training.data_report data/processed --sheet sheet.jpg",
    )
    parser.add_argument("data_dir", type=Path, help="folder with intact/ and damaged/, and masks, parts if any")
    parser.add_argument("--sheet", type=Path, help="picture to write: photos of both classes, masks outlined")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    try:
        photos = load_photos(arguments.data_dir)
    except (FileNotFoundError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    report = check_photos(photos)
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


def refuse_broken(photos: Sequence[Photo]) -> None:
    """Open every file before hours are spent; a run must not end at a broken one, and none is left out in silence.

    Raises:
        ValueError: it names the files that cannot be read, or do not fit their photos.
    """
    report = Report()
    with ThreadPoolExecutor() as pool:
        for _ in tqdm(
            pool.map(lambda photo: _check_files(photo, report), photos), "check", len(photos), unit="photo", delay=2
        ):
            pass
    if report.errors:
        more = f"\n  and {len(report.errors) - MOST_NAMED} more" if len(report.errors) > MOST_NAMED else ""
        lines = "".join(f"\n  {line}" for line in sorted(report.errors)[:MOST_NAMED])
        raise ValueError(f"{len(report.errors)} files are broken; mend them or take them away:{lines}{more}")


def check_photos(photos: Sequence[Photo]) -> Report:
    """Open every file, and compare the photos with one another."""
    report = Report()
    for photo in tqdm(photos, desc="check", unit="photo", delay=2):
        _check_files(photo, report)
    _compare(photos, report)
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
    count = min(SHEET_PHOTOS, len(photos))
    tiles = []
    for photo in (photos[k * len(photos) // count] for k in range(count)):
        try:
            picture = read_photo(photo.path)
            mask = read_labels(photo.mask, picture.shape[:2]) if photo.mask else np.zeros(picture.shape[:2], np.uint8)
        except ValueError:  # named among the errors
            continue
        tiles.append((outline(picture, mask), f"{photo.path.parent.name}, {photo.split}: {photo.path.name}"))
    return draw_contact_sheet(tiles, SHEET_ACROSS, TILE_WH)


def _check_files(photo: Photo, report: Report) -> None:
    try:
        picture = read_photo(photo.path)
    except PhotoError as error:
        report.errors.append(f"{error}")
        return
    report.sizes.append((picture.shape[1], picture.shape[0]))
    for path in filter(None, (photo.mask, photo.parts)):
        try:
            labels = read_labels(path, picture.shape[:2])
        except ValueError as error:
            report.errors.append(f"{error}")
            continue
        if path == photo.mask and not labels.any():
            report.errors.append(f"{path} is empty though its photo is damaged: draw the defect, or delete the mask")


def _compare(photos: Sequence[Photo], report: Report) -> None:
    """Name photos that are the same picture with both labels, and count those that are near one another."""
    contents = defaultdict(list)
    for photo in photos:
        contents[hashlib.sha256(photo.path.read_bytes()).digest()].append(photo)
    for same in contents.values():
        if {photo.label for photo in same} == {0, 1}:
            names = " and ".join(str(photo.path) for photo in same)
            report.errors.append(f"{names} are one picture with both labels: delete the wrong one")
    copies = sum(len(same) - 1 for same in contents.values())
    groups = defaultdict(list)
    thumbnails = [read_thumbnail(photo.path) for photo in tqdm(photos, desc="compare", unit="photo", delay=2)]
    for photo, group in zip(photos, group_near_duplicates(thumbnails), strict=True):
        groups[group].append(photo)
    near = sum(len(group) - 1 for group in groups.values()) - copies
    split_up = [group for group in groups.values() if len({photo.split for photo in group}) > 1]
    for count, what in ((copies, "copies"), (near, "near-duplicates")):
        if count:
            report.remarks.append(f"{count} {what} of other photos: each group is on one side of the split")
    for group in split_up[:MOST_NAMED]:
        names = ", ".join(f"{photo.path} ({photo.split})" for photo in group[:4])
        report.errors.append(f"near-duplicates on several sides: {names}: give them one bike_id, or one folder")


if __name__ == "__main__":
    raise SystemExit(main())
