"""How much of a training step is waiting, and how much is arithmetic?

    python -m benchmarks.training_steps --data_dir data/processed

trains each stage for some steps with the recipes in training/configs, and prints photos a second, the share of the time
that a step waits for its photos, and, for the localizer, how the step's rate, on a batch that is ready and with no
other process at work, compares with what torch's convolutions reach here: those of the network one by one, forward and
backward, in the faster of both memory layouts, and a single large one.
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from accelerate import Accelerator
from timm.data import Mixup
from torch import nn
from torch.utils.data import RandomSampler
from torch.utils.flop_counter import FlopCounterMode

from inspection.photo import find_photos
from modeling import BikeImageProcessor
from training.break_batch import break_batch
from training.classifier_data import balanced_draws
from training.classifier_model import build_model as build_classifier
from training.classifier_model import build_optimizer
from training.classifier_recipe import ClassifierRecipe
from training.data import list_photos, load_photos
from training.draem_data import DraemExamples
from training.draem_recipe import DraemRecipe
from training.draws import NumberedDraws
from training.freed_memory import keep_freed_memory
from training.loop import make_loader
from training.narrow_batch_norm import quick_norms
from training.recipe import load_recipe
from training.train_classifier import MAX_GRADIENT_NORM, prepare_batch, training_examples
from training.train_draem import build_model as build_localizer
from training.train_draem import build_optimizer as build_localizer_optimizer
from training.views import RandomView

WARM_UP = 3  # steps that are not counted
BEST_OF = 8
LARGE = (8, 128, 64, 96)  # a convolution that torch is good at: photos, channels, height, width


@dataclass
class Steps:
    """Seconds a step: waiting for photos, breaking or mixing them, and the network's own."""

    wait: list[float]
    prepare: list[float]
    learn: list[float]

    def report(self, batch_size: int) -> str:
        wait, prepare, learn = (statistics.median(times[WARM_UP:]) for times in (self.wait, self.prepare, self.learn))
        # The mean of the waiting: it comes in bursts.
        waiting = statistics.mean(self.wait[WARM_UP:])
        step = waiting + prepare + learn
        return (
            f"{batch_size / step:.1f} photos a second; of a step of {step:.3f} s: {waiting / step:.1%} waiting "
            f"(median {wait / step:.1%}), {prepare / step:.1%} preparing, {learn / step:.1%} the network and its update"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training_steps", description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", default="data/processed", help="with intact/ and damaged/ (default: %(default)s)")
    parser.add_argument("--texture_dir", help="textures for the localizer's anomalies (default: they are drawn)")
    parser.add_argument("--steps", type=int, default=20, help="to time (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes that load photos (default: %(default)s)")
    arguments = parser.parse_args()
    keep_freed_memory()  # as training does
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {arguments.workers} workers\n")
    time_classifier(arguments)
    time_localizer(arguments)


def time_classifier(arguments: argparse.Namespace) -> None:
    recipe = load_recipe(
        ClassifierRecipe, "training/configs/classifier.yaml", data_dir=arguments.data_dir, workers=arguments.workers
    )
    photos = load_photos(recipe.data_dir)
    for height, width in ((288, 384), (384, 512)):
        processor = BikeImageProcessor(size={"height": height, "width": width})
        examples = training_examples(recipe, photos, processor)
        loader = make_loader(examples, balanced_draws(examples), recipe, Accelerator(cpu=True))
        model = build_classifier(recipe)[0].to(memory_format=torch.channels_last).train()
        optimizer, _ = build_optimizer(model, recipe, arguments.steps)
        mixup = Mixup(recipe.mixup_alpha, label_smoothing=recipe.label_smoothing, num_classes=2)
        prepare = partial(prepare_batch, recipe=recipe, mixup=mixup, teacher=None)
        steps = take_steps(model, optimizer, loader, prepare, arguments.steps, MAX_GRADIENT_NORM)
        epoch = len(examples) / recipe.batch_size * statistics.mean(map(sum, zip(*vars(steps).values(), strict=True)))
        print(f"stage 1, {height}x{width}, batch {recipe.batch_size}: {steps.report(recipe.batch_size)};")
        print(f"  an epoch of {len(examples)} photos: {epoch / 60:.1f} min\n")


