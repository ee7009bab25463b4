"""DelftBikes' annotations: 22 parts a bike, each with a box, a state, and how far its annotator is to be trusted.

Kayhan, Vredebregt, van Gemert, "Hallucination in object detection: a study in visual part verification", ICIP 2021,
https://arxiv.org/abs/2106.02523, https://github.com/oskyhn/DelftBikes.
"""

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from training.importers.fields import read_file_name, read_json, read_size, require
from training.importers.importing import Annotations
from training.importers.masks import draw_box
from training.importers.photos import AnnotatedPhoto, MarkedDamage

__all__ = ["JUDGED", "PARTS", "TRUST", "read_delftbikes"]

# Each of DelftBikes' parts: what it is, as damages are named after it, and the part of ours that it belongs to.
PARTS: dict[str, tuple[str, str | None]] = {
    "back_hand_break": ("brake_lever", "handlebar"),
    "back_handle": ("grip", "handlebar"),
    "back_light": ("lamp", None),
    "back_mudguard": ("mudguard", "rear_wheel"),
    "back_pedal": ("pedal", "drivetrain"),
    "back_reflector": ("reflector", None),
    "back_wheel": ("wheel", "rear_wheel"),
    "bell": ("bell", "handlebar"),
    "chain": ("chain", "drivetrain"),
    "dress_guard": ("dress_guard", "rear_wheel"),
    "dynamo": ("dynamo", None),
    "front_handbreak": ("brake_lever", "handlebar"),
    "front_handle": ("grip", "handlebar"),
    "front_light": ("lamp", None),
    "front_mudguard": ("mudguard", "front_wheel"),
    "front_pedal": ("pedal", "drivetrain"),
    "front_wheel": ("wheel", "front_wheel"),
    "gear_case": ("chain_case", "drivetrain"),
    "kickstand": ("kickstand", None),
    "lock": ("lock", None),
    "saddle": ("saddle", "saddle"),
    "steer": ("handlebar", "handlebar"),
}
# What every bike has and nobody overlooks. Sound bikes do without lamps, a bell, mudguards, ...
JUDGED = ("back_pedal", "back_wheel", "front_pedal", "front_wheel", "saddle", "steer")
# Every bike has these too, but a chain in its case is easily called absent, and so are grips of the bar's colour.
OFTEN_OVERLOOKED = ("back_handle", "chain", "front_handle")
TRUST = 0.7  # a choice: an annotator who is wrong more often than three times in ten is not believed
STATES = ("intact", "damaged", "absent", "occluded")
BOX_KEYS = ("left", "top", "width", "height")


class UndecidedError(Exception):
    """Whether a bike is damaged cannot be told; the message says why."""


@dataclass(frozen=True)
class Part:
    """state: one of STATES; trust: in the annotator, from 0 to 1; box: x0, y0, x1, y1 in pixels, None without one."""

    name: str
    state: str
    trust: float
    box: tuple[float, float, float, float] | None


def read_delftbikes(path: Path, judged: Collection[str] = JUDGED, trust: float = TRUST) -> Annotations:
    """Tell which photos are damaged, intact, in doubt, or annotated in a way that cannot be.

    Args:
        path: train_annotations.json.
        judged: names of the parts that a photo is damaged without.
        trust: the least trust in an annotator, from 0 to 1.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no JSON object of photos.
    """
    entries = read_json(path)
    if not isinstance(entries, dict) or not entries:
        raise ValueError(f'{path} is no JSON object of photos: expected {{"NAME.jpg": {{"image": ..., "parts": ...}}}}')
    annotations = Annotations(path)
    for name, entry in entries.items():
        try:
            damaged = find_damaged(_read_parts(entry), judged, trust)
            size_wh = read_size(require(entry, "image", dict, "the entry"), "image")
            damages = tuple(_describe(part) for part in damaged)
            # Each photo is of another bike. One camera took them all: to near_duplicates.py many would be alike.
            photo = AnnotatedPhoto(read_file_name(name), size_wh, damages, PurePosixPath(name).stem)
            annotations.photos.append(photo)
        except ValueError as error:
            annotations.add_fault(name, str(error))
        except UndecidedError as error:
            annotations.doubts[name] = str(error)
    return annotations


def find_damaged(parts: Mapping[str, Part], judged: Collection[str], trust: float) -> tuple[Part, ...]:
    """What is damaged or absent on a bike; nothing, if it is intact.

    Args:
        parts: by name.
        judged: names of the parts that a photo is damaged without.
        trust: the least that is enough, from 0 to 1.

    Raises:
        UndecidedError: it is neither.
    """
    needed = {*judged, *OFTEN_OVERLOOKED}
    broken = [
        part for part in parts.values() if part.state == "damaged" or (part.state == "absent" and part.name in needed)
    ]
    sure = tuple(part for part in broken if part.trust >= trust)
    if any(part.name in judged for part in sure):
        return sure
    for part in broken:
        reason = f"its annotator has trust {part.trust:g}" if part.name in judged else "which is not judged"
        raise UndecidedError(f"{part.name} is {part.state}, {reason}")
    for name in judged:
        if name not in parts:
            raise UndecidedError(f"{name} is not annotated")
        if parts[name].trust < trust:
            raise UndecidedError(f"{name} is {parts[name].state}, its annotator has trust {parts[name].trust:g}")
    if all(parts[name].state == "occluded" for name in judged):
        raise UndecidedError("all parts that are judged are occluded")
    return ()


def _read_parts(entry: Any) -> dict[str, Part]:
    parts = {}
    for key, about in require(entry, "parts", dict, "the entry").items():
        where = f"part {key!r}"
        name = require(about, "part_name", str, where)
        if name not in PARTS:
            near = difflib.get_close_matches(name, PARTS, n=1) or sorted(PARTS)
            raise ValueError(f"{where} is named {name!r}, not one of DelftBikes' 22, such as {near[0]}")
        if name in parts:
            raise ValueError(f"{where} is a second {name}")
        state, trust = require(about, "object_state", str, where), require(about, "trust", (int, float), where)
        if state not in STATES:
            raise ValueError(f"{where} has the object_state {state!r}, not {', '.join(STATES)}")
        if not 0 <= trust <= 1:
            raise ValueError(f"{where} has the trust {trust}, not a number from 0 to 1")
        parts[name] = Part(name, state, float(trust), _read_box(about, where))
    return parts


def _read_box(about: Mapping[str, Any], where: str) -> tuple[float, float, float, float] | None:
    """None where there is none, or an empty one, as absent parts may have."""
    if about.get("absolute_bounding_box") is None:
        return None
    box = require(about, "absolute_bounding_box", dict, where)
    left, top, width, height = (require(box, key, (int, float), f"the box of {where}") for key in BOX_KEYS)
    return (left, top, left + width, top + height) if width > 0 and height > 0 else None


def _describe(part: Part) -> MarkedDamage:
    thing, belongs_to = PARTS[part.name]
    kind = f"{thing}_{'missing' if part.state == 'absent' else 'damaged'}"
    return MarkedDamage(kind, belongs_to, partial(_draw_part, part) if part.box else None)


def _draw_part(part: Part, shape: tuple[int, int]):
    try:
        return draw_box(part.box, shape)
    except ValueError as error:
        raise ValueError(f"of {part.name} the {error}") from error
