"""metadata.jsonl: what is known of each photo of a data folder beside what it shows."""

import json
from pathlib import Path

import cv2
import numpy as np

__all__ = ["RECORDS", "mask_box", "read_metadata"]

RECORDS = ".metadata"  # folder of what was written so far: metadata.jsonl is put together from it at the end


def read_metadata(path: Path) -> dict[str, dict]:
    """Its lines by file_name; {} where there is no such file.

    Returns:
        Each line as it is, but for bike_id, which is text, and empty where there is none.

    Raises:
        ValueError: a line is no JSON object with a file_name, or has damages without a type, or is the second
            of a photo; it names the line.
    """
    if not path.exists():
        return {}
    lines = {}
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            line = json.loads(text)
            name = line["file_name"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(f"{path}, line {number}, is no JSON object with a file_name: mend or delete it") from error
        damages = line.get("damages", [])
        are_objects = isinstance(damages, list) and all(isinstance(damage, dict) for damage in damages)
        if not are_objects or not all(isinstance(damage.get("type"), str) for damage in damages):
            raise ValueError(f'{path}, line {number}: damages are {damages!r}: write them as [{{"type": "rust"}}]')
        bike = line.get("bike_id")
        if name in lines:
            raise ValueError(f"{path}, line {number}, is the second for {name!r}: delete one of them")
        lines[name] = line | {"bike_id": "" if bike is None else str(bike)}
    return lines


def mask_box(mask: np.ndarray) -> list[int]:
    """x0, y0, x1, y1 in pixels, ends exclusive, of a mask (H, W); zeros where it is empty."""
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return [x, y, x + width, y + height]
