import csv
import json
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from inspection.photo import read_photo
from training.data import load_photos
from training.import_delftbikes import main
from training.importers.delftbikes import JUDGED

SADDLE = (60, 20, 30, 10)  # left, top, width, height
WHEEL = (10, 50, 50, 50)


def entry(size_wh=(160, 112), **changes) -> dict:
    """A photo's entry in DelftBikes' format: every judged part intact, but for (state, trust, box) in `changes`."""
    parts = {name: ("intact", 0.9, (5, 5, 20, 20)) for name in JUDGED} | changes
    return {
        "image": {"channels": 3, "width": size_wh[0], "height": size_wh[1]},
        "parts": {
            name: {
                "part_name": name,
                "object_state": state,
                "trust": trust,
                "absolute_bounding_box": dict(zip(("left", "top", "width", "height"), box, strict=True)),
            }
            for name, (state, trust, box) in parts.items()
        },
    }


@pytest.fixture
def run(tmp_path, save_photo):
    """Import photos with these entries; return the exit code. Photos are saved unless they are there."""

    def run_importer(entries: dict, *options: str) -> int:
        for number, name in enumerate(entries):
            if not (tmp_path / "photos" / name).exists():
                save_photo(name, number)
        (tmp_path / "train.json").write_text(json.dumps(entries), encoding="utf-8")
        return main([str(tmp_path / "train.json"), str(tmp_path / "photos"), "--out", str(tmp_path / "out"), *options])

    return run_importer


def left_out(tmp_path) -> dict[str, str]:
    with open(tmp_path / "out" / "left_out.csv", encoding="utf-8", newline="") as file:
        return {row["file"]: row["reason"] for row in csv.DictReader(file)}


def test_missing_saddle_is_read_back_with_its_mask(run, tmp_path, capsys):
    code = run({"sound.jpg": entry(), "broken.jpg": entry(saddle=("absent", 0.8, SADDLE))})
    assert code == 0
    damaged, intact = load_photos(tmp_path / "out")
    assert (intact.path.name, intact.label, intact.mask) == ("sound.jpg", 0, None)
    assert damaged.damages == [{"type": "saddle_missing", "part": "saddle", "box": [60, 20, 90, 30]}]
    mask = cv2.imread(str(damaged.mask), cv2.IMREAD_GRAYSCALE)
    assert mask.shape == (112, 160) and np.unique(mask).tolist() == [0, 255]
    assert (mask > 0).sum() == 300 and mask[20:30, 60:90].all()
    assert (tmp_path / "photos" / "broken.jpg").read_bytes() == damaged.path.read_bytes()
    assert {line["file_name"]: line["bike_id"] for line in read_lines(tmp_path)} == {
        "intact/sound.jpg": "sound",
        "damaged/broken.jpg": "broken",
    }
    assert "2 photos in" in capsys.readouterr().err and not left_out(tmp_path)


def test_bell_and_lamp_may_be_absent_and_occluded_parts_are_not_damage(run, tmp_path):
    sound = entry(bell=("absent", 0.9, SADDLE), front_light=("absent", 0.9, SADDLE), saddle=("occluded", 0.9, SADDLE))
    run({"a.jpg": sound, "b.jpg": entry(front_wheel=("damaged", 0.9, WHEEL))})
    damaged, intact = load_photos(tmp_path / "out")
    assert intact.path.name == "a.jpg"
    assert damaged.damages[0]["type"] == "wheel_damaged" and damaged.damages[0]["part"] == "front_wheel"


def test_doubtful_photos_are_listed_with_the_reason(run, tmp_path, save_photo):
    save_photo("extra.jpg", 3)
    unsaddled = entry()
    del unsaddled["parts"]["saddle"]
    doubtful = {
        "unsure.jpg": entry(saddle=("absent", 0.4, SADDLE)),
        "chain.jpg": entry(chain=("absent", 0.9, WHEEL)),
        "guess.jpg": entry(saddle=("intact", 0.4, SADDLE)),
        "none.jpg": unsaddled,
        "behind.jpg": entry(**dict.fromkeys(JUDGED, ("occluded", 0.9, WHEEL))),
    }
    assert run({"a.jpg": entry(), "b.jpg": entry(saddle=("damaged", 0.8, SADDLE)), **doubtful}) == 0
    reasons = left_out(tmp_path)
    assert reasons == {
        "unsure.jpg": "saddle is absent, its annotator has trust 0.4",
        "chain.jpg": "chain is absent, which is not judged",
        "guess.jpg": "saddle is intact, its annotator has trust 0.4",
        "none.jpg": "saddle is not annotated",
        "behind.jpg": "all parts that are judged are occluded",
        "extra.jpg": f"not in {tmp_path / 'train.json'}",
    }
    assert len(load_photos(tmp_path / "out")) == 2


def test_options_choose_the_parts_and_the_trust(run, tmp_path):
    entries = {"a.jpg": entry(), "b.jpg": entry(bell=("absent", 0.4, SADDLE))}
    assert run(entries, "--parts", "bell", "saddle", "--trust", "0.3") == 0
    (photo,) = [line for line in read_lines(tmp_path) if line["damages"]]
    assert photo["file_name"] == "damaged/b.jpg" and photo["damages"][0]["type"] == "bell_missing"


def read_lines(tmp_path) -> list[dict]:
    return [json.loads(line) for line in (tmp_path / "out" / "metadata.jsonl").read_text(encoding="utf-8").splitlines()]


