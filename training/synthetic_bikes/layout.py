"""Where the bike's main points are, worked out from its measures."""

from dataclasses import dataclass, field

import numpy as np

from training.synthetic_bikes.measures import BikeDesign

__all__ = ["FRONT_HALF_WIDTH", "REAR_HALF_WIDTH", "SIDES", "Layout"]

FRONT_HALF_WIDTH = 0.050  # metres; half the distance between the fork's ends
REAR_HALF_WIDTH = 0.066  # metres; the same between the rear dropouts
SIDES = {-1.0: "right", 1.0: "left"}  # of the rider, by the sign of y


@dataclass
class Layout:
    """Points (x, 0, z), before any steering."""

    design: BikeDesign
    bottom_bracket: np.ndarray = field(init=False)
    rear_axle: np.ndarray = field(init=False)
    front_axle: np.ndarray = field(init=False)
    head_top: np.ndarray = field(init=False)
    head_bottom: np.ndarray = field(init=False)
    seat_top: np.ndarray = field(init=False)
    saddle: np.ndarray = field(init=False)
    steerer: np.ndarray = field(init=False)  # unit vector down the steering axis
    forward: np.ndarray = field(init=False)  # unit vector ahead, across the steering axis
    seat_direction: np.ndarray = field(init=False)  # unit vector up the seat tube
    bar_clamp: np.ndarray = field(init=False)  # middle of the handlebar
    head_joint: np.ndarray = field(init=False)  # where the top tube meets the head tube
    lower_head_joint: np.ndarray = field(init=False)  # where the down tube does
    seat_joint: np.ndarray = field(init=False)  # where the top tube and the seatstays meet the seat tube

    def __post_init__(self) -> None:
        design = self.design
        drop = design.bottom_bracket_drop
        height = design.wheel_radius
        self.bottom_bracket = np.array([0.0, 0.0, height - drop])
        self.rear_axle = np.array([-np.sqrt(design.chainstay**2 - drop**2), 0.0, height])
        head, seat = np.radians(design.head_angle), np.radians(design.seat_angle)
        self.steerer = np.array([np.cos(head), 0.0, -np.sin(head)])
        self.forward = np.array([np.sin(head), 0.0, np.cos(head)])
        self.head_top = self.bottom_bracket + [design.reach, 0.0, design.stack]
        # The axle lies the rake ahead of the axis and the fork's length below the crown.
        along = np.sqrt(design.fork_length**2 - design.fork_rake**2)
        below_top = (self.head_top[2] - height + design.fork_rake * self.forward[2]) / np.sin(head)
        self.head_bottom = self.head_top + self.steerer * max(below_top - along, 0.08)
        self.front_axle = self.head_top + self.steerer * below_top + self.forward * design.fork_rake
        self.seat_direction = np.array([-np.cos(seat), 0.0, np.sin(seat)])
        self.seat_top = self.bottom_bracket + self.seat_direction * design.seat_tube
        self.saddle = self.bottom_bracket + self.seat_direction * design.saddle_height
        self.bar_clamp = self.head_top - self.steerer * design.stem_rise + self.forward * design.stem_length
        self._place_joints()

    def _place_joints(self) -> None:
        head_length = float(np.linalg.norm(self.head_bottom - self.head_top))
        inset = min(0.032, 0.25 * head_length)
        self.head_joint = self.head_top + self.steerer * inset
        self.lower_head_joint = self.head_bottom - self.steerer * inset
        highest = self.design.seat_tube - 0.028
        level = (self.head_joint[2] - self.design.top_tube_slope - self.bottom_bracket[2]) / self.seat_direction[2]
        self.seat_joint = self.bottom_bracket + self.seat_direction * min(highest, level)
