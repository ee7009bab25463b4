"""The parts of a model card: tables and sentences made of measured figures; nothing where there is nothing to say."""

import textwrap
from collections.abc import Iterable, Mapping

from training.calibration import FEWEST
from training.model_card_texts import NAMES, SCENES

__all__ = [
    "HOW_SURE",
    "describe_classifier_data",
    "describe_failures",
    "describe_localizer_failures",
    "describe_localizer_data",
    "describe_measured",
    "describe_no_bike",
    "describe_parts",
    "describe_training",
    "figure_rows",
    "kind_table",
    "scene_table",
    "worst_kinds",
    "wrap",
]

HOW_SURE = (
    "`python -m training.evaluate` computed the figures. Intervals take several photos of a bike for no more than they "
    "are worth; none is given where the photos are too few to tell."
)
WIDTH = 100  # characters
WORST, FEWEST_PHOTOS = 5, 5  # kinds that are named as failures, of those with as many photos
FEW = 100  # photos: of fewer, a share is given as a count too
# The photos that a share is of.
COUNTED = {
    "recall": ("damaged",),
    "false_alarm_rate": ("intact",),
    "accuracy": ("intact", "damaged"),
    "bike_found_rate": ("intact", "damaged"),
    "hit_rate": ("masks",),
    "clean_rate": ("intact",),
    "found_and_located": ("masks",),
}
# Settings of the machine, not of the model.
UNTOLD = {"workers", "tracker", "checkpoint_steps", "sample_steps"}


def describe_measured(photos: Mapping, seen: int | None) -> str:
    """On what the figures are, and whether training saw it."""
    what = f"{photos['intact']} intact and {photos['damaged']} damaged photos"
    if photos["masks"] < photos["damaged"]:
        what += f", {photos['masks'] or 'none'} of those with a mask of the defect"
    side = f"the {photos['split']} split of `{photos['data']}`"
    if seen is None:
        return f"On {side}: {what}. Whether training saw any of them is not on record."
    if seen == 0:
        return f"On {side}: {what}. None of these files was used to train it or to choose its epoch."
    warning = f"**{seen} of these files were used to train it or to choose its epoch: expect less of new photos.**"
    return f"On {side}: {what}. {warning}"


def figure_rows(figures: Mapping[str, float], intervals: Mapping[str, list[float]], photos: Mapping) -> str:
    """Rows of a table: a figure, its count where the photos are few, and its interval."""
    rows = []
    for name, value in figures.items():
        if name == "precision" and name not in intervals:
            continue  # nothing was called damaged
        total = sum(photos[group] for group in COUNTED.get(name, ()))
        count = f" ({round(value * total)} of {total})" if 0 < total < FEW else ""
        interval = f"{intervals[name][0]:.3f} to {intervals[name][1]:.3f}" if name in intervals else ""
        rows.append(f"| {NAMES[name]}{count} | {value:.3f} | {interval} |")
    return "\n".join(rows)


def scene_table(false_alarms: Mapping, recall: Mapping) -> str:
    """How many are called damaged, scene by scene; nothing where the photos name none."""
    scenes = sorted({*false_alarms, *recall})
    if scenes == ["unnamed"]:
        return ""
    legend = "; ".join(f"`{scene}`: {SCENES[scene]}" for scene in SCENES if scene in scenes)
    rows = []
    for scene in scenes:
        cells = []
        for table in (false_alarms, recall):
            row = table.get(scene)
            cells += [str(row["photos"]), f"{row['called_damaged']:.3f}"] if row else ["0", "-"]
        rows.append(f"| {scene} | " + " | ".join(cells) + " |")
    title = "Called DAMAGED, by where the photo was taken or composed" + (f" ({legend}):" if legend else ":")
    head = "| scene | intact photos | false alarms | damaged photos | found |\n|---|---|---|---|---|"
    return "\n" + "\n".join([title, "", head, *rows, ""])


def kind_table(kinds: Mapping, title: str, count: str, columns: Mapping[str, str]) -> str:
    """A table of figures by kind of damage; nothing where the photos name no kinds.

    Args:
        count: name of the figure that says of how many photos the others are; kinds without it are left out.
        columns: name of a figure by the column's title.
    """
    shown = {kind: row for kind, row in kinds.items() if row.get(count)}
    if not shown:
        return ""
    rows = []
    for kind, row in shown.items():
        cells = (f"{row[name]:.2f}" if name in row else "-" for name in columns.values())
        rows.append(f"| {kind} | {row[count]} | {' | '.join(cells)} |")
    head = f"| kind | photos | {' | '.join(columns)} |\n|---|---|{'---|' * len(columns)}"
    return "\n" + "\n".join([f"{title}:", "", head, *rows, ""])


def describe_no_bike(metrics: Mapping) -> str:
    if "no_bike" not in metrics:
        return ""
    rate, count = metrics["no_bike"]["bike_found_rate"], metrics["no_bike"]["photos"]
    return f"\nOf {count} pictures without a bike, one was found in {round(rate * count)}.\n"


def describe_failures(metrics: Mapping) -> str:
    """How often the classifier errs, and on what."""
    figures, intervals, photos = metrics["classifier"], metrics["classifier_intervals"], metrics["photos"]
    low, high = (1 - bound for bound in reversed(intervals["recall"]))
    missed = f"{round((1 - figures['recall']) * photos['damaged'])} of {photos['damaged']} damaged photos"
    alarms = f"{round(figures['false_alarm_rate'] * photos['intact'])} of {photos['intact']} intact ones"
    alarms_low, alarms_high = intervals["false_alarm_rate"]
    summary = (
        f"It missed {missed}, so expect {low:.0%} to {high:.0%} of others like them, and called {alarms} damaged, so "
        f"expect {alarms_low:.0%} to {alarms_high:.0%}. Its scores are off by {figures['ece']:.2f} on average from the "
        "share of photos that are damaged."
    )
    return f"{summary}\n\n{worst_kinds(metrics['recall_by_type'], 'recall', 'photos', 'found')}"


