"""Which models `evaluate` measures, and what it says where it cannot."""

import json
import shutil
from argparse import Namespace

import pytest
from huggingface_hub import ModelCard

import training.evaluate
from training.evaluate import choose_models, choose_photos, main


def given(model=None, classifier=None, localizer=None) -> Namespace:
    return Namespace(model=model, classifier=classifier, localizer=localizer)


def test_a_model_takes_the_place_of_its_stage(tiny_models):
    classifier, localizer = str(tiny_models / "classifier"), str(tiny_models / "localizer")
    assert choose_models(given()) == (None, None)
    assert choose_models(given(model=classifier)) == (classifier, None)
    assert choose_models(given(model=localizer, classifier=classifier)) == (classifier, localizer)


def test_two_models_of_one_stage_are_refused(tiny_models):
    with pytest.raises(ValueError, match="--model is a localizer, and --localizer is given too: drop one"):
        choose_models(given(model=str(tiny_models / "localizer"), localizer="other"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--model", "nowhere/at/all"], "nowhere/at/all is no model folder here", id="absent"),
        pytest.param(["--data_dir", "nowhere"], "nowhere", id="no-data"),
    ],
)
def test_what_is_missing_costs_one_line(options, message, capsys):
    assert main(options) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("Error: ") and message in line


def test_cards_are_written_into_folders_alone(tiny_models, bike_folder, tmp_path, capsys):
    (tmp_path / "note.md").write_text("A note.")
    options = ["--classifier", "someone/bike-classifier", "--data_dir", str(bike_folder)]
    assert main([*options, "--write_cards", str(tmp_path / "note.md")]) == 2
    assert "someone/bike-classifier is none: download it first" in capsys.readouterr().err


@pytest.fixture
def note(tmp_path):
    path = tmp_path / "note.md"
    path.write_text("Four rendered bikes.")
    return path


@pytest.fixture
def models(tiny_models, tmp_path):
    """Copies of both models, to write cards into."""
    return shutil.copytree(tiny_models, tmp_path / "models")


def test_a_card_is_written_for_the_model_that_is_named_and_for_no_other(models, bike_folder, note, monkeypatch):
    embedded = models / "localizer"
    monkeypatch.setattr("inspection.inspector.EMBEDDED_LOCALIZER", embedded)
    monkeypatch.setattr(training.evaluate, "EMBEDDED_LOCALIZER", embedded)
    before = {path.name for path in embedded.iterdir()}
    options = ["--model", str(models / "classifier"), "--data_dir", str(bike_folder), "--write_cards", str(note)]
    assert main(options) == 0
    assert {path.name for path in embedded.iterdir()} == before
    card = ModelCard.load(models / "classifier" / "README.md")
    assert "Four rendered bikes." in card.text
    assert card.data.license is None and card.data.base_model is None  # nobody said
    assert json.loads((models / "classifier" / "metrics.json").read_text())["models"]["localizer"] == "localizer"


def test_what_nobody_can_measure_comes_from_the_options(models, bike_folder, note):
    options = ["--classifier", str(models / "classifier"), "--localizer", str(models / "localizer")]
    options += ["--data_dir", str(bike_folder), "--write_cards", str(note), "--license", "cc-by-4.0"]
    assert main([*options, "--base_model", "timm/tf_efficientnet_lite0.in1k", "--dataset", "someone/bikes"]) == 0
    classifier, localizer = (ModelCard.load(models / name / "README.md").data for name in ("classifier", "localizer"))
    assert classifier.license == localizer.license == "cc-by-4.0"
    assert classifier.base_model == "timm/tf_efficientnet_lite0.in1k" and localizer.base_model is None
    assert classifier.datasets == localizer.datasets == ["someone/bikes"]


def test_cards_without_a_named_model_or_of_training_photos_are_refused(models, bike_folder, note, capsys):
    options = ["--data_dir", str(bike_folder), "--write_cards", str(note)]
    assert main(options) == 2
    assert "give --model FOLDER" in capsys.readouterr().err
    assert main([*options, "--model", str(models / "classifier"), "--split", "train"]) == 2
    assert "drop --split train" in capsys.readouterr().err
    assert not (models / "classifier" / "README.md").exists()


def test_photos_without_masks_make_cards_without_figures_of_places(models, bike_folder, note, tmp_path):
    for name in ("intact", "damaged"):
        shutil.copytree(bike_folder / "test" / name, tmp_path / "plain" / "test" / name)
    options = ["--classifier", str(models / "classifier"), "--localizer", str(models / "localizer")]
    assert main([*options, "--data_dir", str(tmp_path / "plain"), "--write_cards", str(note)]) == 0
    for name in ("classifier", "localizer"):
        card = (models / name / "README.md").read_text()
        assert "4 damaged photos, none of those with a mask" in card
        assert not any(word in card.lower().split() for word in ("nan", "-0.000", ".nan"))
        metrics = json.loads((models / name / "metrics.json").read_text())
        assert metrics.pop("seen") == {"classifier": None, "localizer": None, "both": None}
        assert "null" not in json.dumps(metrics)
    assert ModelCard.load(models / "localizer" / "README.md").data.eval_results is None
    assert "average precision" not in (models / "localizer" / "README.md").read_text()


@pytest.mark.parametrize("option", ["--model", "--classifier"])
def test_the_folder_of_a_run_is_pointed_to_its_model(models, bike_folder, tmp_path, capsys, option):
    run = tmp_path / "run"
    shutil.copytree(models / "classifier", run / "model")
    assert main([option, str(run), "--data_dir", str(bike_folder)]) == 2
    assert f"{run} is the folder of a run: give its model, {run / 'model'}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", [["--limit", "0"], ["--limit", "-3"], ["--limit", "1"], ["--max_false_alarm_rate", "1.0"]]
)
def test_numbers_that_measure_nothing_are_refused(options, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(options)
    assert f"{options[1]!r} is no" in capsys.readouterr().err


def test_a_few_photos_are_of_both_classes(bike_folder):
    photos = choose_photos(Namespace(data_dir=bike_folder, split="test", limit=2))
    assert sorted(photo.label for photo in photos) == [0, 1]
