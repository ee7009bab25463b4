"""The keys of training/configs/classifier.yaml, each with its default and meaning."""

from dataclasses import dataclass

from training.recipe import key
from training.run_recipe import RunRecipe

__all__ = ["ClassifierRecipe"]


@dataclass(frozen=True)
class ClassifierRecipe(RunRecipe):
    """Stage 1's recipe; `python -m training.train_classifier --help` prints it."""

    data_dir: str = key("data/processed", "folder with intact/ and damaged/, and masks, parts, metadata.jsonl if any")
    extra_data_dirs: list[str] = key(
        [], "folders like it, say of rendered bikes, of which train photos are learned from too, and none is judged by"
    )
    output_dir: str = key("runs/classifier", "folder of the run: checkpoints, logs, metrics, and model/")
    backbone: str = key("tf_efficientnet_lite0", "name of the timm model that the network is built on; an EfficientNet")
    backbone_weights: str | None = key(
        None, "file of weights for that backbone, timm's or torchvision's; without, it starts random"
    )
    initial_model: str | None = key(
        None, "folder of a trained model to go on from; what it knows of parts is kept where photos have no part labels"
    )
    initial_share: float = key(
        0.0, "share of the initial model in the weights kept: the higher, the less is unlearned", at_least=0, below=1
    )
    part_model: str | None = key(
        None,
        "classifier that draws the parts if no photo has part labels, a folder or a Hub id; without, the built-in one",
    )
    frozen_stages: int = key(
        0,
        "how many of the first stages keep their weights, with the stem; 3 save more than half of the work",
        at_least=0,
    )
    background_dir: str | None = key(None, "folder of photos without a bike")
    left_out_kinds: list[str] = key([], "kinds of damage whose photos are neither trained on nor judged by")
    height: int = key(384, "height of the canvas that photos are fitted to, pixels", at_least=32, multiple_of=32)
    width: int = key(512, "width of that canvas, pixels", at_least=32, multiple_of=32)
    close_up_share: float = key(
        0.0,
        "share of the epochs, the first ones, that see half-size windows about the defects in the masks, before whole "
        "photos teach the verdict",
        at_least=0,
        below=1,
    )
    first_size_share: float = key(
        0.0,
        "share of the epochs of whole photos at three quarters of the size, which takes half the time",
        at_least=0,
        at_most=1,
    )
    epochs: int = key(60, "how many epochs to train", at_least=1)
    batch_size: int = key(16, "photos in a step, of each process", at_least=2)
    learning_rate: float = key(1.0e-3, "highest learning rate of the heads, by AdamW", above=0)
    backbone_learning_rate: float = key(2.0e-4, "highest learning rate of the backbone", at_least=0)
    weight_decay: float = key(0.02, "weight decay, by AdamW", at_least=0)
    warmup_share: float = key(
        0.05,
        "share of the steps in which the learning rate rises, before it falls by a cosine; of close-ups and whole "
        "photos each",
        at_least=0,
        below=1,
    )
    mixup_alpha: float = key(
        0.2, "parameter of the beta distribution by which two photos are mixed; 0: none are", at_least=0
    )
    cutmix_alpha: float = key(
        0.0, "parameter of the beta distribution by which patches are pasted into photos; 0: none are", at_least=0
    )
    mixup_probability: float = key(
        0.3, "share of the batches that are mixed; masks and parts are learned from the others", at_least=0, at_most=1
    )
    label_smoothing: float = key(
        0.1, "how far the labels of the verdict are moved towards one half", at_least=0, below=1
    )
    focal_gamma: float = key(2.0, "exponent of the focal loss: the higher, the less an easy photo counts", at_least=0)
    occlusion_probability: float = key(
        0.15, "share of photos with something in front of the bike", at_least=0, at_most=1
    )
    dropout: float = key(0.2, "share of the features dropped before the verdict", at_least=0, below=1)
    ema_decay: float = key(
        0.998, "how much of the averaged weights stays at each step; they are those kept", at_least=0, below=1
    )
    patience: int = key(15, "how many epochs without a better validation loss end the training", at_least=1)
