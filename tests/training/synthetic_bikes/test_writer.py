import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.synthetic_bikes import writer as writer_module
from training.synthetic_bikes.recipes import Recipe
from training.synthetic_bikes.render import Picture
from training.synthetic_bikes.writer import PairWriter

RECIPES = [Recipe(f"bike_{i}", (1, i), "road", "studio", "saddle_missing") for i in range(3)]


@pytest.fixture
def rendered(monkeypatch):
    """Stands in for OpenGL: pictures drawn from the recipe's seed; lists which recipes were asked for."""
    rendered = []

    class NoRasteriser:
        def close(self):
            rendered.append("closed")

    def render(rasteriser, recipe, size_wh):
        rendered.append(recipe.stem)
        rng = np.random.default_rng(recipe.seed)
        shape = size_wh[::-1]
        labels, mask = rng.integers(0, 7, shape, dtype=np.uint8), rng.random(shape) < 0.1
        pictures = [Picture(rng.integers(0, 256, (*shape, 3), dtype=np.uint8), labels, m) for m in (mask & False, mask)]
        return *pictures, {"damages": [{"type": recipe.kind}], "bike_id": recipe.stem, "quality": 90}

    monkeypatch.setattr(writer_module, "Rasteriser", NoRasteriser)
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
    assert [bool(line["damages"]) for line in lines] == [False, True]
    assert "quality" not in lines[0]
    mask = read(tmp_path / "masks" / "damaged" / "bike_0.png")
    assert mask.shape == (32, 48) and set(np.unique(mask)) == {0, 255}
    for label in ("intact", "damaged"):
        assert read(tmp_path / label / "bike_0.jpg").shape == (32, 48, 3)
        assert read(tmp_path / "parts" / label / "bike_0.png").max() == 6


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


def test_writer_lets_go_of_the_graphics(tmp_path, rendered):
    PairWriter(tmp_path, (48, 32)).close()
    assert rendered == ["closed"]
