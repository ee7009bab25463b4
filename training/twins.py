"""Twins: the same picture of the same bike, intact and damaged, as the damage editor and the renders make them.

In one batch and in one view, all that a network could hold against the one and not the other is the damage.
"""

from collections.abc import Sequence
from pathlib import Path

from inspection.photo import photo_size
from training.data import Photo

__all__ = ["find_damaged_twins", "find_twins"]


def find_twins(photos: Sequence[Photo]) -> dict[int, int]:
    """By index, the index of the photo's twin; nobody asked for them, so what might be none is left alone.

    Twins are of both classes, the damaged one with a mask; of one name, size, and, as `metadata.jsonl` says, bike and
    scene.
    """
    indices = {_key(photo, photo.label): index for index, photo in enumerate(photos) if photo.bike_id and photo.scene}
    twins = {}
    for index, photo in enumerate(photos):
        twin = indices.get(_key(photo, 1))
        if photo.label == 0 and twin is not None and photos[twin].mask and _have_one_size(photo, photos[twin]):
            twins |= {index: twin, twin: index}
    return twins


def find_damaged_twins(photos: Sequence[Photo], damaged: Sequence[Photo]) -> dict[Path, Photo]:
    """The damaged photo with a mask that has the name of an intact one and is on the same side, by the latter's path.

    Raises:
        ValueError: no photo has a twin, or one has another size.
    """
    by_name = {(photo.path.parent.parent, photo.split, photo.path.name): photo for photo in damaged if photo.mask}
    twins = {}
    for photo in photos:
        twin = by_name.get((photo.path.parent.parent, photo.split, photo.path.name))
        if twin is None:
            continue
        if not _have_one_size(photo, twin):
            raise ValueError(f"{twin.path} is no twin of {photo.path}, as its size is another: give one another name")
        twins[photo.path] = twin
    if not twins:
        raise ValueError(
            "twin_probability is above 0, but no photo has a twin: a damaged one of its name, with a mask, on its side "
            "of the split"
        )
    return twins


def _key(photo: Photo, label: int) -> tuple:
    return photo.path.parents[1], photo.path.stem, photo.bike_id, photo.scene, label


def _have_one_size(photo: Photo, other: Photo) -> bool:
    return photo_size(photo.path) == photo_size(other.path)
