"""Photos compared with one another: one picture with two labels, and what a model is trained on and measured with."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from training.data import Photo
from training.near_duplicates import Thumbnail, group_near_duplicates

__all__ = ["find_copies"]

MOST_NAMED = 20  # groups of each kind
LARGE_GROUP = 10  # photos


def find_copies(
    photos: Sequence[Photo], digests: Sequence[bytes], thumbnails: Sequence[Thumbnail | None]
) -> tuple[list[str], list[str]]:
    """Errors and remarks, each a line.

    Args:
        digests: of each photo's file.
        thumbnails: of each photo.
    """
    copies = _group(photos, digests)
    near = _group(photos, group_near_duplicates(thumbnails))
    bikes = [group for group in _group(photos, (photo.bike_id for photo in photos)) if group[0].bike_id]
    errors = [
        f"{_join(group)} are one picture with both labels: delete the wrong one"
        for group in copies
        if len({photo.label for photo in group}) > 1
    ]
    for groups, what, remedy in (
        (copies, "one picture is on several sides", "delete all but one"),
        (bikes, "one bike_id is on several sides", "put its photos into one folder"),
        (
            [group for group in near if not all(photo.bike_id for photo in group)],
            "near-duplicates are on several sides",
            "put them into one folder, or give them one bike_id; if they show different bikes, each its own",
        ),
    ):
        errors += [f"{what}: {_name_sides(group)}: {remedy}" for group in groups if _is_torn(group)][:MOST_NAMED]
    return errors, _remark(copies, near)


def _remark(copies: list[list[Photo]], near: list[list[Photo]]) -> list[str]:
    remarks = []
    copied, alike = (sum(len(group) - 1 for group in groups) for groups in (copies, near))
    for count, what in ((copied, "copies"), (alike - copied, "near-duplicates")):
        if count > 0:
            remarks.append(f"{count} {what} of other photos: each group should be on one side of the split")
    torn = [group for group in near if _is_torn(group) and all(photo.bike_id for photo in group)]
    if torn:
        remarks.append(
            f"{len(torn)} groups of near-duplicates are on several sides, as they have different bike_ids, such as "
            f"{_name_sides(torn[0])}: make sure that these are different bikes"
        )
    large = sorted((group for group in near if len(group) > LARGE_GROUP), key=len, reverse=True)
    remarks += [
        f"{len(group)} photos are near-duplicates of one another, such as {_join(group[:2])}: all are on one side of "
        "the split; if they show different bikes, give them bike_ids"
        for group in large[:MOST_NAMED]
        if not all(photo.bike_id for photo in group)
    ]
    return remarks


def _group(photos: Sequence[Photo], keys: Iterable) -> list[list[Photo]]:
    groups = defaultdict(list)
    for photo, key in zip(photos, keys, strict=True):
        groups[key].append(photo)
    return list(groups.values())


def _is_torn(group: list[Photo]) -> bool:
    return len({photo.split for photo in group}) > 1


def _name_sides(group: list[Photo]) -> str:
    """One of each side."""
    return ", ".join(f"{path} ({split})" for split, path in {photo.split: photo.path for photo in group}.items())


def _join(group: list[Photo]) -> str:
    return " and ".join(str(photo.path) for photo in group)
