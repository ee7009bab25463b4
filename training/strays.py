"""What lies in a data folder and is not used: each kind of it a line that names one and says what is expected."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from training.listing import has_photos
from training.splits import SPLITS

__all__ = ["find_strays", "find_unused_roots"]

USED = {"intact", "damaged", "masks", "parts"}


def find_strays(root: Path, files: Collection[Path], names: Iterable[str], metadata: Iterable[str]) -> Iterator[str]:
    """What is not used beside the photos of one folder of the layout.

    Args:
        root: it holds intact/ and damaged/.
        files: the masks and parts of its photos.
        names: of its photos, as `damaged/a.jpg`.
        metadata: the names that metadata.jsonl gives.
    """
    for kind, expected in (("masks", "masks/damaged/NAME.png"), ("parts", "parts/{intact,damaged}/NAME.png")):
        lying = (path for path in sorted((root / kind).rglob("*")) if path.is_file() and path.name[0] != ".")
        if strays := [path for path in lying if path not in files]:
            yield f"{kind} that belong to no photo: {len(strays)}, such as {strays[0]}: expected {expected}"
    if unmatched := sorted(set(map(str, metadata)) - set(names)):
        yield (
            f"lines of {root / 'metadata.jsonl'} that name no photo: {len(unmatched)}, such as {unmatched[0]!r}: "
            "expected names such as 'damaged/a.jpg'"
        )
    for other in sorted(root.glob("metadata.*")):
        if other.suffix in (".csv", ".parquet", ".json"):
            yield f"{other} is not read: write {root / 'metadata.jsonl'}"
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        if folder.name not in USED and folder.name not in SPLITS and has_photos(folder):
            yield f"{folder} is not used: photos are taken from intact/ and damaged/"
    if has_photos(root):
        yield f"photos in {root} itself are not used: sort them into intact/ and damaged/"


def find_unused_roots(folder: Path) -> Iterator[str]:
    """What lies beside train/, validation/ and test/, which win."""
    for name in ("intact", "damaged", "masks", "parts", "metadata.jsonl"):
        if (folder / name).exists():
            yield f"{folder / name} is not used: train/, validation/ and test/ are there, and win; sort it into them"
