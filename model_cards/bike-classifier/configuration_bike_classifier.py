"""Configuration of BikeClassifier: a backbone, two head widths, the names of classes and parts, a threshold."""

from dataclasses import field, fields

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

from .configuration_checks import refuse_unknown_keys

__all__ = ["BikeClassifierConfig"]

PART_NAMES = ("background", "frame", "front_wheel", "rear_wheel", "saddle", "handlebar", "drivetrain")


@strict
class BikeClassifierConfig(PreTrainedConfig):
    """Shape of a BikeClassifier and the threshold its probability is meant to be read at.

    Args:
        backbone: name of a timm model that returns intermediate features; an EfficientNet.
        decoder_width: channels of the decoder that draws the parts.
        hidden_size: width of the classification head's hidden layer.
        dropout: probability before each layer of the classification head, in [0, 1).
        focal_gamma: discount exponent of the focal loss; 0 is cross-entropy.
        part_names: name of each part id, from 0, the background.
        damage_threshold: DAMAGED from this probability up, in [0, 1].
        temperature: divides the logits; above 0, 1 before calibration.
        evidence_scale: multiplies the damage logits where they join the localizer's map; above 0, from calibration.
        evidence_shift: added to them after that, from calibration.
        verdict_weight: multiplies the verdict's log-odds where they join those of the anomaly map; in [0, 1], from
            calibration.

    Raises:
        ValueError: a number out of range, or a key that does not exist.
    """

    model_type = "bike_classifier"

    backbone: str = "tf_efficientnet_lite0"
    decoder_width: int = 64
    hidden_size: int = 256
    dropout: float | int = 0.2
    focal_gamma: float | int = 2.0
    part_names: list[str] | tuple[str, ...] = field(default_factory=lambda: list(PART_NAMES))
    damage_threshold: float | int = 0.4
    temperature: float | int = 1.0
    evidence_scale: float | int = 1.0
    evidence_shift: float | int = 0.0
    verdict_weight: float | int = 0.0

    def __post_init__(self, **kwargs):
        refuse_unknown_keys(type(self).__name__, kwargs, (field.name for field in fields(self)))
        for name in ("decoder_width", "hidden_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: use a whole number from 1 up")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout}: use a number from 0 to below 1")
        if not 0 <= self.damage_threshold <= 1:
            raise ValueError(f"damage_threshold is {self.damage_threshold}: use a number in [0, 1]")
        if self.focal_gamma < 0 or self.temperature <= 0:
            raise ValueError(
                f"focal_gamma is {self.focal_gamma}, temperature is {self.temperature}: use 0 or more, and above 0"
            )
        if self.evidence_scale <= 0:
            raise ValueError(f"evidence_scale is {self.evidence_scale}: use a number above 0")
        if not 0 <= self.verdict_weight <= 1:
            raise ValueError(f"verdict_weight is {self.verdict_weight}: use a number in [0, 1]")
        if not self.part_names or self.part_names[0] != "background":
            raise ValueError(f"part_names are {self.part_names}: the first is 'background'")
        self.id2label = self.id2label or {0: "INTACT", 1: "DAMAGED"}
        self.label2id = self.label2id or {name: int(label) for label, name in self.id2label.items()}
        self.label2id = self.label2id or {name: int(label) for label, name in self.id2label.items()}
        super().__post_init__(**kwargs)


BikeClassifierConfig.register_for_auto_class()
