"""Make pairs and write them as the data contract has it: intact/, damaged/, masks/, parts/, metadata.jsonl."""

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from training.files import write_picture, write_text
from training.photo_damage.compose import Camera, Placement
from training.photo_damage.damage import Damage, Material
from training.photo_damage.edits import EDITS
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts, label_parts
from training.photo_damage.sources import Source, bike_id_of, load_picture, take_source_apart
from training.splits import choose_split

__all__ = ["PairWriter"]

HOME_SHARE = 0.55  # of the pairs stay over their own plate: the pictures most like what people send
SECOND_DAMAGE_SHARE = 0.25
ORIGINAL_QUALITY = 95
FOLDERS = ("intact", "damaged", "masks/damaged", "parts/intact", "parts/damaged", "metadata")
VISIBLE_SHARE = 0.0012  # of the picture must change for all to see: of 480 x 640 pixels a spot of 20 x 18
VISIBLE_BLUR = 1.2  # pixels, sigma: about what the classifier's canvas keeps
VISIBLE_CHANGE = 0.15  # of the value range, in one channel, once fine detail is blurred away


class PairWriter:
    """Writes pair after pair of one list of sources; any pair can be made alone, in any order, by any process."""

    def __init__(
        self,
        sources: Sequence[Source],
        out: Path,
        material: Material,
        places: Sequence[Path],
        kinds: Sequence[str],
        seed: int,
    ):
        """
        Args:
            out: folder of the data contract; made if missing.
            places: files of backgrounds to compose over; empty: every bike stays at home.
            kinds: names in EDITS to draw from.

        Raises:
            ValueError: no sources, or a kind that EDITS does not have.
        """
        if not sources:
            raise ValueError("no photo can be used: each needs a matte, and must not be marked as not usable")
        if unknown := sorted(set(kinds) - set(EDITS)):
            raise ValueError(f"no kind of damage is named {unknown[0]!r}: choose from {', '.join(sorted(EDITS))}")
        self.sources, self.out, self.material = sources, out, material
        # A bike is composed over places of its own side of the split only: held-back plates stay unseen.
        self.places: dict[str, list[Path]] = {}
        for place in places:
            self.places.setdefault(choose_split(bike_id_of(place)), []).append(place)
        self.kinds, self.seed = list(kinds), seed
        for folder in FOLDERS:
            (out / folder).mkdir(parents=True, exist_ok=True)

    def write(self, index: int) -> list[dict]:
        """Make pair number `index` unless it is there; return its lines of metadata, none where no damage fits.

        Raises:
            ValueError: the pair is there, made of another photo or with another seed or kinds of damage.
        """
        source = self.sources[index % len(self.sources)]
        # Written last: where the record is, the pictures are whole.
        record = self.out / "metadata" / f"{index:06d}.json"
        if record.exists():
            return self._read_record(record, source)
        stem = f"{source.bike_id}_{index:06d}"
        rng = np.random.default_rng([self.seed, index])
        photo, layers, parts = take_source_apart(source)
        lines = []
        if index < len(self.sources):  # the untouched photo, once
            lines += self._write_original(f"{stem}_original", source, photo, layers, parts)
        damages = self._break(layers, parts, rng)
        if damages:
            lines += self._write_pair(stem, source, layers, parts, damages, rng)
        write_text(record, json.dumps(lines))
        return lines

    def finish(self, count: int) -> list[dict]:
        """Join the lines of pairs 0 to count - 1 into metadata.jsonl, in order; make what is missing."""
        lines = [line for index in range(count) for line in self.write(index)]
        write_text(self.out / "metadata.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        return lines

    def _read_record(self, record: Path, source: Source) -> list[dict]:
        lines = json.loads(record.read_text())
        for line in lines:
            is_ours = (line["seed"], line["source"]) == (self.seed, source.photo.name)
            if not is_ours or not {damage["type"] for damage in line["damages"]} <= set(self.kinds):
                raise ValueError(f"{record} was made with other settings: choose another --out, or delete {self.out}")
        return lines

    def _break(self, layers: Layers, parts: Parts, rng: np.random.Generator) -> list[Damage]:
        """One or two damages, the second on top of the first; empty where no edit fits the photo."""
        wanted = 2 if rng.random() < SECOND_DAMAGE_SHARE else 1
        damages: list[Damage] = []
        for kind in rng.permutation(self.kinds):
            before = damages[-1].layers if damages else layers
            damage = EDITS[str(kind)](before, parts, self.material, rng)
            if damage is not None and _is_visible(before, damage):
                damages.append(damage)
            if len(damages) == wanted:
                break
        return damages

    def _write_pair(
        self, stem: str, source: Source, layers: Layers, parts: Parts, damages: list[Damage], rng: np.random.Generator
    ) -> list[dict]:
        placement, scene = Placement.at_home(layers), "home"
        places = self.places.get(choose_split(source.bike_id))
        if places and rng.random() > HOME_SHARE:
            elsewhere = Placement.elsewhere(layers, load_picture(places[rng.integers(len(places))]), rng)
            # Small or dim in its new place, the damage may no longer show: then the bike stays at home.
            if all(_shows(*_twins(elsewhere, layers, d.layers), elsewhere.mask(_as_bytes(d.mask))) for d in damages):
                placement, scene = elsewhere, "composed"
        camera = Camera.random(rng)
        masks = [placement.mask(_as_bytes(damage.mask)) for damage in damages]
        part_labels = placement.mask(label_parts(layers.alpha, parts))
        common = {"bike_id": source.bike_id, "source": source.photo.name, "scene": scene, "seed": self.seed}
        lines = []
        for label, twin in zip(("intact", "damaged"), _twins(placement, layers, damages[-1].layers), strict=True):
            write_picture(self.out / label / f"{stem}.jpg", camera.expose(twin), camera.quality)
            # Both twins carry the intact bike's parts: a missing part is labelled where it should be.
            write_picture(self.out / "parts" / label / f"{stem}.png", part_labels)
            lines.append({"file_name": f"{label}/{stem}.jpg", **common, "damages": []})
        write_picture(self.out / "masks" / "damaged" / f"{stem}.png", 255 * np.max(masks, axis=0))
        lines[1]["damages"] = [
            {"type": d.kind, "part": d.part, "severity": round(d.severity, 3), "box": _box(mask)}
            for d, mask in zip(damages, masks, strict=True)
        ]
        return lines

    def _write_original(self, stem: str, source: Source, photo: np.ndarray, layers: Layers, parts: Parts) -> list[dict]:
        write_picture(self.out / "intact" / f"{stem}.jpg", photo, ORIGINAL_QUALITY)
        write_picture(self.out / "parts" / "intact" / f"{stem}.png", label_parts(layers.alpha, parts))
        line = {"file_name": f"intact/{stem}.jpg", "bike_id": source.bike_id, "source": source.photo.name}
        return [{**line, "scene": "untouched", "seed": self.seed, "damages": []}]


def _twins(placement: Placement, intact: Layers, damaged: Layers) -> tuple[np.ndarray, np.ndarray]:
    return placement.picture(intact), placement.picture(damaged)


def _is_visible(before: Layers, damage: Damage) -> bool:
    return _shows(before.put_together(), damage.layers.put_together(), damage.mask)


def _shows(intact: np.ndarray, damaged: np.ndarray, mask: np.ndarray) -> bool:
    """Whether people would see the damage: VISIBLE_SHARE of the picture changed by VISIBLE_CHANGE inside the mask.

    What nobody sees teaches a classifier that sound bikes are damaged.

    The pictures are (H, W, 3) float32 in [0, 1], the mask (H, W), not 0 where the defect is.
    """
    difference = cv2.GaussianBlur(damaged - intact, (0, 0), VISIBLE_BLUR)
    visible = (np.abs(difference).max(axis=2) > VISIBLE_CHANGE) & (mask > 0)
    return bool(visible.mean() > VISIBLE_SHARE)


def _as_bytes(mask: np.ndarray) -> np.ndarray:
    return mask.astype(np.uint8)


def _box(mask: np.ndarray) -> list[int]:
    """x0, y0, x1, y1 in pixels; zeros where the mask is empty."""
    x, y, width, height = cv2.boundingRect(mask)
    return [x, y, x + width, y + height]
