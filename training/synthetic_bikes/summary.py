"""How many of each damage, part, severity, bike, view and scene a data set has: what to read before training."""

from collections import Counter
from collections.abc import Sequence

from training.synthetic_bikes.recipes import name_severity

__all__ = ["count_lines", "format_counts"]

WIDTH = 100  # characters


def count_lines(lines: Sequence[dict]) -> dict[str, Counter]:
    """Title: how often each name occurs.

    Args:
        lines: of metadata.jsonl; of twins, the damaged one counts.
    """
    damaged = [line for line in lines if line["damages"]]
    damages = [damage for line in damaged for damage in line["damages"]]
    return {
        "bike type": Counter(line["bike_type"] for line in damaged),
        "scene": Counter(line["scene"] for line in damaged),
        "view": Counter(line["view"] for line in damaged),
        "damages a bike": Counter(str(len(line["damages"])) for line in damaged),
        "severity": Counter(name_severity(damage["severity"]) for damage in damages),
        "part": Counter(damage["part"] for damage in damages),
        "damage": Counter(damage["type"] for damage in damages),
        "not damage": Counter(name for line in damaged for name in line["distractors"]),
    }


def format_counts(lines: Sequence[dict]) -> str:
    """A table of the counts, most frequent first; wrapped."""
    rows = []
    for title, counts in count_lines(lines).items():
        row = f"{title:<16}"
        for name, count in counts.most_common():
            entry = f"{name} {count}  "
            if len(row) + len(entry) > WIDTH:
                rows.append(row.rstrip())
                row = " " * 16
            row += entry
        rows.append(row.rstrip())
    return "\n".join(rows)
