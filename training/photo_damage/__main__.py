"""Break photos of sound bikes on purpose.

    python -m training.photo_damage photos --mattes mattes --rust rust --textures textures --out data/processed

writes pairs of an intact and a damaged picture with masks, part ids and metadata.jsonl. A run that was stopped
goes on where it was; the same seed makes the same pairs.
"""

import argparse
import sys
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from training.photo_damage.damage import Material
from training.photo_damage.edits import EDITS
from training.photo_damage.sources import find_sources, list_pictures
from training.photo_damage.writer import PairWriter

TEXTURES_A_PLACE = 8  # every eighth texture is a place to stand before, as well as a paint


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.photo_damage",
        description="Make pairs of intact and damaged pictures from photos of sound bikes.",
        epilog="example: python -m training.photo_damage photos --mattes mattes --rust rust --textures textures "
        "--out data/processed --count 1000",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("photos", type=Path, nargs="+", help="folders of photos of sound bikes")
    parser.add_argument("--mattes", type=Path, required=True, help="folder of mattes: MATTES/<folder>/<name>.png")
    parser.add_argument(
        "--plates", type=Path, help="folder of clean plates; photos without one need a plain background"
    )
    parser.add_argument(
        "--annotations", type=Path, help="JSON lines with part boxes; photos without must be side views facing right"
    )
    parser.add_argument("--rust", type=Path, required=True, help="folder of pictures of rust")
    parser.add_argument("--textures", type=Path, required=True, help="folder of textures: paint, and backgrounds")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--count", type=read_count, default=1000, help="pairs to make")
    parser.add_argument("--kinds", nargs="+", choices=sorted(EDITS), default=sorted(EDITS), help="kinds of damage")
    parser.add_argument("--seed", type=int, default=17, help="seed of all that is random")
    parser.add_argument("--workers", type=read_count, default=2, help="processes")
    return parser.parse_args(argv)


def read_count(text: str) -> int:
    """A whole number, at least 1.

    >>> read_count("12")
    12
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return int(text)


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    try:
        writer = prepare_writer(arguments)
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    try:
        lines = write_pairs(writer, arguments.count, arguments.workers)
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    pairs = sum(bool(line["damages"]) for line in lines)
    print(f"{len(writer.sources)} photos, {pairs} pairs in {arguments.out}", file=sys.stderr)
    if pairs < arguments.count:
        print(f"  {arguments.count - pairs} photos where no damage fitted or showed", file=sys.stderr)
    for kind, count in Counter(damage["type"] for line in lines for damage in line["damages"]).most_common():
        print(f"  {kind}: {count}", file=sys.stderr)
    return 0


def prepare_writer(arguments: argparse.Namespace) -> PairWriter:
    """Find all that the pairs are made of, and say which photos cannot be used."""
    sources, left_out = find_sources(arguments.photos, arguments.mattes, arguments.plates, arguments.annotations)
    for name, reason in left_out.items():
        print(f"left out: {name}: {reason}", file=sys.stderr)
    textures = list_pictures(arguments.textures)
    material = Material(list_pictures(arguments.rust), textures)
    places = textures[::TEXTURES_A_PLACE] + [source.plate for source in sources if source.plate]
    return PairWriter(sources, arguments.out, material, places, arguments.kinds, arguments.seed)


def write_pairs(writer: PairWriter, count: int, workers: int) -> list[dict]:
    """Make the pairs in several processes; return all lines of metadata.jsonl."""
    # Spawned, not forked: pymatting starts OpenMP when imported, and OpenMP does not survive a fork.
    with get_context("spawn").Pool(workers) as pool:
        made = pool.imap_unordered(writer.write, range(count), chunksize=4)
        for _ in tqdm(made, total=count, unit="pair"):
            pass
    return writer.finish(count)


if __name__ == "__main__":
    raise SystemExit(main())
