"""From photos to inspections: the classifier judges and finds the bike, the localizer looks where it is damaged.

    inspector = BikeInspector.from_pretrained()
    inspection = inspector.inspect("bike.jpg")
    inspection.verdict, inspection.probability, inspection.regions

Each photo goes through stage 1; the bikes that look damaged go through stage 2.
"""

import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from inspection.bike import Bike, find_bike
from inspection.inspection import CanvasMap, Evidence, Inspection, check_threshold
from inspection.photo import PhotoError, PhotoSource, read_photo
from inspection.pretrained import ModelSource, load_model
from modeling import BikeClassifierForImageClassification, BikeImageProcessor, DraemForAnomalyLocalization

__all__ = ["BikeInspector"]

MODEL_CARDS = Path(__file__).resolve().parents[1] / "model_cards"
EMBEDDED_CLASSIFIER = MODEL_CARDS / "bike-classifier"
EMBEDDED_LOCALIZER = MODEL_CARDS / "bike-draem"
DAMAGED = 1  # class id

# Photos in one pass of a network. On a CPU one by one is the quickest: the features stay in the cache.
CPU_BATCH, GPU_BATCH = 1, 16


class BikeInspector:
    """Two models and their image processors, ready to inspect photos.

    Attributes:
        device: where the networks run.
        batch_size: photos in one pass of a network.
    """

    def __init__(
        self,
        classifier: BikeClassifierForImageClassification,
        classifier_processor: BikeImageProcessor,
        localizer: DraemForAnomalyLocalization,
        localizer_processor: BikeImageProcessor,
        device: str | torch.device | None = None,
    ):
        """Take both models over: to the device, in eval mode. `from_pretrained` is the usual way here."""
        self.device = _choose_device(device)
        self.batch_size = CPU_BATCH if self.device.type == "cpu" else GPU_BATCH
        self.classifier, self.localizer = (
            # Channels last: on a CPU the localizer takes a quarter less time, the classifier no more.
            model.to(self.device, memory_format=torch.channels_last).eval()
            for model in (classifier, localizer)
        )
        self.classifier_processor, self.localizer_processor = classifier_processor, localizer_processor
        names = classifier.config.part_names
        self.part_names = {part: name.replace("_", " ") for part, name in enumerate(names) if part > 0}

    @classmethod
    def from_pretrained(
        cls,
        classifier: ModelSource | None = None,
        localizer: ModelSource | None = None,
        device: str | torch.device | None = None,
    ) -> "BikeInspector":
        """Load both models.

        Args:
            classifier: a folder, a Hub id, a model that came from one, or (model, processor); None takes the
                embedded weights, model_cards/bike-classifier.
            localizer: likewise; None takes model_cards/bike-draem.
            device: None takes CUDA, then Apple's MPS, where there is one, else the CPU.

        Raises:
            FileNotFoundError: a model folder, or a file in it, that does not exist.
            ValueError: a model of another kind, damaged weights or weights that do not fit, an unknown key, or a
                device that is not there. One line, naming what is wrong and the fix.
        """
        classifier = _embedded("classifier", EMBEDDED_CLASSIFIER) if classifier is None else classifier
        localizer = _embedded("localizer", EMBEDDED_LOCALIZER) if localizer is None else localizer
        return cls(
            *load_model(classifier, BikeClassifierForImageClassification),
            *load_model(localizer, DraemForAnomalyLocalization),
            device=device,
        )

    def inspect(
        self,
        photos: PhotoSource | Sequence[PhotoSource],
        *,
        always_localize: bool = False,
        stage1_only: bool = False,
        damage_threshold: float | None = None,
        anomaly_threshold: float | None = None,
    ) -> Inspection | list[Inspection]:
        """Inspect one photo or a list of them.

        Each Inspection keeps its photo's pixels for the overlay: hand over long lists in parts.

        Args:
            photos: what `read_photo` takes, or a list or tuple of it.
            always_localize: run stage 2 for an intact bike too.
            stage1_only: never run it.
            damage_threshold: DAMAGED from this probability up, in [0, 1]; None takes the classifier's own.
            anomaly_threshold: the anomaly map counts as damage from here up, in [0, 1]; None takes the localizer's.

        Returns:
            An Inspection; for a list, a list in its order.

        Raises:
            PhotoError: the one photo cannot be read; in a list it becomes an Inspection with `error` set.
            ValueError: a threshold outside [0, 1], or both stage1_only and always_localize.
        """
        if stage1_only and always_localize:
            raise ValueError("stage1_only and always_localize exclude each other: give one")
        if damage_threshold is None:
            damage_threshold = self.classifier.config.damage_threshold
        if anomaly_threshold is None:
            anomaly_threshold = self.localizer.config.anomaly_threshold
        check_threshold("damage_threshold", damage_threshold)
        check_threshold("anomaly_threshold", anomaly_threshold)
        is_list = isinstance(photos, (list, tuple))
        work = [_Photo.read(source) for source in (photos if is_list else [photos])]
        if not is_list and work[0].error:
            raise work[0].error
        self._run_networks(
            [photo for photo in work if not photo.error],
            # No probability reaches infinity.
            localize_from=math.inf if stage1_only else 0.0 if always_localize else damage_threshold,
        )
        inspections = [self._conclude(photo, always_localize, damage_threshold, anomaly_threshold) for photo in work]
        return inspections if is_list else inspections[0]

    def _run_networks(self, photos: list["_Photo"], localize_from: float) -> None:
        """Stage 1 for all, stage 2 for the bikes whose probability of damage is at least `localize_from`."""
        for batch in _batches(photos, self.batch_size):
            self._classify(batch)
        suspects = [photo for photo in photos if photo.bike and photo.probability >= localize_from]
        for batch in _batches(suspects, self.batch_size):
            self._localize(batch)

    @torch.inference_mode()
    def _classify(self, batch: list["_Photo"]) -> None:
        """Stage 1: the probability of damage, and the bike."""
        with _timed(batch):
            canvases, letterboxes = zip(*(self.classifier_processor.fit(photo.pixels) for photo in batch), strict=True)
            output = self.classifier(self._to_device(self.classifier_processor.normalise(canvases)))
            probabilities = output.logits.float().softmax(dim=1)[:, DAMAGED].tolist()
            part_logits = output.part_logits.float().cpu().numpy()  # (B, P, h, w)
            config = self.classifier.config
            evidence = config.evidence_scale * output.damage_logits.float() + config.evidence_shift
            evidence_maps = evidence.sigmoid().cpu().numpy()  # (B, 1, h, w)
            for index, photo in enumerate(batch):
                photo.probability = probabilities[index]
                photo.bike = find_bike(part_logits[index], letterboxes[index])
                photo.classifier_map = CanvasMap(evidence_maps[index, 0].copy(), letterboxes[index])

    @torch.inference_mode()
    def _localize(self, batch: list["_Photo"]) -> None:
        """Stage 2: the anomaly map of the bike's crop."""
        with _timed(batch):
            fitted = [self.localizer_processor.fit(photo.pixels, photo.bike.crop) for photo in batch]
            canvases, letterboxes = zip(*fitted, strict=True)
            output = self.localizer(self._to_device(self.localizer_processor.normalise(canvases)))
            anomaly_maps = output.anomaly_map.float().cpu().numpy()  # (B, 1, h, w)
            for photo, anomaly_map, letterbox in zip(batch, anomaly_maps, letterboxes, strict=True):
                photo.localizer_map = CanvasMap(anomaly_map[0].copy(), letterbox)  # a view keeps the batch alive

    def _conclude(
        self, photo: "_Photo", always_localize: bool, damage_threshold: float, anomaly_threshold: float
    ) -> Inspection:
        thresholds = {"damage_threshold": damage_threshold, "anomaly_threshold": anomaly_threshold}
        if photo.error:
            return Inspection(photo.name, error=str(photo.error), seconds=photo.seconds, **thresholds)
        answers = photo.probability, photo.bike, self.part_names, photo.classifier_map, photo.localizer_map
        verdict_weight = self.classifier.config.verdict_weight
        evidence = Evidence(photo.pixels, *answers, always_localize=always_localize, verdict_weight=verdict_weight)
        with _timed([photo]):
            inspection = Inspection.of(evidence, photo=photo.name, **thresholds)
        return replace(inspection, seconds=photo.seconds)

    def _to_device(self, pixel_values: torch.Tensor) -> torch.Tensor:
        return pixel_values.to(self.device, memory_format=torch.channels_last)


