"""Photos to learn from: an image folder in the project's layout, with masks, parts and a stable split.

    data/processed/intact/*.jpg
    data/processed/damaged/*.jpg
    data/processed/masks/damaged/<same name>.png              optional: 0 / 255, defect
    data/processed/parts/{intact,damaged}/<same name>.png     optional: part ids, 255 = unknown
    data/processed/metadata.jsonl                             optional: file_name, bike_id, damages

`train/`, `validation/` and `test/` folders, where they exist, win over the split by content. Photos of one bike, and
near-duplicates, are on one side; a photo changes sides only when a near-duplicate joins that brings its group over.
"""

import glob
import hashlib
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from datasets import Image, load_dataset
from tqdm import tqdm

from inspection.photo import PHOTO_SUFFIXES
from training.metadata import read_metadata
from training.near_duplicates import group_near_duplicates, read_thumbnail
from training.splits import SPLITS, choose_split

__all__ = [
    "LABELS",
    "Photo",
    "check_sides",
    "choose_evenly",
    "count_photos",
    "fingerprint",
    "list_photos",
    "load_photos",
]

LABELS = {"intact": 0, "damaged": 1}
MOST_NAMED = 3  # in a message


@dataclass(frozen=True)
class Photo:
    """One photo to learn from.

    Attributes:
        path: its file.
        label: 0 intact, 1 damaged.
        split: "train", "validation" or "test".
        mask: file of the defect's mask; None where there is none.
        parts: file of the part ids; None where there is none.
        damages: what `metadata.jsonl` says of each damage (type, part, severity, box).
        scene: where it was taken or composed, as `metadata.jsonl` says.
        bike_id: which bike it shows, as `metadata.jsonl` says; "" where it does not.
    """

    path: Path
    label: int
    split: str
    mask: Path | None = None
    parts: Path | None = None
    damages: list[dict] = field(default_factory=list, hash=False)
    scene: str | None = None
    bike_id: str = ""

    @property
    def kinds(self) -> set[str]:
        """The kinds of its damages."""
        return {damage["type"] for damage in self.damages}


def load_photos(folder: str | Path) -> list[Photo]:
    """Every photo of a data folder, sorted by path, each on its side of the split.

    Args:
        folder: as in this module's docstring.

    Raises:
        FileNotFoundError: the folder, or one of its classes, holds no photos.
        ValueError: a line of metadata.jsonl that cannot be read, or what makes the folder has not finished.
    """
    folder = Path(folder)
    roots = {split: folder / split for split in SPLITS if (folder / split).is_dir()} or {None: folder}
    photos = [photo for split, root in roots.items() for photo in _load_root(root, split)]
    present = {photo.label for photo in photos}
    for name, label in LABELS.items():
        if label not in present:
            raise FileNotFoundError(f"{folder} holds no photos in {name}/: put some there, as {_layout(name)}")
    return photos


def list_photos(folder: str | Path) -> list[Photo]:
    """The photos of a plain folder, all intact: what the localizer learns from; and damaged ones to measure it on.

    Of a folder `intact/`, those in the neighbour `damaged/` that have masks come with it, on the same sides.

    Args:
        folder: of intact photos; `../parts/intact` and `../metadata.jsonl` are used where they exist. With one in
            `train/` come those of the same name in `validation/` and `test/`.

    Raises:
        FileNotFoundError: the folder holds no photos.
    """
    folder = Path(folder)
    if not _has_photos(folder):
        raise FileNotFoundError(f"{folder} holds no photos: give a folder of photos of intact bikes")
    if folder.parent.name in SPLITS:
        folders = {split: folder.parent.parent / split / folder.name for split in SPLITS}
        photos = [photo for split, there in folders.items() if _has_photos(there) for photo in _list(there, split)]
    else:
        photos = _list(folder, None)
    return sorted(photos, key=lambda photo: photo.path)


def count_photos(photos: list[Photo]) -> str:
    """A table of how many photos there are of each class on each side, to print before training."""
    counts = Counter((photo.split, photo.label) for photo in photos)
    lines = [f"{'split':<12}{'intact':>8}{'damaged':>9}"]
    lines += [f"{split:<12}{counts[split, 0]:>8}{counts[split, 1]:>9}" for split in SPLITS]
    return "\n".join(lines)


def check_sides(photos: list[Photo], splits: Iterable[str], labels: Iterable[str] = tuple(LABELS)) -> None:
    """Refuse photos of which a class has none on a side that needs some, before hours are spent.

    Raises:
        ValueError: it names the class, the side and the fix.
    """
    counts = Counter((photo.split, photo.label) for photo in photos)
    for split in splits:
        for name in labels:
            if not counts[split, LABELS[name]]:
                raise ValueError(
                    f"of {counts.total()} photos no {name} one is for {split}: add photos, or sort them yourself into "
                    "train/, validation/ and test/"
                )


