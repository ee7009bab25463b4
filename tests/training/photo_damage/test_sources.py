import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.photo_damage.reading import list_pictures, load_picture, read_matte
from training.photo_damage.sources import find_sources, load_plate, take_source_apart


def find(folder, lines=None, **options):
    if lines is not None:
        options["annotations"] = [folder / "annotations.jsonl"]
        options["annotations"][0].write_text("\n".join(lines))
    return find_sources([folder / "photos"], folder / "mattes", **options)


def test_photos_are_found_with_their_mattes(photo_folder):
    sources, left_out = find(photo_folder)
    assert [source.bike_id for source in sources] == ["photos-one", "photos-two"]
    assert sources[0].matte == photo_folder / "mattes" / "photos" / "one.png"
    assert sources[0].plate is None and not left_out


def test_mattes_without_a_folder_of_their_own_are_found(photo_folder):
    (photo_folder / "mattes" / "photos" / "one.png").rename(photo_folder / "mattes" / "one.png")
    assert len(find(photo_folder)[0]) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param({"usable": False, "reason": "two bikes"}, "two bikes", id="marked"),
        pytest.param({"usable": False}, "marked as not usable", id="marked-without-reason"),
        pytest.param({"usable": True, "rotate": 30}, "lies on its side", id="turned-a-little"),
    ],
)
def test_unusable_photo_is_left_out_with_the_reason(photo_folder, line, reason):
    sources, left_out = find(photo_folder, [json.dumps({"file": "one.png", **line})])
    assert [source.photo.name for source in sources] == ["two.png"]
    assert list(left_out) == ["photos/one.png"] and left_out["photos/one.png"].startswith(reason)


@pytest.mark.parametrize("name", ["one.png", "photos/one.png"])
def test_listed_photo_is_left_out_with_the_reason(photo_folder, name):
    (photo_folder / "left_out.csv").write_text(f'file,reason\n{name},"smeared, badly"\n')
    sources, left_out = find(photo_folder, leave_out=photo_folder / "left_out.csv")
    assert [source.photo.name for source in sources] == ["two.png"]
    assert left_out == {"photos/one.png": "smeared, badly"}


def test_photos_carry_their_credit(photo_folder):
    (photo_folder / "credits.csv").write_text("file,source,path,licence\nphotos/one.png,someone,a/b.png,CC BY 4.0\n")
    sources, _ = find(photo_folder, credits=photo_folder / "credits.csv")
    assert [source.credit for source in sources] == [{"source": "someone", "licence": "CC BY 4.0"}, None]


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        pytest.param("leave_out", "name,reason\na,b\n", "no column `file`", id="column"),
        pytest.param("leave_out", "file,reason\none.png,\n", "line 2, lacks one of file, reason", id="no-reason"),
        pytest.param("credits", "file,source\na,b\n", "no column `licence`", id="no-licence"),
    ],
)
def test_bad_list_is_refused_by_name(photo_folder, option, text, message):
    (photo_folder / "list.csv").write_text(text)
    with pytest.raises(ValueError, match=re.escape("list.csv") + ".*" + re.escape(message)):
        find(photo_folder, **{option: photo_folder / "list.csv"})


