"""A run that goes on does so under the rates of its recipe, changed or not."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from accelerate import Accelerator

from training.run_state import Run
from training.runs import Checkpoints


def start(folder: Path, learning_rate: float, weight_decay: float) -> Run:
    accelerator = Accelerator(cpu=True)
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.9**step)
    model, optimizer, schedule = accelerator.prepare(model, optimizer, schedule)
    recipe = SimpleNamespace(output_dir=str(folder))
    run = Run(recipe, accelerator, model, optimizer, None, schedule, Checkpoints(folder, accelerator))
    run.resume()
    return run


def take_step(run: Run) -> None:
    run.accelerator.backward(run.model(torch.ones(2, 3)).sum())
    run.optimizer.step()
    run.schedule.step()
    run.optimizer.zero_grad()


@pytest.mark.parametrize(("learning_rate", "weight_decay"), [(0.1, 0.01), (0.003, 0.5)])
def test_rates_are_those_of_the_recipe(tmp_path, learning_rate, weight_decay):
    first = start(tmp_path, 0.1, 0.01)
    for _ in range(3):
        take_step(first)
    first.save_state()
    run = start(tmp_path, learning_rate, weight_decay)
    (group,) = run.optimizer.param_groups
    for steps in (3, 4):
        assert group["lr"] == learning_rate * 0.9**steps
        assert group["weight_decay"] == weight_decay
        take_step(run)
    if learning_rate == 0.1:  # nothing was changed: the same steps, to the bit
        take_step(first)
        take_step(first)
        assert torch.equal(first.model.weight, run.model.weight)


def test_time_is_counted_once(tmp_path):
    run = start(tmp_path, 0.1, 0.01)
    run.counted_until -= 5
    run.count_time()
    run.count_time()
    assert run.progress["seconds"] == pytest.approx(5, abs=1)
