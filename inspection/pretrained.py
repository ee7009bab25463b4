"""Load a model with its image processor, or say in one line which file is wrong and what to do about it.

Weights are safetensors, never pickles, and every one of them must fit: transformers only warns where a weight is
missing and goes on with a random one.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import PreTrainedModel
from transformers.utils import logging

from modeling import BikeImageProcessor

__all__ = ["ModelSource", "load_model"]

ModelSource = str | PathLike | PreTrainedModel | tuple[PreTrainedModel, BikeImageProcessor]

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
NAMED_WEIGHTS = 3  # in a message


def load_model(source: ModelSource, model_class: type[PreTrainedModel]) -> tuple[PreTrainedModel, BikeImageProcessor]:
    """A model and its image processor.

    Args:
        source: a folder, a Hub id, a model that came from one of them, or (model, processor). The Hub is asked only
            for a text that looks like owner/name where there is no such folder.
        model_class: what it must be.

    Returns:
        The model in float32, and the processor.

    Raises:
        FileNotFoundError: no such folder, or a file missing in it, or no such model on the Hub.
        ValueError: another kind of model, an unknown key, damaged weights, or weights that do not fit.
    """
    if isinstance(source, tuple):
        model, processor = source
        _check_objects(model, processor, model_class)
        return model, processor
    if isinstance(source, PreTrainedModel):
        if not source.name_or_path:
            raise ValueError(f"a {type(source).__name__} came without its image processor: give (model, processor)")
        processor = _load_processor(_checked_name(source.name_or_path))
        _check_objects(source, processor, model_class)
        return source, processor
    if not isinstance(source, (str, PathLike)):
        raise ValueError(f"a {type(source).__name__} is no model: give a folder, a Hub id or (model, processor)")
    name = _checked_name(source)
    return _load_weights(name, model_class), _load_processor(name)


def _check_objects(model, processor, model_class: type[PreTrainedModel]) -> None:
    for found, expected in ((model, model_class), (processor, BikeImageProcessor)):
        if not isinstance(found, expected):
            raise ValueError(f"expected a {expected.__name__}, found a {type(found).__name__}")


def _checked_name(source: str | PathLike) -> str:
    """The folder or Hub id, once it is known that a folder has all its files."""
    folder = Path(source)
    if not folder.exists():
        if isinstance(source, str) and HUB_ID.fullmatch(source):
            return source
        raise FileNotFoundError(f"{source} does not exist: give a model folder or a Hub id such as owner/name")
    if not folder.is_dir():
        raise FileNotFoundError(f"{source} is a file: give the folder it is in")
    if not (folder / "config.json").is_file() and (folder / "model" / "config.json").is_file():
        raise FileNotFoundError(f"{folder} is the folder of a run: give its model, {folder / 'model'}")
    for name in ("config.json", "model.safetensors", "preprocessor_config.json"):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder} has no {name}: give a folder that save_pretrained wrote, whole")
    return str(folder)


def _load_weights(name: str, model_class: type[PreTrainedModel]) -> PreTrainedModel:
    config_class = model_class.config_class
    with _errors_named(name):
        found = config_class.get_config_dict(name)[0].get("model_type")
        if found != config_class.model_type:
            raise ValueError(f"model_type is {found!r}, expected {config_class.model_type!r}: give another model")
        with _transformers_silent():
            model, report = model_class.from_pretrained(
                name,
                config=config_class.from_pretrained(name),
                use_safetensors=True,
                ignore_mismatched_sizes=True,  # reported instead, by name
                dtype=torch.float32,  # whatever they are stored in
                output_loading_info=True,
            )
        _check_fit(report)
    return model


def _check_fit(report: dict) -> None:
    """Refuse weights that are missing, left over or of another shape."""
    problems = []
    for kind in ("missing", "unexpected", "mismatched"):
        keys = sorted(key if isinstance(key, str) else key[0] for key in report[f"{kind}_keys"])
        if keys:
            more = f" and {len(keys) - NAMED_WEIGHTS} more" if len(keys) > NAMED_WEIGHTS else ""
            problems.append(f"{kind}: {', '.join(keys[:NAMED_WEIGHTS])}{more}")
    if problems:
        raise ValueError(f"the weights do not fit config.json ({'; '.join(problems)}): use the config they came with")


def _load_processor(name: str) -> BikeImageProcessor:
    with _errors_named(name):
        return BikeImageProcessor.from_pretrained(name)


@contextmanager
def _errors_named(name: str) -> Iterator[None]:
    """Make one line that names the model of whatever transformers raises for its files."""
    try:
        yield
    except SafetensorError as error:
        raise ValueError(f"{name}: model.safetensors is damaged or truncated ({error}): fetch it again") from error
    except (ValueError, StrictDataclassError, RuntimeError) as error:
        raise ValueError(f"{name}: {_one_line(error)}") from error
    except OSError as error:
        if Path(name).is_dir():
            raise ValueError(f"{name}: {_one_line(error)}") from error
        raise FileNotFoundError(f"{name} is no folder here, and the Hub did not give it: {_one_line(error)}") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


@contextmanager
def _transformers_silent() -> Iterator[None]:
    """No progress bar for what takes under a second, and no report of several lines: our error says it in one."""
    shows_bars, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if shows_bars:
            logging.enable_progress_bar()