def test_photo_without_a_matte_is_left_out(photo_folder):
    (photo_folder / "mattes" / "photos" / "two.png").unlink()
    assert find(photo_folder)[1] == {"photos/two.png": "no matte"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param('{"file": "one.png", ', "line 2, is not JSON", id="broken"),
        pytest.param('{"file": "one.png"}', "line 2, needs `file`, a name, and `usable`", id="no-usable"),
        pytest.param('{"usable": true}', "line 2, needs `file`, a name, and `usable`", id="no-file"),
        pytest.param("[]", "line 2, needs `file`, a name, and `usable`", id="no-object"),
        pytest.param('{"file": "a", "usable": "false"}', "needs `file`, a name, and `usable`", id="usable-as-text"),
        pytest.param('{"file": "a", "usable": true, "rotate": "90"}', "a rotate that is no number", id="rotate"),
        pytest.param('{"file": "a", "usable": true, "saddle": [9, 2, 3, 4]}', "a saddle that is no box", id="reversed"),
        pytest.param('{"file": "a", "usable": true, "bike": [1, 2, 1600, 4]}', "a bike that is no box", id="pixels"),
        pytest.param('{"file": "a", "usable": true, "head_tube": [NaN, 2]}', "a head_tube that is no point", id="nan"),
        pytest.param('{"file": "a", "usable": true, "front_wheel_lean": "x"}', "is no number between", id="lean"),
        pytest.param('{"file": "a", "usable": true, "saddle": [1, 2, 3]}', "a saddle that is no box", id="box"),
        pytest.param('{"file": "a", "usable": true, "head_tube": "top"}', "a head_tube that is no point", id="point"),
    ],
)
def test_bad_annotation_is_refused_with_file_and_line(photo_folder, line, message):
    with pytest.raises(ValueError, match=re.escape("annotations.jsonl, ") + ".*" + re.escape(message)) as error:
        find(photo_folder, [json.dumps({"file": "two.png", "usable": True}), line])
    assert "\n" not in str(error.value)


def test_lists_as_excel_saves_them_and_empty_lines_are_read(photo_folder):
    (photo_folder / "left_out.csv").write_text("file,reason\none.png,smeared\n", encoding="utf-8-sig")
    sources, left_out = find(photo_folder, ["", json.dumps({"file": "two.png", "usable": True}), " "])
    assert len(sources) == 2
    assert find(photo_folder, leave_out=photo_folder / "left_out.csv")[1] == {"photos/one.png": "smeared"}


def test_list_in_another_encoding_is_named(photo_folder):
    (photo_folder / "annotations.jsonl").write_bytes(b'{"file": "\xe9", "usable": true}')
    with pytest.raises(ValueError, match=r"annotations\.jsonl is not UTF-8"):
        find(photo_folder, annotations=[photo_folder / "annotations.jsonl"])


@pytest.mark.parametrize("layer", ["matte", "plate"])
def test_layer_of_another_size_is_left_out_by_name(photo_folder, layer):
    folder, suffix = {"matte": ("mattes", "png"), "plate": ("plates", "jpg")}[layer]
    path = photo_folder / folder / "photos" / f"one.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (160, 120), 200).save(path)
    sources, left_out = find(photo_folder, plates=photo_folder / "plates" if layer == "plate" else None)
    assert [source.photo.name for source in sources] == ["two.png"]
    assert left_out["photos/one.png"].startswith(f"{path} is 160x120 but its photo is 320x240: export it")


@pytest.mark.parametrize("folder", ["photos", "mattes/photos"])
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(lambda path: path.write_bytes(b""), "is empty", id="empty"),
        pytest.param(lambda path: path.write_text("a bike"), "is not an image", id="text"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:200]), "damaged or truncated", id="truncated"),
        pytest.param(lambda path: Image.new("L", (2, 1), 255).save(path), "is 2x1", id="tiny"),
        pytest.param(lambda path: Image.new("1", (20000, 20000)).save(path), "is 20000x20000", id="bomb"),
    ],
)
def test_bad_file_costs_its_photo_and_not_the_run(photo_folder, folder, spoil, reason):
    spoil(photo_folder / folder / "one.png")
    sources, left_out = find(photo_folder)
    assert [source.photo.name for source in sources] == ["two.png"]
    assert "one.png" in left_out["photos/one.png"] and reason in left_out["photos/one.png"]


def test_photo_of_16_bits_keeps_its_light(photo_folder, drawn_bike):
    grey = drawn_bike.photo.mean(axis=2)
    Image.fromarray((grey * 257).astype(np.uint16)).save(photo_folder / "photos" / "one.png")
    photo, _, _ = take_source_apart(find(photo_folder)[0][0])
    assert np.abs(photo.mean(axis=2) - grey).max() < 1.5


