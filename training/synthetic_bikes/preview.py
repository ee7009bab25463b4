"""Pairs side by side on one sheet, the defect outlined: what to look at before training on them."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from training.contact_sheet import draw_contact_sheet, outline
from training.files import write_picture

__all__ = ["write_preview"]

PAIRS_ACROSS, MOST_PAIRS = 3, 30
TILE_WH = (320, 240)  # pixels


def write_preview(folder: Path, lines: Sequence[dict], path: Path) -> None:
    """Draw up to MOST_PAIRS pairs, evenly chosen: the intact twin, and the damaged one with its mask outlined.

    Args:
        folder: of the data contract.
        lines: of its metadata.jsonl.
        path: of the sheet, JPEG or PNG.
    """
    damaged = [line for line in lines if line["damages"]]
    count = min(MOST_PAIRS, len(damaged))
    chosen = [damaged[k * len(damaged) // count] for k in range(count)]
    tiles = [tile for line in chosen for tile in _draw_pair(folder, line)]
    write_picture(path, draw_contact_sheet(tiles, 2 * PAIRS_ACROSS, TILE_WH))


def _draw_pair(folder: Path, line: dict) -> list[tuple[np.ndarray, str]]:
    name = Path(line["file_name"])
    intact, broken = (cv2.imread(str(folder / label / name.name))[..., ::-1] for label in ("intact", "damaged"))
    mask = cv2.imread(str(folder / "masks" / "damaged" / f"{name.stem}.png"), cv2.IMREAD_GRAYSCALE)
    before = ", ".join([line["bike_type"], line["scene"], *line["distractors"]])
    damages = ", ".join(f"{damage['type']} {damage['severity']:.1f}" for damage in line["damages"])
    return [(intact, before), (outline(broken, mask), damages)]
