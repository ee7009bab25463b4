import pytest
from datasets import load_dataset

from training.photo_damage.__main__ import main, parse_arguments


@pytest.fixture
def arguments(photo_folder, material):
    return {
        "photos": photo_folder / "photos",
        "--mattes": photo_folder / "mattes",
        "--rust": material.rust[0].parent,
        "--textures": material.textures[0].parent,
        "--out": photo_folder / "out",
    }


def flatten(arguments: dict, *more: str) -> list[str]:
    options = [str(word) for pair in arguments.items() if pair[0].startswith("--") for word in pair]
    return [str(arguments["photos"]), *options, *more]


@pytest.mark.slow
def test_pairs_made_on_the_command_line_are_an_image_folder(arguments, photo_folder, capsys):
    assert main(flatten(arguments, "--count", "3", "--workers", "1")) == 0
    assert "2 photos, 3 pairs" in capsys.readouterr().err
    rows = load_dataset(
        "imagefolder", data_dir=str(photo_folder / "out"), split="train", cache_dir=str(photo_folder / "cache")
    )
    assert len(rows) == 2 + 2 * 3
    assert {row["bike_id"] for row in rows} == {"photos-one", "photos-two"}
    assert sum(bool(row["damages"]) for row in rows) == 3
    assert all(max(row["image"].size) <= 640 for row in rows)


@pytest.mark.parametrize("name", ["photos", "--mattes", "--rust", "--textures", "--plates", "--annotations"])
def test_wrong_folder_ends_with_2_and_one_line(arguments, photo_folder, capsys, name):
    arguments[name] = photo_folder / "nowhere"
    assert main(flatten(arguments)) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ") and error.count("\n") == 1 and "nowhere" in error
    assert not (photo_folder / "out").exists()


def test_photos_without_mattes_end_with_2_and_are_listed(arguments, photo_folder, capsys):
    for matte in (photo_folder / "mattes" / "photos").iterdir():
        matte.unlink()
    assert main(flatten(arguments)) == 2
    assert capsys.readouterr().err.splitlines()[:2] == [f"left out: photos/{n}.png: no matte" for n in ("one", "two")]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--count", "0"], id="none"),
        pytest.param(["--workers", "-1"], id="negative"),
        pytest.param(["--count", "many"], id="word"),
        pytest.param(["--kinds", "melted"], id="kind"),
        pytest.param(["--seed", "-1"], id="seed"),
        pytest.param(["--preview", "sheet.xyz"], id="no-picture"),
        pytest.param(["--preview", "nowhere/sheet.jpg"], id="no-folder"),
    ],
)
def test_wrong_usage_ends_with_2(arguments, capsys, words):
    with pytest.raises(SystemExit) as error:
        parse_arguments(flatten(arguments, *words))
    assert error.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_unreadable_material_is_said_and_left_out(arguments, photo_folder, material, capsys):
    (material.textures[0].parent / "broken.jpg").write_bytes(b"")
    assert main(flatten(arguments, "--count", "1", "--workers", "1", "--kinds", "saddle_missing")) == 0
    assert "left out: " in (error := capsys.readouterr().err) and "broken.jpg is empty" in error
    (material.textures[0].parent / "broken.jpg").unlink()


def test_smaller_count_than_before_is_refused(arguments, capsys):
    given = flatten(arguments, "--workers", "1", "--kinds", "saddle_missing", "--count")
    assert main([*given, "2"]) == 0
    assert main([*given, "1"]) == 2
    assert "holds 2 pairs: give no smaller --count" in capsys.readouterr().err
