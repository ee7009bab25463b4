"""Break photos of sound bikes on purpose.

    python -m training.photo_damage photos/ --mattes mattes/ --out data/processed --count 1000

writes pairs of an intact and a damaged picture with masks, part ids and metadata.jsonl. A run that was stopped
goes on where it was; the same seed makes the same pairs.
"""

import argparse
import sys
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from training.photo_damage.edits import EDITS, Material
from training.photo_damage.sources import find_sources, list_pictures
from training.photo_damage.writer import PairWriter


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.photo_damage",
        description="Make pairs of intact and damaged pictures from photos of sound bikes.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("photos", type=Path, nargs="+", help="folders of photos of sound bikes")
    parser.add_argument("--mattes", type=Path, required=True, help="folder of mattes: MATTES/<folder>/<name>.png")
    parser.add_argument(
        "--plates", type=Path, help="folder of clean plates; photos without one need a plain background"
    )
    parser.add_argument("--annotations", type=Path, help="JSON lines with part boxes; without: side views facing right")
    parser.add_argument("--rust", type=Path, required=True, help="folder of pictures of rust")
    parser.add_argument("--textures", type=Path, required=True, help="folder of textures: paint, and backgrounds")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--count", type=int, default=1000, help="pairs to make")
    parser.add_argument("--kinds", nargs="+", choices=sorted(EDITS), default=sorted(EDITS), help="kinds of damage")
    parser.add_argument("--seed", type=int, default=17, help="seed of all that is random")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    try:
        sources, left_out = find_sources(arguments.photos, arguments.mattes, arguments.plates, arguments.annotations)
        textures = list_pictures(arguments.textures)
        material = Material(list_pictures(arguments.rust), textures)
        places = textures[::8] + [source.plate for source in sources if source.plate]
    except (FileNotFoundError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    for name, reason in left_out.items():
        print(f"left out: {name}: {reason}", file=sys.stderr)
    writer = PairWriter(sources, arguments.out, material, places, arguments.kinds, arguments.seed)
    # Spawned, not forked: pymatting starts OpenMP when imported, and OpenMP does not survive a fork.
    with get_context("spawn").Pool(arguments.workers) as pool:
        made = pool.imap_unordered(writer.write, range(arguments.count), chunksize=4)
        for _ in tqdm(made, total=arguments.count, unit="pair"):
            pass
    kinds = Counter(damage["type"] for line in writer.finish(arguments.count) for damage in line["damages"])
    print(f"{len(sources)} photos, {arguments.count} pairs in {arguments.out}", file=sys.stderr)
    for kind, count in kinds.most_common():
        print(f"  {kind}: {count}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
