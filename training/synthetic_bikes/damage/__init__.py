"""Every way to break a rendered bike, by the name that `metadata.jsonl` carries, and in groups.

A damage takes the wreck, the part it befalls, its severity in (0, 1] and a random generator. It changes the wreck and
returns what it did, or None where this bike does not have what it needs. Where the photo editor has the same damage
(`photo_damage.edits.GROUPS`), it has the same name.
"""

from training.synthetic_bikes.damage.breakage import break_bike
from training.synthetic_bikes.damage.kinds import DAMAGES, GROUPS, Kind
from training.synthetic_bikes.damage.wreck import Damage, Wreck

__all__ = ["DAMAGES", "GROUPS", "Damage", "Kind", "Wreck", "break_bike"]
