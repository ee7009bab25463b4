"""What all importers have in common: annotated photos go into the data contract, what cannot is listed with the reason.

Into OUT go intact/, damaged/, masks/damaged/, metadata.jsonl, and left_out.csv, as file and reason. A run that was
stopped, or whose pictures were mended since, goes on where it was.
"""

import argparse
import csv
import hashlib
import io
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from tqdm import tqdm

from inspection.photo import PhotoError, find_photos
from training.files import write_json, write_text
from training.importers.photos import FOLDERS, AnnotatedPhoto, choose_stems, write_photo

__all__ = ["Annotations", "add_import_arguments", "run_import"]


@dataclass
class Annotations:
    """A file of annotations: the photos to take, and why others are not; faults can be mended, doubts are judgement."""

    path: Path
    photos: list[AnnotatedPhoto] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # for the summary

    def add_fault(self, name: str, reason: str) -> None:
        """Leave a photo out for what the file says of it."""
        self.faults[name] = f"{reason}: mend it in {self.path}, and import into another --out"


def add_import_arguments(parser: argparse.ArgumentParser, annotations: str) -> None:
    """What every importer asks for.

    Args:
        annotations: what the file of annotations is, for the help.
    """
    parser.add_argument("annotations", type=Path, help=annotations)
    parser.add_argument("photos", type=Path, help="folder of the photos that it names")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")


def run_import(read: Callable[[], Annotations], arguments: argparse.Namespace, options: dict[str, Any]) -> int:
    """Read the annotations and write the photos.

    Args:
        arguments: as `add_import_arguments` has them.
        options: all else that decides what is written, by name; a folder holds photos of one set of options.

    Returns:
        The exit code: 0; 1 where photos were left out for a fault, or could not be written; 2 for wrong usage.
    """
    try:
        annotations = read()
        _compare(annotations, arguments.photos, arguments.out)
        digest = hashlib.sha256(arguments.annotations.read_bytes()).hexdigest()
        _claim(arguments.out, {**options, "annotations": digest})
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    try:
        lines = _write_all(annotations, arguments)
    except OSError as error:
        print(f"Error: {error}: mend it, and the same command goes on from here", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped: the same command goes on from here", file=sys.stderr)
        return 1
    _print_summary(annotations, lines, arguments.out)
    return 1 if annotations.faults else 0


def _compare(annotations: Annotations, folder: Path, out: Path) -> None:
    """Note the photos without annotations; raise where folder and annotations have nothing in common."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder: give the folder of the photos")
    if folder.resolve() in (out.resolve(), *out.resolve().parents):
        raise ValueError(f"--out {out} is in the folder of photos: choose one beside it")
    names = {photo.name for photo in annotations.photos} | annotations.faults.keys() | annotations.doubts.keys()
    present = [path.relative_to(folder).as_posix() for path in find_photos([folder])]
    if annotations.photos and names.isdisjoint(present):
        wanted = annotations.photos[0].name
        raise ValueError(f"{folder} has none of the photos in {annotations.path}, such as {wanted}: give their folder")
    annotations.doubts |= {name: f"not in {annotations.path}" for name in present if name not in names}


def _claim(out: Path, settings: dict[str, Any]) -> None:
    """Make the folders; raise where they hold photos of other origin, as pictures of two would mix."""
    path = out / "settings.json"
    if path.exists():
        other = json.loads(path.read_text(encoding="utf-8"))
        if changed := [name for name in settings if other.get(name) != settings[name]]:
            raise ValueError(f"{out} holds photos imported with other {changed[0]}: choose another --out, or delete it")
    elif any((out / name).exists() for name in ("intact", "damaged", "metadata.jsonl")):
        raise ValueError(f"{out} holds other photos: choose another --out")
    out.mkdir(parents=True, exist_ok=True)
    write_json(path, settings)
    for name in FOLDERS:
        (out / name).mkdir(parents=True, exist_ok=True)


def _write_all(annotations: Annotations, arguments: argparse.Namespace) -> list[dict]:
    """The lines of metadata.jsonl, written; what is wrong with a photo is added to the annotations' faults."""
    lines, out = [], arguments.out
    stems = choose_stems([photo.name for photo in annotations.photos])
    for photo in tqdm(annotations.photos, desc="import", unit="photo", delay=2):
        path = PurePosixPath(photo.name)
        try:
            if ".." in path.parts or path.is_absolute():
                raise ValueError("the name leads out of the folder of photos")
            lines.append(write_photo(photo, stems[photo.name], arguments.photos / path, out))
        except PhotoError as error:
            annotations.faults[photo.name] = str(error)
        except ValueError as error:
            annotations.add_fault(photo.name, str(error))
    write_text(out / "metadata.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    rows = io.StringIO()
    csv.writer(rows).writerows([("file", "reason"), *sorted((annotations.doubts | annotations.faults).items())])
    write_text(out / "left_out.csv", rows.getvalue())
    return lines


def _print_summary(annotations: Annotations, lines: list[dict], out: Path) -> None:
    """What was written and what was not, to stderr."""
    for name, reason in sorted(annotations.faults.items()):
        print(f"left out: {name}: {reason}", file=sys.stderr)
    damaged = sum(bool(line["damages"]) for line in lines)
    print(f"{len(lines)} photos in {out}: {len(lines) - damaged} intact, {damaged} damaged", file=sys.stderr)
    kinds = Counter(damage["type"] for line in lines for damage in line["damages"])
    notes = [f"damages: {', '.join(f'{kind} {count}' for kind, count in kinds.most_common()) or 'none'}"]
    notes += annotations.notes
    faults, doubts = len(annotations.faults), len(annotations.doubts)
    if faults or doubts:
        notes.append(
            f"left out: {faults} for a fault, {doubts} for other reasons, each named in {out / 'left_out.csv'}"
        )
    if damaged in (0, len(lines)):
        notes.append(f"no photo is {'intact' if damaged else 'damaged'}: the classifier's training needs both")
    for note in notes:
        print(f"  {note}", file=sys.stderr)
