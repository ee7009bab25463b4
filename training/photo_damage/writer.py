"""Make pairs and write them as the data contract has it: intact/, damaged/, masks/, parts/, metadata.jsonl."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from training.photo_damage.compose import Camera, Placement
from training.photo_damage.edits import EDITS, Damage, Material
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts, label_parts
from training.photo_damage.sources import Source, load_picture, take_source_apart

__all__ = ["PairWriter"]

HOME_SHARE = 0.55  # of the pairs stay over their own plate: the pictures most like what people send
SECOND_DAMAGE_SHARE = 0.25
ORIGINAL_QUALITY = 95


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
        """
        self.sources, self.out, self.material, self.places = sources, out, material, places
        self.kinds, self.seed = list(kinds), seed
        for folder in ("intact", "damaged", "masks/damaged", "parts/intact", "parts/damaged", "metadata"):
            (out / folder).mkdir(parents=True, exist_ok=True)

    def write(self, index: int) -> list[dict]:
        """Make pair number `index` unless it is there; return its lines of metadata."""
        record = self.out / "metadata" / f"{index:06d}.json"
        if record.exists():
            return json.loads(record.read_text())
        source = self.sources[index % len(self.sources)]
        stem = f"{source.bike_id}_{index:06d}"
        rng = np.random.default_rng([self.seed, index])
        photo, layers, parts = take_source_apart(source)
        lines = []
        if index < len(self.sources):  # the untouched photo, once
            lines += self._write_original(f"{stem}_original", source, photo, layers, parts)
        damages = self._break(layers, parts, rng)
        if damages:
            lines += self._write_pair(stem, source, layers, parts, damages, rng)
        _write_text(record, json.dumps(lines))
        return lines

    def finish(self, count: int) -> Iterator[dict]:
        """Join the records of pairs 0 to count - 1 into metadata.jsonl, in order."""
        lines = [line for index in range(count) for line in self.write(index)]
        _write_text(self.out / "metadata.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        yield from lines

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
        if self.places and rng.random() > HOME_SHARE:
            placement = Placement.elsewhere(layers, load_picture(self.places[rng.integers(len(self.places))]), rng)
            scene = "composed"
        else:
            placement, scene = Placement.at_home(layers), "home"
        camera = Camera.random(rng)
        masks = [placement.mask(damage.mask.astype(np.uint8)) for damage in damages]
        part_labels = placement.mask(label_parts(layers.alpha, parts))
        common = {"bike_id": source.bike_id, "source": source.photo.name, "scene": scene, "seed": self.seed}
        lines = []
        for label, twin in (("intact", layers), ("damaged", damages[-1].layers)):
            picture = camera.expose(placement.picture(twin))
            _write_picture(self.out / label / f"{stem}.jpg", picture[..., ::-1], camera.quality)
            # Both twins carry the intact bike's parts: a missing part is labelled where it should be.
            _write_picture(self.out / "parts" / label / f"{stem}.png", part_labels)
            lines.append({"file_name": f"{label}/{stem}.jpg", **common, "damages": []})
        _write_picture(self.out / "masks" / "damaged" / f"{stem}.png", 255 * np.max(masks, axis=0))
        lines[1]["damages"] = [
            {"type": d.kind, "part": d.part, "severity": round(d.severity, 3), "box": _box(mask)}
            for d, mask in zip(damages, masks, strict=True)
        ]
        return lines

    def _write_original(self, stem: str, source: Source, photo: np.ndarray, layers: Layers, parts: Parts) -> list[dict]:
        _write_picture(self.out / "intact" / f"{stem}.jpg", photo[..., ::-1], ORIGINAL_QUALITY)
        _write_picture(self.out / "parts" / "intact" / f"{stem}.png", label_parts(layers.alpha, parts))
        line = {"file_name": f"intact/{stem}.jpg", "bike_id": source.bike_id, "source": source.photo.name}
        return [{**line, "scene": "untouched", "seed": self.seed, "damages": []}]


def _is_visible(before: Layers, damage: Damage) -> bool:
    """Whether the damage shows: at least 40 pixels of the mask, and a change that an eye would see."""
    if damage.mask.sum() < 40:
        return False
    difference = np.abs(damage.layers.put_together() - before.put_together()).max(axis=2)[damage.mask]
    return bool(np.quantile(difference, 0.9) > 0.1)


def _box(mask: np.ndarray) -> list[int]:
    """x0, y0, x1, y1 in pixels; zeros where the mask is empty."""
    x, y, width, height = cv2.boundingRect(mask)
    return [x, y, x + width, y + height]


def _write_picture(path: Path, picture: np.ndarray, quality: int | None = None) -> None:
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if quality else []
    encoded = cv2.imencode(path.suffix, np.ascontiguousarray(picture), options)[1]
    _write_atomically(path, encoded.tobytes())


def _write_text(path: Path, text: str) -> None:
    _write_atomically(path, text.encode())


def _write_atomically(path: Path, content: bytes) -> None:
    """Write beside the file, then rename: a killed run leaves no half file."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)
