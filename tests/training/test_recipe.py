import argparse
from dataclasses import dataclass

import pytest

from modeling import DraemConfig
from training.recipe import add_recipe_options, key, load_recipe


@dataclass(frozen=True)
class Recipe:
    epochs: int = key(10, "epochs", at_least=1)
    learning_rate: float = key(0.1, "of the heads", above=0, at_most=1)
    data_dir: str = key("data", "folder of photos")
    weights: str | None = key(None, "file of weights")
    kinds: list[str] = key([], "kinds to leave out")
    precision: str = key("no", "of the numbers", choices=("no", "bf16"))
    height: int = key(64, "height of the canvas", at_least=32, multiple_of=32)
    is_quick: bool = key(False, "whether to hurry, by up to 50%")


def write(folder, text):
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


def test_the_file_beats_the_default_and_the_command_line_beats_both(tmp_path):
    path = write(tmp_path, "epochs: 3\ndata_dir: photos\n")
    assert load_recipe(Recipe, path, epochs=5, weights=None) == Recipe(5, 0.1, "photos")


def test_a_whole_number_is_a_fine_rate(tmp_path):
    assert load_recipe(Recipe, write(tmp_path, "epochs: 3\nlearning_rate: 1\n")).learning_rate == 1


def test_a_number_that_yaml_takes_for_text_is_one(tmp_path):
    assert load_recipe(Recipe, write(tmp_path, "learning_rate: 1e-3\n")).learning_rate == 0.001
    assert load_recipe(Recipe, write(tmp_path, "data_dir: 1e-3\n")).data_dir == "1e-3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("epoch: 3\n", "unknown key 'epoch': did you mean 'epochs'?", id="misspelt"),
        pytest.param("epochs: 3\nqqq: 1\n", "unknown key 'qqq': known keys: data_dir, epochs", id="unknown"),
        pytest.param("epochs: 2.5\n", r"epochs is 2\.5: expected a whole number", id="fraction"),
        pytest.param("epochs: true\n", "epochs is True: expected a whole number", id="truth"),
        pytest.param("epochs: 3\nlearning_rate: fast\n", "learning_rate is 'fast': expected a number", id="word"),
        pytest.param("learning_rate: .nan\n", "learning_rate is nan: expected a number that is finite", id="nan"),
        pytest.param("learning_rate: .inf\n", "learning_rate is inf: expected a number that is finite", id="infinite"),
        pytest.param(
            "height: 100\n", "height is 100: expected a whole number at least 32 and a multiple of 32", id="stride"
        ),
        pytest.param("epochs: 0\n", "epochs is 0: expected a whole number at least 1", id="below"),
        pytest.param("learning_rate: 0\n", "expected a number above 0 and at most 1", id="bounds"),
        pytest.param("precision: half\n", "precision is 'half': expected one of no, bf16", id="choice"),
        pytest.param("kinds: rust\n", "kinds is 'rust': expected a list of texts", id="no-list"),
        pytest.param("data_dir: null\n", "data_dir is None: expected text", id="null"),
        pytest.param("- 3\n", "holds no keys", id="list"),
        pytest.param("", "holds no keys", id="empty"),
        pytest.param("epochs: [3\n", "is not YAML", id="no-yaml"),
    ],
)
def test_a_wrong_recipe_is_refused_with_the_key_and_the_fix(tmp_path, text, message):
    with pytest.raises(ValueError, match=message.replace("?", r"\?")) as caught:
        load_recipe(Recipe, write(tmp_path, text))
    assert "recipe.yaml" in str(caught.value)


def test_every_key_is_an_option_and_help_says_what_it_means(tmp_path, capsys):
    parser = argparse.ArgumentParser()
    add_recipe_options(parser, Recipe)
    words = ["--config", str(write(tmp_path, "epochs: 3\nweights: a.safetensors\n")), "--kinds", "rust", "dent"]
    given = parser.parse_args([*words, "--learning_rate", "1e-3", "--is_quick"])
    assert load_recipe(Recipe, **vars(given)) == Recipe(
        3, 1e-3, "data", "a.safetensors", ["rust", "dent"], is_quick=True
    )
    with pytest.raises(SystemExit):
        parser.parse_args(["--help"])
    shown = capsys.readouterr().out
    assert all(f"--{name}" in shown for name in vars(Recipe()))
    assert "of the heads (a number above 0 and at most 1; default: 0.1)" in " ".join(shown.split())
    assert "of the numbers (one of no, bf16; default: no)" in " ".join(shown.split())
    assert "50%" in shown


def test_an_option_out_of_range_names_the_key(tmp_path):
    with pytest.raises(ValueError, match="epochs is -2: expected a whole number at least 1"):
        load_recipe(Recipe, write(tmp_path, "epochs: 3\n"), epochs=-2)


def test_a_missing_recipe_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.yaml does not exist"):
        load_recipe(Recipe, tmp_path / "nowhere.yaml")


def test_the_projects_own_recipes_are_valid(pytestconfig):
    from training.classifier_recipe import ClassifierRecipe
    from training.draem_recipe import DraemRecipe

    configs = pytestconfig.rootpath / "training" / "configs"
    assert load_recipe(ClassifierRecipe, configs / "classifier.yaml").label_smoothing == 0.1
    assert load_recipe(DraemRecipe, configs / "draem.yaml").anomaly_probability == 0.5
    paper, network = load_recipe(DraemRecipe, configs / "draem_paper.yaml"), DraemConfig.paper()
    for name in ("reconstructive_width", "discriminative_width", "anomaly_weight"):
        assert getattr(paper, name) == getattr(network, name)
