"""Mattes for photos that have none: the model's own bike mask, sharpened along the bike's colours.

The mask is coarse: a wheel is a whole disc in it, and the outline is off by some pixels. GrabCut parts the colours of
the bike from those of the place (Rother et al., SIGGRAPH 2004, https://doi.org/10.1145/1015706.1015720), closed-form
matting gives the edge and the spokes their alpha (Levin et al., CVPR 2006, by pymatting). Where the bike has the colour
of what is behind it, parts of it are lost: mattes made by eye or by a better network are better.
"""

import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from inspection.photo import PhotoError, read_photo
from training.files import write_picture
from training.photo_damage.framing import LONGEST_SIDE
from training.photo_damage.parts import PART_IDS
from training.photo_damage.reading import list_pictures
from training.photo_damage.workers import run_all

__all__ = ["make_mattes", "sharpen_mask"]

MARGIN = 0.02  # of the bike's longer side: the model's mask reaches that far over the bike
SURE = 0.012  # of the bike's longer side: that deep inside the mask, outside the wheels, all is bike
TYRE = 0.03  # of the bike's longer side: about as wide as tyre and rim
ROUNDS = 4  # of GrabCut; more change little
FINE_CONTRAST = 14  # of 255: what stands out that much from 7 pixels around it may be a spoke or a cable
SEED = 17


def make_mattes(folders: Iterable[Path], mattes: Path, workers: int) -> None:
    """Write `<mattes>/<folder>/<name>.png` for every photo that has none there yet; black where no bike is found.

    Args:
        folders: of photos.
        mattes: folder to write to; made if missing.
        workers: processes.

    Raises:
        FileNotFoundError: a folder does not exist or holds no pictures, or the model's weights are missing.
    """
    tasks = []
    for folder in (Path(folder).resolve() for folder in folders):
        (mattes / folder.name).mkdir(parents=True, exist_ok=True)
        tasks += [(photo, mattes / folder.name / f"{photo.stem}.png") for photo in list_pictures(folder)]
    run_all(_make_matte, [(photo, matte) for photo, matte in tasks if not matte.exists()], workers, unit="matte")


def sharpen_mask(photo: np.ndarray, mask: np.ndarray, wheels: np.ndarray) -> np.ndarray:
    """The matte (H, W) uint8, alpha times 255, of a bike whose coarse mask is known; the same for the same input.

    Args:
        photo: (H, W, 3) uint8 RGB.
        mask: (H, W) bool, the bike and up to MARGIN around it, wheels as discs; not empty.
        wheels: (H, W) bool, where the mask is of a wheel: the place shows between its spokes.
    """
    from pymatting import estimate_alpha_cf  # its import takes seconds

    side = max(cv2.boundingRect(mask.view(np.uint8))[2:])
    core = cv2.erode(mask.view(np.uint8), _disc(MARGIN * side))
    sure = cv2.erode(core & ~wheels.view(np.uint8), _disc(SURE * side))
    labels = np.full(mask.shape, cv2.GC_BGD, np.uint8)
    labels[cv2.dilate(mask.view(np.uint8), _disc(MARGIN * side / 2)) > 0] = cv2.GC_PR_BGD
    # Inside the tyres the place fills most of a wheel: its colours must not count as the bike's.
    discs = cv2.erode(core & wheels.view(np.uint8), _disc(TYRE * side))
    labels[(core > 0) & (discs == 0)] = cv2.GC_PR_FGD
    labels[sure > 0] = cv2.GC_FGD
    cv2.setRNGSeed(SEED)
    models = np.zeros((2, 1, 65))
    cv2.grabCut(np.ascontiguousarray(photo), labels, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    bike = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    contrast = cv2.absdiff(photo, cv2.medianBlur(np.ascontiguousarray(photo), 7)).max(axis=2)
    fine = cv2.dilate(((contrast > FINE_CONTRAST) & (core > 0)).astype(np.uint8), _disc(1))
    trimap = np.full(mask.shape, 0.5)
    trimap[cv2.erode(bike, _disc(1)) > 0] = 1
    trimap[(cv2.dilate(bike, _disc(2)) == 0) & (fine == 0)] = 0
    with redirect_stdout(sys.stderr):  # pymatting prints its retries
        alpha = estimate_alpha_cf(photo / 255.0, trimap)
    return np.round(255 * alpha.clip(0, 1)).astype(np.uint8)


def _make_matte(task: tuple[Path, Path]) -> None:
    photo_path, path = task
    try:
        photo = read_photo(photo_path)
    except PhotoError:
        return  # said, with all that is left out, once the photos are gone through
    height, width = photo.shape[:2]
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = _find_bike(small)
    # Where no bike is found the matte is black, so that the photo is not searched again.
    matte = sharpen_mask(small, *found) if found else np.zeros(small.shape[:2], np.uint8)
    write_picture(path, cv2.resize(matte, (width, height), interpolation=cv2.INTER_LINEAR))


def _find_bike(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The model's mask (H, W) bool of the bike in a photo (H, W, 3) uint8 RGB, and where it is nearest to a wheel."""
    inspection = _load_inspector().inspect(photo, stage1_only=True)
    if inspection.evidence is None or inspection.evidence.bike is None:
        return None
    mask = inspection.bike_mask
    part_map = cv2.resize(inspection.evidence.bike.part_map, mask.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return mask, np.isin(part_map, (PART_IDS["front_wheel"], PART_IDS["rear_wheel"]))


@cache
def _load_inspector():
    import torch  # with the model's weights: seconds, once a process

    from inspection.inspector import BikeInspector

    torch.set_num_threads(1)
    return BikeInspector.from_pretrained(device="cpu")


def _disc(radius: float) -> np.ndarray:
    side = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