@dataclass
class _Photo:
    """A photo on its way through both stages."""

    name: str | None
    pixels: np.ndarray | None = None
    error: PhotoError | None = None
    seconds: float = 0.0
    probability: float | None = None
    bike: Bike | None = None
    classifier_map: CanvasMap | None = None
    localizer_map: CanvasMap | None = None

    @classmethod
    def read(cls, source: PhotoSource) -> "_Photo":
        photo = cls(_name(source))
        with _timed([photo]):
            try:
                photo.pixels = read_photo(source)
            except PhotoError as error:
                photo.error = error
        return photo


@contextmanager
def _timed(batch: list[_Photo]) -> Iterator[None]:
    """Share the time this takes among the photos."""
    started = time.perf_counter()
    yield
    share = (time.perf_counter() - started) / len(batch)
    for photo in batch:
        photo.seconds += share


def _batches(photos: list[_Photo], batch_size: int) -> Iterator[list[_Photo]]:
    for start in range(0, len(photos), batch_size):
        yield photos[start : start + batch_size]


def _name(source: PhotoSource) -> str | None:
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    name = getattr(source, "filename", None) or getattr(source, "name", None)
    return name if isinstance(name, str) and name else None


def _embedded(role: str, folder: Path) -> Path:
    if not folder.is_dir():
        raise FileNotFoundError(f"the embedded weights {folder} are missing: restore them, or give your own {role}")
    return folder


def _choose_device(device: str | torch.device | None) -> torch.device:
    if device is None:
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        return torch.zeros(1, device=device).device
    except (RuntimeError, AssertionError) as error:  # torch built without it, or no such name
        raise ValueError(f"device {str(device)!r} is not usable here: leave it out, or give 'cpu'") from error
