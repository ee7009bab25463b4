"""Photos to learn from: an image folder in the project's layout, with masks, parts and a stable split.

    data/processed/intact/*.jpg
    data/processed/damaged/*.jpg
    data/processed/masks/damaged/<same name>.png              optional: 0 / 255, defect
    data/processed/parts/{intact,damaged}/<same name>.png     optional: part ids, 255 = unknown
    data/processed/metadata.jsonl                             optional: file_name, bike_id, damages

`train/`, `validation/` and `test/` folders, where they exist, win over the split by content.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from datasets import Image, load_dataset

from inspection.photo import PHOTO_SUFFIXES
from training.splits import SPLITS, choose_split

__all__ = ["LABELS", "Photo", "count_photos", "list_photos", "load_photos"]

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
    """

    path: Path
    label: int
    split: str
    mask: Path | None = None
    parts: Path | None = None
    damages: list[dict] = field(default_factory=list, hash=False)
    scene: str | None = None

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
        ValueError: a line of metadata.jsonl that cannot be read, or the damage editor has not finished.
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
    """The photos of a plain folder, all intact: what the localizer learns from.

    Args:
        folder: of intact photos; `../parts/intact` and `../metadata.jsonl` are used where they exist.

    Raises:
        FileNotFoundError: the folder holds no photos.
    """
    folder = Path(folder)
    if not _has_photos(folder):
        raise FileNotFoundError(f"{folder} holds no photos: give a folder of photos of intact bikes")
    metadata = _read_metadata(folder.parent / "metadata.jsonl")
    photos = [_describe(folder.parent, path, 0, None, metadata) for path in _image_paths(folder, [f"{folder}/*"])]
    return sorted(photos, key=lambda photo: photo.path)


def count_photos(photos: list[Photo]) -> str:
    """A table of how many photos there are of each class on each side, to print before training."""
    counts = Counter((photo.split, photo.label) for photo in photos)
    lines = [f"{'split':<12}{'intact':>8}{'damaged':>9}"]
    lines += [f"{split:<12}{counts[split, 0]:>8}{counts[split, 1]:>9}" for split in SPLITS]
    return "\n".join(lines)


def _load_root(root: Path, split: str | None) -> list[Photo]:
    classes = [name for name in LABELS if _has_photos(root / name)]
    if not classes:
        raise FileNotFoundError(f"{root} holds no photos: expected {_layout('intact')} and {_layout('damaged')}")
    if (root / "metadata").is_dir() and not (root / "metadata.jsonl").exists():
        raise ValueError(f"{root} is not finished: run the damage editor again with the same command")
    metadata = _read_metadata(root / "metadata.jsonl")
    paths = _image_paths(root, [f"{root}/{name}/*" for name in classes])
    photos = [_describe(root, path, LABELS[path.parent.name], split, metadata) for path in paths]
    return sorted(photos, key=lambda photo: photo.path)


def _image_paths(root: Path, patterns: list[str]) -> list[Path]:
    """The images of some patterns, as the `datasets` library finds them."""
    rows = load_dataset(
        "imagefolder", data_files={"train": patterns}, split="train", drop_labels=True, drop_metadata=True
    )
    rows = rows.cast_column("image", Image(decode=False))  # decoded when trained on, not here
    return [Path(row["path"]) for row in rows["image"]]


def _describe(root: Path, path: Path, label: int, split: str | None, metadata: dict[str, dict]) -> Photo:
    line = metadata.get(f"{path.parent.name}/{path.name}", {})
    mask = root / "masks" / path.parent.name / f"{path.stem}.png"
    parts = root / "parts" / path.parent.name / f"{path.stem}.png"
    return Photo(
        path=path,
        label=label,
        # Without a bike's name the content decides: a copy of the photo lands on the same side.
        split=split or choose_split(line.get("bike_id") or hashlib.sha256(path.read_bytes()).hexdigest()),
        mask=mask if mask.exists() else None,
        parts=parts if parts.exists() else None,
        damages=line.get("damages", []),
        scene=line.get("scene"),
    )


def _read_metadata(path: Path) -> dict[str, dict]:
    if not path.exists():
        return {}
    lines = {}
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            line = json.loads(text)
            lines[line["file_name"]] = line
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(f"{path}, line {number}, is no JSON object with a file_name: mend or delete it") from error
    return lines


def _has_photos(folder: Path) -> bool:
    return folder.is_dir() and any(path.suffix.lower() in PHOTO_SUFFIXES for path in folder.iterdir())


def _layout(name: str) -> str:
    return f"{name}/NAME.jpg"
