"""Learn from DelftBikes: photos of bikes in a depot, many without a wheel, a saddle or a pedal.

    python -m training.import_delftbikes train_annotations.json photos --out data/delftbikes
    python -m training.data_report data/delftbikes --sheet sheet.jpg

A photo is damaged where one of the --parts is damaged or absent, by an annotator with --trust or more; what is only
occluded is not damaged. Then whatever else is damaged counts as well. A photo is intact where these parts are intact
or occluded, by annotators with as much trust, and nothing else is damaged, nor absent of what every bike has. All
others are in doubt: left out, and named in OUT/left_out.csv, as are photos with a fault.

A damage's mask is the box of its part, of an absent part where the annotator says it should be; a photo with a damage
that has no box has no mask. Ends with 1 where a photo has a fault, with 0 where photos are merely in doubt.
"""

import argparse
from functools import partial

from training.importers.delftbikes import JUDGED, PARTS, TRUST, read_delftbikes
from training.importers.importing import add_import_arguments, run_import

__all__ = ["main"]


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.import_delftbikes",
        description="Import DelftBikes: photos are damaged where a part that every bike needs is damaged or absent.",
        epilog="example: python -m training.import_delftbikes train_annotations.json photos --out data/delftbikes",
    )
    add_import_arguments(parser, "train_annotations.json, as DelftBikes has it")
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=sorted(PARTS),
        default=list(JUDGED),
        metavar="PART",
        help=f"parts that a photo is damaged without, of {', '.join(PARTS)} (default: {' '.join(JUDGED)})",
    )
    parser.add_argument(
        "--trust", type=_fraction, default=TRUST, help=f"least trust in an annotator, from 0 to 1 (default: {TRUST})"
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    judged = sorted(set(arguments.parts))
    read = partial(read_delftbikes, arguments.annotations, judged, arguments.trust)
    return run_import(read, arguments, {"format": "delftbikes", "parts": judged, "trust": arguments.trust})


def _fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
