"""One table of what both stages are worth on several folders of photos.

    python -m training.overview data/processed data/retouched --background_dir photos_without_bikes \\
        --robustness 80 --write model_cards/README.md

measures the test split of each folder, prints a column of figures for each, and a second table of how verdicts hold
under changes of the photo. `make evaluate` does so. With --write the tables take the place of those that stand
between the two marks in that file. Photos that are all meant for measuring belong into FOLDER/test/.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from inspection.inspector import BikeInspector
from inspection.photo import find_photos
from training.choosing import choose_evenly
from training.data import LABELS, Photo, load_photos
from training.files import write_text
from training.model_card_texts import NAMES
from training.options import StrictParser, read_count
from training.pipeline_metrics import measure_pipeline
from training.robustness import measure_robustness, stability_table

__all__ = ["figures_table", "main", "put_between_marks"]

START, END = "<!-- figures: python -m training.overview -->", "<!-- end of figures -->"
ROWS = {
    "classifier": ("auroc", "auroc_within_bikes", "recall", "false_alarm_rate", "ece", "bike_found_rate"),
    "parts": ("bike_iou", "part_mean_iou", "bike_on_mask"),
    "localizer": ("pixel_ap", "draem_pixel_ap", "aupro", "hit_rate", "defect_on_bike", "clean_rate"),
    "pipeline": ("found_and_located",),
}


def main(argv: list[str] | None = None) -> int:
    parser = StrictParser(
        prog="python -m training.overview",
        description="Measure both stages on the test photos of several folders, in one table.",
        epilog="example: python -m training.overview data/processed data/retouched --robustness 80",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="with intact/, damaged/, masks/")
    parser.add_argument("--classifier", help="folder or Hub id (default: the built-in weights)")
    parser.add_argument("--localizer", help="folder or Hub id (default: the built-in weights)")
    parser.add_argument("--background_dir", help="photos without a bike (default: not measured)")
    parser.add_argument(
        "--robustness",
        type=read_count,
        metavar="PHOTOS",
        help="of the first folder, whose verdicts are compared under changes of the photo (default: not measured)",
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help=f"text with {START} and {END}, to put the tables in")
    arguments = parser.parse_args(argv)
    try:
        if arguments.write:
            put_between_marks(arguments.write.read_text(encoding="utf-8"), "")
        photos = gather_test_photos(arguments.folders)
        backgrounds = find_photos([arguments.background_dir]) if arguments.background_dir else []
        inspector = BikeInspector.from_pretrained(arguments.classifier, arguments.localizer)
        tables = measure(inspector, photos, backgrounds, arguments.robustness)
        print(tables)
        if arguments.write:
            text = arguments.write.read_text(encoding="utf-8")
            write_text(arguments.write, put_between_marks(text, tables))
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


def measure(
    inspector: BikeInspector, photos: dict[str, list[Photo]], backgrounds: list[Path], robustness: int | None
) -> str:
    """The tables, in Markdown.

    Args:
        photos: of each folder, by its name.
        backgrounds: photos without a bike.
        robustness: how many photos of the first folder to change; None leaves that out.
    """
    # The backgrounds belong to no folder: they are measured once, with the first.
    metrics = {
        name: measure_pipeline(inspector, each, [] if number else backgrounds)[0]
        for number, (name, each) in enumerate(photos.items())
    }
    tables = figures_table(metrics, photos)
    first = next(iter(photos))
    if no_bike := metrics[first].get("no_bike"):
        count = no_bike["photos"]
        tables += (
            f"\n\nOf {count} pictures without a bike, one was found in {round(no_bike['bike_found_rate'] * count)}."
        )
    if robustness:
        rows = measure_robustness(inspector, choose_evenly(photos[first], robustness))
        tables += f"\n\nChanges of the photo that change no bike, on `{first}`:\n\n{stability_table(rows)}"
    return tables


def gather_test_photos(folders: list[Path]) -> dict[str, list[Photo]]:
    """The test split of each folder, by the folder's name.

    Raises:
        FileNotFoundError, ValueError: as `load_photos`; or a test split lacks a class, or two folders share a name.
    """
    photos = {}
    for folder in folders:
        name = folder.absolute().name
        if name in photos:
            raise ValueError(f"two folders are named {name!r}: rename one, or their columns could not be told apart")
        photos[name] = [photo for photo in load_photos(folder) if photo.split == "test"]
        if {photo.label for photo in photos[name]} != set(LABELS.values()):
            raise ValueError(
                f"the test split of {folder} lacks a class: add photos; those that are all meant for measuring go into "
                f"{folder}/test/intact and {folder}/test/damaged"
            )
    return photos


def figures_table(metrics: Mapping[str, dict], photos: Mapping[str, list[Photo]]) -> str:
    """In Markdown: a row a figure, with its 95% interval, a column a folder.

    Args:
        metrics: of each folder, by its name, as `measure_pipeline` has them.
        photos: that it was measured on.
    """
    counts = [[sum(photo.label == label for photo in each) for label in (0, 1)] for each in photos.values()]
    lines = [
        f"| | {' | '.join(f'`{name}`' for name in photos)} |",
        "|---" * (len(photos) + 1) + "|",
        f"| intact, damaged photos | {' | '.join(f'{intact}, {damaged}' for intact, damaged in counts)} |",
    ]
    for group, names in ROWS.items():
        for name in names:
            cells = [_cell(each, group, name) for each in metrics.values()]
            lines.append(f"| {NAMES[name]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(metrics: dict, group: str, name: str) -> str:
    if name not in metrics[group]:
        return "-"
    of_group = "classifier" if group == "classifier" else "localizer"
    interval = metrics[f"{of_group}_intervals"].get(name)
    known = f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
    return f"{metrics[group][name]:.3f}{known}"


def put_between_marks(text: str, tables: str) -> str:
    """The text with the tables where others stood.

    Raises:
        ValueError: the marks are not there, in this order.
    """
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"there is no place for the tables: write {START} and {END} into the file, a line each")
    return f"{before}{start}\n\n{tables}\n\n{end}{after}"


if __name__ == "__main__":
    raise SystemExit(main())
