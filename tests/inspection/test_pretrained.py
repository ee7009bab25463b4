import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from inspection import inspector as inspector_module
from inspection.inspector import BikeInspector
from modeling import BikeClassifierForImageClassification, BikeImageProcessor, DraemForAnomalyLocalization


@pytest.fixture
def models(tiny_models, tmp_path):
    """A copy of the tiny models, to break."""
    shutil.copytree(tiny_models, tmp_path / "models")
    return tmp_path / "models"


def load(folder, **models) -> BikeInspector:
    folders = {"classifier": folder / "classifier", "localizer": folder / "localizer"}
    return BikeInspector.from_pretrained(**{**folders, **models}, device="cpu")


def edit_config(folder, **keys):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | keys))


def edit_weights(folder, **tensors):
    """Replace tensors by name, "__" for "."; None takes one away."""
    path = folder / "model.safetensors"
    weights = load_file(path)
    for name, tensor in tensors.items():
        weights.pop(name.replace("__", "."), None)
        if tensor is not None:
            weights[name.replace("__", ".")] = tensor
    save_file(weights, path, metadata={"format": "pt"})


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1000])


def test_loaded_models_are_ready_in_float32(tiny_models):
    inspector = load(tiny_models)
    for model in (inspector.classifier, inspector.localizer):
        assert not model.training
        assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert inspector.device.type == "cpu"


def test_weights_stored_in_bfloat16_are_loaded_in_float32(models):
    weights = load_file(models / "localizer" / "model.safetensors")
    halves = {name: value.bfloat16() if value.is_floating_point() else value for name, value in weights.items()}
    save_file(halves, models / "localizer" / "model.safetensors", metadata={"format": "pt"})
    edit_config(models / "localizer", dtype="bfloat16")
    assert load(models).localizer.dtype == torch.float32


def test_model_objects_are_taken_with_or_without_their_processor(tiny_models, bike_photo):
    photo = bike_photo(320, 240, [(80, 60, 240, 180)], [(120, 100, 150, 130)])
    expected = load(tiny_models).inspect(photo)
    classifier = BikeClassifierForImageClassification.from_pretrained(tiny_models / "classifier")
    localizer = DraemForAnomalyLocalization.from_pretrained(tiny_models / "localizer")
    processor = BikeImageProcessor.from_pretrained(tiny_models / "localizer")
    assert load(tiny_models, classifier=classifier, localizer=(localizer, processor)).inspect(photo) == expected


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        pytest.param(shutil.rmtree, FileNotFoundError, "classifier does not exist", id="missing-folder"),
        pytest.param(
            lambda folder: (folder / "config.json").unlink(),
            FileNotFoundError,
            "classifier has no config.json",
            id="no-config",
        ),
        pytest.param(
            lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"),
            FileNotFoundError,
            "classifier has no model.safetensors",
            id="pickle",
        ),
        pytest.param(
            lambda folder: (folder / "preprocessor_config.json").unlink(),
            FileNotFoundError,
            "classifier has no preprocessor_config.json",
            id="no-processor",
        ),
        pytest.param(
            lambda folder: (folder / "config.json").write_text("{"),
            ValueError,
            "classifier: .*config.json.* is not a valid JSON",
            id="config-not-json",
        ),
        pytest.param(
            lambda folder: edit_config(folder, model_type="draem"),
            ValueError,
            "model_type is 'draem', expected 'bike_classifier'",
            id="model-type",
        ),
        pytest.param(
            lambda folder: edit_config(folder, damage_treshold=0.5),
            ValueError,
            "did you mean 'damage_threshold'",
            id="config-key",
        ),
        pytest.param(
            lambda folder: edit_config(folder, decoder_width="wide"), ValueError, "decoder_width", id="config-value"
        ),
        pytest.param(
            lambda folder: truncate(folder / "model.safetensors"),
            ValueError,
            "model.safetensors is damaged or truncated",
            id="truncated",
        ),
        pytest.param(
            lambda folder: (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\n"),
            ValueError,
            "model.safetensors is damaged or truncated",
            id="lfs-pointer",
        ),
        pytest.param(
            lambda folder: edit_weights(folder, part_head__weight=None),
            ValueError,
            r"missing: part_head.weight",
            id="weight-missing",
        ),
        pytest.param(
            lambda folder: edit_weights(folder, extra__weight=torch.zeros(1)),
            ValueError,
            r"unexpected: extra.weight",
            id="weight-left-over",
        ),
        pytest.param(
            lambda folder: edit_weights(folder, damage_head__weight=torch.zeros(1, 5, 1, 1)),
            ValueError,
            "damage_head.weight",
            id="weight-of-another-shape",
        ),
    ],
)
def test_a_broken_model_folder_is_one_line_that_names_it(models, damage, error, message, capfd):
    damage(models / "classifier")
    with pytest.raises(error, match=message) as caught:
        load(models)
    assert str(models / "classifier") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        pytest.param("./nowhere", FileNotFoundError, "./nowhere does not exist", id="path"),
        pytest.param("nowhere", FileNotFoundError, "nowhere does not exist", id="name"),
        pytest.param("/a/b/c", FileNotFoundError, "/a/b/c does not exist", id="deep-path"),
        pytest.param("nobody/nothing", FileNotFoundError, "nobody/nothing is no folder here", id="hub-id"),
        pytest.param(
            torch.nn.Linear(1, 1), ValueError, "a Linear is no model: give a folder, a Hub id or", id="another-object"
        ),
        pytest.param((torch.nn.Linear(1, 1), None), ValueError, "expected a BikeClassifier", id="another-pair"),
    ],
)
def test_what_is_no_model_is_named(tiny_models, source, error, message):
    with pytest.raises(error, match=message):
        load(tiny_models, classifier=source)


def test_a_model_without_a_processor_is_refused(tiny_models):
    from modeling import DraemConfig

    localizer = DraemForAnomalyLocalization(DraemConfig(reconstructive_width=1, discriminative_width=1))
    with pytest.raises(ValueError, match=r"give \(model, processor\)"):
        load(tiny_models, localizer=localizer)


def test_models_that_change_places_are_named(tiny_models):
    with pytest.raises(ValueError, match="model_type is 'draem', expected 'bike_classifier'"):
        load(tiny_models, classifier=tiny_models / "localizer", localizer=tiny_models / "classifier")


@pytest.mark.parametrize("role", ["classifier", "localizer"])
def test_missing_embedded_weights_are_named(tiny_models, tmp_path, monkeypatch, role):
    monkeypatch.setattr(inspector_module, f"EMBEDDED_{role.upper()}", tmp_path / "bike-model")
    with pytest.raises(FileNotFoundError, match=f"bike-model are missing: restore them, or give your own {role}"):
        load(tiny_models, **{role: None})


@pytest.mark.parametrize("device", ["cuda:99", "abacus"])
def test_a_device_that_is_not_there_is_named(tiny_models, device):
    with pytest.raises(ValueError, match=f"device '{device}' is not usable here"):
        BikeInspector.from_pretrained(tiny_models / "classifier", tiny_models / "localizer", device=device)
