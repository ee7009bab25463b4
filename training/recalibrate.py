"""Calibrate a trained model to photos of your own, without training: its scores, and where its map counts as damage.

    python -m training.recalibrate --classifier model_cards/bike-classifier --data_dir data/processed \\
        --max_false_alarm_rate 0.02 --output_dir models/our-classifier

measures the model on the validation split, and sees to it that at the thresholds everyone expects, 0.4 and 0.6, at most
the given share of its intact photos raises a false alarm. The classifier needs damaged photos too, the localizer does
not. Training ends with the same steps.
"""

import shutil
import sys
from pathlib import Path

import torch
from torch import Tensor

from inspection.pretrained import load_model
from modeling import BikeClassifierForImageClassification, DraemConfig, DraemForAnomalyLocalization
from training.calibration import calibrate, calibrate_evidence, calibrate_localizer
from training.classifier_data import ClassifierExamples
from training.classifier_metrics import measure_classifier, measure_intact_evidence
from training.data import Photo, load_photos
from training.draem_data import MaskedExamples
from training.draem_metrics import measure_intact_maps
from training.files import recover_folder, replace_folder
from training.loop import summarise
from training.options import StrictParser, read_rate
from training.provenance import SEEN_PHOTOS, record_seen

__all__ = ["calibrate_classifier", "calibrate_draem", "main"]

CARD = ("README.md", "metrics.json", "*.png")  # what was measured of the model before it was calibrated anew


def main(argv: list[str] | None = None) -> int:
    parser = StrictParser(
        prog="python -m training.recalibrate",
        description="Calibrate a trained model to your own photos, without training.",
        epilog="example: python -m training.recalibrate --classifier model_cards/bike-classifier "
        "--data_dir data/processed --output_dir models/our-classifier",
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--classifier", type=Path, metavar="FOLDER", help="of a model of stage 1")
    which.add_argument("--localizer", type=Path, metavar="FOLDER", help="of a model of stage 2")
    parser.add_argument(
        "--data_dir",
        nargs="+",
        required=True,
        metavar="FOLDER",
        help="with intact/, damaged/; its validation split is measured; of several, all together",
    )
    parser.add_argument(
        "--max_false_alarm_rate",
        type=read_rate,
        default=0.05,
        metavar="RATE",
        help="share of intact photos that may reach the thresholds (default: %(default)s)",
    )
    parser.add_argument("--output_dir", type=Path, required=True, help="folder to write the calibrated model to")
    arguments = parser.parse_args(argv)
    source, out = arguments.classifier or arguments.localizer, arguments.output_dir
    try:
        if out.exists():
            raise FileExistsError(f"{out} exists: choose another --output_dir, or delete it")
        photos = [p for folder in arguments.data_dir for p in load_photos(folder) if p.split == "validation"]
        if not any(photo.label == 0 for photo in photos):
            raise ValueError(f"no intact photo of {' or '.join(arguments.data_dir)} is for validation: add photos")
        if arguments.classifier:
            model, processor = load_model(source, BikeClassifierForImageClassification)
            examples = ClassifierExamples(photos, processor)
            _, _, calibration = calibrate_classifier(model, examples, arguments.max_false_alarm_rate)
        else:
            model, processor = load_model(source, DraemForAnomalyLocalization)
            intact = MaskedExamples([photo for photo in photos if photo.label == 0], processor)
            calibration = calibrate_draem(model, intact, arguments.max_false_alarm_rate)
        write_model(out, source, model, processor, photos)
    except (OSError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(f"{out}: {summarise(calibration)}", file=sys.stderr)
    return 0


def calibrate_classifier(
    model: BikeClassifierForImageClassification, validation: ClassifierExamples, max_false_alarm_rate: float
) -> tuple[dict[str, float], Tensor, dict[str, float]]:
    """Calibrate the scores, and the evidence where it joins the anomaly map.

    Returns:
        What was measured before, as `measure_classifier` has it; the logits (N, 2) afterwards; and the calibration.
    """
    metrics, logits = measure_classifier(model, validation, model.device)
    labels = torch.tensor([photo.label for photo in validation.photos])
    calibration, logits = calibrate(model, logits, labels, max_false_alarm_rate)
    intact = ClassifierExamples([photo for photo in validation.photos if photo.label == 0], validation.processor)
    measured = measure_intact_evidence(model, intact, model.device)
    calibration |= calibrate_evidence(model, *measured, max_false_alarm_rate, DraemConfig().anomaly_threshold)
    return metrics, logits, calibration


def calibrate_draem(
    model: DraemForAnomalyLocalization, intact: MaskedExamples, max_false_alarm_rate: float
) -> dict[str, float]:
    """Calibrate the anomaly map; the calibration, {} where no bike is found on any photo."""
    peaks = measure_intact_maps(model, intact, model.device)
    return calibrate_localizer(model, peaks, max_false_alarm_rate) if len(peaks) else {}


def write_model(folder: Path, source: Path, model, processor, photos: list[Photo]) -> None:
    """The source's folder with the calibrated weights; without its card, whose figures were others."""
    recover_folder(folder)
    with replace_folder(folder) as partial:
        shutil.copytree(source, partial, ignore=shutil.ignore_patterns(*CARD, SEEN_PHOTOS), dirs_exist_ok=True)
        model.save_pretrained(partial)
        processor.save_pretrained(partial)
        record_seen(partial, photos, str(source))


if __name__ == "__main__":
    raise SystemExit(main())
