import cv2
import numpy as np
import pytest

from training.masks import check_part_ids, read_labels, read_mask

SIZE = (64, 96)


def draw(value: int, across: int = 40) -> np.ndarray:
    """A square of the value on black."""
    mask = np.zeros(SIZE, np.uint8)
    mask[10 : 10 + across, 20 : 20 + across] = value
    return mask


def save(folder, mask, name="a.png"):
    cv2.imwrite(str(folder / name), mask)
    return folder / name


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            cv2.imencode(".png", np.zeros((5, 7), np.uint8))[1].tobytes(), "is 7x5 but its photo is 96x64", id="size"
        ),
        pytest.param(b"no picture", "is no picture: export it again", id="broken"),
    ],
)
@pytest.mark.parametrize("read", [read_labels, read_mask])
def test_a_wrong_file_is_named(tmp_path, read, content, message):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read(path, SIZE)
    assert "a.png" in str(caught.value)


SOFTENED = {
    "sharp": lambda mask: mask,
    "brush": lambda mask: cv2.GaussianBlur(mask, (0, 0), 1.5),
    "jpeg": lambda mask: cv2.imdecode(cv2.imencode(".jpg", mask, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 0),
    "resized": lambda mask: cv2.resize(mask[::4, ::4], SIZE[::-1], interpolation=cv2.INTER_LINEAR),
}


@pytest.mark.parametrize("name", SOFTENED)
def test_a_soft_edge_is_cut_in_its_middle(tmp_path, name):
    sharp = draw(255) > 0
    mask = read_mask(save(tmp_path, SOFTENED[name](draw(255))), SIZE)
    assert set(np.unique(mask)) == {0, 1}
    assert (mask & sharp).sum() / (mask | sharp).sum() > 0.9


@pytest.mark.parametrize(
    ("mask", "value"),
    [
        pytest.param(draw(1), 1, id="zero-and-one"),
        pytest.param(np.maximum(draw(255, 8), np.roll(draw(1, 8), (30, 60), (0, 1))), 1, id="one-beside-255"),
        pytest.param(np.maximum(draw(255, 8), np.roll(draw(90), 30, axis=1)), 90, id="half-opacity"),
        pytest.param(draw(128), 128, id="half-white"),
    ],
)
def test_other_values_than_0_and_255_are_refused_with_the_fix(tmp_path, mask, value):
    path = save(tmp_path, mask)
    with pytest.raises(
        ValueError, match=rf"a\.png has the value {value} on .*: save the defect as 255 and all else as 0"
    ):
        read_mask(path, SIZE)


def test_an_id_that_no_part_has_is_named_with_those_that_are_known(tmp_path):
    parts = draw(6)
    parts[0] = 255
    check_part_ids(tmp_path / "a.png", parts)
    parts[5, 5] = 77
    with pytest.raises(
        ValueError, match=r"a\.png has the part id 77: known are 0 background, 1 frame, .* 6 drivetrain"
    ):
        check_part_ids(tmp_path / "a.png", parts)
