import json
import re

import numpy as np
import pytest
from PIL import Image

from training.photo_damage.sources import find_sources, list_pictures, load_picture, take_source_apart


def find(folder, lines=None, **options):
    if lines is not None:
        options["annotations"] = folder / "annotations.jsonl"
        options["annotations"].write_text("\n".join(lines))
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
        pytest.param({"usable": True, "rotate": 90}, "lies on its side", id="turned"),
        pytest.param({"usable": True, "bars": True}, "bars at the edges", id="bars"),
    ],
)
def test_unusable_photo_is_left_out_with_the_reason(photo_folder, line, reason):
    sources, left_out = find(photo_folder, [json.dumps({"file": "one.png", **line})])
    assert [source.photo.name for source in sources] == ["two.png"]
    assert left_out == {"photos/one.png": reason}


def test_photo_without_a_matte_is_left_out(photo_folder):
    (photo_folder / "mattes" / "photos" / "two.png").unlink()
    assert find(photo_folder)[1] == {"photos/two.png": "no matte"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param('{"file": "one.png", ', "line 2, is not JSON", id="broken"),
        pytest.param('{"file": "one.png"}', "line 2, needs `file` and `usable`", id="no-usable"),
        pytest.param('{"usable": true}', "line 2, needs `file` and `usable`", id="no-file"),
        pytest.param("[]", "line 2, needs `file` and `usable`", id="no-object"),
        pytest.param('{"file": "a", "usable": true, "saddle": [1, 2, 3]}', "a saddle that is no box", id="box"),
        pytest.param('{"file": "a", "usable": true, "head_tube": "top"}', "a head_tube that is no point", id="point"),
    ],
)
def test_bad_annotation_is_refused_with_file_and_line(photo_folder, line, message):
    with pytest.raises(ValueError, match=re.escape("annotations.jsonl, ") + ".*" + re.escape(message)) as error:
        find(photo_folder, [json.dumps({"file": "two.png", "usable": True}), line])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("layer", ["matte", "plate"])
def test_layer_of_another_size_is_refused_by_name(photo_folder, layer):
    folder, suffix = {"matte": ("mattes", "png"), "plate": ("plates", "jpg")}[layer]
    path = photo_folder / folder / "photos" / f"one.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (160, 120)).save(path)
    with pytest.raises(ValueError, match=re.escape(f"{path} is 160x120 but its photo is 320x240")):
        find(photo_folder, plates=photo_folder / "plates" if layer == "plate" else None)


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


def test_black_matte_is_refused_by_name(photo_folder):
    Image.new("L", (320, 240)).save(photo_folder / "mattes" / "photos" / "one.png")
    with pytest.raises(ValueError, match=r"one\.png shows no bike"):
        take_source_apart(find(photo_folder)[0][0])


def test_large_picture_is_loaded_small(tmp_path):
    Image.new("RGB", (1280, 320), (255, 0, 51)).save(tmp_path / "large.png")
    picture = load_picture(tmp_path / "large.png")
    assert picture.shape == (160, 640, 3) and picture.dtype == np.float32
    assert np.allclose(picture, (1, 0, 0.2))


def test_pictures_are_listed_by_name_and_nothing_else(tmp_path):
    for name in ("b.JPG", "a.png", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in list_pictures(tmp_path)] == ["a.png", "b.JPG"]
