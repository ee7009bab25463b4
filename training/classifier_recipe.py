"""The keys of training/configs/classifier.yaml, each with its default and meaning."""

from dataclasses import dataclass, field

__all__ = ["ClassifierRecipe"]


@dataclass(frozen=True)
class ClassifierRecipe:
    """Keys of training/configs/classifier.yaml; sizes in pixels."""

    data_dir: str = "data/processed"
    output_dir: str = "runs/classifier"
    backbone: str = "tf_efficientnet_lite0"
    backbone_weights: str | None = None  # safetensors of the timm model; None starts from random weights
    initial_model: str | None = None  # folder of a trained model to go on from, instead of backbone weights
    frozen_stages: int = 0  # stem and first stages kept as they start: the finest, so more than half of the work
    background_dir: str | None = None  # photos without a bike
    left_out_kinds: list = field(default_factory=list)  # of damage: neither trained on nor chosen by
    height: int = 384
    width: int = 512
    first_size_share: float = 0.0  # of the epochs at three quarters of the size, which takes half the time
    epochs: int = 60
    batch_size: int = 16  # per process
    epoch_examples: int | None = None  # None: as many as there are photos
    learning_rate: float = 1.0e-3  # AdamW, of the heads
    backbone_learning_rate: float = 2.0e-4
    weight_decay: float = 0.02
    warmup_share: float = 0.05  # of all steps
    mixup_alpha: float = 0.2
    mixup_probability: float = 0.3  # of the batches; masks and parts are learned from the others
    label_smoothing: float = 0.1
    focal_gamma: float = 2.0
    dropout: float = 0.2
    ema_decay: float = 0.998
    patience: int = 15  # epochs without a better validation loss before stopping
    validation_examples: int | None = None  # None: all; fewer save time between epochs
    max_false_alarm_rate: float = 0.05  # of intact validation photos at the damage threshold
    workers: int = 2
    mixed_precision: str = "no"  # "bf16" on a GPU
    seed: int = 17
