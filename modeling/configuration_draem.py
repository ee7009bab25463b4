"""Configuration of Draem: two widths, a weight of the loss, a threshold."""

from dataclasses import fields

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

from .configuration_checks import refuse_unknown_keys

__all__ = ["DraemConfig"]


@strict
class DraemConfig(PreTrainedConfig):
    """Shape of a Draem and the threshold its anomaly map is meant to be read at.

    `DraemConfig.paper()` is the network of the paper (97.4 M parameters). The default is ours, made for a CPU.

    Args:
        num_channels: channels of the photo; 3, RGB in [0, 1].
        reconstructive_width: channels of the reconstructive network's first level; doubles up to 8x.
        discriminative_width: channels of the discriminative network's first level; doubles up to 8x.
        anomaly_weight: of anomalous pixels in the focal loss, above 0; they are rare. The paper's is 1.
        anomaly_threshold: the anomaly map counts as defect from here up, in [0, 1].

    Raises:
        ValueError: a width is below 1, another number out of range, or a key does not exist.
    """

    model_type = "draem"

    num_channels: int = 3
    reconstructive_width: int = 8
    discriminative_width: int = 8
    anomaly_weight: float | int = 5.0
    anomaly_threshold: float | int = 0.6

    def __post_init__(self, **kwargs):
        refuse_unknown_keys(type(self).__name__, kwargs, (field.name for field in fields(self)))
        for name in ("num_channels", "reconstructive_width", "discriminative_width"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: use a whole number from 1 up")
        if self.anomaly_weight <= 0:
            raise ValueError(f"anomaly_weight is {self.anomaly_weight}: use a number above 0")
        if not 0 <= self.anomaly_threshold <= 1:
            raise ValueError(f"anomaly_threshold is {self.anomaly_threshold}: use a number in [0, 1]")
        super().__post_init__(**kwargs)

    @classmethod
    def paper(cls) -> "DraemConfig":
        """The widths and the loss of the paper's released code."""
        return cls(reconstructive_width=128, discriminative_width=64, anomaly_weight=1.0)


DraemConfig.register_for_auto_class()
