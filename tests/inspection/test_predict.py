import json
import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from PIL import Image

from inspection.photo import PhotoError, read_photo
from inspection.predict import main, make_batches


@dataclass
class StandInInspection:
    """What predict reads of an Inspection."""

    photo: str
    verdict: str | None = None
    bike_found: bool = False
    error: str | None = None
    has_anomaly_map: bool = False

    def overlay(self) -> Image.Image:
        return Image.new("RGB", (64, 48))

    def to_dict(self) -> dict:
        return {"photo": self.photo, "verdict": self.verdict, "error": self.error, "seconds": 0.5}


class StandInInspector:
    """Judges by name: damaged*, intact*, any other has no bike; stops for interrupt* and breaks at crash*."""

    batches: list[int] = []

    @classmethod
    def from_pretrained(cls, **models):
        cls.batches = []
        return cls()

    def inspect(self, photos, always_localize, stage1_only, damage_threshold, anomaly_threshold):
        self.batches.append(len(photos))
        return [self._inspect_one(photo) for photo in photos]

    def _inspect_one(self, photo) -> StandInInspection:
        if photo.name.startswith("interrupt"):
            raise KeyboardInterrupt
        if photo.name.startswith("crash"):
            raise RuntimeError("out of\nmemory")
        try:
            read_photo(photo)
        except PhotoError as error:
            return StandInInspection(str(photo), error=str(error))
        verdict = next((v for v in ("DAMAGED", "INTACT") if photo.name.startswith(v.lower())), None)
        return StandInInspection(str(photo), verdict, verdict is not None, has_anomaly_map=verdict == "DAMAGED")


@pytest.fixture(autouse=True)
def stand_in_inspector(monkeypatch):
    """For the tests of the command line alone; the last one runs it as a user does, with models."""
    module = SimpleNamespace(BikeInspector=StandInInspector)
    monkeypatch.setitem(sys.modules, "inspection.inspector", module)


@pytest.fixture
def folder(tmp_path):
    for name in ("damaged1.jpg", "damaged2.png", "intact1.jpg", "street.jpg"):
        Image.new("RGB", (64, 48)).save(tmp_path / name)
    return tmp_path


def test_one_json_line_a_photo_and_overlays_where_stage_2_ran(folder, capsys):
    out = folder / "out"
    assert main([str(folder), "--out", str(out)]) == 0
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.out.splitlines()]
    assert [line["verdict"] for line in lines] == ["DAMAGED", "DAMAGED", "INTACT", None]
    assert [line["overlay"] for line in lines] == [
        str(out / "damaged1.overlay.jpg"),
        str(out / "damaged2.overlay.jpg"),
        None,
        None,
    ]
    assert list(lines[0]) == ["photo", "verdict", "overlay", "error", "seconds"]
    assert sorted(path.name for path in out.iterdir()) == ["damaged1.overlay.jpg", "damaged2.overlay.jpg"]
    assert "4 photos: 1 intact, 2 damaged, 1 no bike, 0 unreadable" in captured.err
    assert f"2 overlays in {out}" in captured.err


def test_without_out_no_overlay_is_written(folder, capsys):
    assert main([str(folder)]) == 0
    assert all(json.loads(line)["overlay"] is None for line in capsys.readouterr().out.splitlines())
    assert not list(folder.rglob("*.overlay.jpg"))


def test_an_unreadable_photo_is_named_and_the_rest_go_on(folder, capsys):
    (folder / "broken.jpg").write_bytes(b"no image")
    assert main([str(folder)]) == 1
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.out.splitlines()]
    assert len(lines) == 5
    assert "broken.jpg is not an image" in lines[0]["error"]
    assert f"unreadable: {folder / 'broken.jpg'} is not an image we can read" in captured.err
    assert "1 intact, 2 damaged, 1 no bike, 1 unreadable" in captured.err


