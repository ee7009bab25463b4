"""Learn from photos annotated as COCO has it, which CVAT, Label Studio, Roboflow and others export.

    python -m training.import_coco instances.json photos --out data/coco --damage-categories scratch dent
    python -m training.data_report data/coco --sheet sheet.jpg

A photo is damaged where an object of the --damage-categories is on it, and intact where there is none. Polygons and
run lengths become the mask; boxes do where there is neither. A photo in the folder that the file does not have among
its images is left out: nobody says that it was looked at. It is named in OUT/left_out.csv, as are photos with a fault.
An image of the file may have a `bike_id` beside its `file_name`: photos of one bike stay on one side of the split.
Ends with 1 where a photo has a fault, with 0 otherwise.
"""

import argparse
from functools import partial

from training.importers.coco import read_coco
from training.importers.importing import add_import_arguments, run_import

__all__ = ["main"]


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.import_coco",
        description="Import photos with masks or boxes in COCO's format.",
        epilog="example: python -m training.import_coco instances.json photos --out data/coco "
        "--damage-categories scratch dent",
    )
    add_import_arguments(parser, "JSON file with images, annotations and categories")
    parser.add_argument(
        "--damage-categories",
        nargs="+",
        metavar="NAME",
        help="names of the categories that are damage; objects of others are passed over, and counted (default: all)",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    chosen = sorted(set(arguments.damage_categories)) if arguments.damage_categories else None
    read = partial(read_coco, arguments.annotations, chosen)
    return run_import(read, arguments, {"format": "coco", "damage_categories": chosen})


if __name__ == "__main__":
    raise SystemExit(main())
