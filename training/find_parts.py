"""Part ids for photos that come without any, as the classifier draws them: stage 2 looks at the bike, not around it."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from tqdm import tqdm

from inspection.bike import find_bike
from inspection.inspector import EMBEDDED_CLASSIFIER
from inspection.photo import read_photo
from inspection.pretrained import ModelSource, load_model
from modeling import BikeClassifierForImageClassification, BikeImageProcessor
from training.data import Photo
from training.files import write_picture

__all__ = ["draw_parts", "find_parts"]


def find_parts(
    photos: list[Photo], classifier: ModelSource | None, folder: Path, accelerator: Accelerator
) -> list[Photo]:
    """The photos, each with part ids; those that had none get them from the classifier, as files in a folder.

    What was drawn in an earlier start of the run is not drawn again.

    Args:
        classifier: as `load_model` takes it; None is the built-in one.
        folder: to write to; subfolders are named by the classifier's weights, files by the content of the photos.
    """
    lacking = [photo for photo in photos if not photo.parts]
    if not lacking:
        return photos
    with accelerator.main_process_first():
        model, processor = load_model(classifier or EMBEDDED_CLASSIFIER, BikeClassifierForImageClassification)
        folder = folder / name_weights(model)
        folder.mkdir(parents=True, exist_ok=True)
        files = {photo.path: folder / f"{hashlib.sha256(photo.path.read_bytes()).hexdigest()}.png" for photo in lacking}
        missing = [photo.path for photo in lacking if not files[photo.path].exists()]
        if missing:
            model = model.to(accelerator.device).eval()
            for path in tqdm(missing, desc="find the bikes", unit="photo", delay=2):
                write_picture(files[path], draw_parts(model, processor, read_photo(path)))
    return [photo if photo.parts else replace(photo, parts=files[photo.path]) for photo in photos]


def name_weights(model: torch.nn.Module) -> str:
    """Sixteen hexadecimal digits that other weights would not have."""
    weights = b"".join(values.cpu().numpy().tobytes() for values in model.state_dict().values())
    return hashlib.sha256(weights).hexdigest()[:16]


@torch.no_grad()
def draw_parts(
    model: BikeClassifierForImageClassification, processor: BikeImageProcessor, photo: np.ndarray
) -> np.ndarray:
    """Part ids (H, W) uint8 of a photo (H, W, 3) uint8; 0 all over where there is no bike."""
    canvas, letterbox = processor.fit(photo)
    logits = model(processor.normalise([canvas]).to(model.device)).part_logits[0].float().cpu().numpy()
    if find_bike(logits, letterbox) is None:
        return np.zeros(photo.shape[:2], np.uint8)
    return letterbox.labels_to_photo(logits.argmax(axis=0).astype(np.uint8))
