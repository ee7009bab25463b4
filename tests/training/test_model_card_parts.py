import pytest

from training.model_card_parts import (
    describe_classifier_data,
    describe_localizer_failures,
    describe_measured,
    describe_parts,
    describe_training,
    figure_rows,
    kind_table,
    scene_table,
    worst_kinds,
    wrap,
)

PHOTOS = {"data": "bikes", "split": "test", "intact": 7, "damaged": 8, "masks": 3}


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        pytest.param(0, "None of these files was used to train it", id="none"),
        pytest.param(None, "Whether training saw any of them is not on record", id="unknown"),
        pytest.param(4, "**4 of these files were used to train it", id="some"),
    ],
)
def test_that_training_saw_none_is_said_only_where_it_is_on_record(seen, said):
    text = describe_measured(PHOTOS, seen)
    assert said in text
    assert "7 intact and 8 damaged photos, 3 of those with a mask of the defect" in text
    assert ("None of these" in text) == (seen == 0)


def test_a_share_of_few_photos_is_told_as_a_count_too():
    figures = {"false_alarm_rate": 0.0, "auroc": 1.0, "precision": 0.0}  # of nothing: nothing was called damaged
    rows = figure_rows(figures, {"false_alarm_rate": [0.0, 0.354]}, PHOTOS)
    assert rows.splitlines() == [
        "| false alarms on intact photos (0 of 7) | 0.000 | 0.000 to 0.354 |",
        "| AUROC | 1.000 |  |",
    ]


def test_scenes_are_told_where_photos_name_any_and_explained_where_they_are_the_editors():
    row = {"photos": 3, "called_damaged": 0.5}
    assert scene_table({"unnamed": row}, {"unnamed": row}) == ""
    street = scene_table({"street": row}, {"street": row})
    assert "| street | 3 | 0.500 | 3 | 0.500 |" in street and "`home`" not in street
    editors = scene_table({"home": row}, {})
    assert "`home`: the bike taken out and put back" in editors and "`composed`" not in editors
    assert "| home | 3 | 0.500 | 0 | - |" in editors


def test_localizers_failures_are_counted_and_without_masks_those_on_intact_photos_alone():
    metrics = {"localizer": {"clean_rate": 6 / 7}, "photos": PHOTOS, "recall_by_type": {}}
    assert describe_localizer_failures(metrics).startswith("On 1 of 7 intact photos it marked something.\n\nNo kind")
    metrics["localizer"]["hit_rate"] = 1 / 3
    assert describe_localizer_failures(metrics).startswith(
        "On 2 of 3 damaged photos no region lay on the defect. On 1 of 7 intact photos it marked something."
    )


def test_kinds_without_masks_are_in_no_table_of_places():
    kinds = {"rust": {"photos": 9, "recall": 0.5, "masks": 6, "hit_rate": 0.5}, "dent": {"photos": 9, "recall": 0.1}}
    table = kind_table(kinds, "A region on the defect", "masks", {"marked": "hit_rate"})
    assert "| rust | 6 | 0.50 |" in table and "dent" not in table
    assert worst_kinds(kinds, "hit_rate", "masks", "marked") == "Least often marked: rust (3 of 6)."
    assert worst_kinds(kinds, "recall", "photos", "found") == "Least often found: dent (1 of 9), rust (4 of 9)."
    assert kind_table({"dent": kinds["dent"]}, "A region", "masks", {"marked": "hit_rate"}) == ""


@pytest.mark.parametrize(
    ("parts", "started_from", "said"),
    [
        pytest.param(5, "random weights", "A decoder draws the bike's parts", id="labelled"),
        pytest.param(0, "bike-classifier", "kept by distillation", id="fine-tuned"),
        pytest.param(0, "lite0.safetensors", "another classifier's drawings", id="backbone-alone"),
        pytest.param(0, "random weights", "another classifier's drawings", id="from-nothing"),
    ],
)
def test_where_knowledge_of_parts_comes_from_is_told(parts, started_from, said):
    record = {"data": {"train": {"parts": parts}}, "effort": {"started_from": started_from}}
    assert said in describe_parts(record)


@pytest.mark.parametrize(
    ("hours", "said"), [(0.0, "a minute"), (0.25, "15 minutes"), (0.99, "59 minutes"), (3.9, "3.9 hours")]
)
def test_the_recipe_is_told_without_what_says_nothing(hours, said):
    recipe = {"epochs": 8, "workers": 2, "tracker": "tensorboard", "left_out_kinds": [], "epoch_examples": None}
    effort = {"steps": 40, "started_from": "random weights", "hours": hours, "device": "CPU", "processes": 1}
    text = describe_training({"recipe": recipe, "packages": {"torch": "2"}, "effort": effort}, "It learned.")
    assert f"It learned. 40 steps from random weights took {said} on CPU." in text
    assert "| `epochs` | 8 |" in text
    assert not any(name in text for name in recipe if name != "epochs")


def test_how_many_photos_of_each_class_there_were_and_that_few_calibrate_nothing():
    side = {"intact": 60, "damaged": 40, "masks": 40, "parts": 0}
    text = describe_classifier_data({"train": side, "validation": side | {"damaged": 5}})
    assert text.startswith("It learned from 60 intact and 40 damaged photos (40 with masks).")
    assert text.endswith("60 intact and 5 damaged ones, too few to calibrate its scores on.")


def test_paragraphs_are_wrapped_and_code_and_tables_are_not():
    code = "```python\nfirst = 1\n\nsecond = " + "2 + " * 40 + "2\n```"
    table = "| a |\n|---|\n| " + "b " * 80 + "|"
    wrapped = wrap(f"{'word ' * 50}\n\n{code}\n\n{table}\n\nshort\nlines")
    assert code in wrapped and table in wrapped
    assert max(len(line) for line in wrapped.splitlines() if line.startswith("word")) <= 100
    assert wrapped.endswith("short lines")
