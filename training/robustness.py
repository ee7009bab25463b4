"""Do verdict and map hold when the same photo comes smaller, darker, turned or squeezed into a JPEG?

    python -m training.robustness --data_dir data/processed --split validation

changes photos in ways that change no bike, and prints as a table, change by change: how many verdicts turned over, how
far the probability moved, and how much of what was marked stayed marked. Nothing here needs labels but the split.
"""

import sys
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inspection.inspection import Inspection
from inspection.inspector import BikeInspector
from inspection.photo import PhotoError, read_photo
from inspection.regions import binary_mask
from training.choosing import choose_evenly
from training.data import Photo, load_photos
from training.files import write_json
from training.intervals import bikes_of, share_interval
from training.options import StrictParser, read_count
from training.photo_changes import CHANGES, Change, crop_to_bike
from training.splits import SPLITS

__all__ = ["Stability", "measure_robustness", "stability_table"]


@dataclass(frozen=True)
class Stability:
    """What one change does to the verdicts and maps of some photos.

    Attributes:
        turned: share of the verdicts that the change turned over; `interval` its 95% interval.
        moved: mean distance that P(damaged) moved, in [0, 1].
        overlap: mean IoU of what is marked before and after, over photos in which something is marked in either.
    """

    change: str
    photos: int
    turned: float
    interval: list[float]
    moved: float
    overlap: float | None


def main(argv: list[str] | None = None) -> int:
    parser = StrictParser(
        prog="python -m training.robustness",
        description="Measure how verdicts and maps hold under changes of the photo that change no bike.",
        epilog="example: python -m training.robustness --data_dir data/processed --split validation",
    )
    parser.add_argument("--classifier", help="folder or Hub id (default: the built-in weights)")
    parser.add_argument("--localizer", help="folder or Hub id (default: the built-in weights)")
    parser.add_argument("--data_dir", required=True, help="with intact/, damaged/")
    parser.add_argument("--split", choices=list(SPLITS), default="test", help="whose photos (default: %(default)s)")
    parser.add_argument("--limit", type=read_count, default=100, help="photos, evenly chosen (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="file to write the figures to as well")
    arguments = parser.parse_args(argv)
    try:
        photos = [photo for photo in load_photos(arguments.data_dir) if photo.split == arguments.split]
        if not photos:
            raise ValueError(f"the {arguments.split} split of {arguments.data_dir} is empty: give another --split")
        inspector = BikeInspector.from_pretrained(arguments.classifier, arguments.localizer)
        rows = measure_robustness(inspector, choose_evenly(photos, arguments.limit))
        print(stability_table(rows))
        if arguments.json:
            write_json(arguments.json, [asdict(row) for row in rows])
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


def measure_robustness(inspector: BikeInspector, photos: list[Photo]) -> list[Stability]:
    """Inspect each photo as it is and changed in each way, by both stages."""
    rows = defaultdict(list)
    for photo in tqdm(photos, desc="robustness", unit="photo"):
        pixels = read_photo(photo.path)
        before = inspector.inspect(pixels, always_localize=True)
        for change in (*CHANGES, crop_to_bike(before.bike_mask)):
            try:
                after = inspector.inspect(change.of_photo(pixels), always_localize=True)
            except PhotoError as error:
                raise ValueError(f"{photo.path}, {change.name}: {error}; leave it out of the folder") from error
            turned = before.verdict != after.verdict  # a bike that is no longer found has none
            moved = abs(before.probability - after.probability)
            rows[change.name].append((turned, moved, _overlap(before, after, change)))
    bikes = bikes_of(photos)
    return [_summarise(name, values, bikes) for name, values in rows.items()]


def _summarise(name: str, values: list[tuple[bool, float, float | None]], bikes: np.ndarray) -> Stability:
    turned, moved, overlaps = zip(*values, strict=True)
    known = [overlap for overlap in overlaps if overlap is not None]
    return Stability(
        change=name,
        photos=len(values),
        turned=float(np.mean(turned)),
        interval=share_interval(turned, bikes),
        moved=float(np.mean(moved)),
        overlap=float(np.mean(known)) if known else None,
    )


def stability_table(rows: list[Stability]) -> str:
    """In Markdown."""
    lines = [
        f"| of {rows[0].photos} photos | verdicts turned | 95% interval | P(damaged) moved | marks overlap |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        overlap = "-" if row.overlap is None else f"{row.overlap:.2f}"
        low, high = row.interval
        lines.append(f"| {row.change} | {row.turned:.3f} | {low:.3f} to {high:.3f} | {row.moved:.3f} | {overlap} |")
    return "\n".join(lines)


def _overlap(before: Inspection, after: Inspection, change: Change) -> float | None:
    """IoU of what is marked in the photo, changed like it, and in the changed photo; None where neither has marks."""
    first, second = (change.of_map(_marks(before)) > 127, _marks(after) > 127)
    union = (first | second).sum()
    return float((first & second).sum() / union) if union else None


def _marks(inspection: Inspection) -> np.ndarray:
    """(H, W) uint8, 255 where the map counts as damage, were the bike called damaged."""
    if not inspection.has_anomaly_map:
        return np.zeros((inspection.height, inspection.width), np.uint8)
    is_marked = binary_mask(inspection.anomaly_map, inspection.bike_mask, inspection.anomaly_threshold)
    return np.where(is_marked, np.uint8(255), np.uint8(0))


if __name__ == "__main__":
    raise SystemExit(main())