def test_cut_out_serves_as_its_own_matte(photo_folder, drawn_bike):
    cut_out = np.dstack([0 * drawn_bike.photo, drawn_bike.matte])  # black, and clear where there is no bike
    Image.fromarray(cut_out).save(photo_folder / "mattes" / "photos" / "one.png")
    assert np.array_equal(read_matte(photo_folder / "mattes" / "photos" / "one.png"), drawn_bike.matte)
    assert len(find(photo_folder)[0]) == 2


def test_folders_of_one_name_are_refused(photo_folder):
    other = photo_folder / "other" / "photos"
    other.mkdir(parents=True)
    with pytest.raises(ValueError, match="two folders of photos have the same name"):
        find_sources([photo_folder / "photos", other], photo_folder / "mattes")


def test_bikes_are_named_alike_from_inside_their_folder(photo_folder, monkeypatch):
    named = [source.bike_id for source in find(photo_folder)[0]]
    monkeypatch.chdir(photo_folder / "photos")
    sources, _ = find_sources([Path()], photo_folder / "mattes")
    assert [source.bike_id for source in sources] == named


def test_photo_turned_by_its_camera_is_compared_upright(photo_folder, drawn_bike):
    turned = Image.fromarray(np.rot90(drawn_bike.photo).copy())
    exif = Image.Exif()
    exif[274] = 6  # stored on its side: turn right by 90 degrees to see it
    turned.save(photo_folder / "photos" / "one.png", exif=exif)
    sources, _ = find(photo_folder)
    assert np.array_equal(take_source_apart(sources[0])[0], drawn_bike.photo)


@pytest.mark.parametrize("missing", ["photos", "mattes", "plates"])
def test_missing_folder_is_named(photo_folder, missing):
    folders = {"photos": photo_folder / "photos", "mattes": photo_folder / "mattes", "plates": None}
    folders[missing] = photo_folder / "nowhere"
    with pytest.raises(FileNotFoundError, match="nowhere"):
        find_sources([folders["photos"]], folders["mattes"], folders["plates"])


def test_source_is_taken_apart_at_its_own_size(photo_folder, drawn_bike):
    photo, layers, parts = take_source_apart(find(photo_folder)[0][0])
    assert np.array_equal(photo, drawn_bike.photo)
    assert np.allclose(layers.alpha, drawn_bike.matte / 255)
    assert {"front_wheel", "rear_wheel", "saddle", "handlebar", "drivetrain"} == set(parts.boxes)


def test_annotated_source_has_its_own_parts_and_the_bike_in_its_box_only(photo_folder):
    line = {"file": "one.png", "usable": True, "saddle": [100, 200, 300, 400], "bike": [0, 0, 500, 1000]}
    _, layers, parts = take_source_apart(find(photo_folder, [json.dumps(line)])[0][0])
    assert parts.boxes == {"saddle": (32, 48, 96, 96)}
    assert layers.alpha[:, :160].any() and not layers.alpha[:, 172:].any()


@pytest.mark.parametrize(("alpha", "reason"), [(0, "shows no bike"), (255, "takes nearly the whole photo")])
def test_useless_matte_is_left_out(photo_folder, alpha, reason):
    Image.new("L", (320, 240), alpha).save(photo_folder / "mattes" / "photos" / "one.png")
    assert reason in find(photo_folder)[1]["photos/one.png"]


def test_matte_without_the_annotated_bike_is_left_out(photo_folder):
    line = {"file": "one.png", "usable": True, "bike": [0, 0, 50, 50]}
    assert "one.png shows no bike" in find(photo_folder, [json.dumps(line)])[1]["photos/one.png"]