def test_an_existing_overlay_is_refused_before_any_work(folder, capsys):
    out = folder / "out"
    main([str(folder), "--out", str(out)])
    capsys.readouterr()
    assert main([str(folder), "--out", str(out)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"Error: {out / 'damaged1.overlay.jpg'} and 1 more exist: add --overwrite or choose another --out\n"
    )
    assert main([str(folder), "--out", str(out), "--overwrite"]) == 0


def test_photos_of_one_name_get_overlays_of_their_own(folder):
    (folder / "left").mkdir()
    photos = [folder / "damaged1.jpg", folder / "left" / "damaged1.jpg", folder / "damaged1.png"]
    for photo in photos:
        Image.new("RGB", (64, 48)).save(photo)
    out = folder / "out"
    assert main([*map(str, photos), "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "damaged1-2.overlay.jpg",
        "damaged1-3.overlay.jpg",
        "damaged1.overlay.jpg",
    ]


def test_ctrl_c_keeps_what_is_finished(folder, capsys):
    Image.new("RGB", (64, 48)).save(folder / "interrupt.jpg")
    assert main([str(folder), "--batch-size", "1"]) == 130
    captured = capsys.readouterr()
    verdicts = [json.loads(line)["verdict"] for line in captured.out.splitlines()]
    assert verdicts == ["DAMAGED", "DAMAGED", "INTACT"]
    assert "3 photos: 1 intact, 2 damaged" in captured.err


def test_a_failure_is_one_line_and_a_traceback_only_when_asked(folder, capsys):
    Image.new("RGB", (64, 48)).save(folder / "crash.jpg")
    assert main([str(folder / "crash.jpg")]) == 1
    assert capsys.readouterr().err == "Error: out of memory\n"
    assert main([str(folder / "crash.jpg"), "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "the following arguments are required: PHOTO_OR_FOLDER", id="nothing"),
        pytest.param(["nowhere"], "nowhere does not exist", id="missing-path"),
        pytest.param(["{folder}/empty"], "empty holds no photos", id="empty-folder"),
        pytest.param(["{folder}", "--out", "{folder}/damaged1.jpg"], "is a file: give a folder", id="out-is-a-file"),
        pytest.param(
            ["{folder}", "--damage-threshold", "40"],
            "40 is not a number from 0 to 1",
            id="threshold-in-percent",
        ),
        pytest.param(["{folder}", "--anomaly-threshold", "nan"], "nan is not a number from 0 to 1", id="threshold-nan"),
        pytest.param(["{folder}", "--batch-size", "0"], "0 is not a whole number from 1 up", id="batch-size"),
        pytest.param(["{folder}", "--stage1-only", "--always-localize"], "not allowed with", id="both-stages"),
        pytest.param(["{folder}", "--threshold", "0.5"], "unrecognized arguments: --threshold", id="unknown-option"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_status_2(folder, capsys, arguments, message):
    (folder / "empty").mkdir()
    try:
        status = main([argument.format(folder=folder) for argument in arguments])
    except SystemExit as stop:  # argparse's own way
        status = stop.code
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    assert captured.err.startswith("Error: ")
    assert captured.err.count("\n") == 1
    assert message in captured.err


def test_batches_keep_to_both_limits_and_a_huge_photo_goes_alone(tmp_path):
    sizes_wh = {"a": (40, 40), "b": (40, 40), "c": (100, 100), "d": (40, 40), "e": (40, 40), "f": (40, 40)}
    photos = [tmp_path / f"{name}.png" for name in sizes_wh]
    for photo, size_wh in zip(photos, sizes_wh.values(), strict=True):
        Image.new("L", size_wh).save(photo)
    batches = make_batches(photos, batch_size=2, max_pixels=5000)
    assert ["".join(photo.stem for photo in batch) for batch in batches] == ["ab", "c", "de", "f"]


def test_the_batch_size_reaches_the_inspector(folder, capsys):
    main([str(folder), "--batch-size", "3"])
    assert StandInInspector.batches == [3, 1]


def test_help_shows_an_example_and_every_default(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    text = capsys.readouterr().out
    assert "example: python -m inspection.predict photos/ --out overlays/" in text
    assert text.count("default") >= 10


@pytest.mark.slow
def test_with_models_it_prints_what_it_found_and_fails_for_a_broken_photo(tiny_models, bike_photo, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "broken.jpg").write_bytes(b"no image")
    damaged = bike_photo(640, 480, [(200, 100, 500, 400)], [(300, 200, 360, 240)])
    Image.fromarray(damaged).save(photos / "damaged.png")
    options = {"--classifier": tiny_models / "classifier", "--localizer": tiny_models / "localizer"}
    options |= {"--out": tmp_path / "out", "--device": "cpu"}
    run = subprocess.run(
        [sys.executable, "-m", "inspection.predict", photos, *(part for option in options.items() for part in option)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    broken, found = (json.loads(line) for line in run.stdout.splitlines())
    assert "broken.jpg is not an image" in broken["error"]
    assert broken["verdict"] is None
    overlay = tmp_path / "out" / "damaged.overlay.jpg"
    assert list(found) == [
        *("photo", "width", "height", "bike_found", "verdict", "probability", "regions", "overlay", "error", "seconds"),
    ]
    assert found | {"probability": 1, "regions": [], "seconds": 0} == {
        "photo": str(photos / "damaged.png"),
        "width": 640,
        "height": 480,
        "bike_found": True,
        "verdict": "DAMAGED",
        "probability": 1,
        "regions": [],
        "overlay": str(overlay),
        "error": None,
        "seconds": 0,
    }
    assert [region["part"] for region in found["regions"]] == ["front wheel"]
    with Image.open(overlay) as image:
        assert image.size == (640, 480)
    assert "2 photos: 0 intact, 1 damaged, 0 no bike, 1 unreadable" in run.stderr
    assert "1 overlays in" in run.stderr