def test_damage_without_a_box_gives_no_mask(run, tmp_path):
    run({"a.jpg": entry(), "b.jpg": entry(saddle=("absent", 1, (0, 0, 0, 0)), front_wheel=("absent", 1, WHEEL))})
    damaged = load_photos(tmp_path / "out")[0]
    assert damaged.mask is None and len(damaged.damages) == 2


@pytest.mark.parametrize("size_wh", [pytest.param((160, 112), id="upright"), pytest.param((112, 160), id="as stored")])
def test_turned_photo_comes_out_upright_with_a_mask_that_fits(run, tmp_path, save_photo, size_wh):
    save_photo("b.jpg", 0, orientation=6)
    upright = read_photo(tmp_path / "photos" / "b.jpg")
    # As stored, the picture lies on its left side: x of the stored picture runs along y of the upright one.
    box = SADDLE if size_wh == (160, 112) else (20, 160 - 90, 10, 30)
    assert run({"a.jpg": entry(), "b.jpg": entry(size_wh, saddle=("absent", 0.9, box))}) == 0
    damaged = load_photos(tmp_path / "out")[0]
    assert damaged.damages[0]["box"] == [60, 20, 90, 30]
    plain = cv2.imread(str(damaged.path), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
    assert plain.shape == (112, 160, 3) and np.abs(plain.astype(int) - upright).mean() < 3
    mask = cv2.imread(str(damaged.mask), cv2.IMREAD_GRAYSCALE)
    assert mask[20:30, 60:90].all() and (mask > 0).sum() == 300


def spoil(key: str, value) -> dict:
    spoiled = entry()
    spoiled["parts"]["saddle"][key] = value
    return spoiled


@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        pytest.param({"image": {}}, "the entry has no parts", id="no parts"),
        pytest.param(spoil("object_state", "gone"), "has the object_state 'gone'", id="state"),
        pytest.param(spoil("trust", 1.5), "has the trust 1.5", id="trust"),
        pytest.param(spoil("part_name", "sadle"), "such as saddle", id="name"),
        pytest.param(entry(saddle=("absent", 1, (150, 20, 90, 10))), "of saddle the outline", id="box outside"),
        pytest.param(entry((640, 480)), "was annotated as 640x480", id="other size"),
    ],
)
def test_photo_with_a_fault_is_named_and_the_others_go_on(run, tmp_path, capsys, spoiled, message):
    assert run({"a.jpg": entry(), "b.jpg": entry(saddle=("absent", 1, SADDLE)), "c.jpg": spoiled}) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("left out: c.jpg")]
    assert message in line and message in left_out(tmp_path)["c.jpg"]
    assert len(load_photos(tmp_path / "out")) == 2


def test_broken_picture_is_named_and_taken_once_mended(run, tmp_path, capsys, save_photo):
    entries = {"a.jpg": entry(), "b.jpg": entry(saddle=("absent", 1, SADDLE)), "c.jpg": entry()}
    whole = save_photo("c.jpg", 2).read_bytes()
    (tmp_path / "photos" / "c.jpg").write_bytes(whole[:900])
    assert run(entries) == 1
    assert "c.jpg is damaged or truncated" in capsys.readouterr().err
    (tmp_path / "photos" / "c.jpg").write_bytes(whole)
    assert run(entries) == 0
    assert [photo.path.name for photo in load_photos(tmp_path / "out")] == ["b.jpg", "a.jpg", "c.jpg"]


def test_wrong_usage_is_one_line_and_exit_code_2(run, tmp_path, capsys):
    photos, out = str(tmp_path / "photos"), str(tmp_path / "out")
    assert run({"a.jpg": entry(), "b.jpg": entry(saddle=("absent", 1, SADDLE))}) == 0
    capsys.readouterr()
    text = tmp_path / "text.json"
    text.write_text("bikes")
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"z.jpg": entry()}))
    for arguments, message in (
        ([str(tmp_path / "no.json"), photos, "--out", out], "is no file"),
        ([str(text), photos, "--out", out], "is no JSON"),
        ([str(other), photos, "--out", out], "has none of the photos in"),
        ([str(tmp_path / "train.json"), photos, "--out", photos], "is in the folder of photos"),
        ([str(tmp_path / "train.json"), photos, "--out", out, "--trust", "0.5"], "imported with other trust"),
    ):
        assert main(arguments) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("Error: ") and message in line


def test_killed_import_goes_on_and_ends_with_the_same(run, tmp_path, save_photo):
    entries = {f"{n}.jpg": entry() if n % 2 else entry(saddle=("absent", 1, SADDLE)) for n in range(60)}
    (tmp_path / "train.json").write_text(json.dumps(entries), encoding="utf-8")
    for number, name in enumerate(entries):
        save_photo(name, number)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "training.import_delftbikes", tmp_path / "train.json", tmp_path / "photos"]
    process = subprocess.Popen([*map(str, command), "--out", str(out)], stderr=subprocess.DEVNULL)
    while process.poll() is None and len(list((out / ".metadata").glob("*.json"))) < 3:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = {path: path.stat().st_mtime_ns for path in (out / ".metadata").glob("*.json")}
    assert 3 <= len(done) < 60 and not (out / "metadata.jsonl").exists()
    with pytest.raises(ValueError, match="is not finished"):
        load_photos(out)
    assert run(entries) == 0
    assert all(path.stat().st_mtime_ns == time_ns for path, time_ns in done.items())
    assert len(load_photos(out)) == 60 and not list(out.rglob("*.partial"))
