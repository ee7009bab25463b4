"""The way that the README tells, word by word, on real photos and in a small size: from sound bikes to two cards."""

import json
import math
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from inspection.inspector import BikeInspector

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]
PHOTOS = 16  # plain ones, of the studio
SMALL = "--height 96 --width 128 --workers 1 --validation_examples 8 --epochs 3"
COMMANDS = f"""
python -m training.photo_damage photos --mattes mattes --rust rust --textures textures --out data/processed --count 24
python -m training.data_report data/processed
accelerate launch -m training.train_classifier --config training/configs/classifier.yaml --data_dir data/processed \
    --epochs 60 --batch_size 16 {SMALL} --backbone_weights lite0.safetensors
accelerate launch -m training.train_draem --config training/configs/draem.yaml --intact_dir data/processed/intact \
    --epochs 100 {SMALL} --texture_dir textures
python -m training.evaluate --classifier runs/classifier/model --localizer runs/draem/model \
    --data_dir data/processed --split test --output_dir runs/evaluation --write_cards note.md
"""


@pytest.fixture(scope="module")
def workplace(shared_data, tmp_path_factory) -> Path:
    """A folder to type the commands in, as if it were a clone of the repository with photos beside it."""
    folder = tmp_path_factory.mktemp("workplace")
    (folder / "photos").mkdir()
    (folder / "mattes" / "photos").mkdir(parents=True)
    for photo in sorted((shared_data / "intact").glob("*.jpg"))[:PHOTOS]:
        (folder / "photos" / photo.name).symlink_to(photo)
        matte = next((shared_data / "mattes" / "intact").glob(f"{photo.stem}.*"))
        (folder / "mattes" / "photos" / matte.name).symlink_to(matte)
    for name in ("rust", "textures"):
        (folder / name).symlink_to(shared_data / name)
    (folder / "lite0.safetensors").symlink_to(next((shared_data / "weights").glob("*lite0*.safetensors")))
    (folder / "training").symlink_to(REPOSITORY / "training")
    (folder / "note.md").write_text("Sixteen bikes of a studio, broken by the damage editor.")
    return folder


def test_every_command_works_and_the_cards_carry_their_figures(workplace):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(REPOSITORY), "ACCELERATE_USE_CPU": "true"}
    for command in COMMANDS.replace("\\\n", " ").strip().splitlines():
        run = subprocess.run(
            shlex.split(command), cwd=workplace, capture_output=True, text=True, env=environment, check=False
        )
        assert run.returncode == 0, f"{command}\n{run.stderr[-3000:]}"
        assert "Traceback" not in run.stderr
    for stage in ("classifier", "draem"):
        history = json.loads((workplace / "runs" / stage / "history.json").read_text())
        assert [row["epoch"] for row in history] == [1, 2, 3]
        assert all(math.isfinite(value) for row in history for value in row.values())
        card = (workplace / "runs" / stage / "model" / "README.md").read_text()
        assert "Sixteen bikes of a studio" in card
    metrics = json.loads((workplace / "runs" / "evaluation" / "metrics.json").read_text())
    assert (
        f"| AUROC | {metrics['classifier']['auroc']:.3f} |"
        in (workplace / "runs" / "classifier" / "model" / "README.md").read_text()
    )
    inspector = BikeInspector.from_pretrained(
        *(workplace / "runs" / stage / "model" for stage in ("classifier", "draem"))
    )
    assert inspector.inspect(next((workplace / "photos").iterdir())).error is None
