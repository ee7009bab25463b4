"""A small data folder in the real layout, made of the project's own rendered bikes."""

from pathlib import Path

import cv2
import pytest

from training.splits import SPLITS

SIZE_WH = (160, 112)


@pytest.fixture(scope="session")
def bike_folder(four_pairs, tmp_path_factory) -> Path:
    """train/, validation/ and test/, each with the same four pairs, masks and parts, 160 x 112 pixels."""
    folder = tmp_path_factory.mktemp("bikes")
    for split in SPLITS:
        for source in four_pairs.rglob("*.*"):
            target = folder / split / source.relative_to(four_pairs)
            target.parent.mkdir(parents=True, exist_ok=True)
            is_photo = source.suffix == ".jpg"
            interpolation = cv2.INTER_AREA if is_photo else cv2.INTER_NEAREST_EXACT
            picture = cv2.imread(str(source), cv2.IMREAD_COLOR if is_photo else cv2.IMREAD_GRAYSCALE)
            cv2.imwrite(str(target), cv2.resize(picture, SIZE_WH, interpolation=interpolation))
    return folder
