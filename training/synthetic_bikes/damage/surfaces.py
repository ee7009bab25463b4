"""What eats or covers the surface: rust, scratches, flaked, burnt or sprayed paint."""

import numpy as np

from training.synthetic_bikes.damage.wreck import Damage, Wreck
from training.synthetic_bikes.wear import Wear

__all__ = ["burnt", "paint_flaked", "rust", "scratches", "sprayed"]

METAL = {
    "frame": ("tube", "chainstay", "seatstay", "dropout", "fork", "fork_crown", "bottom_shell", "rack", "kickstand"),
    "drivetrain": ("chain", "chainring", "cassette", "rear_derailleur", "crank"),
    "front_wheel": ("rim", "spoke", "hub"),
    "rear_wheel": ("rim", "spoke", "hub"),
    "handlebar": ("bar", "stem", "steerer", "bar_clamp"),
}
TUBES = ("top_tube", "down_tube", "seat_tube", "head_tube", "fork", "chainstay", "seatstay")


def rust(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Rust in spots, in streaks that run down, or all over; on the frame often with the drivetrain."""
    affected = wreck.find(part, METAL[part])
    if part == "frame" and rng.random() < 0.4:
        affected |= wreck.find("drivetrain", METAL["drivetrain"])
    style = "rust" if part not in ("frame", "handlebar") else str(rng.choice(["rust", "rust_spots", "rust_streaks"]))
    return _wear(wreck, "rust", part, severity, rng, affected, style)


def scratches(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Scrapes and chips on the tubes, down to bare metal."""
    return _wear(wreck, "scratches", part, severity, rng, wreck.find(part, TUBES[:4]), "scratches")


def paint_flaked(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Paint has come off in flakes; primer and rusty metal show."""
    return _wear(wreck, "paint_flaked", part, severity, rng, wreck.find(part, TUBES), "flaked")


def burnt(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Fire has charred a side of the bike: black soot, grey ash and scorched paint around it."""
    layout = wreck.bike.layout
    centers = {
        "frame": 0.5 * (layout.seat_top + layout.head_bottom),
        "saddle": layout.saddle,
        "rear_wheel": layout.rear_axle,
        "front_wheel": layout.front_axle,
    }
    affected = wreck.find() & ~wreck.claimed
    return _wear(wreck, "burnt", part, severity, rng, affected, "burnt", centers[part])


def sprayed(wreck: Wreck, part: str, severity: float, rng: np.random.Generator) -> Damage | None:
    """Someone has sprayed paint over it, in a garish colour, whatever it met: tubes, cables, tyres."""
    layout = wreck.bike.layout
    share = rng.uniform(0, 1)
    centers = {
        "frame": layout.bottom_bracket + share * (0.5 * (layout.seat_top + layout.head_top) - layout.bottom_bracket),
        "front_wheel": layout.front_axle + [0.0, 0.0, 0.2],
        "rear_wheel": layout.rear_axle + [0.0, 0.0, 0.2],
    }
    return _wear(wreck, "sprayed", part, severity, rng, wreck.find() & ~wreck.claimed, "sprayed", centers[part])


def _wear(
    wreck: Wreck,
    kind: str,
    part: str,
    severity: float,
    rng: np.random.Generator,
    affected: np.ndarray,
    style: str,
    center: np.ndarray | None = None,
) -> Damage | None:
    wear = Wear(style, affected, severity, int(rng.integers(2**31)), center)
    return Damage(kind, part, severity, affected, wear=wear) if affected.any() else None
