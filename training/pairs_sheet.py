"""Pairs side by side on one sheet, the defect outlined: what to look at before training on them."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2

from inspection.photo import read_photo
from training.choosing import choose_evenly
from training.contact_sheet import draw_contact_sheet, outline
from training.files import write_picture

__all__ = ["read_sheet_path", "write_pairs_sheet"]

PAIRS_ACROSS, MOST_PAIRS = 3, 30
TILE_WH = (320, 240)  # pixels


def write_pairs_sheet(folder: Path, lines: Sequence[dict], path: Path, name_intact: Callable[[dict], str]) -> None:
    """Draw up to MOST_PAIRS pairs, evenly chosen: the intact twin, and the damaged one with its mask outlined.

    Args:
        folder: of the data contract.
        lines: of its metadata.jsonl.
        path: of the sheet, JPEG or PNG.
        name_intact: the intact twin's title, from the line of the damaged one.

    Raises:
        ValueError: there is no pair.
    """
    tiles = []
    for line in choose_evenly([line for line in lines if line["damages"]], MOST_PAIRS):
        name = Path(line["file_name"])
        intact, broken = (read_photo(folder / label / name.name) for label in ("intact", "damaged"))
        mask = cv2.imread(str(folder / "masks" / "damaged" / f"{name.stem}.png"), cv2.IMREAD_GRAYSCALE)
        damages = ", ".join(f"{damage['type']} {damage['severity']:.1f}" for damage in line["damages"])
        tiles += [(intact, name_intact(line)), (outline(broken, mask), damages)]
    write_picture(path, draw_contact_sheet(tiles, 2 * PAIRS_ACROSS, TILE_WH))


def read_sheet_path(text: str) -> Path:
    """A path that a picture can be written to.

    >>> read_sheet_path("sheet.jpg").name
    'sheet.jpg'
    """
    path = Path(text)
    if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a JPEG or PNG: end it with .jpg")
    if not path.resolve().parent.is_dir():
        raise argparse.ArgumentTypeError(f"the folder of {text!r} does not exist: make it first")
    return path
