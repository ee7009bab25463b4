"""The keys of training/configs/classifier.yaml, each with its default and meaning."""

from dataclasses import dataclass

from training.recipe import key
from training.run_recipe import RunRecipe

__all__ = ["ClassifierRecipe"]


@dataclass(frozen=True)
class ClassifierRecipe(RunRecipe):
    """Stage 1's recipe; `python -m training.train_classifier --help` prints it."""

    data_dir: str = key("data/processed", "folder with intact/ and damaged/, and masks, parts, metadata.jsonl if any")
    output_dir: str = key("runs/classifier", "folder of the run: checkpoints, logs, metrics, and model/")
    backbone: str = key("tf_efficientnet_lite0", "name of a timm model")
    backbone_weights: str | None = key(
        None, "file of weights for that backbone, timm's or torchvision's; none: it starts random"
    )
    initial_model: str | None = key(
        None, "folder of a trained model to go on from; what it knows of parts is kept where photos have no part labels"
    )
    initial_share: float = key(
        0.0, "share of the initial model in the weights kept: the less is unlearned, the higher", at_least=0, below=1
    )
    part_model: str | None = key(
        None,
        "classifier that draws the parts where no photo has part labels, a folder or a Hub id; none: the built-in one",
    )
    frozen_stages: int = key(0, "stem and first stages kept as they start: more than half of the work", at_least=0)
    background_dir: str | None = key(None, "folder of photos without a bike")
    left_out_kinds: list[str] = key([], "kinds of damage, neither trained on nor chosen by")
    height: int = key(384, "of the canvas, pixels", at_least=32)
    width: int = key(512, "of the canvas, pixels", at_least=32)
    first_size_share: float = key(
        0.0, "share of the epochs at three quarters of the size, which takes half the time", at_least=0, at_most=1
    )
    epochs: int = key(60, "epochs", at_least=1)
    batch_size: int = key(16, "photos a step and process", at_least=2)
    learning_rate: float = key(1.0e-3, "of the heads, by AdamW", above=0)
    backbone_learning_rate: float = key(2.0e-4, "of the backbone", at_least=0)
    weight_decay: float = key(0.02, "by AdamW", at_least=0)
    warmup_share: float = key(
        0.05, "of all steps, in which the rate rises before it falls by a cosine", at_least=0, below=1
    )
    mixup_alpha: float = key(0.2, "of the beta distribution that mixes two photos; 0: none", at_least=0)
    cutmix_alpha: float = key(0.0, "of the beta distribution of pasted patches; 0: none", at_least=0)
    mixup_probability: float = key(
        0.3, "share of mixed batches; masks and parts are learned from the others", at_least=0, at_most=1
    )
    label_smoothing: float = key(0.1, "of the verdict's labels", at_least=0, below=1)
    focal_gamma: float = key(2.0, "how much less an easy photo counts", at_least=0)
    occlusion_probability: float = key(
        0.15, "share of photos with something in front of the bike", at_least=0, at_most=1
    )
    dropout: float = key(0.2, "before the verdict", at_least=0, below=1)
    ema_decay: float = key(0.998, "of the averaged weights, which are those kept", at_least=0, below=1)
    patience: int = key(15, "epochs without a better validation loss before stopping", at_least=1)
