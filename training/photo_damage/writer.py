"""Make pairs and write them as the data contract has it: intact/, damaged/, masks/, parts/, metadata.jsonl."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.files import write_json, write_picture, write_text
from training.metadata import RECORDS, mask_box
from training.photo_damage.breakage import break_bike, shows
from training.photo_damage.camera import Camera
from training.photo_damage.compose import Placement
from training.photo_damage.damage import Damage, Material, strongest_difference
from training.photo_damage.distractors import HELD_BY, add_distractors
from training.photo_damage.edits import EDITS
from training.photo_damage.layers import Layers
from training.photo_damage.part_labels import label_parts
from training.photo_damage.parts import Parts
from training.photo_damage.places import Places
from training.photo_damage.sources import Source, take_source_apart
from training.splits import SPLITS, choose_split

__all__ = ["PairWriter"]

# Of the pairs stay over their own plate, besides all whose matte is not clean: they are most like what people send.
HOME_SHARE = 0.45
EDITED = 0.01  # of the value range: what differs by more was edited
FOLDERS = ("intact", "damaged", "masks/damaged", "parts/intact", "parts/damaged", RECORDS)


class PairWriter:
    """Writes pair after pair of one list of sources; any pair can be made alone, in any order, by any process."""

    def __init__(
        self,
        sources: Sequence[Source],
        out: Path,
        material: Material,
        kinds: Sequence[str],
        seed: int,
    ):
        """
        Args:
            out: folder of the data contract; made if missing.
            material: its textures are floors and walls to compose over, too.
            kinds: names in EDITS to draw from.

        Raises:
            ValueError: no sources, a kind that EDITS does not have, or a folder of pairs made with other settings.
        """
        if not sources:
            raise ValueError("no photo can be used: each needs a matte, and must not be marked as not usable")
        if unknown := sorted(set(kinds) - set(EDITS)):
            raise ValueError(f"no kind of damage is named {unknown[0]!r}: choose from {', '.join(sorted(EDITS))}")
        self.sources, self.out = sources, out
        self.kinds, self.seed = list(kinds), seed
        # What a bike is broken with and composed over is of its own side of the split: the rest stays unseen.
        self.materials = {side: material.of_side(side) for side in SPLITS}
        self.places = {
            side: Places(
                [source for source in sources if choose_split(source.bike_id) == side], self.materials[side].textures
            )
            for side in SPLITS
        }
        for folder in FOLDERS:
            (out / folder).mkdir(parents=True, exist_ok=True)
        self._check_settings(material)

    def check_count(self, count: int) -> None:
        """Raise ValueError where the folder holds more pairs than these: they would stay, and no metadata name them."""
        numbers = [int(path.stem) for path in (self.out / RECORDS).glob("*.json")]
        if numbers and max(numbers) >= count:
            raise ValueError(f"{self.out} holds {max(numbers) + 1} pairs: give no smaller --count, or another --out")

    def write(self, index: int) -> list[dict]:
        """Make pair number `index` unless it is there; return its lines of metadata, none where no damage fits."""
        source = self.sources[index % len(self.sources)]
        # Written last: where the record is, the pictures are whole.
        record = self.out / RECORDS / f"{index:06d}.json"
        if record.exists():
            return json.loads(record.read_text())
        stem = f"{source.bike_id}_{index:06d}"
        rng = np.random.default_rng([self.seed, index])
        photo, layers, parts = take_source_apart(source)
        lines = []
        if index < len(self.sources):  # the untouched photo, once
            lines.append(self._write_original(f"{stem}_original", source, photo, layers, parts, rng))
        material = self.materials[choose_split(source.bike_id)]
        worn, distractors = add_distractors(layers, parts, material, rng)
        holding = frozenset().union(*(HELD_BY.get(name, ()) for name in distractors))
        damages = break_bike(worn, parts, material, self.kinds, self._kind_of_turn(index), holding, rng)
        if damages:
            pair = Pair(source, photo, layers, worn, parts, distractors, damages)
            lines += self._write_pair(stem, pair, rng)
        write_text(record, json.dumps(lines))
        return lines

    def finish(self, count: int) -> list[dict]:
        """Join the lines of pairs 0 to count - 1 into metadata.jsonl, in order; make what is missing."""
        lines = [line for index in range(count) for line in self.write(index)]
        write_text(self.out / "metadata.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        return lines

    def _check_settings(self, material: Material) -> None:
        """Write settings.json, or compare with it: pairs of other settings in one folder would be no data set."""
        names = [[path.name for path in files] for files in (material.rust, material.textures)]
        inputs = [[s.photo.name, s.photo.stat().st_size, s.matte.stat().st_size, s.annotation] for s in self.sources]
        digest = hashlib.sha256(json.dumps([names, inputs], sort_keys=True).encode()).hexdigest()
        settings = {"seed": self.seed, "kinds": self.kinds, "photos": len(self.sources), "inputs": digest}
        path = self.out / "settings.json"
        if path.exists() and (other := json.loads(path.read_text())) != settings:
            changed = next(name for name in settings if other.get(name) != settings[name])
            raise ValueError(f"{self.out} holds pairs made with other {changed}: choose another --out, or delete it")
        write_json(path, settings)

    def _kind_of_turn(self, index: int) -> str:
        """The kind to try first: each in turn, and another for the same photo each time round."""
        turn = index + index // len(self.sources)
        return self.kinds[turn % len(self.kinds)]

    def _describe(self, source: Source) -> dict:
        credit = {"credit": dict(source.credit)} if source.credit else {}
        return {"bike_id": source.bike_id, "source": source.photo.name, **credit, "seed": self.seed}

    def _write_pair(self, stem: str, pair: "Pair", rng: np.random.Generator) -> list[dict]:
        placement, scene = self._place(pair, rng)
        camera = Camera.random(rng)
        masks = [placement.mask(_as_bytes(damage.mask)) for damage in pair.damages]
        part_labels = placement.mask(label_parts(pair.layers.alpha, pair.parts))
        about = {**self._describe(pair.source), "scene": scene, "distractors": pair.distractors}
        lines = []
        for label, twin in (("intact", pair.worn), ("damaged", pair.damages[-1].layers)):
            name = f"{label}/{stem}.jpg"
            write_picture(self.out / name, camera.expose(placement.picture(twin)), camera.quality)
            # Both twins carry the intact bike's parts: a missing part is labelled where it should be.
            write_picture(self.out / "parts" / label / f"{stem}.png", part_labels)
            lines.append({"file_name": name, **about, "damages": []})
        write_picture(self.out / "masks" / "damaged" / f"{stem}.png", 255 * np.max(masks, axis=0))
        lines[1]["damages"] = [
            {"type": d.kind, "part": d.part, "severity": round(d.severity, 3), "box": mask_box(mask)}
            for d, mask in zip(pair.damages, masks, strict=True)
        ]
        return lines

    def _place(self, pair: "Pair", rng: np.random.Generator) -> tuple[Placement, str]:
        """At home, or in another place where all of the damage still shows; and the scene's name."""
        if rng.random() > HOME_SHARE:
            place = self.places[choose_split(pair.source.bike_id)].draw(rng)
            elsewhere = Placement.elsewhere(pair.worn, pair.parts, place, rng)
            if elsewhere is not None and _all_show(elsewhere, pair):
                return elsewhere, "composed"
        return Placement.at_home(pair.layers, pair.photo, pair.find_edited(), rng), "home"

    def _write_original(
        self,
        stem: str,
        source: Source,
        photo: np.ndarray,
        layers: Layers,
        parts: Parts,
        rng: np.random.Generator,
    ) -> dict:
        # Through a phone's faults as the pairs are: else a clean picture would mean a sound bike.
        camera = Camera.random(rng)
        exposed = camera.expose(photo.astype(np.float32) / 255)
        write_picture(self.out / "intact" / f"{stem}.jpg", exposed, camera.quality)
        write_picture(self.out / "parts" / "intact" / f"{stem}.png", label_parts(layers.alpha, parts))
        about = {"file_name": f"intact/{stem}.jpg", **self._describe(source), "distractors": []}
        return {**about, "scene": "untouched", "damages": []}


@dataclass
class Pair:
    """A bike before and after: its photo, the layers as taken apart, with what it carries, and after each damage."""

    source: Source
    photo: np.ndarray
    layers: Layers
    worn: Layers
    parts: Parts
    distractors: list[str]
    damages: list[Damage]

    def find_edited(self) -> np.ndarray:
        """(H, W) uint8, 1 where either twin differs from the layers as taken apart."""
        together = self.layers.put_together()
        twins = (self.worn.put_together(), self.damages[-1].layers.put_together())
        return _as_bytes(np.maximum(*(strongest_difference(together, twin) for twin in twins)) > EDITED)


def _all_show(placement: Placement, pair: Pair) -> bool:
    """Whether all of the damage can still be seen: small or dim in its new place, it may not."""
    intact = placement.picture(pair.worn)
    return all(shows(intact, placement.picture(d.layers), placement.mask(_as_bytes(d.mask))) for d in pair.damages)


def _as_bytes(mask: np.ndarray) -> np.ndarray:
    return mask.astype(np.uint8)
