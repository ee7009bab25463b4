"""What a model was made of: how many photos, and which, so that nobody measures it on them without knowing.

The digests of the photos that it learned from or was chosen by travel with it, in seen_photos.txt, a line each.
"""

import hashlib
import json
import shutil
from pathlib import Path

from tqdm import tqdm

from training.data import LABELS, Photo, fingerprint
from training.files import write_text

__all__ = ["SEEN_PHOTOS", "count_seen", "describe_data", "hand_on", "record_seen"]

SEEN_PHOTOS = "seen_photos.txt"
DIGITS = 12  # of SHA-256: of a thousand new photos beside a hundred thousand seen none is taken for one


def describe_data(photos: list[Photo]) -> dict:
    """How many photos, their fingerprint, and of each side how many are intact, damaged, with masks and with parts."""
    sides = {}
    for split in ("train", "validation"):
        side = [photo for photo in photos if photo.split == split]
        sides[split] = {name: sum(photo.label == label for photo in side) for name, label in LABELS.items()}
        sides[split] |= {"masks": sum(bool(p.mask) for p in side), "parts": sum(bool(p.parts) for p in side)}
    return {"photos": len(photos), "sha256": fingerprint(photos)} | sides


def record_seen(run: Path, photos: list[Photo], initial_model: str | None) -> None:
    """Write seen_photos.txt into a run's folder: its photos for training and validation, and those of its start.

    Where it is not known what its start has seen there is no such file.
    """
    known = Path(initial_model) / SEEN_PHOTOS if initial_model else None
    if known and not known.is_file():
        (run / SEEN_PHOTOS).unlink(missing_ok=True)
        return
    seen = set(known.read_text().split()) if known else set()
    seen |= {_digest(photo) for photo in tqdm(photos, desc="record", unit="photo", delay=2) if photo.split != "test"}
    write_text(run / SEEN_PHOTOS, "\n".join(sorted(seen)) + "\n")


def hand_on(run: Path, model: Path) -> dict:
    """Copy seen_photos.txt, if there is one, from a run's folder to a model's; returns the run's data, as recorded."""
    if (run / SEEN_PHOTOS).is_file():
        shutil.copyfile(run / SEEN_PHOTOS, model / SEEN_PHOTOS)
    record = run / "run.json"
    return json.loads(record.read_text(encoding="utf-8")).get("data", {}) if record.is_file() else {}


def count_seen(model: Path, photos: list[Photo]) -> int | None:
    """How many of the photos a model learned from or was chosen by; None where that is not on record."""
    if not (model / SEEN_PHOTOS).is_file():
        return None
    seen = set((model / SEEN_PHOTOS).read_text().split())
    return sum(_digest(photo) in seen for photo in tqdm(photos, desc="look up", unit="photo", delay=2))


def _digest(photo: Photo) -> str:
    return hashlib.sha256(photo.path.read_bytes()).hexdigest()[:DIGITS]
