"""Photos to learn from: an image folder in the project's layout, with masks, parts and a stable split.

    data/processed/intact/*.jpg
    data/processed/damaged/*.jpg
    data/processed/masks/damaged/<same name>.png              optional: 0 / 255, defect
    data/processed/parts/{intact,damaged}/<same name>.png     optional: part ids, 255 = unknown
    data/processed/metadata.jsonl                             optional: file_name, bike_id, damages

`train/`, `validation/` and `test/` folders, where they exist, win over the split by content. Photos of one bike, and
near-duplicates, are on one side; a photo changes sides only when a near-duplicate joins that brings its group over.
"""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from training.listing import has_photos, list_images
from training.metadata import RECORDS, read_metadata
from training.processes import on_first_process
from training.sides import choose_sides
from training.splits import SPLITS
from training.strays import find_strays, find_unused_roots

__all__ = [
    "LABELS",
    "Photo",
    "check_sides",
    "count_photos",
    "fingerprint",
    "gather_photos",
    "list_photos",
    "load_photos",
]

LABELS = {"intact": 0, "damaged": 1}


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


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


@on_first_process
def load_photos(folder: str | Path, tell: Callable[[str], None] = _tell) -> list[Photo]:
    """Every photo of a data folder, sorted by path, each on its side of the split.

    Args:
        folder: as in this module's docstring.
        tell: takes a line on each kind of thing that lies there and is not used; it is printed, if not given.

    Raises:
        FileNotFoundError: there is no such folder, or it, or one of its classes, holds no photos.
        ValueError: a line of metadata.jsonl that cannot be read, or what makes the folder has not finished.
    """
    folder = Path(folder)
    _check_exists(folder)
    roots = {split: folder / split for split in SPLITS if (folder / split).is_dir()}
    if roots:
        for line in find_unused_roots(folder):
            tell(line)
    photos = [photo for split, root in (roots or {None: folder}).items() for photo in _load_root(root, split, tell)]
    present = {photo.label for photo in photos}
    for name, label in LABELS.items():
        if label not in present:
            raise FileNotFoundError(f"{folder} holds no photos in {name}/: put some there, as {_layout(name)}")
    return photos


@on_first_process
def list_photos(folder: str | Path) -> list[Photo]:
    """The photos of a plain folder, all intact: what the localizer learns from; and damaged ones to measure it on.

    Of a folder `intact/`, those in the neighbour `damaged/` that have masks come with it, on the same sides.

    Args:
        folder: of intact photos; `../parts/intact` and `../metadata.jsonl` are used where they exist. With one in
            `train/` come those of the same name in `validation/` and `test/`.

    Raises:
        FileNotFoundError: there is no such folder, or it holds no photos.
    """
    folder = Path(folder)
    _check_exists(folder)
    if not has_photos(folder):
        raise FileNotFoundError(f"{folder} holds no photos: give a folder of photos of intact bikes")
    if folder.parent.name in SPLITS:
        folders = {split: folder.parent.parent / split / folder.name for split in SPLITS}
        photos = [photo for split, there in folders.items() for photo in _list(there, split)]
    else:
        photos = _list(folder, None)
    return sorted(photos, key=lambda photo: photo.path)


def gather_photos(
    load: Callable[[str | Path], list[Photo]], folder: str | Path, extra_folders: Iterable[str | Path]
) -> list[Photo]:
    """The photos of a folder; and of extra ones, there to learn from alone, those on their train sides.

    Args:
        load: `load_photos` or `list_photos`, whose errors are raised.

    Raises:
        ValueError: an extra folder has no train side.
    """
    photos = load(folder)
    for extra_folder in extra_folders:
        extra = [photo for photo in load(extra_folder) if photo.split == "train"]
        if not extra:
            raise ValueError(f"no photo of {extra_folder} is for training: leave the folder out, or add photos to it")
        photos += extra
    return photos


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
    paths = list_images([folder], _tell) if has_photos(folder) else []
    damaged = root / "damaged"
    # Its neighbours of the other class take part in the split, so that both stages hold back the same bikes.
    others = list_images([damaged], _tell) if folder.name == "intact" and has_photos(damaged) else []
    splits = _choose_splits([*paths, *others], split, metadata)
    photos = [_describe(root, path, 0, splits[path], metadata) for path in paths]
    masked = (_describe(root, path, 1, splits[path], metadata) for path in others)
    return photos + [photo for photo in masked if photo.mask]


def _load_root(root: Path, split: str | None, tell: Callable[[str], None]) -> list[Photo]:
    classes = [root / name for name in LABELS if has_photos(root / name)]
    if not classes:
        raise FileNotFoundError(f"{root} holds no photos: expected {_layout('intact')} and {_layout('damaged')}")
    if (root / RECORDS).is_dir() and not (root / "metadata.jsonl").exists():
        raise ValueError(f"{root} is not finished: run what makes it again, with the same command")
    metadata = read_metadata(root / "metadata.jsonl")
    paths = list_images(classes, tell)
    splits = _choose_splits(paths, split, metadata)
    photos = [_describe(root, path, LABELS[path.parent.name], splits[path], metadata) for path in paths]
    files = {path for photo in photos for path in (photo.mask, photo.parts) if path}
    for line in find_strays(root, files, map(_name, paths), metadata):
        tell(line)
    return sorted(photos, key=lambda photo: photo.path)


def _choose_splits(paths: list[Path], split: str | None, metadata: dict[str, dict]) -> dict[Path, str]:
    """The side of each photo: the one given, or its own."""
    if split:
        return dict.fromkeys(paths, split)
    return choose_sides({path: metadata.get(_name(path), {}).get("bike_id", "") for path in paths})


def _check_exists(folder: Path) -> None:
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} {'is a file' if folder.exists() else 'does not exist'}: give a folder")


def _name(path: Path) -> str:
    """As metadata.jsonl calls a photo."""
    return f"{path.parent.name}/{path.name}"


def _describe(root: Path, path: Path, label: int, split: str, metadata: dict[str, dict]) -> Photo:
    line = metadata.get(_name(path), {})
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


def _layout(name: str) -> str:
    return f"{name}/NAME.jpg"
