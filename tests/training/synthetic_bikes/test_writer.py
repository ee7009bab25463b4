import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from datasets import load_dataset
from PIL import Image

from training.data import load_photos
from training.synthetic_bikes import writer as writer_module
from training.synthetic_bikes.recipes import Recipe
from training.synthetic_bikes.render import Picture
from training.synthetic_bikes.writer import PairWriter

REPOSITORY = Path(__file__).resolve().parents[3]
RECIPES = [Recipe(f"bike_{i}", (1, i), "road", "studio", "saddle_missing") for i in range(3)]


@pytest.fixture
def rendered(monkeypatch):
    """Stands in for the renderer: pictures drawn from the recipe's seed; lists which recipes were asked for."""
    rendered = []

    def render(rasteriser, recipe, size_wh):
        rendered.append(recipe.stem)
        rng = np.random.default_rng(recipe.seed)
        shape = size_wh[::-1]
        labels, mask = rng.integers(0, 7, shape, dtype=np.uint8), rng.random(shape) < 0.1
        intact, damaged = (
            Picture(rng.integers(0, 256, (*shape, 3), dtype=np.uint8), labels, 0.9, masks) for masks in ([], [mask])
        )
        damage = {"type": recipe.kind, "part": "saddle", "severity": 0.5, "box": [0, 0, *size_wh]}
        about = {"damages": [damage], "distractors": ["mud"], "bike_type": "road", "view": "side_facing_left"}
        return intact, damaged, {**about, "scene": "studio", "bike_id": recipe.stem, "seed": [1, 0]}, 90

    monkeypatch.setattr(writer_module, "render_recipe", render)
    return rendered


def read_files(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_run_killed_half_way_and_started_again_gives_the_same_files(tmp_path, rendered):
    PairWriter(tmp_path / "whole", (48, 32)).finish(RECIPES)
    PairWriter(tmp_path / "killed", (48, 32)).write(RECIPES[1])
    (tmp_path / "killed" / "damaged" / ".bike_0.jpg.partial").write_bytes(b"\xff\xd8half")
    (tmp_path / "killed" / "intact" / "bike_0.jpg").write_bytes(b"of another run")
    del rendered[:]
    PairWriter(tmp_path / "killed", (48, 32)).finish(RECIPES)
    assert rendered == ["bike_0", "bike_2"]
    assert read_files(tmp_path / "killed") == read_files(tmp_path / "whole")


def test_pairs_are_written_as_the_contract_has_it(tmp_path, rendered):
    PairWriter(tmp_path, (48, 32)).finish(RECIPES[:1])
    lines = [json.loads(line) for line in (tmp_path / "metadata.jsonl").read_text().splitlines()]
    assert [line["file_name"] for line in lines] == ["intact/bike_0.jpg", "damaged/bike_0.jpg"]
    assert [line["label"] for line in lines] == ["intact", "damaged"]
    assert [bool(line["damages"]) for line in lines] == [False, True]
    mask = read(tmp_path / "masks" / "damaged" / "bike_0.png")
    assert mask.shape == (32, 48) and set(np.unique(mask)) == {0, 255}
    for label in ("intact", "damaged"):
        assert read(tmp_path / label / "bike_0.jpg").shape == (32, 48, 3)
        assert read(tmp_path / "parts" / label / "bike_0.png").max() == 6


@pytest.mark.parametrize("how", [pytest.param("imagefolder", id="image-folder"), pytest.param(None, id="by-its-card")])
def test_written_folder_loads_with_masks_and_parts(tmp_path, rendered, how):
    folder = tmp_path / "out"
    PairWriter(folder, (48, 32)).finish(RECIPES)
    source = {"path": how, "data_dir": str(folder)} if how else {"path": str(folder)}
    rows = load_dataset(**source, split="train", cache_dir=str(tmp_path / "cache"))
    assert len(rows) == 6 and rows["label"] == ["intact", "damaged"] * 3
    assert rows[0]["mask"] is None and rows[1]["mask"].size == rows[1]["image"].size == rows[1]["parts"].size
    assert rows[1]["damages"][0]["type"] == "saddle_missing" and rows[0]["damages"] == []
    assert rows[1]["distractors"] == ["mud"]


def test_card_claims_no_licence_for_textures_that_others_made(tmp_path, rendered):
    texture = tmp_path / "bricks.jpg"
    for name, recipe in (("ours", RECIPES[0]), ("theirs", replace(RECIPES[0], textures=(texture,)))):
        PairWriter(tmp_path / name, (48, 32)).finish([recipe])
    ours, theirs = ((tmp_path / name / "README.md").read_text() for name in ("ours", "theirs"))
    assert "license: cc-by-4.0" in ours and "textures" not in ours
    assert "license: other" in theirs and "their licences hold too" in theirs


def test_project_reads_what_was_written(tmp_path, rendered):
    PairWriter(tmp_path, (48, 32)).finish(RECIPES)
    photos = load_photos(tmp_path)
    assert [photo.label for photo in photos] == [1, 1, 1, 0, 0, 0]
    assert all(photo.parts for photo in photos) and all(bool(photo.mask) == bool(photo.label) for photo in photos)
    assert len({(photo.path.stem, photo.split) for photo in photos}) == 3  # twins stay together


@pytest.mark.parametrize(
    ("recipe", "size"),
    [
        pytest.param(RECIPES[0], (64, 32), id="size"),
        pytest.param(Recipe("bike_0", (2, 0), "road", "studio", "saddle_missing"), (48, 32), id="seed"),
        pytest.param(Recipe("bike_0", (1, 0), "road", "studio", "saddle_missing", dust=0.3), (48, 32), id="dust"),
    ],
)
def test_folder_of_other_settings_is_refused(tmp_path, rendered, recipe, size):
    PairWriter(tmp_path, (48, 32)).write(RECIPES[0])
    with pytest.raises(ValueError, match=r"bike_0\.json was made with other settings: choose another --out"):
        PairWriter(tmp_path, size).write(recipe)


def test_unfinished_folder_is_no_data_set(tmp_path):
    PairWriter(tmp_path, (48, 32)).write(RECIPES[0])
    with pytest.raises(ValueError, match="is not finished: run what makes it again"):
        load_photos(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "code"), [pytest.param(signal.SIGKILL, -9, id="killed"), pytest.param(signal.SIGINT, 130, id="ctrl-c")]
)
def test_stopped_run_started_again_ends_with_the_same_pairs(tmp_path, how, code):
    command = [sys.executable, "-m", "training.synthetic_bikes", "--count", "4", "--size", "96x72", "--workers", "1"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    stopped = subprocess.Popen(
        [*command, "--out", str(tmp_path / "killed")],
        cwd=REPOSITORY,
        env=environment,
        # Who runs the tests in the background may have Ctrl-C ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 300
    while not list((tmp_path / "killed").glob(".metadata/*.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    stopped.send_signal(how)
    assert stopped.wait(timeout=60) == code
    assert len(list((tmp_path / "killed").glob(".metadata/*.json"))) < 4
    for name in ("killed", "whole"):
        subprocess.run([*command, "--out", str(tmp_path / name)], cwd=REPOSITORY, env=environment, check=True)
    assert read_files(tmp_path / "killed") == read_files(tmp_path / "whole")  # nothing half-written is left
