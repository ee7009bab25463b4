"""The keys that the recipes of both stages have."""

from dataclasses import dataclass

from training.recipe import key

__all__ = ["RunRecipe"]


@dataclass(frozen=True)
class RunRecipe:
    """How a run is run, whatever it trains."""

    epoch_examples: int | None = key(None, "photos an epoch; none: as many as there are", at_least=1)
    gradient_accumulation_steps: int = key(1, "batches before the weights move", at_least=1)
    validation_examples: int | None = key(None, "validation photos to judge epochs by; none: all", at_least=2)
    max_false_alarm_rate: float = key(
        0.05, "of intact validation photos at the threshold: the scores are calibrated to it", above=0, below=1
    )
    checkpoint_steps: int = key(500, "steps between checkpoints; there is one after each epoch too", at_least=1)
    sample_steps: int = key(100, "steps between pictures of what the model does, in samples/", at_least=1)
    workers: int = key(2, "processes that load photos", at_least=0)
    mixed_precision: str = key("no", "bf16 on a GPU", choices=("no", "bf16", "fp16"))
    tracker: str = key("tensorboard", "any of Accelerate's trackers by name, or none")
    seed: int = key(17, "of all that is random", at_least=0)
