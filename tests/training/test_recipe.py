from dataclasses import dataclass

import pytest

from training.recipe import load_recipe


@dataclass(frozen=True)
class Recipe:
    epochs: int
    learning_rate: float = 0.1
    data_dir: str = "data"
    weights: str | None = None


def write(folder, text):
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


def test_the_file_beats_the_default_and_the_command_line_beats_both(tmp_path):
    path = write(tmp_path, "epochs: 3\ndata_dir: photos\n")
    assert load_recipe(Recipe, path, epochs=5, weights=None) == Recipe(5, 0.1, "photos", None)


def test_a_whole_number_is_a_fine_rate(tmp_path):
    assert load_recipe(Recipe, write(tmp_path, "epochs: 3\nlearning_rate: 1\n")).learning_rate == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("epoch: 3\n", "unknown key 'epoch': did you mean 'epochs'?", id="misspelt"),
        pytest.param("epochs: 3\nzzz: 1\n", "unknown key 'zzz': known keys: data_dir, epochs", id="unknown"),
        pytest.param("epochs: 2.5\n", r"epochs is 2\.5: expected a whole number", id="fraction"),
        pytest.param("epochs: true\n", "epochs is True: expected a whole number", id="truth"),
        pytest.param("epochs: 3\nlearning_rate: fast\n", "learning_rate is 'fast': expected a number", id="word"),
        pytest.param("epochs: 3\nlearning_rate: 1e-4\n", "learning_rate is '1e-4': expected a number", id="yaml-1.1"),
        pytest.param("learning_rate: 1.0\n", "epochs", id="missing"),
        pytest.param("- 3\n", "holds no keys", id="list"),
        pytest.param("", "holds no keys", id="empty"),
        pytest.param("epochs: [3\n", "is not YAML", id="no-yaml"),
    ],
)
def test_a_wrong_recipe_is_refused_with_the_key_and_the_fix(tmp_path, text, message):
    with pytest.raises(ValueError, match=message.replace("?", r"\?")) as caught:
        load_recipe(Recipe, write(tmp_path, text))
    assert "recipe.yaml" in str(caught.value)


def test_a_missing_recipe_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.yaml does not exist"):
        load_recipe(Recipe, tmp_path / "nowhere.yaml")


def test_the_projects_own_recipes_are_valid(pytestconfig):
    from training.classifier_recipe import ClassifierRecipe
    from training.train_draem import DraemRecipe

    configs = pytestconfig.rootpath / "training" / "configs"
    assert load_recipe(ClassifierRecipe, configs / "classifier.yaml").label_smoothing == 0.1
    assert load_recipe(DraemRecipe, configs / "draem.yaml").anomaly_probability == 0.5