def choose_evenly(photos: list[Photo], count: int | None) -> list[Photo]:
    """`count` of the photos, evenly over the list; all of them for None, or if there are fewer."""
    if not count or count >= len(photos):
        return photos
    return [photos[k * len(photos) // count] for k in range(count)]


def fingerprint(photos: list[Photo]) -> str:
    """SHA-256 over names, labels, sides, pictures, masks and parts: another one means that something was changed."""
    digest = hashlib.sha256()
    for photo in tqdm(photos, desc="fingerprint", unit="photo", delay=2):
        digest.update(f"{photo.path.parent.name}/{photo.path.name} {photo.label} {photo.split}\n".encode())
        for path in filter(None, (photo.path, photo.mask, photo.parts)):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _list(folder: Path, split: str | None) -> list[Photo]:
    root = folder.parent
    metadata = read_metadata(root / "metadata.jsonl")
    paths = _image_paths(folder, [f"{glob.escape(str(folder))}/*"])
    damaged = root / "damaged"
    # Its neighbours of the other class take part in the split, so that both stages hold back the same bikes.
    others = (
        _image_paths(root, [f"{glob.escape(str(damaged))}/*"])
        if folder.name == "intact" and _has_photos(damaged)
        else []
    )
    splits = dict.fromkeys([*paths, *others], split) if split else _choose_splits([*paths, *others], metadata)
    photos = [_describe(root, path, 0, splits[path], metadata) for path in paths]
    masked = (_describe(root, path, 1, splits[path], metadata) for path in others)
    return photos + [photo for photo in masked if photo.mask]


def _load_root(root: Path, split: str | None) -> list[Photo]:
    classes = [name for name in LABELS if _has_photos(root / name)]
    if not classes:
        raise FileNotFoundError(f"{root} holds no photos: expected {_layout('intact')} and {_layout('damaged')}")
    if (root / "metadata").is_dir() and not (root / "metadata.jsonl").exists():
        raise ValueError(f"{root} is not finished: run what makes it again, with the same command")
    metadata = read_metadata(root / "metadata.jsonl")
    paths = _image_paths(root, [f"{glob.escape(str(root))}/{name}/*" for name in classes])
    splits = dict.fromkeys(paths, split) if split else _choose_splits(paths, metadata)
    photos = [_describe(root, path, LABELS[path.parent.name], splits[path], metadata) for path in paths]
    return sorted(photos, key=lambda photo: photo.path)


def _choose_splits(paths: list[Path], metadata: dict[str, dict]) -> dict[Path, str]:
    """The side of each photo: by its bike's name, or, with its near-duplicates, by what the first of them shows."""
    keys = {path: _line_of(path, metadata).get("bike_id") for path in paths}
    unnamed = sorted(path for path, key in keys.items() if not key)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in unnamed]
    bar = tqdm(unnamed, desc="compare", unit="photo", delay=2)
    groups = group_near_duplicates([read_thumbnail(path) for path in bar])
    first: dict[int, str] = {}
    for digest, group in zip(digests, groups, strict=True):
        first[group] = min(digest, first.get(group, digest))
    keys |= {path: first[group] for path, group in zip(unnamed, groups, strict=True)}
    return {path: choose_split(key) for path, key in keys.items()}


def _image_paths(root: Path, patterns: list[str]) -> list[Path]:
    """The images of some patterns, as the `datasets` library finds them."""
    rows = load_dataset(
        "imagefolder", data_files={"train": patterns}, split="train", drop_labels=True, drop_metadata=True
    )
    _tell_left_out(patterns)
    rows = rows.cast_column("image", Image(decode=False))  # decoded when trained on, not here
    return [Path(row["path"]) for row in rows["image"]]


def _tell_left_out(patterns: list[str]) -> None:
    """Name what lies among the photos and is none that can be read: nothing is left out without a word."""
    found = [Path(name) for pattern in patterns for name in glob.glob(pattern)]
    left_out = sorted(path for path in found if path.is_dir() or path.suffix.lower() not in PHOTO_SUFFIXES)
    if left_out:
        named = ", ".join(str(path) for path in left_out[:MOST_NAMED]) + (", ..." if len(left_out) > MOST_NAMED else "")
        kinds = ", ".join(sorted(PHOTO_SUFFIXES))
        print(f"left out: {len(left_out)} folders or files that are not {kinds}: {named}", file=sys.stderr)


def _line_of(path: Path, metadata: dict[str, dict]) -> dict:
    return metadata.get(f"{path.parent.name}/{path.name}", {})


def _describe(root: Path, path: Path, label: int, split: str, metadata: dict[str, dict]) -> Photo:
    line = _line_of(path, metadata)
    mask = root / "masks" / path.parent.name / f"{path.stem}.png"
    parts = root / "parts" / path.parent.name / f"{path.stem}.png"
    return Photo(
        path=path,
        label=label,
        split=split,
        mask=mask if mask.exists() else None,
        parts=parts if parts.exists() else None,
        damages=line.get("damages", []),
        scene=line.get("scene"),
        bike_id=line.get("bike_id", ""),
    )


def _has_photos(folder: Path) -> bool:
    return folder.is_dir() and any(path.suffix.lower() in PHOTO_SUFFIXES for path in folder.iterdir())


def _layout(name: str) -> str:
    return f"{name}/NAME.jpg"
