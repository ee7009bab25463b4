"""The photos to take apart, as the command line names them, with plates and colours made where they are missing."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from training.options import read_count, read_seed
from training.photo_damage.annotations import read_annotations, read_credits, read_reasons
from training.photo_damage.mattes import make_mattes
from training.photo_damage.plates import keep_colours, make_plates
from training.photo_damage.sources import Source, find_sources

__all__ = ["add_source_arguments", "prepare_sources", "print_left_out"]


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """What both the editor and its tell test ask for."""
    parser.add_argument("photos", type=Path, nargs="+", help="folders of photos of sound bikes")
    parser.add_argument(
        "--mattes", type=Path, help="folder of mattes, MATTES/<folder>/<name>.png; without it the classifier's, roughly"
    )
    parser.add_argument("--plates", type=Path, help="folder of clean plates; missing ones are made in OUT/plates, once")
    parser.add_argument(
        "--annotations",
        type=Path,
        nargs="+",
        default=[],
        help="JSON lines with part boxes, later files override; photos without must be side views facing right",
    )
    parser.add_argument("--leave_out", type=Path, help="CSV of photos not to use: file,reason")
    parser.add_argument("--credits", type=Path, help="CSV of sources and licences, carried on to metadata.jsonl")
    parser.add_argument("--seed", type=read_seed, default=17, help="seed of all that is random (default: 17)")
    parser.add_argument("--workers", type=read_count, default=2, help="processes (default: 2)")


def prepare_sources(arguments: argparse.Namespace) -> list[Source]:
    """Find the photos, say which cannot be used, and keep in OUT the mattes, plates and colours that are missing.

    Raises:
        OSError: a folder or file is missing or cannot be read.
        ValueError: a list is broken, or a matte or plate has another size than its photo.
    """
    mattes = arguments.mattes or arguments.out / "mattes"
    if not arguments.mattes:
        check_lists(arguments)  # mattes take hours
        make_mattes(arguments.photos, mattes, arguments.workers)
    sources, left_out = find_sources(
        arguments.photos,
        mattes,
        arguments.plates,
        arguments.annotations,
        leave_out=arguments.leave_out,
        credits=arguments.credits,
    )
    print_left_out(left_out)
    sources = make_plates(sources, arguments.out / "plates", arguments.workers)
    return keep_colours(sources, arguments.out / "colours", arguments.workers)


def check_lists(arguments: argparse.Namespace) -> None:
    """Raise what reading the lists will raise, before anything takes long."""
    for read, paths in (
        (read_annotations, arguments.annotations),
        (read_reasons, [arguments.leave_out]),
        (read_credits, [arguments.credits]),
    ):
        for path in filter(None, paths):
            read(path)


def print_left_out(reasons: Mapping[str, str]) -> None:
    """To stderr, a line each."""
    for name, reason in reasons.items():
        print(f"left out: {name}: {reason}", file=sys.stderr)
