"""Photos that say only whether a bike is damaged teach the verdict, and cost nothing of what the model knew."""

from dataclasses import replace

import cv2
import pytest
import torch

from inspection.inspector import EMBEDDED_CLASSIFIER
from inspection.pretrained import load_model
from modeling import BikeClassifierConfig, BikeClassifierForImageClassification, BikeImageProcessor
from training.classifier_data import UNKNOWN, ClassifierExamples
from training.classifier_metrics import measure_classifier
from training.classifier_recipe import ClassifierRecipe
from training.data import load_photos
from training.pseudo_labels import Teacher
from training.train_classifier import find_teacher
from training.train_classifier import main as train_classifier

CPU = torch.device("cpu")
HEIGHT, WIDTH = 192, 256
WHOLE = 3  # which photo shows a damaged bike that has all its parts


@pytest.fixture(scope="module")
def model() -> BikeClassifierForImageClassification:
    return load_model(EMBEDDED_CLASSIFIER, BikeClassifierForImageClassification)[0]


@pytest.fixture(scope="module")
def examples(four_pairs) -> ClassifierExamples:
    processor = BikeImageProcessor(size={"height": HEIGHT, "width": WIDTH})
    return ClassifierExamples(load_photos(four_pairs), processor)


@pytest.mark.slow
def test_only_what_is_not_known_is_filled_in(model, examples):
    damaged, intact = examples[WHOLE], examples[len(examples) - 1]
    assert (damaged["labels"], intact["labels"]) == (1, 0)
    batch = {name: torch.stack([damaged[name], damaged[name], intact[name]]) for name in damaged}
    batch["part_labels"][0] = batch["mask_labels"][0] = UNKNOWN
    filled = Teacher(model).fill(batch)
    for name in ("part_labels", "mask_labels"):
        assert torch.equal(filled[name][1:], batch[name][1:])
    known = filled["part_labels"][0] != UNKNOWN
    assert known.float().mean() > 0.7
    bike, drawn = damaged["part_labels"] > 0, (filled["part_labels"][0] > 0) & known
    assert (drawn & bike).sum() > 0.75 * (bike & known).sum()  # between the spokes too it draws wheel


@pytest.mark.slow
def test_a_damaged_photo_in_which_nothing_is_seen_stays_unknown(model):
    batch = {
        "pixel_values": torch.zeros(1, 3, 64, 64),
        "part_labels": torch.zeros(1, 64, 64, dtype=torch.long),
        "mask_labels": torch.full((1, 64, 64), UNKNOWN),
    }
    assert (Teacher(model).fill(batch)["mask_labels"] == UNKNOWN).all()


@pytest.mark.slow
def test_without_part_labels_and_a_starting_model_the_built_in_one_draws_them(examples):
    fresh = BikeClassifierForImageClassification(BikeClassifierConfig())
    assert find_teacher(fresh, ClassifierRecipe(), examples) is None
    bare = ClassifierExamples([replace(photo, parts=None) for photo in examples.photos], examples.processor)
    teacher = find_teacher(fresh, ClassifierRecipe(), bare)
    batch = {name: values[None] for name, values in bare[WHOLE].items()}
    drawn = teacher.fill(batch)["part_labels"][0]
    bike, known = examples[WHOLE]["part_labels"] > 0, drawn != UNKNOWN
    assert ((drawn > 0) & bike & known).sum() > 0.75 * (bike & known).sum()


@pytest.mark.slow
def test_fine_tuned_on_labels_alone_the_parts_are_still_drawn(model, examples, four_pairs, tmp_path):
    for split in ("train", "validation"):
        for path in four_pairs.rglob("*.jpg"):
            target = tmp_path / "data" / split / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            small = cv2.resize(cv2.imread(str(path)), None, fx=0.5, fy=0.5)
            cv2.imwrite(str(target), small if split == "train" else cv2.flip(small, 1))
    (tmp_path / "recipe.yaml").write_text(
        f"data_dir: {tmp_path}/data\noutput_dir: {tmp_path}/run\ninitial_model: {EMBEDDED_CLASSIFIER}\n"
        f"height: {HEIGHT}\nwidth: {WIDTH}\nbatch_size: 8\nepochs: 2\nepoch_examples: 32\nworkers: 0\n"
        "mixup_probability: 0.3\nema_decay: 0.5\ninitial_share: 0.5\nbackbone_learning_rate: 1.0e-3\ntracker: none\n"
    )
    assert train_classifier(["--config", str(tmp_path / "recipe.yaml")]) == 0
    tuned, _ = load_model(tmp_path / "run" / "model", BikeClassifierForImageClassification)
    before, after = (measure_classifier(network, examples, CPU)[0]["part_mean_iou"] for network in (model, tuned))
    assert after > before - 0.02
