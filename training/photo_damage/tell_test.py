"""Can a network tell photos that were taken apart and put together again from untouched ones?

    python -m training.photo_damage.tell_test photos --mattes mattes --annotations annotations.jsonl \\
        --out data/processed --backbone_weights tf_efficientnet_lite0.safetensors --sheet tells.png

puts every photo together again without any damage, sends it and the untouched photo through one camera, teaches a
small network on crops along the bike's outline to tell them apart, and prints how well it does on bikes it has not
seen. Near 0.5 the editor leaves no trace that a damage detector could learn instead of damage; above 0.6 look at the
sheet for what gives it away.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import timm
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torchmetrics.functional.classification import binary_auroc
from tqdm import tqdm

from training.files import write_picture
from training.jpeg import through_jpeg
from training.photo_damage.camera import Camera
from training.photo_damage.compose import Placement
from training.photo_damage.preparation import add_source_arguments, prepare_sources
from training.photo_damage.sources import Source, take_source_apart
from training.splits import choose_split

__all__ = ["CropPair", "main", "make_crops"]

BACKBONE = "tf_efficientnet_lite0"
CROPS_A_PHOTO = 4
LEARNING_RATE = 5e-4  # AdamW, falling to 0 along half a cosine
BATCH_PAIRS = 8  # of crops: each untouched one meets its twin in the same step
SHEET_ROWS, SHEET_COLUMNS = 8, 2  # of the crops told apart most surely
AMPLIFIED = 4  # times: the difference shown beside them


@dataclass
class CropPair:
    """One place of one photo, untouched and put together again, each (size, size, 3) uint8 RGB."""

    untouched: np.ndarray
    put_together: np.ndarray
    photo: str
    is_train: bool


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.photo_damage.tell_test",
        description="Measure whether put-together photos can be told from untouched ones (AUROC; 0.5: they cannot).",
        epilog="example: python -m training.photo_damage.tell_test photos --mattes mattes --out data/processed",
    )
    add_source_arguments(parser)
    parser.add_argument("--out", type=Path, required=True, help="the editor's, where it keeps plates and colours")
    parser.add_argument("--backbone_weights", type=Path, help=f"safetensors of timm's {BACKBONE}; none: random weights")
    parser.add_argument("--taken_apart", action="store_true", help="judge the bare layers, not as the writer has them")
    parser.add_argument("--sheet", type=Path, help="picture to write of what is told apart most surely")
    parser.add_argument("--crop_size", type=int, default=192, help="side of the crops in pixels (default: 192)")
    parser.add_argument("--epochs", type=int, default=2, help="times every crop is seen (default: 2)")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    torch.manual_seed(arguments.seed)
    try:
        network = build_network(arguments.backbone_weights)
        sources = prepare_sources(arguments)
        pairs = make_crops(sources, arguments.crop_size, arguments.seed, arguments.taken_apart)
        train_pairs, held_back = ([pair for pair in pairs if pair.is_train is side] for side in (True, False))
        if not train_pairs or not held_back:
            raise ValueError(f"{len(sources)} photos are too few to train on some and hold others back: give more")
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    train(network, train_pairs, arguments.epochs, arguments.seed)
    logits = judge(network, held_back)
    by_photo = _mean_by_photo(logits, held_back)
    result = {"crop_auroc": _auroc(logits), "photo_auroc": _auroc(by_photo)}
    result |= {"train_crops": len(train_pairs), "held_back_crops": len(held_back), "held_back_photos": len(by_photo)}
    print(json.dumps(result))
    if arguments.sheet:
        write_picture(arguments.sheet, draw_sheet(held_back, logits))
    return 0


def build_network(weights: Path | None) -> nn.Module:
    """The backbone with one logit, above 0: put together.

    Raises:
        ValueError: the weights are of another network.
    """
    network = timm.create_model(BACKBONE, num_classes=1)
    if weights is not None:
        known = {name: value for name, value in load_file(weights).items() if not name.startswith("classifier.")}
        missing, unexpected = network.load_state_dict(known, strict=False)
        missing = [name for name in missing if not name.startswith("classifier.") and "num_batches" not in name]
        if missing or unexpected:
            raise ValueError(f"{weights} is not of {BACKBONE}: {(missing + unexpected)[0]} does not match")
    return network


def make_crops(sources: Sequence[Source], size: int, seed: int, is_taken_apart: bool = False) -> list[CropPair]:
    """CROPS_A_PHOTO pairs of every photo, centred on the bike's outline, both halves through one camera.

    Args:
        size: side of the crops in pixels.
        is_taken_apart: put together from bare layers alone; else as the writer does it.
    """
    pairs = []
    for index, source in enumerate(tqdm(sources, desc="put together", unit="photo", delay=2)):
        rng = np.random.default_rng([seed, index])
        photo, layers, _ = take_source_apart(source)
        placement = Placement.at_home(layers) if is_taken_apart else Placement.at_home(layers, photo, rng=rng)
        camera = Camera.random(rng)
        twins = [
            _photograph(twin, camera, size) for twin in (photo.astype(np.float32) / 255, placement.picture(layers))
        ]
        for top, left in _corners_on_outline(layers.alpha, twins[0].shape, size, rng):
            crops = [twin[top : top + size, left : left + size].copy() for twin in twins]
            pairs.append(CropPair(*crops, source.photo.name, choose_split(source.bike_id) == "train"))
    return pairs


def train(network: nn.Module, pairs: Sequence[CropPair], epochs: int, seed: int) -> None:
    """Teach the network in place; a crop and its twin are mirrored alike."""
    rng = np.random.default_rng(seed)
    steps = epochs * -(-len(pairs) // BATCH_PAIRS)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    network.train()
    order = np.concatenate([rng.permutation(len(pairs)) for _ in range(epochs)])
    for batch in tqdm(np.array_split(order, steps), desc="train", unit="step", delay=2):
        logits = network(_to_pixel_values([pairs[i] for i in batch], is_mirrored=rng.random() < 0.5))[:, 0]
        labels = torch.arange(len(logits)) % 2
        loss = nn.functional.binary_cross_entropy_with_logits(logits, labels.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


@torch.no_grad()
def judge(network: nn.Module, pairs: Sequence[CropPair]) -> Tensor:
    """Logits (N, 2) of the untouched and the put-together crop of each pair."""
    network.eval()
    batches = [pairs[i : i + BATCH_PAIRS] for i in range(0, len(pairs), BATCH_PAIRS)]
    return torch.cat([network(_to_pixel_values(batch)) for batch in batches]).reshape(-1, 2)


def draw_sheet(pairs: Sequence[CropPair], logits: Tensor) -> np.ndarray:
    """(H, W, 3) uint8 RGB: the pairs told apart most surely; untouched, put together, their difference amplified."""
    surest = (logits[:, 1] - logits[:, 0]).argsort(descending=True)[: SHEET_ROWS * SHEET_COLUMNS]
    tiles = []
    for i in surest.tolist():
        pair = pairs[i]
        difference = AMPLIFIED * (pair.put_together.astype(int) - pair.untouched) + 128
        tiles.append(np.hstack([pair.untouched, pair.put_together, difference.clip(0, 255).astype(np.uint8)]))
    blank = [np.zeros_like(tiles[0])] * (-len(tiles) % SHEET_COLUMNS)
    rows = [np.hstack((tiles + blank)[i : i + SHEET_COLUMNS]) for i in range(0, len(tiles), SHEET_COLUMNS)]
    return np.vstack(rows)


def _photograph(picture: np.ndarray, camera: Camera, size: int) -> np.ndarray:
    """The picture as the writer leaves it, (H, W, 3) uint8 RGB; one smaller than a crop is mirrored outwards."""
    photo = through_jpeg(camera.expose(picture), camera.quality)
    below, beside = (max(0, size - side) for side in photo.shape[:2])
    return cv2.copyMakeBorder(photo, 0, below, 0, beside, cv2.BORDER_REFLECT)


def _corners_on_outline(
    alpha: np.ndarray, shape: tuple[int, ...], size: int, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Top and left of crops whose middle is on the bike's soft edge, moved inside a picture of this shape."""
    rows, columns = np.nonzero((alpha > 0.1) & (alpha < 0.9))
    if not len(rows):  # a matte of hard edges
        rows, columns = np.nonzero(alpha > 0.5)
    picked = rng.integers(len(rows), size=CROPS_A_PHOTO)
    tops = np.clip(rows[picked] - size // 2, 0, shape[0] - size)
    lefts = np.clip(columns[picked] - size // 2, 0, shape[1] - size)
    return [(int(top), int(left)) for top, left in zip(tops, lefts, strict=True)]


def _to_pixel_values(pairs: Sequence[CropPair], is_mirrored: bool = False) -> Tensor:
    """(2N, 3, size, size) float32 in [-1, 1], untouched and put together in turn."""
    crops = np.stack([crop for pair in pairs for crop in (pair.untouched, pair.put_together)])
    pixel_values = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 127.5 - 1
    return pixel_values.flip(3) if is_mirrored else pixel_values


def _mean_by_photo(logits: Tensor, pairs: Sequence[CropPair]) -> Tensor:
    photos = [pair.photo for pair in pairs]
    return torch.stack([logits[[name == photo for name in photos]].mean(dim=0) for photo in dict.fromkeys(photos)])


def _auroc(logits: Tensor) -> float:
    """Of logits (N, 2), untouched and put together: 0.5 is chance."""
    labels = torch.tensor([[0, 1]]).expand(len(logits), 2)
    return round(binary_auroc(logits.flatten().sigmoid(), labels.flatten()).item(), 4)


if __name__ == "__main__":
    raise SystemExit(main())
