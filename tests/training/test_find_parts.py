"""Stage 2 learns from a plain folder of sound bikes: the classifier finds the bike on each, once."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from accelerate import Accelerator

from inspection.inspector import EMBEDDED_CLASSIFIER
from training.data import list_photos
from training.find_parts import find_parts

pytestmark = pytest.mark.slow


@pytest.fixture
def plain_folder(four_pairs, tmp_path) -> Path:
    """Rendered bikes without part labels, and a wall without a bike."""
    folder = tmp_path / "sound"
    shutil.copytree(four_pairs / "intact", folder)
    wall = np.full((300, 400, 3), 180, np.uint8) + np.random.default_rng(0).integers(0, 8, (300, 400, 3), np.uint8)
    cv2.imwrite(str(folder / "wall.jpg"), wall)
    return folder


def test_the_bikes_are_found_and_drawn_once(four_pairs, plain_folder, tmp_path):
    photos = list_photos(plain_folder)
    assert not any(photo.parts for photo in photos)
    accelerator = Accelerator(cpu=True)
    found = find_parts(photos, EMBEDDED_CLASSIFIER, tmp_path / "parts", accelerator)
    for photo in found:
        drawn = cv2.imread(str(photo.parts), cv2.IMREAD_GRAYSCALE) > 0
        if photo.path.stem == "wall":
            assert not drawn.any()
            continue
        truth = cv2.imread(str(four_pairs / "parts" / "intact" / f"{photo.path.stem}.png"), cv2.IMREAD_GRAYSCALE) > 0
        assert (drawn & truth).sum() > 0.85 * truth.sum(), photo.path.stem
        assert drawn.sum() < 2.5 * truth.sum(), photo.path.stem  # between the spokes too it is wheel
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "parts").rglob("*.png")}
    assert find_parts(photos, EMBEDDED_CLASSIFIER, tmp_path / "parts", accelerator) == found
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "parts").rglob("*.png")} == written


def test_photos_with_part_labels_keep_them(four_pairs, tmp_path):
    photos = list_photos(four_pairs / "intact")
    assert all(photo.parts for photo in photos)
    assert find_parts(photos, "nowhere", tmp_path / "parts", Accelerator(cpu=True)) == photos
    assert not (tmp_path / "parts").exists()
