"""Clean plates and the bikes' own colours, made once and kept: both take too long to be made again for every pair.

Barnes et al., "PatchMatch", SIGGRAPH 2009, https://gfx.cs.princeton.edu/pubs/Barnes_2009_PAR/ (by pypatchmatch).
Departure: patches from the same height of the photo are preferred, as floors, kerbs and skirtings run across it;
without that, walls grow down over the floor in the shape of the wheels.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from training.files import write_picture
from training.photo_damage.layers import estimate_colour, fill_smoothly, grow_matte
from training.photo_damage.parts import BOXED
from training.photo_damage.sources import Source, open_source
from training.photo_damage.workers import run_all

__all__ = ["fill_plate", "has_plain_background", "keep_colours", "make_plates"]

PATCH_RADIUS = 4  # pixels
GUIDE_WEIGHT = 0.08  # of the height's difference, beside the patch's: more draws streaks, less lets walls grow down
SIDEWAYS = 0.15  # of the height's weight: near patches first
SEED = 17
PLATE_QUALITY = 95  # of a JPEG
PLAIN = 0.004  # of the value range, mean distance from a smooth fill; studios have up to 0.003, streets 0.015 and more
NEAR = 0.12  # of the photo's longer side: the background that counts, around the bike
FRAMED_BY = ("rotate", "bars", "squeezed", "bike", *BOXED)  # in an annotation: what changes the framed photo or matte


def make_plates(sources: Sequence[Source], folder: Path, workers: int) -> list[Source]:
    """The sources with a plate wherever the background is not plain; those that have one keep it.

    What is already in the folder, of the same photo and matte, is not made again.

    Args:
        folder: to keep the plates in; made if missing.
        workers: processes.

    Raises:
        OSError: a photo or matte cannot be read.
        ValueError: a photo needs a plate, and pypatchmatch is not installed.
    """
    without = [source for source in sources if source.plate is None]
    paths = _make_missing(_make_plate, without, folder, "plate.jpg", workers)
    return [
        replace(source, plate=paths[source.photo], plate_is_framed=True) if paths.get(source.photo) else source
        for source in sources
    ]


def keep_colours(sources: Sequence[Source], folder: Path, workers: int) -> list[Source]:
    """The sources with the bikes' own colours, estimated once and kept in the folder.

    Args and errors as for `make_plates`.
    """
    paths = _make_missing(_make_colour, sources, folder, "colour.png", workers)
    return [replace(source, colour=paths[source.photo]) for source in sources]


def has_plain_background(photo: np.ndarray, matte: np.ndarray) -> bool:
    """Whether the place around the bike is so plain that a smooth fill cannot be told from it.

    Args:
        photo: (H, W, 3) uint8 RGB.
        matte: (H, W) uint8, the bike's alpha times 255.
    """
    hole = grow_matte(matte)
    side = 2 * round(NEAR * max(hole.shape)) + 1
    around = cv2.dilate(hole.view(np.uint8), np.ones((side, side), np.uint8)).astype(bool) & ~hole
    if not around.any():
        return False
    image = photo.astype(np.float32) / 255
    smooth = cv2.GaussianBlur(fill_smoothly(image, ~hole), (0, 0), 0.01 * max(hole.shape))
    return bool(np.abs(image - smooth)[around].mean() < PLAIN)


def fill_plate(photo: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """The place without the bike, (H, W, 3) uint8 RGB; the same for the same input.

    Args:
        photo: (H, W, 3) uint8 RGB.
        matte: (H, W) uint8, the bike's alpha times 255.

    Raises:
        ValueError: pypatchmatch is not installed.
    """
    try:
        from patchmatch import patch_match
    except ImportError as error:
        raise ValueError("clean plates need pypatchmatch: pip install -e '.[train]'") from error
    hole = grow_matte(matte)
    height, width = hole.shape
    guide = np.zeros((height, width, 3), np.float32)
    guide[..., 0] = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    guide[..., 1] = SIDEWAYS * np.linspace(0, 1, width, dtype=np.float32)
    patch_match.set_random_seed(SEED)
    return patch_match.inpaint_regularity(
        np.ascontiguousarray(photo),
        hole.astype(np.uint8)[..., None],
        guide,
        patch_size=PATCH_RADIUS,
        guide_weight=GUIDE_WEIGHT,
    )


def _make_missing(
    make: Callable[[tuple[Source, Path]], bool], sources: Sequence[Source], folder: Path, ending: str, workers: int
) -> dict[Path, Path]:
    """Make the pictures that are not in the folder; return where they lie, by their photo, less those not needed."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {source.photo: folder / f"{_name(source)}.{ending}" for source in sources}
    tasks = [(source, paths[source.photo]) for source in sources if not paths[source.photo].exists()]
    for (source, _), is_made in zip(tasks, run_all(make, tasks, workers, unit=ending.split(".")[0]), strict=True):
        if not is_made:
            del paths[source.photo]
    return paths


def _make_plate(task: tuple[Source, Path]) -> bool:
    source, path = task
    photo, matte, _, _ = open_source(source)
    if has_plain_background(photo, matte):
        return False
    write_picture(path, fill_plate(photo, matte), PLATE_QUALITY)
    return True


def _make_colour(task: tuple[Source, Path]) -> bool:
    source, path = task
    photo, matte, _, _ = open_source(source)
    write_picture(path, estimate_colour(photo, matte))
    return True


def _name(source: Source) -> str:
    """Other for another photo, matte or framing under the same name: what was kept for that one must not serve."""
    content = hashlib.sha256(source.photo.read_bytes() + source.matte.read_bytes())
    framed_by = {name: value for name in FRAMED_BY if (value := (source.annotation or {}).get(name))}
    content.update(json.dumps(framed_by, sort_keys=True).encode())
    return f"{source.photo.parent.name}-{source.photo.stem}-{content.hexdigest()[:8]}"
