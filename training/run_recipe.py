"""The keys that the recipes of both stages have."""

from dataclasses import dataclass

from training.recipe import key

__all__ = ["RunRecipe"]


@dataclass(frozen=True)
class RunRecipe:
    """How a run is run, whatever it trains."""

    epoch_examples: int | None = key(None, "how many photos an epoch has; without, as many as there are", at_least=1)
    gradient_accumulation_steps: int = key(1, "how many batches there are before the weights move", at_least=1)
    validation_examples: int | None = key(
        None, "how many validation photos an epoch is judged by; without, all", at_least=2
    )
    max_false_alarm_rate: float = key(
        0.05,
        "share of the intact validation photos that may be called damaged: the scores are calibrated to it",
        above=0,
        below=1,
    )
    checkpoint_steps: int = key(500, "steps between checkpoints; there is one after each epoch too", at_least=1)
    sample_steps: int = key(100, "steps between pictures of what the model does, in samples/", at_least=1)
    workers: int = key(2, "how many processes load photos", at_least=0)
    mixed_precision: str = key(
        "no", "numbers of fewer bits, for a GPU, or bf16 for a CPU that has it", choices=("no", "bf16", "fp16")
    )
    tracker: str = key("tensorboard", "where figures go while it runs: any of Accelerate's trackers by name, or 'none'")
    seed: int = key(17, "seed of all that is random", at_least=0, at_most=2**31 - 1)