def test_wheel_outside_the_bikes_box_stays_with_the_bike(photo_folder):
    line = {"file": "one.png", "usable": True, "bike": [0, 0, 500, 1000], "front_wheel": [580, 490, 940, 960]}
    _, layers, _ = take_source_apart(find(photo_folder, [json.dumps(line)])[0][0])
    assert layers.alpha[227, 244] > 0.9  # the front tyre on the ground


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_photo_on_its_side_is_set_upright_with_its_parts(photo_folder, drawn_bike, degrees):
    upright = {"file": "one.png", "usable": True, "saddle": [300, 310, 430, 350], "head_tube": [640, 400]}
    expected = take_source_apart(find(photo_folder, [json.dumps(upright)])[0][0])
    turns = degrees // 90  # anticlockwise, as it was laid down; `rotate` turns it back
    for name, picture in (("photos", drawn_bike.photo), ("mattes/photos", drawn_bike.matte)):
        Image.fromarray(np.rot90(picture, turns).copy()).save(photo_folder / name / "one.png")
    lying = {**upright, "rotate": degrees}
    for _ in range(turns):
        (x0, y0, x1, y1), (x, y) = lying["saddle"], lying["head_tube"]
        lying |= {"saddle": [y0, 1000 - x1, y1, 1000 - x0], "head_tube": [y, 1000 - x]}
    photo, layers, parts = take_source_apart(find(photo_folder, [json.dumps(lying)])[0][0])
    assert np.array_equal(photo, expected[0])
    assert np.array_equal(layers.alpha, expected[1].alpha)
    assert parts.boxes["saddle"] == pytest.approx(expected[2].boxes["saddle"])
    assert parts.points["head_tube"] == pytest.approx(expected[2].points["head_tube"])


def test_bars_are_cut_off_and_boxes_follow(photo_folder, drawn_bike):
    for name, picture in (("photos", drawn_bike.photo), ("mattes/photos", drawn_bike.matte)):
        padding = ((60, 60), (0, 0), (0, 0))[: picture.ndim]
        Image.fromarray(np.pad(picture, padding)).save(photo_folder / name / "one.png")
    box = [300, 1000 * (60 + 75) / 360, 430, 1000 * (60 + 84) / 360]
    line = {"file": "one.png", "usable": True, "bars": True, "saddle": box, "bike": [0, 280, 1000, 830]}
    photo, _, parts = take_source_apart(find(photo_folder, [json.dumps(line)])[0][0])
    assert drawn_bike.photo.shape[0] - 6 <= photo.shape[0] <= drawn_bike.photo.shape[0]
    assert photo.min(axis=(1, 2)).max() > 0 and photo[0].mean() > 150 and photo[-1].mean() > 150
    cut = (drawn_bike.photo.shape[0] - photo.shape[0]) / 2
    assert parts.boxes["saddle"] == pytest.approx((96, 75 - cut, 137.6, 84 - cut), abs=0.6)


def test_plate_is_loaded_as_the_photo_is_framed(photo_folder, drawn_bike):
    (photo_folder / "plates" / "photos").mkdir(parents=True)
    Image.new("RGB", (320, 240), (51, 51, 51)).save(photo_folder / "plates" / "photos" / "one.jpg")
    line = {"file": "one.png", "usable": True, "rotate": 90, "head_tube": [640, 400]}
    plate, annotation = load_plate(find(photo_folder, [json.dumps(line)], plates=photo_folder / "plates")[0][0])
    assert plate.shape == (320, 240, 3) and np.allclose(plate, 0.2, atol=0.01)
    assert annotation["head_tube"] == [600, 640]


def test_kept_colour_saves_the_estimate(photo_folder, drawn_bike):
    colour = Image.new("RGB", (320, 240), (255, 0, 51))
    colour.save(photo_folder / "colour.png")
    source = replace(find(photo_folder)[0][0], colour=photo_folder / "colour.png")
    assert np.allclose(take_source_apart(source)[1].colour, (1, 0, 0.2))


def test_large_picture_is_loaded_small(tmp_path):
    Image.new("RGB", (1280, 320), (255, 0, 51)).save(tmp_path / "large.png")
    picture = load_picture(tmp_path / "large.png")
    assert picture.shape == (160, 640, 3) and picture.dtype == np.float32
    assert np.allclose(picture, (1, 0, 0.2))


def test_pictures_are_listed_by_name_and_nothing_else(tmp_path):
    for name in ("b.JPG", "a.png", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in list_pictures(tmp_path)] == ["a.png", "b.JPG"]
