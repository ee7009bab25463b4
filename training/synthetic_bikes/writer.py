"""Render pairs and write them as the data contract has it: intact/, damaged/, masks/, parts/, metadata.jsonl."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from training.files import write_picture, write_text
from training.synthetic_bikes.camera_faults import CameraFaults
from training.synthetic_bikes.damage import break_bike
from training.synthetic_bikes.design import random_design
from training.synthetic_bikes.geometry import build_bike
from training.synthetic_bikes.raster import Rasteriser
from training.synthetic_bikes.recipes import Recipe
from training.synthetic_bikes.render import Picture, render_twins
from training.synthetic_bikes.scenes import random_scene

__all__ = ["PairWriter", "render_recipe"]

FOLDERS = ("intact", "damaged", "masks/damaged", "parts/intact", "parts/damaged", ".metadata")


def render_recipe(rasteriser: Rasteriser, recipe: Recipe, size_wh: tuple[int, int]) -> tuple[Picture, Picture, dict]:
    """The intact and the damaged picture, and the damaged one's line of metadata.

    Args:
        size_wh: width and height of the pictures, in pixels.

    Returns:
        The line has no file name yet, and besides what metadata.jsonl holds the `quality` of the JPEG.
    """
    rng = np.random.default_rng([*recipe.seed, 7])
    bike = build_bike(replace(random_design(rng, recipe.bike_type), **recipe.design), rng)
    scene = random_scene(recipe.scene, rng, bike, size_wh[0] / size_wh[1], recipe.facing, **recipe.surroundings)
    damage = break_bike(bike, recipe.kind, rng, recipe.part)
    faults = CameraFaults.random(rng, recipe.quality, scene.exposure, scene.darkness)
    seed = int(rng.integers(2**31))
    intact, damaged = render_twins(rasteriser, bike, damage, scene, faults, size_wh, recipe.dust, seed)
    x, y, width, height = cv2.boundingRect(damaged.mask.astype(np.uint8))
    found = {"type": damage.kind, "part": damage.part, "severity": round(float(damage.severity), 3)}
    line = {
        "damages": [{**found, "box": [x, y, x + width, y + height]}],
        "view": scene.view,
        "scene": scene.name,
        "bike_type": recipe.bike_type,
        "bike_id": recipe.stem,
        "seed": list(recipe.seed),
        "quality": faults.quality,
    }
    return intact, damaged, line


class PairWriter:
    """Writes pair after pair into one folder; finished pairs are left as they are."""

    def __init__(self, out: Path, size_wh: tuple[int, int]):
        """
        Args:
            out: folder of the data contract; made if missing.
            size_wh: width and height of the pictures, in pixels.

        Raises:
            RuntimeError: PyVista or its OpenGL is missing.
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
        record = self.out / ".metadata" / f"{recipe.stem}.json"
        # What was made is compared with what is asked for, so that no run mixes with another.
        asked = json.dumps([repr(recipe), list(self.size_wh)])
        if record.exists():
            made = json.loads(record.read_text())
            if made["asked"] != asked:
                raise ValueError(f"{record} was made with other settings: choose another --out, or delete {self.out}")
            return made["lines"]
        intact, damaged, line = render_recipe(self.rasteriser, recipe, self.size_wh)
        quality = line.pop("quality")
        for label, picture in (("intact", intact), ("damaged", damaged)):
            write_picture(self.out / label / f"{recipe.stem}.jpg", picture.image, quality)
            write_picture(self.out / "parts" / label / f"{recipe.stem}.png", picture.part_labels)
        write_picture(self.out / "masks" / "damaged" / f"{recipe.stem}.png", damaged.mask.astype(np.uint8) * 255)
        lines = [
            {"file_name": f"intact/{recipe.stem}.jpg", **line, "damages": []},
            {"file_name": f"damaged/{recipe.stem}.jpg", **line},
        ]
        write_text(record, json.dumps({"asked": asked, "lines": lines}))
        return lines

    def finish(self, recipes: Sequence[Recipe]) -> None:
        """Join the lines of these pairs into metadata.jsonl, in order; render what is missing."""
        lines = [json.dumps(line) + "\n" for recipe in recipes for line in self.write(recipe)]
        write_text(self.out / "metadata.jsonl", "".join(lines))

    def close(self) -> None:
        """Let go of the graphics; nothing can be rendered afterwards."""
        self.rasteriser.close()
