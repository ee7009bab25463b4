import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from training.photo_damage import tell_test
from training.photo_damage.sources import find_sources
from training.photo_damage.tell_test import CROPS_A_PHOTO, CropPair, build_network, draw_sheet, judge, make_crops

SIZE = 64


@pytest.fixture
def small_network(monkeypatch):
    """A network that learns nothing much, in no time."""

    def build(weights):
        pool = [torch.nn.AvgPool2d(SIZE // 4), torch.nn.Flatten(), torch.nn.Linear(3 * 4 * 4, 1)]
        return torch.nn.Sequential(*pool)

    monkeypatch.setattr(tell_test, "build_network", build)


@pytest.fixture
def given(photo_folder) -> list[str]:
    mattes, out = photo_folder / "mattes", photo_folder / "out"
    return [str(photo_folder / "photos"), "--mattes", str(mattes), "--out", str(out), "--workers", "1"]


@pytest.fixture
def pairs() -> list[CropPair]:
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 255, (6, 2, SIZE, SIZE, 3), np.uint8)
    return [CropPair(*both, photo=f"{index // 2}.jpg", is_train=False) for index, both in enumerate(crops)]


def test_crops_lie_on_the_bike_and_only_their_history_differs(photo_folder):
    sources, _ = find_sources([photo_folder / "photos"], photo_folder / "mattes")
    taken_apart, as_written = (make_crops(sources, SIZE, 3, is_taken_apart) for is_taken_apart in (True, False))
    assert len(taken_apart) == len(as_written) == CROPS_A_PHOTO * len(sources)
    differences = []
    for pairs in (taken_apart, as_written):
        for pair in pairs:
            assert pair.untouched.shape == pair.put_together.shape == (SIZE, SIZE, 3)
            assert pair.untouched.std() > 10  # not of the plain background
        differences.append(np.mean([np.abs(p.untouched.astype(int) - p.put_together).mean() for p in pairs]))
    assert 0 < differences[1] < 0.8 * differences[0] < 4


def test_result_and_sheet_are_written(photo_folder, given, small_network, monkeypatch, capsys):
    monkeypatch.setattr(tell_test, "choose_split", lambda bike_id: "train" if "one" in bike_id else "test")
    assert tell_test.main([*given, "--crop_size", str(SIZE), "--sheet", str(photo_folder / "tells.png")]) == 0
    result = json.loads(capsys.readouterr().out)
    assert 0 <= result["crop_auroc"] <= 1 and 0 <= result["photo_auroc"] <= 1
    assert result["train_crops"] == result["held_back_crops"] == CROPS_A_PHOTO
    assert result["held_back_photos"] == 1
    assert (photo_folder / "tells.png").exists()


def test_network_that_sees_the_difference_scores_highest(pairs):
    for pair in pairs:
        pair.put_together[:] = 255
        pair.untouched[:] = 0

    class Brightness(torch.nn.Module):
        def forward(self, pixel_values):
            return pixel_values.mean(dim=(1, 2, 3))[:, None]

    logits = judge(Brightness(), pairs)
    assert logits.shape == (6, 2)
    assert torch.allclose(logits, torch.tensor([[-1.0, 1.0]]).expand(6, 2))


def test_sheet_begins_with_the_pair_told_apart_most_surely(pairs):
    logits = torch.zeros(6, 2)
    logits[4] = torch.tensor([-2.0, 3.0])
    sheet = draw_sheet(pairs, logits)
    assert np.array_equal(sheet[:SIZE, : 2 * SIZE], np.hstack([pairs[4].untouched, pairs[4].put_together]))


def test_other_networks_weights_are_refused(tmp_path):
    save_file({"conv.weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="other.safetensors is not of tf_efficientnet_lite0"):
        build_network(tmp_path / "other.safetensors")


def test_photos_on_one_side_of_the_split_only_are_refused(photo_folder, given, small_network, capsys):
    for folder in ("photos", "mattes/photos"):
        (photo_folder / folder / "two.png").unlink()
    assert tell_test.main(given) == 2
    assert "Error: 1 photos are too few" in capsys.readouterr().err
