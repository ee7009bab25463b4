"""What others' code makes of fixed inputs, frozen into tests/references/peers.json, for tests to compare ours with.

python -m venv peers && peers/bin/pip install anomalib scikit-image
peers/bin/python -m benchmarks.make_references
"""

import json
from importlib.metadata import version
from pathlib import Path

import kornia
import numpy as np
import torch
from anomalib.metrics.aupro import _AUPRO
from anomalib.models.image.draem.torch_model import DraemModel
from skimage.metrics import structural_similarity

from tests.references.peer_inputs import anomaly_maps, fill, focal_inputs, paper_photo, ssim_images


def main() -> None:
    references = {
        "versions": {name: version(name) for name in ("anomalib", "kornia", "scikit-image", "torch")},
        "focal_loss": focal_loss(),
        "structural_similarity": mean_ssim(),
        "aupro": aupro(),
        "draem": draem(),
    }
    path = Path("tests/references/peers.json")
    path.write_text(json.dumps(references, indent=2) + "\n")


def focal_loss() -> float:
    logits, mask = focal_inputs()
    # Its own mean is over pixels and classes, and so half of the mean over pixels, which the paper's equation is.
    losses = kornia.losses.focal_loss(logits, mask[:, 0].long(), alpha=None, gamma=2.0, reduction="none")
    return losses.sum(dim=1).mean().item()


def mean_ssim() -> float:
    image, reference = (values[0].permute(1, 2, 0).numpy().astype(np.float64) for values in ssim_images())
    return float(
        structural_similarity(
            image,
            reference,
            channel_axis=2,
            data_range=1.0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


def aupro() -> float:
    maps, masks = anomaly_maps()
    metric = _AUPRO(fpr_limit=0.3)
    metric.update(maps, masks)
    return float(metric.compute())


@torch.no_grad()
def draem() -> dict[str, list[float]]:
    """Of the network at the paper's widths: some of its values, in a row of each output's middle."""
    model = DraemModel().eval()
    photo = paper_photo()
    # anomalib joins the photo before its reconstruction; the authors, and we, the other way round.
    fill(model, photo, swapped_input=model.discriminative_subnetwork)
    model.train()  # in evaluation it returns no logits
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    reconstruction, logits = model(photo)
    middle = photo.shape[-2] // 2
    return {
        "reconstruction": reconstruction[0, :, middle, ::8].flatten().tolist(),
        "logits": logits[0, :, middle, ::8].flatten().tolist(),
    }


if __name__ == "__main__":
    main()
