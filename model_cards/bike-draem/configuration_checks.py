"""Strictness that both configurations share: a misspelt key is an error, never a silent no-op."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["refuse_unknown_keys"]

# What transformers itself passes through a configuration's keyword arguments when it saves, loads and pipelines.
TRANSFORMERS_KEYS = frozenset(
    {
        "attn_implementation",
        "auto_map",
        "custom_pipelines",
        "model_type",
        "name_or_path",
        "num_labels",
        "output_attentions",
        "torch_dtype",
        "trust_remote_code",
    }
)


def refuse_unknown_keys(config_name: str, extra_keys: Mapping[str, Any], known_keys: Iterable[str]) -> None:
    """Raise for the first key that the configuration does not have, naming the nearest one that it has.

    Args:
        config_name: the configuration's class name, for the message.
        extra_keys: keyword arguments that matched no field.
        known_keys: the configuration's field names.

    Raises:
        ValueError: a key is unknown; the message names it and the nearest known key.
    """
    known_keys = sorted(known_keys)
    for key in extra_keys:
        if key.startswith("_") or key in TRANSFORMERS_KEYS:
            continue
        nearest = difflib.get_close_matches(key, known_keys, n=1, cutoff=0.5)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"known keys: {', '.join(known_keys)}"
        raise ValueError(f"{config_name} has no key {key!r}: {hint}")
