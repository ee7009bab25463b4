"""Render bikes in 3D, each intact and damaged.

    python -m training.synthetic_bikes --count 200 --out data/synthetic
    python -m training.synthetic_bikes --examples --size 960x640 --out datasets/bike-examples

writes pairs of pictures with masks, part labels and metadata.jsonl. A run that was stopped goes on where it was; the
same seed makes the same pictures.
"""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from training.synthetic_bikes.recipes import EXAMPLES, random_recipe
from training.synthetic_bikes.writer import PairWriter


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.synthetic_bikes",
        description="Render pairs of intact and damaged bikes.",
        epilog="example: python -m training.synthetic_bikes --count 200 --out data/synthetic --size 640x480",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--count", type=read_count, default=100, help="pairs to make")
    parser.add_argument("--seed", type=int, default=17, help="seed of all that is random")
    parser.add_argument("--size", type=read_size, default="640x480", help="width x height, pixels")
    parser.add_argument("--examples", action="store_true", help="the four pairs of datasets/bike-examples instead")
    return parser.parse_args(argv)


def read_count(text: str) -> int:
    """A whole number, at least 1.

    >>> read_count("12")
    12
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return int(text)


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
    return width, height


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    recipes = EXAMPLES if arguments.examples else [random_recipe(arguments.seed, i) for i in range(arguments.count)]
    try:
        with closing(PairWriter(arguments.out, arguments.size)) as writer:
            for recipe in tqdm(recipes, unit="pair"):
                writer.write(recipe)
            writer.finish(recipes)
    except (RuntimeError, ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"{len(recipes)} pairs in {arguments.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
