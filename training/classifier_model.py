"""Stage 1 before its first step: where its weights start, which of them move, and how fast."""

import math
import sys
from collections.abc import Sequence

import torch

from inspection.pretrained import load_model
from modeling import BikeClassifierConfig, BikeClassifierForImageClassification
from training.backbone_weights import load_backbone_weights
from training.classifier_recipe import ClassifierRecipe
from training.starting_model import take_over

__all__ = ["build_model", "build_optimizer", "count_close_up_epochs", "early_stages", "known_parts"]


def build_model(recipe: ClassifierRecipe) -> tuple[BikeClassifierForImageClassification, ClassifierRecipe]:
    """The model at its first step, and the recipe with what a model that the run goes on from brings along.

    Raises:
        ValueError: the recipe names another backbone or dropout than that model's, or weights for it, or a share
            of no model.
    """
    if recipe.initial_model:
        if recipe.backbone_weights:
            raise ValueError(f"{recipe.initial_model} brings its own weights: leave backbone_weights out")
        model, _ = load_model(recipe.initial_model, BikeClassifierForImageClassification)
        recipe = take_over(recipe, model.config, "backbone", "dropout")
        model.config.focal_gamma = recipe.focal_gamma
    elif recipe.initial_share:
        raise ValueError("initial_share is of an initial_model: name one, or leave it out")
    else:
        config = BikeClassifierConfig(backbone=recipe.backbone, focal_gamma=recipe.focal_gamma, dropout=recipe.dropout)
        model = BikeClassifierForImageClassification(config)
        if recipe.backbone_weights:
            print(load_backbone_weights(model.backbone, recipe.backbone_weights), file=sys.stderr)
    for module in early_stages(model, recipe.frozen_stages):
        module.requires_grad_(False)
    return model, recipe


def known_parts(recipe: ClassifierRecipe) -> Sequence[str]:
    """Name of each part id, from 0, that the model will know."""
    if recipe.initial_model:
        return load_model(recipe.initial_model, BikeClassifierForImageClassification)[0].config.part_names
    return BikeClassifierConfig().part_names


def early_stages(model: BikeClassifierForImageClassification, count: int) -> list[torch.nn.Module]:
    """The stem and the first `count` stages of the backbone; none for 0."""
    backbone = model.backbone
    return [backbone.conv_stem, backbone.bn1, *backbone.blocks[:count]] if count else []


def build_optimizer(model, recipe: ClassifierRecipe, steps: int):
    """AdamW, the backbone slower than the heads, no decay on norms and biases; warm-up, then a cosine to zero.

    Once for the close-ups and once for whole photos, from which the verdict is learned.
    """
    groups = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = recipe.backbone_learning_rate if name.startswith("backbone.") else recipe.learning_rate
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    optimizer = torch.optim.AdamW(
        [{"params": group, "lr": rate, "weight_decay": decay} for (rate, decay), group in groups.items()]
    )
    close_ups = count_close_up_epochs(recipe) * (steps // recipe.epochs)

    def factor(step: int) -> float:
        if step < close_ups:
            return warm_up_then_cosine(step, close_ups, recipe.warmup_share)
        return warm_up_then_cosine(step - close_ups, steps - close_ups, recipe.warmup_share)

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


def count_close_up_epochs(recipe: ClassifierRecipe) -> int:
    """How many of the first epochs see close-ups: never all, as whole photos teach the verdict."""
    return int(recipe.close_up_share * recipe.epochs + 1e-6)  # 0.29 of 100 is a little less than 29


def warm_up_then_cosine(step: int, steps: int, warmup_share: float) -> float:
    """What the highest learning rate is multiplied by at a step of so many: up to 1 in a line, then down to 0."""
    warmup = max(1, round(warmup_share * steps))
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, steps - warmup))))
