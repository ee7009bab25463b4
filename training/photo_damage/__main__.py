"""Break photos of sound bikes on purpose.

    python -m training.photo_damage photos --mattes mattes --rust rust --textures textures --out data/processed

writes pairs of an intact and a damaged picture with masks, part ids and metadata.jsonl. A run that was stopped
goes on where it was; the same seed makes the same pairs.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

from training.options import read_count
from training.pairs_sheet import read_sheet_path, write_pairs_sheet
from training.photo_damage.damage import Material
from training.photo_damage.edits import EDITS, GROUPS
from training.photo_damage.preparation import add_source_arguments, prepare_sources, print_left_out
from training.photo_damage.reading import keep_readable, list_pictures
from training.photo_damage.workers import run_all
from training.photo_damage.writer import PairWriter


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.photo_damage",
        description="Make pairs of intact and damaged pictures from photos of sound bikes.",
        epilog="example: python -m training.photo_damage photos --mattes mattes --rust rust --textures textures "
        "--out data/processed --count 1000 --preview sheet.jpg",
    )
    add_source_arguments(parser)
    parser.add_argument("--rust", type=Path, help="folder of pictures of rust; without it nothing rusts")
    parser.add_argument("--textures", type=Path, help="folder of textures: paint, cloth, and places to stand before")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--count", type=read_count, default=1000, help="pairs to make (default: 1000)")
    parser.add_argument(
        "--kinds",
        nargs="+",
        choices=[*GROUPS, *sorted(EDITS)],
        default=list(GROUPS),
        metavar="KIND",
        help=f"kinds of damage, or groups of them: {', '.join(GROUPS)} (default: all)",
    )
    parser.add_argument("--preview", type=read_sheet_path, help="picture to write: a contact sheet, masks outlined")
    return parser.parse_args(argv)


def name_photo(line: dict) -> str:
    return f"{line['source']}: {', '.join(line['distractors']) or 'intact'}"


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    try:
        writer = prepare_writer(arguments)
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    try:
        lines = write_pairs(writer, arguments.count, arguments.workers)
        if arguments.preview and any(line["damages"] for line in lines):
            write_pairs_sheet(arguments.out, lines, arguments.preview, name_photo)
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print_summary(writer, lines, arguments)
    return 0


def prepare_writer(arguments: argparse.Namespace) -> PairWriter:
    """Find all that the pairs are made of; what is wrong with it is told before hours go by."""
    rust, textures = (read_material(folder) for folder in (arguments.rust, arguments.textures))
    kinds = expand_kinds(arguments.kinds, can_rust=bool(rust))
    sources = prepare_sources(arguments)
    writer = PairWriter(sources, arguments.out, Material(rust, textures), kinds, arguments.seed)
    writer.check_count(arguments.count)
    return writer


def read_material(folder: Path | None) -> list[Path]:
    """The readable pictures of a folder; none without a folder."""
    if folder is None:
        return []
    pictures, unreadable = keep_readable(list_pictures(folder))
    print_left_out(unreadable)
    return pictures


def expand_kinds(names: list[str], can_rust: bool) -> list[str]:
    """The kinds that these kinds and groups name, each once and sorted.

    Raises:
        ValueError: nothing is left, as rust needs pictures of it.

    >>> expand_kinds(["fork_bent", "rust"], can_rust=False)
    ['fork_bent']
    """
    kinds = {kind for name in names for kind in GROUPS.get(name, (name,))}
    if not can_rust:
        kinds -= {"rust"}
    if not kinds:
        raise ValueError("bikes can only rust after pictures of rust: give their folder as --rust")
    return sorted(kinds)


def write_pairs(writer: PairWriter, count: int, workers: int) -> list[dict]:
    """Make the pairs in several processes; return all lines of metadata.jsonl."""
    run_all(writer.write, range(count), workers, unit="pair")
    return writer.finish(count)


def print_summary(writer: PairWriter, lines: list[dict], arguments: argparse.Namespace) -> None:
    """How many pairs there are of what, to stderr."""
    damaged = [line for line in lines if line["damages"]]
    print(f"{len(writer.sources)} photos, {len(damaged)} pairs in {arguments.out}", file=sys.stderr)
    if len(damaged) < arguments.count:
        print(f"  {arguments.count - len(damaged)} photos where no damage fitted or showed", file=sys.stderr)
    for title, names in (
        ("damages", [damage["type"] for line in damaged for damage in line["damages"]]),
        ("parts", [damage["part"] for line in damaged for damage in line["damages"]]),
        ("scenes", [line["scene"] for line in damaged]),
        ("not damage", [name for line in damaged for name in line["distractors"]]),
    ):
        counts = ", ".join(f"{name} {count}" for name, count in Counter(names).most_common())
        print(f"  {title}: {counts or 'none'}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