def time_localizer(arguments: argparse.Namespace) -> None:
    texture_dir = {"texture_dir": arguments.texture_dir} if arguments.texture_dir else {}
    recipe = load_recipe(DraemRecipe, "training/configs/draem.yaml", workers=arguments.workers, **texture_dir)
    if not arguments.texture_dir:
        recipe = DraemRecipe(**{**vars(recipe), "texture_dir": None})
    size = {"height": recipe.height, "width": recipe.width}
    processor = BikeImageProcessor(size=size, image_mean=(0.0, 0.0, 0.0), image_std=(1.0, 1.0, 1.0))
    photos = [photo for photo in list_photos(f"{arguments.data_dir}/intact") if photo.split == "train"]
    textures = find_photos([recipe.texture_dir]) if recipe.texture_dir else []
    examples = DraemExamples(photos, processor, RandomView(), textures)
    loader = make_loader(examples, NumberedDraws(RandomSampler(examples)), recipe, Accelerator(cpu=True))
    model = build_localizer(recipe)[0].to(memory_format=torch.channels_last).train()
    optimizer, _ = build_localizer_optimizer(model, recipe, arguments.steps)
    prepare = partial(break_batch, recipe=recipe)
    with quick_norms(torch.device("cpu")):  # as training does
        steps = take_steps(model, optimizer, loader, prepare, arguments.steps)
        inputs = prepare(next(iter(loader)), torch.Generator().manual_seed(0))
        best = min(learn(model, optimizer, inputs) for _ in range(BEST_OF))
    print(
        f"stage 2, {recipe.height}x{recipe.width}, batch {recipe.batch_size}, widths {recipe.reconstructive_width} and "
        f"{recipe.discriminative_width}: {steps.report(recipe.batch_size)};"
    )
    batch = torch.rand(recipe.batch_size, 3, recipe.height, recipe.width)
    operations = count_operations(model, batch)
    alone = sum(best_time(layer, shape) for layer, shape in find_convolutions(model, batch))
    large = nn.Conv2d(LARGE[1], LARGE[1], 3, padding=1)
    peak = 3 * 2 * large.weight.numel() * LARGE[0] * LARGE[2] * LARGE[3] / best_time(large, LARGE)
    in_step, in_layers, in_large = (rate / 1e9 for rate in (operations / best, operations / alone, peak))
    print(
        f"  the best step of {BEST_OF} with nothing else at work: {best:.3f} s, {in_step:.1f} GFLOP/s;\n"
        f"  its convolutions alone {in_layers:.1f} GFLOP/s, {alone / best:.0%} of the step; a 3x3 convolution of "
        f"{LARGE[1]} channels {in_large:.1f}"
    )


def take_steps(model, optimizer, loader, prepare, count: int, max_gradient_norm: float | None = None) -> Steps:
    steps, generator = Steps([], [], []), torch.Generator().manual_seed(0)
    batches = endless(loader)
    for _ in range(WARM_UP + count):
        start = time.perf_counter()
        batch = next(batches)
        loaded = time.perf_counter()
        inputs = prepare(batch, generator)
        prepared = time.perf_counter()
        steps.wait.append(loaded - start)
        steps.prepare.append(prepared - loaded)
        steps.learn.append(learn(model, optimizer, inputs, max_gradient_norm))
    return steps


def learn(model, optimizer, inputs: dict[str, torch.Tensor], max_gradient_norm: float | None = None) -> float:
    """Seconds of one forward and backward pass and an update."""
    start = time.perf_counter()
    model(**inputs).loss.backward()
    if max_gradient_norm:
        nn.utils.clip_grad_norm_(model.parameters(), max_gradient_norm)
    optimizer.step()
    optimizer.zero_grad()
    return time.perf_counter() - start


def endless(loader) -> Iterator[dict]:
    while True:
        yield from loader


def count_operations(model, batch: torch.Tensor) -> int:
    """Floating-point operations of a step, as torch counts them: forward and backward, convolutions nearly all."""
    with FlopCounterMode(display=False) as counter:
        mask = torch.zeros_like(batch[:, :1])
        model(batch, clean_pixel_values=batch, mask_labels=mask).loss.backward()
    model.zero_grad()
    return counter.get_total_flops()


def find_convolutions(model, batch: torch.Tensor) -> list[tuple[nn.Conv2d, torch.Size]]:
    """Each convolution of the network with the shape of what it is given."""
    found, handles = [], []
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            handles.append(
                module.register_forward_hook(lambda layer, inputs, _: found.append((layer, inputs[0].shape)))
            )
    with torch.no_grad():
        model(batch)
    for handle in handles:
        handle.remove()
    return found


def best_time(layer: nn.Conv2d, shape: tuple[int, ...]) -> float:
    """Seconds of one forward and backward pass, in the faster layout."""
    times = []
    for layout in (torch.contiguous_format, torch.channels_last):
        layer = layer.to(memory_format=layout)
        features = torch.rand(shape).to(memory_format=layout).requires_grad_()
        gradient = torch.rand_like(layer(features))
        for _ in range(1 + BEST_OF):  # the first warms up
            start = time.perf_counter()
            layer(features).backward(gradient)
            times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
