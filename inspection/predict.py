"""The command line: photos and folders in, JSON lines out.

    python -m inspection.predict photos/
    python -m inspection.predict a.jpg photos/ --out overlays/ > verdicts.jsonl

One line a photo, written as soon as it is done:

    {"photo": "a.jpg", "width": 1000, "height": 660, "bike_found": true, "verdict": "DAMAGED",
     "probability": 0.93, "regions": [{"box": [412, 80, 530, 150], "score": 0.8, "peak": 0.97, "area": 0.03,
     "part": "saddle"}], "overlay": "overlays/a.overlay.jpg", "error": null, "seconds": 0.21}

Exit status: 0 all photos inspected; 1 some could not be, or the run failed; 2 wrong usage; 130 interrupted.
"""

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from inspection.overlay_files import plan_overlays, save_overlay
from inspection.photo import PhotoError, find_photos, photo_size

__all__ = ["main"]

BATCH_PIXELS = 64_000_000  # photos of one batch are in memory together: keeps the peak under 1.5 GB
DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    arguments = parse_arguments(argv)
    try:
        photos = find_photos(arguments.photos)
        overlays = plan_overlays(photos, arguments.out, arguments.overwrite) if arguments.out else {}
    except (PhotoError, FileExistsError, NotADirectoryError) as error:
        return _report(error, arguments.debug, WRONG_USAGE)
    summary = Summary(overlay_folder=arguments.out)
    try:
        inspect_photos(photos, overlays, arguments, summary)
    except KeyboardInterrupt:
        print(f"\nInterrupted: what is finished is kept.\n{summary}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader has gone, as in `| head`; stdout has nobody to flush to
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # the outermost frame: whatever went wrong is one line to the user
        return _report(error, arguments.debug, FAILED)
    print(summary, file=sys.stderr)
    return FAILED if summary.unreadable else DONE


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = _Parser(
        prog="python -m inspection.predict",
        description="Tell damaged bikes from intact ones, and show where the damage is.",
        epilog="example: python -m inspection.predict photos/ --out overlays/ > verdicts.jsonl",
    )
    parser.add_argument("photos", nargs="+", metavar="PHOTO_OR_FOLDER", help="folders are searched at any depth")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="write NAME.overlay.jpg here for each photo that was localized (default: write no overlays)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace overlays that exist (default: refuse)")
    models = parser.add_argument_group("models")
    models.add_argument("--classifier", metavar="MODEL", help="folder or Hub id (default: the built-in weights)")
    models.add_argument("--localizer", metavar="MODEL", help="folder or Hub id (default: the built-in weights)")
    models.add_argument("--device", help="cpu, cuda, cuda:1, mps (default: the best there is)")
    models.add_argument("--batch-size", type=_count, default=8, metavar="PHOTOS", help="at most (default: 8 photos)")
    rules = parser.add_argument_group("rules")
    stages = rules.add_mutually_exclusive_group()
    stages.add_argument("--stage1-only", action="store_true", help="verdicts alone, no regions (default: both)")
    stages.add_argument(
        "--always-localize",
        action="store_true",
        help="look for regions on intact bikes too (default: damaged)",
    )
    rules.add_argument(
        "--damage-threshold",
        type=_fraction,
        metavar="P",
        help="damaged from this probability up, 0 to 1 (default: the classifier's own, 0.4 in the built-in)",
    )
    rules.add_argument(
        "--anomaly-threshold",
        type=_fraction,
        metavar="S",
        help="damage where the map is this high, 0 to 1 (default: the localizer's own, 0.6 in the built-in)",
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser.parse_args(argv)


@dataclass
class Summary:
    """Counts of a run; as text, what the user reads at its end."""

    overlay_folder: Path | None
    verdicts: dict[str, int] = field(default_factory=lambda: {"INTACT": 0, "DAMAGED": 0, "no bike": 0})
    unreadable: list[str] = field(default_factory=list)  # messages; each names its photo
    overlay_count: int = 0
    started: float = field(default_factory=time.perf_counter)

    def add(self, photo: Path, inspection, has_overlay: bool) -> None:
        if inspection.error is not None:
            named = str(photo) in inspection.error
            self.unreadable.append(inspection.error if named else f"{photo}: {inspection.error}")
        else:
            self.verdicts[inspection.verdict if inspection.bike_found else "no bike"] += 1
        self.overlay_count += has_overlay

    def __str__(self) -> str:
        count = sum(self.verdicts.values()) + len(self.unreadable)
        per_second = count / max(time.perf_counter() - self.started, 1e-9)
        counts = ", ".join(f"{number} {verdict.lower()}" for verdict, number in self.verdicts.items())
        lines = [f"{count} photos: {counts}, {len(self.unreadable)} unreadable; {per_second:.1f} photos/s"]
        lines += [f"  unreadable: {message}" for message in self.unreadable]
        if self.overlay_folder:
            lines.append(f"{self.overlay_count} overlays in {self.overlay_folder}")
        return "\n".join(lines)


def inspect_photos(
    photos: list[Path], overlays: dict[Path, Path], arguments: argparse.Namespace, summary: Summary
) -> None:
    """Inspect batch by batch, and write each photo's line and overlay before the next batch is read."""
    from inspection.inspector import BikeInspector  # here: --help and wrong usage need no model

    inspector = BikeInspector.from_pretrained(
        classifier=arguments.classifier, localizer=arguments.localizer, device=arguments.device
    )
    summary.started = time.perf_counter()
    with tqdm(total=len(photos), unit="photo", file=sys.stderr, disable=None, delay=2) as progress:
        for batch in make_batches(photos, arguments.batch_size):
            inspections = inspector.inspect(
                batch,
                always_localize=arguments.always_localize,
                stage1_only=arguments.stage1_only,
                damage_threshold=arguments.damage_threshold,
                anomaly_threshold=arguments.anomaly_threshold,
            )
            for photo, inspection in zip(batch, inspections, strict=True):
                overlay = save_overlay(inspection, overlays.get(photo))
                with progress.external_write_mode(file=sys.stdout):
                    print(to_json_line(inspection, overlay), flush=True)
                summary.add(photo, inspection, overlay is not None)
                progress.update()


def make_batches(photos: Iterable[Path], batch_size: int, max_pixels: int = BATCH_PIXELS) -> Iterator[list[Path]]:
    """Group photos, by their headers, into batches of limited number and size; a huge photo goes alone."""
    batch: list[Path] = []
    batch_pixels = 0
    for photo in photos:
        pixels = _count_pixels(photo)
        if batch and (len(batch) == batch_size or batch_pixels + pixels > max_pixels):
            yield batch
            batch, batch_pixels = [], 0
        batch.append(photo)
        batch_pixels += pixels
    if batch:
        yield batch


def to_json_line(inspection, overlay: Path | None) -> str:
    fields = inspection.to_dict()
    ending = {key: fields.pop(key) for key in ("error", "seconds")}
    return json.dumps({**fields, "overlay": overlay and str(overlay), **ending})


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        self.exit(WRONG_USAGE, f"Error: {message} (see --help)\n")


def _fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 to 1")
    return value


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 up")
    return int(text)


def _count_pixels(photo: Path) -> int:
    try:
        width, height = photo_size(photo)
    except PhotoError:  # the inspector reports it
        return 0
    return width * height


def _report(error: Exception, debug: bool, status: int) -> int:
    if debug:
        traceback.print_exception(error)
    print("Error:", " ".join(str(error).split()) or type(error).__name__, file=sys.stderr)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
