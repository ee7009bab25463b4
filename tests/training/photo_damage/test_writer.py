import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from training.data import load_photos
from training.photo_damage.damage import Material
from training.photo_damage.edits import EDITS
from training.photo_damage.parts import PART_IDS, UNKNOWN
from training.photo_damage.sources import find_sources
from training.photo_damage.writer import PairWriter
from training.splits import SPLITS

COUNT = 6
KINDS = tuple(sorted(EDITS))


@pytest.fixture
def make_writer(photo_folder, material):
    sources, _ = find_sources([photo_folder / "photos"], photo_folder / "mattes")

    def make(out, kinds=KINDS, seed=5):
        return PairWriter(sources, photo_folder / out, material, kinds, seed)

    return make


def read_files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_run_killed_half_way_and_started_again_gives_the_same_files(make_writer, photo_folder):
    make_writer("whole").finish(COUNT)
    killed = make_writer("killed")
    for index in (3, 0):
        killed.write(index)
    # Killed within pair 1: one picture is there, another half, no record.
    name = "photos-two_000001"
    (photo_folder / "killed" / "intact" / f"{name}.jpg").write_bytes(b"of another run")
    (photo_folder / "killed" / "damaged" / f".{name}.jpg.partial").write_bytes(b"\xff\xd8half")
    make_writer("killed").finish(COUNT)
    assert read_files(photo_folder / "killed") == read_files(photo_folder / "whole")


def test_finished_pairs_are_not_made_again(make_writer, photo_folder):
    make_writer("out").finish(2)
    before = {path: path.stat().st_mtime_ns for path in (photo_folder / "out").rglob("*.jpg")}
    make_writer("out").finish(2)
    assert {path: path.stat().st_mtime_ns for path in (photo_folder / "out").rglob("*.jpg")} == before


@pytest.mark.parametrize(
    ("name", "other"),
    [
        pytest.param("seed", {"seed": 6}, id="seed"),
        pytest.param("kinds", {"kinds": ["rust", "saddle_missing"]}, id="kinds"),
    ],
)
def test_folder_of_other_settings_is_refused(make_writer, name, other):
    make_writer("out", kinds=["saddle_missing"]).finish(1)
    with pytest.raises(ValueError, match=f"made with other {name}"):
        make_writer("out", **{"kinds": ["saddle_missing"], **other})


def test_folder_of_other_photos_is_refused(make_writer, photo_folder):
    make_writer("out").finish(1)
    Image.new("L", (320, 240), 255).save(photo_folder / "mattes" / "photos" / "one.png")
    with pytest.raises(ValueError, match="made with other inputs"):
        make_writer("out")


def test_fewer_pairs_than_the_folder_holds_are_refused(make_writer):
    writer = make_writer("out")
    writer.finish(3)
    writer.check_count(3)
    with pytest.raises(ValueError, match="holds 3 pairs: give no smaller --count"):
        writer.check_count(2)


def test_unfinished_folder_is_no_data_set(make_writer, photo_folder):
    make_writer("out").write(0)
    with pytest.raises(ValueError, match="is not finished: run what makes it again"):
        load_photos(photo_folder / "out")


def test_each_side_of_the_split_paints_with_its_own_pictures():
    material = Material([Path(f"rust/{n}.jpg") for n in range(60)], [Path(f"wall/{n}.jpg") for n in range(60)])
    sides = [material.of_side(side) for side in SPLITS]
    for kind in ("rust", "textures"):
        pictures = [getattr(side, kind) for side in sides]
        assert sorted(sum(pictures, [])) == sorted(getattr(material, kind))
        assert len(pictures[0]) > 30 and all(pictures)


def test_every_line_of_metadata_tells_all(make_writer, photo_folder):
    lines = make_writer("out").finish(COUNT)
    assert [json.loads(line) for line in (photo_folder / "out" / "metadata.jsonl").read_text().splitlines()] == lines
    assert len(lines) == 2 + 2 * COUNT  # each photo untouched, and the pairs
    assert {line["scene"] for line in lines} == {"untouched", "home", "composed"}
    for line in lines:
        assert (photo_folder / "out" / line["file_name"]).exists()
        assert line["bike_id"] in ("photos-one", "photos-two") and line["seed"] == 5
        assert line["source"] == f"{line['bike_id'].removeprefix('photos-')}.png"
        assert bool(line["damages"]) == line["file_name"].startswith("damaged/")
        for damage in line["damages"]:
            assert damage["type"] in EDITS and damage["part"] in PART_IDS
            assert 0 < damage["severity"] <= 1


