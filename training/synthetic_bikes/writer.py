"""Render pairs and write them as the data contract has it: intact/, damaged/, masks/, parts/, metadata.jsonl."""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from training.files import write_picture, write_text
from training.metadata import RECORDS
from training.synthetic_bikes.card import write_card
from training.synthetic_bikes.raster import Rasteriser
from training.synthetic_bikes.recipes import Recipe
from training.synthetic_bikes.twins import render_recipe

__all__ = ["PairWriter", "check_folder", "open_writer", "write_pair"]

FOLDERS = ("intact", "damaged", "masks/damaged", "parts/intact", "parts/damaged", RECORDS)
WRITTEN = ("README.md", "metadata.jsonl", "intact", "damaged", "masks", "parts")


class PairWriter:
    """Writes pair after pair into one folder; finished pairs are left as they are."""

    def __init__(self, out: Path, size_wh: tuple[int, int]):
        """
        Args:
            out: folder of the data contract; made if missing.
            size_wh: width and height of the pictures, in pixels.
        """
        self.out, self.size_wh = out, size_wh
        self.rasteriser = Rasteriser()
        for folder in FOLDERS:
            (out / folder).mkdir(parents=True, exist_ok=True)

    def write(self, recipe: Recipe) -> list[dict]:
        """Render the pair unless it is there; return its two lines of metadata.

        Raises:
            ValueError: the pair is there in another size, or was made by another recipe.
        """
        # Written last: where the record is, the pictures are whole.
        record = self.out / RECORDS / f"{recipe.stem}.json"
        # What was made is compared with what is asked for, so that no run mixes with another.
        asked = json.dumps([repr(recipe), list(self.size_wh)])
        if record.exists():
            made = json.loads(record.read_text())
            if made["asked"] != asked:
                raise ValueError(f"{record} was made with other settings: choose another --out, or delete {self.out}")
            return made["lines"]
        intact, damaged, about, quality = render_recipe(self.rasteriser, recipe, self.size_wh)
        mask = f"masks/damaged/{recipe.stem}.png"
        write_picture(self.out / mask, damaged.mask.astype(np.uint8) * 255)
        lines = []
        for label, picture in (("intact", intact), ("damaged", damaged)):
            # `datasets` reads each column that ends in file_name as a picture.
            files = {
                "file_name": f"{label}/{recipe.stem}.jpg",
                "mask_file_name": mask if label == "damaged" else None,
                "parts_file_name": f"parts/{label}/{recipe.stem}.png",
            }
            write_picture(self.out / files["file_name"], picture.image, quality)
            write_picture(self.out / files["parts_file_name"], picture.part_labels)
            visible = round(picture.visible_fraction, 3)
            lines.append({**files, "label": label, **about, "visible_fraction": visible})
        lines[0]["damages"] = []
        write_text(record, json.dumps({"asked": asked, "lines": lines}))
        return lines

    def finish(self, recipes: Sequence[Recipe]) -> list[dict]:
        """Join the lines of these pairs into metadata.jsonl, in order; render what is missing."""
        lines = [line for recipe in recipes for line in self.write(recipe)]
        write_text(self.out / "metadata.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        write_card(self.out / "README.md", lines, self.size_wh, any(recipe.textures for recipe in recipes))
        return lines


def check_folder(out: Path, recipes: Sequence[Recipe]) -> None:
    """Refuse a folder where these pairs would write over what others made, or leave pairs that no metadata names.

    Raises:
        ValueError: it holds such files; the message names one.
    """
    if not (out / RECORDS).is_dir():
        if others := [name for name in WRITTEN if (out / name).exists()]:
            raise ValueError(f"{out} holds other files, such as {others[0]}: choose another --out")
        return
    others = {path.stem for path in (out / RECORDS).glob("*.json")} - {recipe.stem for recipe in recipes}
    if others:
        raise ValueError(
            f"{out} holds {min(others)}, which is none of these pairs: give the same --seed and no smaller --count, "
            "or another --out"
        )


@lru_cache(maxsize=1)
def open_writer(out: Path, size_wh: tuple[int, int]) -> PairWriter:
    """One a process."""
    return PairWriter(out, size_wh)


def write_pair(recipe: Recipe, out: Path, size_wh: tuple[int, int]) -> None:
    """What a worker does; it stands here, as a worker cannot import from a package's __main__."""
    open_writer(out, size_wh).write(recipe)
