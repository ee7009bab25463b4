"""Which side of the split a picture is on: a pure function of what it shows, so it never changes sides."""

import hashlib

__all__ = ["SPLITS", "choose_split"]

SPLITS = {"train": 0.70, "validation": 0.15, "test": 0.15}


def choose_split(key: str) -> str:
    """Put everything with the same key on the same side, whatever else the folder holds.

    Args:
        key: what must stay together: the bike's id, or a digest of the picture's content.

    Returns:
        "train", "validation" or "test", with the shares of SPLITS.

    >>> choose_split("intact-bike_001") == choose_split("intact-bike_001")
    True
    """
    digest = hashlib.sha256(key.encode()).digest()
    position = int.from_bytes(digest[:8], "big") / 2**64  # uniform in [0, 1)
    for split, share in SPLITS.items():
        if position < share:
            return split
        position -= share
    return "test"  # what rounding leaves
