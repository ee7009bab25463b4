from dataclasses import dataclass

import pytest

from training.command import run_training_command
from training.recipe import key


@dataclass(frozen=True)
class Recipe:
    batch_size: int = key(8, "photos in a step", at_least=1)
    epochs: int = key(2, "how many epochs to train", at_least=1)


def run(words: list[str], train=print) -> int:
    try:
        return run_training_command(Recipe, train, words, prog="train", description="Train.", example="train")
    except SystemExit as end:
        return end.code


@pytest.fixture
def config(tmp_path) -> list[str]:
    (tmp_path / "recipe.yaml").write_text("epochs: 3\n")
    return ["--config", str(tmp_path / "recipe.yaml")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(["--bacth_size", "4"], "no option --bacth_size, did you mean --batch_size?", id="misspelt"),
        pytest.param(["--bacth_size=4"], "no option --bacth_size, did you mean --batch_size?", id="misspelt-equals"),
        pytest.param(["--batch", "4"], "no option --batch, did you mean --batch_size?", id="abbreviated"),
        pytest.param(["--qqqq"], "no option --qqqq (", id="unlike-any"),
        pytest.param(["--epochs", "many"], "invalid int value: 'many'", id="no-number"),
        pytest.param(["--epochs", "0"], "epochs is 0: expected a whole number at least 1", id="out-of-range"),
        pytest.param(["more"], "unrecognized arguments: more", id="no-option"),
    ],
)
def test_a_mistake_costs_one_line_that_names_it(config, capsys, words, message):
    assert run([*config, *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Error: ") and message in line


def test_a_misspelt_config_is_told_too(config, capsys):
    assert run(["--confg", config[1]]) == 2
    assert "did you mean --config?" in capsys.readouterr().err


def test_options_reach_the_recipe(config, capsys):
    assert run([*config, "--batch_size", "4"]) == 0
    assert "Recipe(batch_size=4, epochs=3)" in capsys.readouterr().out


def test_help_says_what_each_key_takes(capsys):
    assert run(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "usage: train --config FILE [--KEY VALUE ...]" in shown
    assert "how many epochs to train (a whole number at least 1; default: 2)" in shown
