"""Render bikes in 3D, each intact and damaged.

    python -m training.synthetic_bikes --count 200 --out data/synthetic

writes pairs of pictures with masks, part labels and metadata.jsonl. A run that was stopped goes on where it was; the
same seed makes the same pictures.
"""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from training.options import StrictParser, read_count, read_seed
from training.pairs_sheet import read_sheet_path, write_pairs_sheet
from training.photo_damage.reading import keep_readable, list_pictures
from training.photo_damage.workers import run_all
from training.synthetic_bikes.damage import DAMAGES
from training.synthetic_bikes.recipes import Recipe, random_recipe
from training.synthetic_bikes.summary import format_counts
from training.synthetic_bikes.writer import check_folder, open_writer, write_pair

LONGEST_SIDE = 4096  # pixels; a process that draws 4096x3072 takes 10 GB


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = StrictParser(
        prog="python -m training.synthetic_bikes",
        description="Render pairs of intact and damaged bikes.",
        epilog="example: python -m training.synthetic_bikes --count 200 --out data/rendered --preview sheet.jpg",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--count", type=read_count, default=100, help="pairs to make (default: 100)")
    parser.add_argument("--seed", type=read_seed, default=17, help="seed of all that is random (default: 17)")
    parser.add_argument(
        "--size", type=read_size, default="640x480", help="width x height of the pictures, pixels (default: 640x480)"
    )
    parser.add_argument("--textures", type=Path, help="folder of pictures for some of the walls and grounds")
    parser.add_argument(
        "--kinds",
        nargs="+",
        metavar="KIND",
        choices=sorted(DAMAGES),
        default=list(DAMAGES),
        help=f"kinds of damage that have their turns, of {', '.join(sorted(DAMAGES))} (default: all)",
    )
    parser.add_argument(
        "--workers", type=read_count, default=os.cpu_count() or 1, help="processes (default: one a core)"
    )
    parser.add_argument("--preview", type=read_sheet_path, help="picture to write: a contact sheet, masks outlined")
    return parser.parse_args(argv)


def read_size(text: str) -> tuple[int, int]:
    """Width and height in pixels from "640x480".

    >>> read_size("640x480")
    (640, 480)
    """
    try:
        width, height = (int(number) for number in text.split("x"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size: write it as 640x480") from error
    if min(width, height) < 32:
        raise argparse.ArgumentTypeError(f"{text} is too small: at least 32x32")
    if max(width, height) > LONGEST_SIDE:
        raise argparse.ArgumentTypeError(f"{text} is too large: at most {LONGEST_SIDE} pixels a side")
    return width, height


def name_bike(line: dict) -> str:
    return ", ".join([line["bike_type"], line["scene"], *line["distractors"]])


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    try:
        recipes = draw_recipes(arguments)
        check_folder(arguments.out, recipes)
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    try:
        lines = render_pairs(recipes, arguments)
    except KeyboardInterrupt:
        print("Stopped: the same command goes on from here.", file=sys.stderr)
        return 130
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"{len(recipes)} pairs in {arguments.out}\n{format_counts(lines)}", file=sys.stderr)
    return 0


def draw_recipes(arguments: argparse.Namespace) -> list[Recipe]:
    """One a pair; a texture that cannot be read is an error now, and not hours later."""
    textures, unreadable = keep_readable(list_pictures(arguments.textures)) if arguments.textures else ([], {})
    if unreadable:
        raise ValueError(next(iter(unreadable.values())))
    kinds = tuple(dict.fromkeys(arguments.kinds))  # each once, or their decks go round more slowly
    return [random_recipe(arguments.seed, index, tuple(textures), kinds) for index in range(arguments.count)]


def render_pairs(recipes: list[Recipe], arguments: argparse.Namespace) -> list[dict]:
    """Make the pairs in several processes, and the sheet; return all lines of metadata.jsonl."""
    make = partial(write_pair, out=arguments.out, size_wh=arguments.size)
    run_all(make, recipes, arguments.workers, unit="image", unit_scale=2)
    lines = open_writer(arguments.out, arguments.size).finish(recipes)
    if arguments.preview:
        write_pairs_sheet(arguments.out, lines, arguments.preview, name_bike)
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
