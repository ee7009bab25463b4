"""Which models `evaluate` measures, and what it says where it cannot."""

from argparse import Namespace

import pytest

from inspection.inspector import EMBEDDED_CLASSIFIER, EMBEDDED_LOCALIZER
from training.evaluate import choose_models, main


def given(model=None, classifier=None, localizer=None) -> Namespace:
    return Namespace(model=model, classifier=classifier, localizer=localizer)


def test_a_model_takes_the_place_of_its_stage(tiny_models):
    classifier, localizer = str(tiny_models / "classifier"), str(tiny_models / "localizer")
    assert choose_models(given()) == (str(EMBEDDED_CLASSIFIER), str(EMBEDDED_LOCALIZER))
    assert choose_models(given(model=classifier)) == (classifier, str(EMBEDDED_LOCALIZER))
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
