"""COCO's annotations: images, categories, and for each object a mask or a box.

https://cocodataset.org/#format-data. An object's mask is a list of polygons, together, or run lengths, as a list or as
a compressed string; where there is neither, its box is taken. Objects that are crowds (`iscrowd`), as many scratches
marked as one, are damage like all others.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from training.importers.fields import read_file_name, read_json, read_size, require
from training.importers.importing import Annotations
from training.importers.masks import draw_box, draw_polygon, draw_run_lengths, read_run_lengths
from training.importers.photos import AnnotatedPhoto, MarkedDamage
from training.photo_damage.parts import PART_IDS

__all__ = ["read_coco"]

ID = (int, str)


def read_coco(path: Path, damage_categories: Collection[str] | None = None) -> Annotations:
    """Tell which photos are damaged, intact, or annotated in a way that cannot be.

    Args:
        path: the JSON file.
        damage_categories: names of the categories that are damage; None: all. Objects of others are passed over.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no COCO file, has no category of such a name, or a fault that belongs to no photo.
    """
    content = read_json(path)
    images, objects, categories = (
        require(content, key, list, f"{path}, no COCO file,") for key in ("images", "annotations", "categories")
    )
    categories = _by_id(categories, "category", path)
    names = {require(about, "name", str, f"a category in {path}") for about in categories.values()}
    damaging = names if damage_categories is None else set(damage_categories)
    if unknown := sorted(damaging - names):
        raise ValueError(f"{path} has no category named {unknown[0]!r}: choose from {', '.join(sorted(names))}")
    images = _by_id(images, "image", path)
    damages: dict[int | str, list[MarkedDamage]] = {image_id: [] for image_id in images}
    faults: dict[int | str, str] = {}
    passed_over: Counter[str] = Counter()
    for number, about in enumerate(objects):
        where = f"annotation {about.get('id', number) if isinstance(about, Mapping) else number}"
        image_id = require(about, "image_id", ID, f"{path}: {where}")
        if image_id not in images:
            raise ValueError(f"{path}: {where} belongs to image {image_id!r}, which is not there: export it again")
        category_id = about.get("category_id")
        category = categories.get(category_id) if isinstance(category_id, ID) else None
        if category is None:
            faults[image_id] = f"{where} has the category {category_id!r}, which is not there"
        elif category["name"] in damaging:
            damages[image_id].append(_read_damage(about, category, where))
        else:
            passed_over[category["name"]] += 1
    annotations = Annotations(path)
    annotations.notes = [f"no damage, as options say: {count} x {name}" for name, count in passed_over.items()]
    _add_photos(annotations, images, damages, faults)
    return annotations


def _by_id(rows: list, what: str, path: Path) -> dict[int | str, dict]:
    found = {}
    for about in rows:
        row_id = require(about, "id", ID, f"{path}: an {what}" if what == "image" else f"{path}: a {what}")
        if row_id in found:
            raise ValueError(f"{path}: two of the {what} ids are {row_id!r}: export it again")
        found[row_id] = about
    return found


def _read_damage(about: Mapping[str, Any], category: Mapping[str, Any], where: str) -> MarkedDamage:
    part = category.get("supercategory")
    is_part = isinstance(part, str) and part in PART_IDS
    return MarkedDamage(category["name"], part if is_part else None, partial(_draw_object, about, where))


def _add_photos(annotations: Annotations, images: dict, damages: dict, faults: dict) -> None:
    names = Counter(about.get("file_name") for about in images.values() if isinstance(about.get("file_name"), str))
    for image_id, about in images.items():
        where = f"image {image_id!r}"
        name = about.get("file_name") or where
        try:
            name = read_file_name(require(about, "file_name", str, where))
            if names[about["file_name"]] > 1:
                raise ValueError(f"{names[about['file_name']]} images have this file_name")
            if image_id in faults:
                raise ValueError(faults[image_id])
            bike_id = str(require(about, "bike_id", ID, where)) if "bike_id" in about else None
            annotations.photos.append(AnnotatedPhoto(name, read_size(about, where), tuple(damages[image_id]), bike_id))
        except ValueError as error:
            annotations.add_fault(str(name), str(error))


def _draw_object(about: Mapping[str, Any], where: str, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8, 1 on the object; a ValueError names what cannot be drawn."""
    try:
        return _draw_segmentation(about.get("segmentation"), about.get("bbox"), shape)
    except (TypeError, ValueError) as error:  # a list of anything but numbers is a TypeError
        raise ValueError(f"{where}: {error}") from error


def _draw_segmentation(segmentation: Any, bbox: Any, shape: tuple[int, int]) -> np.ndarray:
    if not segmentation:
        if not isinstance(bbox, list) or len(bbox) != 4:
            raise ValueError(f"has no segmentation, and as bbox {bbox!r}, not [x, y, width, height]")
        x, y, width, height = bbox
        return draw_box((x, y, x + width, y + height), shape)
    if isinstance(segmentation, list):
        return np.max([draw_polygon(polygon, shape) for polygon in segmentation], axis=0)
    size = require(segmentation, "size", list, "its segmentation")
    if size != list(shape):
        raise ValueError(f"its run lengths are of height and width {size}, its image of {list(shape)}")
    counts = require(segmentation, "counts", (list, str), "its segmentation")
    return draw_run_lengths(read_run_lengths(counts) if isinstance(counts, str) else counts, shape)