def describe_localizer_failures(metrics: Mapping) -> str:
    """How often the localizer marks the wrong place, or none, and on what; without masks, of intact photos alone."""
    figures, photos = metrics["localizer"], metrics["photos"]
    alarms = round((1 - figures["clean_rate"]) * photos["intact"])
    summary = f"On {alarms} of {photos['intact']} intact photos it marked something."
    if "hit_rate" in figures:
        missed = round((1 - figures["hit_rate"]) * photos["masks"])
        summary = f"On {missed} of {photos['masks']} damaged photos no region lay on the defect. {summary}"
    return f"{summary}\n\n{worst_kinds(metrics['recall_by_type'], 'hit_rate', 'masks', 'marked')}"


def worst_kinds(kinds: Mapping, measure: str, count: str, verb: str) -> str:
    """The kinds of damage that it does worst on; where the photos name none, what to do."""
    enough = {kind: row for kind, row in kinds.items() if row.get(count, 0) >= FEWEST_PHOTOS}
    worst = sorted((kind for kind in enough if enough[kind][measure] < 1), key=lambda kind: enough[kind][measure])
    if not enough:
        return (
            f"No kind of damage has a name and {FEWEST_PHOTOS} photos to tell how well it is {verb}: look at the worst "
            "failures (`--output_dir` of `training.evaluate`) before you rely on it."
        )
    if not worst:
        return f"All damage of each kind with {FEWEST_PHOTOS} photos or more was {verb}."
    named = ", ".join(
        f"{kind} ({round(enough[kind][measure] * enough[kind][count])} of {enough[kind][count]})"
        for kind in worst[:WORST]
    )
    return f"Least often {verb}: {named}."


def describe_parts(record: Mapping) -> str:
    """Where what the classifier knows of the bike's parts comes from, as far as training recorded what it was shown."""
    train = record.get("data", {}).get("train")
    started_from = record.get("effort", {}).get("started_from", "")
    if train is None or train["parts"]:
        return "A decoder draws the bike's parts: the mask that keeps the background out, and the names of regions."
    if started_from and not started_from.endswith((".safetensors", ".pth")) and started_from != "random weights":
        return "What its start knew of the bike's parts was kept by distillation: these photos have no part labels."
    return "Where the bike's parts are it learned from another classifier's drawings: these photos have no part labels."


def describe_training(record: Mapping, *data: str) -> str:
    """The recipe and what it took, as training wrote them beside the weights.

    Args:
        data: sentences about the photos.
    """
    if not record:
        return "The recipe was not recorded."
    told = {key: value for key, value in record["recipe"].items() if key not in UNTOLD and value not in (None, [])}
    rows = "\n".join(f"| `{key}` | {value} |" for key, value in told.items())
    versions = ", ".join(f"{name} {version}" for name, version in record["packages"].items())
    sentences = [*filter(None, data), *_describe_effort(record.get("effort", {}))]
    paragraphs = [" ".join(sentences), f"| setting | value |\n|---|---|\n{rows}", f"With {versions}."]
    return "\n\n".join(filter(None, paragraphs))


def describe_classifier_data(data: Mapping) -> str:
    """On how many photos of each class it was trained, chosen and calibrated, as far as that is on record."""
    if "train" not in data:
        return ""
    train, validation = data["train"], data["validation"]
    extras = ", ".join(f"{train[name]} with {name}" for name in ("masks", "parts") if train[name])
    few = min(validation["intact"], validation["damaged"]) < FEWEST
    fate = "too few to calibrate its scores on" if few else "on which its scores were calibrated too"
    return (
        f"It learned from {train['intact']} intact and {train['damaged']} damaged photos{extras and f' ({extras})'}. "
        f"Its epoch was chosen on {validation['intact']} intact and {validation['damaged']} damaged ones, {fate}."
    )


def describe_localizer_data(data: Mapping, twin_probability: float) -> str:
    """Likewise, of a localizer: it learns from intact photos, and from damaged twins of them if it is told to."""
    if "train" not in data:
        return ""
    twins = f", {twin_probability:.0%} of the time with a damaged twin" if twin_probability else ""
    validation = data["validation"]
    chosen = f"{validation['intact']} intact and {validation['damaged']} damaged photos"
    return f"It learned from {data['train']['intact']} intact photos{twins}. Its epoch was chosen on {chosen}."


def _describe_effort(effort: Mapping) -> Iterable[str]:
    if effort:
        minutes = round(60 * effort["hours"])
        time = f"{effort['hours']:.1f} hours" if minutes >= 60 else f"{minutes} minutes" if minutes > 1 else "a minute"
        processes = f" in {effort['processes']} processes" if effort["processes"] > 1 else ""
        yield f"{effort['steps']} steps from {effort['started_from']} took {time} on {effort['device']}{processes}."


def wrap(markdown: str) -> str:
    """Markdown with its paragraphs at an even width; code, tables and all else as it is."""
    blocks, is_code = [], False
    for block in markdown.split("\n\n"):
        starts_code = is_code
        is_code ^= block.count("```") % 2 == 1
        is_plain = not starts_code and "```" not in block and not block.lstrip().startswith(("|", "#", "-", "!", ">"))
        blocks.append(_fill(block) if is_plain else block)
    return "\n\n".join(blocks)


def _fill(paragraph: str) -> str:
    return "\n" * paragraph.startswith("\n") + textwrap.fill(
        " ".join(paragraph.split()), WIDTH, break_long_words=False, break_on_hyphens=False
    )
