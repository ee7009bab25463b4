import json
import shutil

import cv2
import pytest
import torch
from safetensors.torch import load_file

from inspection.inspector import EMBEDDED_CLASSIFIER, EMBEDDED_LOCALIZER
from training.recalibrate import main

CALIBRATED = {"temperature", "evidence_scale", "evidence_shift", "verdict_weight"}


@pytest.fixture(scope="module")
def many_photos(bike_folder, tmp_path_factory):
    """20 intact and 20 damaged photos for validation: the four pairs, each five times."""
    folder = tmp_path_factory.mktemp("many") / "photos"
    shutil.copytree(bike_folder, folder)
    for path in [path for path in (folder / "validation").rglob("*.*") if path.suffix in (".jpg", ".png")]:
        for copy in range(4):
            shutil.copyfile(path, path.with_name(f"{path.stem}_{copy}{path.suffix}"))
    return folder


def test_a_classifier_is_calibrated_and_its_old_card_stays_behind(many_photos, tmp_path):
    out = tmp_path / "out"
    options = ["--classifier", str(EMBEDDED_CLASSIFIER), "--data_dir", str(many_photos), "--output_dir", str(out)]
    assert main([*options, "--max_false_alarm_rate", "0.2"]) == 0
    before, after = (json.loads((folder / "config.json").read_text()) for folder in (EMBEDDED_CLASSIFIER, out))
    changed = {name for name in after if after[name] != before.get(name)}
    assert {"temperature", "evidence_shift"} <= changed
    assert changed <= CALIBRATED | {"transformers_version", "dtype"}
    assert not (out / "README.md").exists()
    assert not list(out.glob("*.png"))
    old, new = (load_file(folder / "model.safetensors") for folder in (EMBEDDED_CLASSIFIER, out))
    assert {name for name in old if not torch.equal(old[name].float(), new[name])} <= {"classifier.output.bias"}


def test_a_localizer_is_calibrated_on_intact_photos(bike_folder, tmp_path):
    out = tmp_path / "out"
    options = ["--localizer", str(EMBEDDED_LOCALIZER), "--data_dir", str(bike_folder), "--output_dir", str(out)]
    assert main(options) == 0
    old, new = (load_file(folder / "model.safetensors") for folder in (EMBEDDED_LOCALIZER, out))
    changed = {name for name in old if not torch.equal(old[name].float(), new[name])}
    assert changed == {"draem.discriminative.output.weight", "draem.discriminative.output.bias"}


def test_the_photos_of_several_folders_are_calibrated_on_together(bike_folder, tmp_path):
    brighter = tmp_path / "brighter"
    shutil.copytree(bike_folder, brighter)
    for path in (brighter / "validation").rglob("*.jpg"):
        cv2.imwrite(str(path), cv2.imread(str(path)) // 2 + 120)
    model = tmp_path / "model"
    shutil.copytree(EMBEDDED_LOCALIZER, model)
    (model / "seen_photos.txt").write_text("0" * 64 + "\n")  # a model on whose past there is a record keeps it up
    seen = {}
    for name, folders in {"one": [bike_folder], "other": [brighter], "both": [bike_folder, brighter]}.items():
        options = ["--localizer", str(model), "--output_dir", str(tmp_path / name), "--data_dir"]
        assert main([*options, *map(str, folders)]) == 0
        seen[name] = set((tmp_path / name / "seen_photos.txt").read_text().split())
    assert seen["one"] != seen["other"]
    assert seen["both"] == seen["one"] | seen["other"]


@pytest.mark.parametrize("missing", ["model", "photos", "room"])
def test_what_is_missing_costs_a_line(bike_folder, tmp_path, capsys, missing):
    model = tmp_path / "none" if missing == "model" else EMBEDDED_LOCALIZER
    photos = tmp_path / "none" if missing == "photos" else bike_folder
    out = tmp_path if missing == "room" else tmp_path / "out"
    assert main(["--localizer", str(model), "--data_dir", str(photos), "--output_dir", str(out)]) == 2
    (*_, line) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("Error: ")
    assert not (tmp_path / "out").exists()
