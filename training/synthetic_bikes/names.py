"""What the pieces of a bike are called. `geometry.Bike` explains how to ask for them."""

__all__ = ["NAMES", "PARTS", "check_names", "is_called"]

PARTS = {"frame": 1, "front_wheel": 2, "rear_wheel": 3, "saddle": 4, "handlebar": 5, "drivetrain": 6}

_WHEEL = ("brake_disc", "hub", "knob", "reflector", "rim", "spoke", "tyre", "valve")

# By part. No bike has all of them; every piece of a bike has one of these names.
NAMES = {
    "frame": (
        # the frame itself
        "top_tube", "down_tube", "seat_tube", "head_tube", "bottom_shell", "headset", "seat_clamp", "hinge",
        "left_chainstay", "right_chainstay", "left_seatstay", "right_seatstay", "left_dropout", "right_dropout",
        "rear_axle_nut", "rear_quick_release", "rocker", "shock", "shock_spring",
        # the fork: `left_fork` is a blade, or the lower leg of a suspension fork
        "left_fork", "right_fork", "left_stanchion", "right_stanchion", "fork_crown", "fork_arch", "fork_end",
        "front_axle_nut", "front_quick_release",
        # brakes and cables
        "front_brake", "rear_brake", "gear_cable", "rear_brake_cable",
        # accessories; a mudguard's stays bear its name
        "front_mudguard", "rear_mudguard", "rack", "kickstand", "rear_lamp", "bottle", "bottle_cage", "child_seat",
        "frame_lock", "left_stabiliser", "right_stabiliser", "peg",
        # distractors
        "left_pannier", "right_pannier", "rack_crate", "frame_bag", "chain_lock",
    ),
    "front_wheel": _WHEEL,
    "rear_wheel": _WHEEL,
    "saddle": ("saddle", "seat_post", "saddle_clamp", "rail", "saddle_spring", "saddle_bag", "saddle_cover"),
    "handlebar": (
        "steerer", "stem", "bar_clamp", "bar", "left_grip", "right_grip", "left_hood", "right_hood",
        "left_brake_lever", "right_brake_lever", "left_brake_cable", "right_brake_cable", "shifter", "bell",
        "shifter_cable", "front_lamp", "front_basket",
        # distractors
        "flowers", "basket_bag", "helmet",
    ),
    "drivetrain": (
        "left_crank", "right_crank", "left_pedal", "right_pedal", "chainring", "chain", "cassette",
        "front_derailleur", "rear_derailleur", "crank_axle", "chain_guard",
    ),
}  # fmt: skip


def is_called(name: str, asked: str) -> bool:
    """Whether a piece of this name is meant: the name itself, or its end after an underscore.

    >>> is_called("left_pedal", "pedal"), is_called("left_pedal", "left_pedal"), is_called("left_pedal", "left")
    (True, True, False)
    """
    return name == asked or name.endswith(f"_{asked}")


def check_names(asked: tuple[str, ...]) -> None:
    """Refuse what no bike can have: a slip of the pen would else choose nothing, in silence.

    Raises:
        ValueError: no piece is ever called one of these.
    """
    known = sorted({name for names in NAMES.values() for name in names})
    for name in asked:
        if not any(is_called(each, name) for each in known):
            raise ValueError(f"no piece is called {name!r}: choose from {', '.join(known)}")
