from pathlib import Path

import cv2
import numpy as np
import pytest

from training.near_duplicates import Thumbnail, group_near_duplicates, read_thumbnail

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "datasets" / "bike-damage-sample" / "intact").glob("*.jpg"))
COPIES = {
    "jpeg": lambda photo: cv2.imdecode(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 1),
    "half": lambda photo: cv2.resize(photo, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "bright": lambda photo: (photo * 1.15).clip(0, 255).astype(np.uint8),
    "scratched": lambda photo: cv2.line(photo.copy(), (100, 100), (130, 115), (255, 255, 255), 2),
}


def group(paths: list[Path]) -> list[int]:
    return group_near_duplicates([read_thumbnail(path) for path in paths])


def draw_bicycle(path: Path, wheel_distance: int, radius: int) -> None:
    """Two black wheels and a frame on white, 400 x 300 pixels."""
    photo = np.full((300, 400, 3), 255, np.uint8)
    wheels = [(200 - wheel_distance // 2, 190), (200 + wheel_distance // 2, 190)]
    for wheel in wheels:
        cv2.circle(photo, wheel, radius, (30, 30, 30), 3)
        cv2.line(photo, wheel, (200, 100), (30, 30, 200), 4)
    cv2.imwrite(str(path), photo)


@pytest.mark.parametrize("name", COPIES)
def test_copies_join_their_photo_and_no_other(tmp_path, name):
    copies = []
    for path in EXAMPLES:
        copies.append(tmp_path / f"{path.stem}.png")
        cv2.imwrite(str(copies[-1]), COPIES[name](cv2.imread(str(path))))
    count = len(EXAMPLES)
    assert count > 3
    assert group([*EXAMPLES, *copies]) == 2 * list(range(count))


def test_alike_as_a_whole_is_not_enough(tmp_path):
    """Bikes of nearly one size in one studio: the same picture in 32 x 32 pixels, but other outlines."""
    paths = [tmp_path / f"{number}.png" for number in range(2)]
    for path, distance, radius in zip(paths, (180, 188), (62, 66), strict=True):
        draw_bicycle(path, distance, radius)
        background = cv2.imread(str(path))
        background[:60], background[240:] = (200, 120, 40), (40, 90, 120)  # of one wall and one floor
        cv2.imwrite(str(path), background)
    one, other = map(read_thumbnail, paths)
    assert one.colours.astype(float) @ other.colours > 0.965
    assert group(paths) == [0, 1]


def test_groups_grow_through_a_photo_that_is_near_two_others():
    angles = np.deg2rad([0, 10, 20, 90])  # cosines of 0.985 between neighbours, 0.94 between the first and the third
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert group_near_duplicates([Thumbnail(vector, vector) for vector in vectors]) == [0, 0, 0, 3]


def test_groups_grow_from_one_block_of_comparisons_to_the_next(monkeypatch):
    monkeypatch.setattr("training.near_duplicates.ROWS", 2)
    angles = np.deg2rad([0, 90, 180, 20, 270, 10, 90])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert group_near_duplicates([Thumbnail(vector, vector) for vector in vectors]) == [0, 1, 2, 0, 4, 0, 1]


def test_plain_colours_and_unreadable_files_are_never_alike(tmp_path):
    paths = [tmp_path / f"{name}.png" for name in "abcd"]
    for path in paths[:2]:
        cv2.imwrite(str(path), np.full((40, 60, 3), 90, np.uint8))
    paths[2].write_bytes(b"")
    assert group(paths) == [0, 1, 2, 3]
