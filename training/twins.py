"""Twins: the same picture of the same bike, intact and damaged, as the damage editor and the renders make them.

In one batch and in one view, all that a network could hold against the one and not the other is the damage.
"""

from collections.abc import Sequence

from training.data import Photo

__all__ = ["find_twins"]


def find_twins(photos: Sequence[Photo]) -> dict[int, int]:
    """By index, the index of the photo's twin: of the other class, of that name, bike and scene by `metadata.jsonl`."""
    indices = {_key(photo, photo.label): index for index, photo in enumerate(photos)}
    return {
        index: indices[_key(photo, 1 - photo.label)]
        for index, photo in enumerate(photos)
        if photo.bike_id and photo.scene and _key(photo, 1 - photo.label) in indices
    }


def _key(photo: Photo, label: int) -> tuple:
    return photo.path.parents[1], photo.path.stem, photo.bike_id, photo.scene, label
