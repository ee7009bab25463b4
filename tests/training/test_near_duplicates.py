from pathlib import Path

import cv2
import numpy as np
import pytest

from training.near_duplicates import group_near_duplicates, read_thumbnail

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "datasets" / "bike-damage-sample" / "intact").glob("*.jpg"))
COPIES = {
    "jpeg": lambda photo: cv2.imdecode(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 1),
    "half": lambda photo: cv2.resize(photo, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "bright": lambda photo: (photo * 1.15).clip(0, 255).astype(np.uint8),
    "scratched": lambda photo: cv2.line(photo.copy(), (200, 200), (260, 230), (255, 255, 255), 3),
}


def group(paths: list[Path]) -> list[int]:
    return group_near_duplicates([read_thumbnail(path) for path in paths])


@pytest.mark.parametrize("name", COPIES)
def test_copies_join_their_photo_and_no_other(tmp_path, name):
    copies = []
    for path in EXAMPLES:
        copies.append(tmp_path / f"{path.stem}.png")
        cv2.imwrite(str(copies[-1]), COPIES[name](cv2.imread(str(path))))
    count = len(EXAMPLES)
    assert count > 3
    assert group([*EXAMPLES, *copies]) == 2 * list(range(count))


def test_groups_grow_through_a_photo_that_is_near_two_others():
    angles = np.deg2rad([0, 10, 20, 90])  # cosines of 0.985 between neighbours, 0.94 between the first and the third
    assert group_near_duplicates(list(np.stack([np.cos(angles), np.sin(angles)], axis=1))) == [0, 0, 0, 3]


def test_plain_colours_and_unreadable_files_are_never_alike(tmp_path):
    paths = [tmp_path / f"{name}.png" for name in "abcd"]
    for path in paths[:2]:
        cv2.imwrite(str(path), np.full((40, 60, 3), 90, np.uint8))
    paths[2].write_bytes(b"")
    assert group(paths) == [0, 1, 2, 3]
