"""Which side of the split each photo of a folder is on: those of one bike, and near-duplicates, on one."""

import hashlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from training.near_duplicates import Thumbnail, group_near_duplicates, read_thumbnail
from training.splits import choose_split

__all__ = ["choose_sides", "read_thumbnails"]


def choose_sides(bikes: Mapping[Path, str]) -> dict[Path, str]:
    """The side of each photo: by its bike's name, or, with its near-duplicates, by what the first of them shows.

    Photos of differently named bikes are of different bikes, however alike; one without a name that is near one with a
    name is of that bike.

    Args:
        bikes: the name of the bike on each photo; "" where it has none.
    """
    keys = dict(bikes)
    paths = sorted(bikes)
    unnamed = [path for path in paths if not bikes[path]]
    if unnamed:
        groups = dict(zip(paths, group_near_duplicates(read_thumbnails(paths)), strict=True))
        names: dict[int, str] = {}
        for path in paths:
            if bikes[path]:
                names[groups[path]] = min(bikes[path], names.get(groups[path], bikes[path]))
        digests: dict[int, str] = {}
        for path in unnamed:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            digests[groups[path]] = min(digest, digests.get(groups[path], digest))
        keys |= {path: names.get(groups[path], digests[groups[path]]) for path in unnamed}
    return {path: choose_split(key) for path, key in keys.items()}


def read_thumbnails(paths: Iterable[Path]) -> list[Thumbnail | None]:
    """One of each photo, None for plain colours and broken files; with a bar."""
    paths = list(paths)
    with ThreadPoolExecutor() as pool:
        return list(tqdm(pool.map(read_thumbnail, paths), "compare", len(paths), unit="photo", delay=2))
