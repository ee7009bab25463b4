"""The keys of training/configs/draem.yaml, each with its default and meaning."""

from dataclasses import dataclass

from training.recipe import key
from training.run_recipe import RunRecipe

__all__ = ["DraemRecipe"]


@dataclass(frozen=True)
class DraemRecipe(RunRecipe):
    """Stage 2's recipe; `python -m training.train_draem --help` prints it."""

    intact_dir: str = key("data/processed/intact", "folder of photos of intact bikes; ../parts/intact serves if there")
    extra_intact_dirs: list[str] = key(
        [], "folders like it, say of rendered bikes, of which train photos are learned from too, and none is judged by"
    )
    part_model: str | None = key(
        None,
        "classifier that finds the bike on photos without part labels, a folder or a Hub id; without, the built-in one",
    )
    texture_dir: str | None = key(None, "folder of textures to cut anomalies from; without, they are drawn")
    output_dir: str = key("runs/draem", "folder of the run: checkpoints, logs, metrics, and model/")
    height: int = key(256, "height of the canvas that bikes are fitted to, pixels", at_least=32, multiple_of=32)
    width: int = key(384, "width of that canvas, pixels", at_least=32, multiple_of=32)
    initial_model: str | None = key(None, "folder of a trained model to go on from; the widths are then its own")
    reconstructive_width: int = key(
        8, "channels of the reconstructive network's first level; the paper's is 128", at_least=1
    )
    discriminative_width: int = key(
        8, "channels of the discriminative network's first level; the paper's is 64", at_least=1
    )
    anomaly_weight: float = key(5.0, "weight of anomalous pixels in the focal loss; the paper's is 1", above=0)
    first_size_share: float = key(
        0.0, "share of the epochs at half the size, which takes a quarter of the time", at_least=0, at_most=1
    )
    epochs: int = key(100, "how many epochs to train", at_least=1)
    batch_size: int = key(8, "photos in a step, of each process", at_least=1)
    learning_rate: float = key(
        1.0e-4, "learning rate of Adam; times 0.2 at 80% and at 90% of the epochs, as the paper", above=0
    )
    anomaly_probability: float = key(0.5, "how often a photo gets an anomaly", at_least=0, at_most=1)
    structural_probability: float = key(
        0.3, "share of the anomalies made of the photo itself: pieces moved, warped, faded", at_least=0, at_most=1
    )
    twin_probability: float = key(
        0.0, "how often the damage editor's twin of a photo is the anomaly instead", at_least=0, at_most=1
    )