def test_boxes_hold_the_mask(make_writer, photo_folder):
    for line in make_writer("out").finish(COUNT):
        if line["damages"]:
            mask = read(photo_folder / "out" / "masks" / f"{line['file_name'].removesuffix('.jpg')}.png")
            assert set(np.unique(mask)) == {0, 255}
            boxes = np.array([damage["box"] for damage in line["damages"]])
            rows, columns = np.nonzero(mask)
            assert [columns.min(), rows.min()] == boxes[:, :2].min(axis=0).tolist()
            assert [columns.max() + 1, rows.max() + 1] == boxes[:, 2:].max(axis=0).tolist()


def test_twins_over_their_own_plate_differ_only_near_the_mask(make_writer, photo_folder):
    out = photo_folder / "out"
    lines = make_writer("out").finish(COUNT)
    damaged = [line["file_name"] for line in lines if line["damages"] and line["scene"] == "home"]
    assert damaged
    for name in damaged:
        stem = Path(name).stem
        twins = [read(out / label / f"{stem}.jpg").astype(int) for label in ("intact", "damaged")]
        mask = read(out / "masks" / "damaged" / f"{stem}.png")
        near = cv2.dilate(mask, np.ones((41, 41), np.uint8)) > 0  # JPEG spreads a change over blocks of 16
        difference = np.abs(twins[0] - twins[1]).max(axis=2)
        # Beside the mask at most what does not show: CHANGE is 15 of 255, and a single pixel may exceed it.
        assert (difference[~near] > 15).mean() < 1e-3
        assert difference[~near].mean() < 0.5
        assert np.quantile(difference[mask > 0], 0.9) > 15


def test_every_damage_can_be_seen_at_the_size_a_classifier_sees(make_writer, photo_folder):
    out = photo_folder / "out"
    lines = make_writer("out").finish(2 * COUNT)
    damaged = [Path(line["file_name"]).name for line in lines if line["damages"]]
    assert damaged
    for name in damaged:
        halves = [
            cv2.resize(read(out / label / name), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(int)
            for label in ("intact", "damaged")
        ]
        changed = np.abs(halves[0] - halves[1]).max(axis=2) > 0.12 * 255
        assert changed.mean() > 0.001  # of these drawn photos a spot of 8 x 10 pixels


def test_part_ids_are_those_of_the_contract_and_both_twins_share_them(make_writer, photo_folder):
    out = photo_folder / "out"
    make_writer("out").finish(2)
    for path in sorted((out / "parts" / "damaged").iterdir()):
        labels = read(path)
        assert set(np.unique(labels)) <= {0, *PART_IDS.values(), UNKNOWN}
        assert labels.shape == read(out / "damaged" / f"{path.stem}.jpg").shape[:2]
        assert np.array_equal(labels, read(out / "parts" / "intact" / path.name))


def test_untouched_photo_is_kept_whole(make_writer, photo_folder, drawn_bike):
    make_writer("out").write(0)
    original = read(photo_folder / "out" / "intact" / "photos-one_000000_original.jpg")
    # A camera's exposure and noise apart, it is the photo.
    assert np.corrcoef(original.ravel(), drawn_bike.photo.ravel())[0, 1] > 0.95


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"kinds": ["melted"]}, "no kind of damage is named 'melted'", id="kind"),
        pytest.param({"sources": []}, "no photo can be used", id="sources"),
    ],
)
def test_writer_with_nothing_to_do_is_refused(tmp_path, material, options, message):
    given = {"sources": [None], "kinds": ["rust"], **options}
    with pytest.raises(ValueError, match=message):
        PairWriter(out=tmp_path, material=material, seed=1, **given)
