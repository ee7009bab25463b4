from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

EXAMPLES = Path(__file__).resolve().parents[3] / "datasets" / "bike-damage-sample"
SIZE_WH = (160, 112)


@pytest.fixture
def save_photo(tmp_path):
    """Save a rendered bike as photos/NAME, 160 x 112 pixels; with an orientation, stored as a camera held so would."""
    renders = sorted((EXAMPLES / "intact").glob("*.jpg"))

    def save(name: str, number: int = 0, orientation: int = 1) -> Path:
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = cv2.cvtColor(cv2.imread(str(renders[number % len(renders)])), cv2.COLOR_BGR2RGB)
        picture = cv2.resize(picture, SIZE_WH, interpolation=cv2.INTER_AREA)
        stored = {1: picture, 6: np.rot90(picture)}[orientation]
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(np.ascontiguousarray(stored)).save(path, exif=exif, quality=95)
        return path

    return save
