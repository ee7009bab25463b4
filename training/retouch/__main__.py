"""Damage photos of sound bikes by a photo editor's tools, to measure what a model knows beyond the damage it learned.

    python -m training.retouch --data_dir data/processed --out data/retouched
    python -m training.evaluate --classifier MODEL --data_dir data/retouched

takes the untouched photos of bikes that are held back for the test, and writes of each the photo itself and several
damaged ones, with masks, to OUT/test. The same seed makes the same pictures. Be measured by no tool that was learned
from: `--tools` names those to use, and `--split train` makes photos to learn from, in OUT/train.

With `--photos` instead of `--data_dir` it takes plain photos of sound bikes, without mattes or labels: those that the
damage editor cannot take apart, as other bikes, people or posts stand around them. Each falls on the side of the split
that `training.photo_damage` has for it.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inspection.inspector import EMBEDDED_CLASSIFIER
from inspection.photo import find_photos, read_photo
from inspection.pretrained import load_model
from modeling import BikeClassifierForImageClassification
from training.choosing import choose_evenly
from training.contact_sheet import draw_contact_sheet, outline
from training.data import Photo, load_photos
from training.files import recover_folder, replace_folder, write_picture, write_text
from training.find_parts import draw_parts
from training.masks import UNKNOWN, read_labels, read_mask
from training.metadata import mask_box
from training.options import StrictParser, read_count, read_seed
from training.pairs_sheet import read_sheet_path
from training.photo_damage.sources import bike_id_of
from training.retouch.tools import TOOLS
from training.seeding import derive_seed
from training.splits import SPLITS, choose_split

QUALITY = 92  # of the JPEGs, intact and damaged alike
LEAST_DAMAGED = 25  # pixels of a mask
MOST_TILES, TILES_ACROSS, TILE_WH = 40, 5, (384, 288)  # of the preview; pixels


def main(argv: list[str] | None = None) -> int:
    parser = StrictParser(
        prog="python -m training.retouch",
        description="Damage photos of sound bikes by a photo editor's tools.",
        epilog="example: python -m training.retouch --data_dir data/processed --out data/retouched --preview sheet.jpg",
    )
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--data_dir", type=Path, help="folder of photos with part labels")
    given.add_argument(
        "--photos",
        nargs="+",
        metavar="PHOTO",
        help="photos of sound bikes, and folders of them; the built-in classifier draws the parts",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; a new one")
    parser.add_argument("--split", choices=sorted(SPLITS), default="test", help="whose photos (default: test)")
    parser.add_argument(
        "--tools",
        nargs="+",
        choices=sorted(TOOLS),
        default=sorted(TOOLS),
        metavar="TOOL",
        help=f"of {', '.join(sorted(TOOLS))} (default: all)",
    )
    parser.add_argument("--each", type=read_count, default=3, help="tools to use on each photo (default: 3)")
    parser.add_argument("--seed", type=read_seed, default=17, help="of all that is random (default: 17)")
    parser.add_argument("--preview", type=read_sheet_path, help="picture to write: a contact sheet, masks outlined")
    arguments = parser.parse_args(argv)
    try:
        if arguments.data_dir:
            photos = choose_photos(arguments.data_dir, arguments.split)
        else:
            photos = choose_plain_photos(arguments.photos, arguments.split)
        lines = retouch_all(photos, arguments)
        if arguments.preview:
            preview(arguments.out / arguments.split, lines, arguments.preview)
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    kinds = Counter(damage["type"] for line in lines for damage in line["damages"])
    counts = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    intact = sum(not line["damages"] for line in lines)
    print(f"{intact} photos, {kinds.total()} damaged ones in {arguments.out}: {counts}", file=sys.stderr)
    return 0


def choose_photos(folder: Path, split: str) -> list[Photo]:
    """The intact photos of that side that have part labels; of those of pairs, the untouched ones alone.

    Raises:
        ValueError: there is none.
    """
    photos = [photo for photo in load_photos(folder) if photo.split == split and photo.label == 0 and photo.parts]
    untouched = [photo for photo in photos if photo.scene == "untouched"]
    if not photos:
        raise ValueError(f"{folder} holds no intact photo for {split} with part labels: python -m training.find_parts")
    return untouched or photos


def choose_plain_photos(paths: list[str], split: str) -> list[Photo]:
    """The photos of that side among files and folders, all taken for intact.

    Raises:
        ValueError: there is none, a path is nowhere, or two photos have one name, which their copies would share.
    """
    found = [(path, bike_id_of(path)) for path in find_photos(paths)]
    names = Counter(path.stem for path, _ in found)
    if twice := sorted(name for name, count in names.items() if count > 1):
        raise ValueError(f"two of the photos are named {twice[0]!r}: rename one")
    photos = [
        Photo(path, 0, split, scene="untouched", bike_id=bike) for path, bike in found if choose_split(bike) == split
    ]
    if not photos:
        raise ValueError(f"none of the {len(found)} photos is for {split}: give more, or another --split")
    return photos


def retouch_all(photos: list[Photo], arguments: argparse.Namespace) -> list[dict]:
    """Write the photos and the damaged ones made of them; return the lines of metadata.jsonl.

    Raises:
        FileExistsError: the folder is there already.
        ValueError: a photo cannot be read, or no bike is found on any.
    """
    out = arguments.out
    if out.exists():
        raise FileExistsError(f"{out} exists: choose another --out, or delete it")
    lines, draw = [], make_part_drawer() if arguments.photos else None
    recover_folder(out)
    with replace_folder(out) as unfinished:
        root = unfinished / arguments.split
        for name in ("intact", "damaged", "masks/damaged", "parts/intact", "parts/damaged"):
            (root / name).mkdir(parents=True)
        for photo in tqdm(photos, desc="retouch", unit="photo"):
            generator = np.random.default_rng(derive_seed(arguments.seed, *photo.path.name.encode()))
            pixels = read_photo(photo.path)
            parts = draw(pixels) if draw else read_labels(photo.parts, pixels.shape[:2])
            if parts.any():
                lines += _retouch(photo, pixels, parts, root, arguments, generator)
            else:
                tqdm.write(f"left out: {photo.path}: no bicycle found", file=sys.stderr)
        if not lines:
            raise ValueError("no bicycle was found on any of the photos: give others")
        write_text(root / "metadata.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    return lines


def make_part_drawer() -> Callable[[np.ndarray], np.ndarray]:
    """From a photo (H, W, 3) uint8 to its part ids (H, W) uint8, by the built-in classifier."""
    model, processor = load_model(EMBEDDED_CLASSIFIER, BikeClassifierForImageClassification)
    return partial(draw_parts, model.eval(), processor)


def preview(root: Path, lines: list[dict], path: Path) -> None:
    """Draw a contact sheet of some damaged photos, the masks outlined."""
    tiles = []
    for line in choose_evenly([line for line in lines if line["damages"]], MOST_TILES):
        name = Path(line["file_name"])
        picture = read_photo(root / name)
        mask = read_mask(root / "masks" / "damaged" / f"{name.stem}.png", picture.shape[:2])
        tiles.append((outline(picture, mask), line["damages"][0]["type"]))
    write_picture(path, draw_contact_sheet(tiles, TILES_ACROSS, TILE_WH))


def _retouch(
    photo: Photo,
    pixels: np.ndarray,
    parts: np.ndarray,
    root: Path,
    arguments: argparse.Namespace,
    generator: np.random.Generator,
) -> list[dict]:
    bike = {"bike_id": photo.bike_id or photo.path.stem}
    # Written anew, as the damaged ones are: that a picture was saved once more says nothing of damage.
    write_picture(root / "intact" / f"{photo.path.stem}.jpg", pixels, QUALITY)
    write_picture(root / "parts" / "intact" / f"{photo.path.stem}.png", parts)
    lines = [{"file_name": f"intact/{photo.path.stem}.jpg", **bike, "scene": photo.scene, "damages": []}]
    for name in generator.permutation(sorted(set(arguments.tools))):
        if len(lines) > arguments.each:
            break
        retouched = TOOLS[name](pixels, parts, generator)
        if retouched is None or retouched[1].sum() < LEAST_DAMAGED:
            continue
        damaged, mask = retouched
        stem = f"{photo.path.stem}_{name}"
        write_picture(root / "damaged" / f"{stem}.jpg", damaged, QUALITY)
        write_picture(root / "masks" / "damaged" / f"{stem}.png", 255 * mask.astype(np.uint8))
        # Where it is damaged, nobody has drawn the parts as they are now.
        write_picture(root / "parts" / "damaged" / f"{stem}.png", np.where(mask, UNKNOWN, parts).astype(np.uint8))
        damage = {"type": str(name), "box": mask_box(mask)}
        lines.append({"file_name": f"damaged/{stem}.jpg", **bike, "scene": "retouched", "damages": [damage]})
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
