"""The card of a data set: what it holds and how it was made, with the metadata that the Hugging Face Hub reads."""

from collections.abc import Sequence
from pathlib import Path

from training.files import write_text
from training.synthetic_bikes.summary import count_lines

__all__ = ["write_card"]

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))

# Licence and what is said of it, for pictures without and with textures that were given.
OURS = ("cc-by-4.0", "no photo\nof a person, a brand or anybody's bike is in them.")
WITH_TEXTURES = (
    "other",
    "no photo\nof a bike is in them. Some walls and grounds show textures that were given: their licences hold too.",
)

HEAD = """\
---
license: {license}
pretty_name: Rendered bikes, intact and damaged
task_categories:
- image-classification
- image-segmentation
size_categories:
- {size}
tags:
- synthetic
- anomaly-detection
- defect-detection
- bicycles
configs:
- config_name: default
  data_files:
  - split: train
    path:
    - metadata.jsonl
    - intact/*.jpg
    - damaged/*.jpg
    - masks/damaged/*.png
    - parts/*/*.png
---

# Rendered bikes, intact and damaged

{pairs} pairs of pictures of bicycles, {width}x{height} pixels, each pair the same bicycle in the same place and light,
intact and damaged, with an exact mask of the damage and a label for each pixel's part. All are rendered in 3D: {source}

## Files

    intact/NAME.jpg               the bicycle as it was
    damaged/NAME.jpg              the same view and light, after the damage
    masks/damaged/NAME.png        0, or 255 where the damage is; of a missing part, where the part should be
    parts/intact/NAME.png         part ids
    parts/damaged/NAME.png        part ids
    metadata.jsonl                a line for each JPEG

Part ids: 0 background, 1 frame, 2 front wheel, 3 rear wheel, 4 saddle, 5 handlebar, 6 drivetrain. A wheel is its whole
disc, with what is seen through its spokes, but for what lies in front of it.

A mask holds the pixels that the damage changed, its shadow not counted; of parts that are missing or out of place also
where they were. A part that is gone as a whole has the severity 1, so `severe` comes up more often than the others.

`load_dataset` reads all of it. Columns of `metadata.jsonl`:

| column | what it is |
|---|---|
| `file_name`, `mask_file_name`, `parts_file_name` | paths; loaded as the pictures `image`, `mask` and `parts` |
| `label` | `intact` or `damaged` |
| `damages` | list, empty for intact ones: `type`, `part`, `severity` in (0, 1], `box` x0 y0 x1 y1, ends exclusive |
| `distractors` | what both twins carry or wear and is no damage: bags, locks, mud, dust, ... |
| `bike_type`, `view`, `scene` | see the counts below |
| `visible_fraction` | share of the bicycle that is in the picture and not behind something |
| `bike_id` | the same for both pictures of a pair: keep them on the same side of a split |
| `seed` | run and number, from which all that is random follows |

## Counts

| | |
|---|---|
"""

FOOT = """
## Limits

The pictures are drawn, not taken: what a model learns from them must be tried on photos. Light is approximate, grounds
and walls are patterns, riders and rain are missing. How often each damage occurs says nothing about real bicycles.
"""


def write_card(path: Path, lines: Sequence[dict], size_wh: tuple[int, int], has_textures: bool) -> None:
    """Write README.md for the lines of metadata.jsonl.

    Args:
        has_textures: whether pictures of textures were given for walls and grounds.
    """
    card_license, source = WITH_TEXTURES if has_textures else OURS
    size = next((name for most, name in SIZES if len(lines) < most), "1M<n<10M")
    head = HEAD.format(
        license=card_license, source=source, size=size, pairs=len(lines) // 2, width=size_wh[0], height=size_wh[1]
    )
    counts = "".join(
        f"| {title} | {', '.join(f'{name} {count}' for name, count in counter.most_common())} |\n"
        for title, counter in count_lines(lines).items()
        if counter
    )
    write_text(path, head + counts + FOOT)
