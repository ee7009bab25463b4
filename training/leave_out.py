"""What does the classifier make of damage that it never saw? Leave each group of kinds out of its training in turn.

    python -m training.leave_out --config training/configs/classifier.yaml --data_dir data/processed

trains one classifier on all that the damage editor made and one without each of its groups of kinds, and prints how
well both tell that group's damage from intact bikes, on test photos. A detector that knows only the tricks
that it was shown is worthless; the distance between the two columns says how much ours leans on them. Stopped and
started again with the same command, it goes on.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torchmetrics.functional.classification import binary_auroc

from inspection.pretrained import load_model
from modeling import BikeClassifierForImageClassification
from training.classifier_data import ClassifierExamples
from training.classifier_metrics import measure_classifier
from training.classifier_recipe import ClassifierRecipe
from training.data import Photo, load_photos
from training.files import write_json
from training.options import StrictParser
from training.photo_damage.edits import GROUPS
from training.recipe import add_recipe_options, load_recipe
from training.train_classifier import train

__all__ = ["Row", "leave_groups_out", "main"]

ALL = "all"  # name of the run that nothing is left out of


@dataclass(frozen=True)
class Row:
    """One group of kinds: its test photos, and how well two classifiers tell them from intact ones (AUROC)."""

    group: str
    photos: int
    trained_on: float
    left_out: float


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = StrictParser(
        prog="python -m training.leave_out",
        usage="%(prog)s --config FILE [--KEY VALUE ...] [--groups GROUP ...]",
        description="Measure the classifier on kinds of damage that were left out of its training.",
        epilog="example: python -m training.leave_out --config training/configs/classifier.yaml "
        "--data_dir data/processed --epochs 20",
    )
    add_recipe_options(parser, ClassifierRecipe)
    parser.set_defaults(output_dir="runs/leave_out")
    parser.add_argument(
        "--groups",
        nargs="+",
        type=read_group,
        default=list(GROUPS),
        metavar="GROUP",
        help=f"what to leave out in turn, joined by + what to leave out together: {', '.join(GROUPS)} (default: each)",
    )
    return parser.parse_args(argv)


def read_group(text: str) -> str:
    """One or more names in GROUPS, joined by +.

    >>> read_group("saddle+handlebar")
    'saddle+handlebar'
    """
    if unknown := [name for name in text.split("+") if name not in GROUPS]:
        raise argparse.ArgumentTypeError(f"no group is named {unknown[0]!r}: choose from {', '.join(GROUPS)}")
    return text


def main(argv: list[str] | None = None) -> int:
    arguments = vars(parse_arguments(argv))
    groups = arguments.pop("groups")
    try:
        recipe = load_recipe(ClassifierRecipe, **arguments)
        rows = leave_groups_out(recipe, groups)
    except (FileNotFoundError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(draw_table(rows))
    return 0


def leave_groups_out(recipe: ClassifierRecipe, groups: Sequence[str]) -> list[Row]:
    """Train and measure all the classifiers; write leave_out.json into the recipe's output_dir.

    Raises:
        FileNotFoundError: the data folder lacks a class.
        ValueError: the recipe starts from a trained model, which has seen every kind; or no test photo shows a group.
    """
    if recipe.initial_model:
        raise ValueError("initial_model has seen the kinds that are to be left out: start from backbone_weights")
    photos = load_photos(recipe.data_dir)
    if recipe.epoch_examples is None:  # or the runs that leave out more would learn for a shorter time
        recipe = replace(recipe, epoch_examples=sum(photo.split == "train" for photo in photos))
    shown = {kind for photo in photos for kind in photo.kinds}
    tests = {group: photos_of_group(photos, group) for group in groups}
    folder = Path(recipe.output_dir)
    with_all = _train_and_judge(replace(recipe, output_dir=str(folder / ALL)), tests)
    rows = []
    for group, test in tests.items():
        left_out = sorted(shown & _kinds_of(group))
        run = replace(recipe, output_dir=str(folder / group), left_out_kinds=left_out)
        auroc = _train_and_judge(run, {group: test})[group]
        rows.append(Row(group, sum(photo.label for photo in test), with_all[group], auroc))
        write_json(folder / "leave_out.json", [vars(row) for row in rows])
    return rows


def photos_of_group(photos: Sequence[Photo], group: str) -> list[Photo]:
    """The intact test photos, and the damaged ones that show kinds of this group and no others.

    Raises:
        ValueError: there are none of either.
    """
    test = [p for p in photos if p.split == "test" and (p.kinds <= _kinds_of(group) if p.kinds else p.label == 0)]
    if len({photo.label for photo in test}) < 2:
        raise ValueError(f"no test photo shows damage of the group {group!r} alone: make more pairs")
    return test


def draw_table(rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = ["| left out | damaged photos | AUROC, trained on it | AUROC, left out |", "|---|---|---|---|"]
    lines += [f"| {row.group} | {row.photos} | {row.trained_on:.3f} | {row.left_out:.3f} |" for row in rows]
    return "\n".join(lines)


def _kinds_of(group: str) -> set[str]:
    return {kind for name in group.split("+") for kind in GROUPS[name]}


def _train_and_judge(recipe: ClassifierRecipe, tests: dict[str, list[Photo]]) -> dict[str, float]:
    """The AUROC of one run's classifier on each group of test photos; what was measured is not measured again."""
    path = Path(recipe.output_dir) / "test_auroc.json"
    if path.exists():
        known = json.loads(path.read_text())
        if known["recipe"] != asdict(recipe):
            raise ValueError(f"{path.parent} holds a run of another recipe: choose another --output_dir, or delete it")
        if known["auroc"].keys() >= tests.keys():
            return known["auroc"]
    if not path.exists():
        train(recipe)
    model, processor = load_model(Path(recipe.output_dir) / "model", BikeClassifierForImageClassification)
    photos = list({photo.path: photo for test in tests.values() for photo in test}.values())
    _, logits = measure_classifier(model, ClassifierExamples(photos, processor), torch.device("cpu"))
    scores = dict(zip((photo.path for photo in photos), (logits[:, 1] - logits[:, 0]).sigmoid(), strict=True))
    auroc = {
        group: binary_auroc(
            torch.stack([scores[photo.path] for photo in test]), torch.tensor([photo.label for photo in test])
        ).item()
        for group, test in tests.items()
    }
    write_json(path, {"recipe": asdict(recipe), "auroc": auroc})
    return auroc


if __name__ == "__main__":
    raise SystemExit(main())
