"""The part at each pixel, to train on: named where the drawn parts and the matte agree, unknown where they may not."""

import numpy as np

from training.photo_damage.parts import (
    PART_IDS,
    TUBE_WIDTH,
    UNKNOWN,
    Line,
    Parts,
    box_mask,
    ellipse_mask,
    line_mask,
)

__all__ = ["label_parts"]

# Of the wheel's diameter.
NEAR_TUBE = 0.16  # width of the strip along a tube in which what is solid is frame, outside wheels and boxes
NEAR_HEAD = 0.14  # the same within the handlebar's box, where it may be stem as well
CHAINRING = 0.1  # radius that any chainring fills
LARGEST_CHAINRING = 0.16
SPROCKETS = 0.06
CHAIN_WIDTH = 0.045
LEAST_FILLED = 0.2  # of a saddle's box: with less the matte has lost the saddle
THIN_TUBES = ("fork", "chain_stay", "seat_stay")
THICK_TUBES = ("down_tube", "top_tube", "seat_tube", "head", "seat_post")


def label_parts(alpha: np.ndarray, parts: Parts) -> np.ndarray:
    """Part ids for every pixel.

    A wheel is its whole disc, spokes and the gaps between them alike: a defect there belongs to the wheel. Frame is
    what the matte holds along a drawn tube; what no part claims (bags, mudguards, racks) is unknown.

    Args:
        alpha: (H, W) float32 in [0, 1].
        parts: in pixels of the same photo.

    Returns:
        (H, W) uint8: 0 background, 1 to 6 as in PART_IDS, 255 unknown.
    """
    solid = alpha > 0.5
    labels = np.where(alpha > 0.1, UNKNOWN, 0).astype(np.uint8)
    _label_frame(labels, solid, parts)
    _label_wheels(labels, solid, parts)
    if "drivetrain" in parts.boxes and "bottom_bracket" in parts.points:
        _label_drivetrain(labels, solid, parts)
    if "handlebar" in parts.boxes:
        _label_handlebar(labels, solid, parts)
    if "saddle" in parts.boxes:
        saddle = box_mask(alpha.shape, parts.boxes["saddle"])
        is_there = solid[saddle].mean() > LEAST_FILLED if saddle.any() else False
        labels[saddle & solid if is_there else saddle] = PART_IDS["saddle"] if is_there else UNKNOWN
    return labels


def _label_frame(labels: np.ndarray, solid: np.ndarray, parts: Parts) -> None:
    tubes = list(parts.tubes().values())
    labels[_strips(tubes, NEAR_TUBE, parts, solid.shape) & solid] = PART_IDS["frame"]
    # A pale tube that the matte has lost is no background.
    labels[_strips(tubes, TUBE_WIDTH / 2, parts, solid.shape) & ~solid] = UNKNOWN


def _label_wheels(labels: np.ndarray, solid: np.ndarray, parts: Parts) -> None:
    discs = np.zeros_like(solid)
    for part in ("rear_wheel", "front_wheel"):
        if (wheel := parts.wheel(part)) is not None:
            # The tyre's edge is drawn to about 1%: just outside it may be tyre or mudguard.
            around = ellipse_mask(labels.shape, wheel, scale=1.07)
            labels[around & solid & ~discs] = UNKNOWN
            labels[ellipse_mask(labels.shape, wheel, scale=1.01)] = PART_IDS[part]
            discs |= around
    # Over a wheel the frame is sure in the tubes' middle only.
    for names, width, part in (
        (THIN_TUBES, TUBE_WIDTH, UNKNOWN),
        (THICK_TUBES, 1.3 * TUBE_WIDTH, UNKNOWN),
        (THIN_TUBES, 0.5 * TUBE_WIDTH, PART_IDS["frame"]),
        (THICK_TUBES, 0.8 * TUBE_WIDTH, PART_IDS["frame"]),
    ):
        labels[_strips(_pick(parts, names), width, parts, solid.shape) & discs & solid] = part


def _label_drivetrain(labels: np.ndarray, solid: np.ndarray, parts: Parts) -> None:
    bracket, hub = np.array(parts.points["bottom_bracket"]), parts.rear_hub
    wheels = [wheel for part in ("rear_wheel", "front_wheel") if (wheel := parts.wheel(part)) is not None]
    # Radii of a disc as large as a wheel's diameter: narrow where the wheel is seen at an angle.
    reach = 2 * np.array(wheels[0][2:]) if wheels else np.full(2, parts.wheel_diameter)
    free = box_mask(solid.shape, parts.boxes["drivetrain"]) & solid
    arms = free & ~_strips(list(parts.tubes().values()), 1.4 * TUBE_WIDTH, parts, solid.shape)
    for wheel in wheels:
        arms &= ~ellipse_mask(solid.shape, wheel, scale=1.05)
    labels[arms] = PART_IDS["drivetrain"]  # cranks and pedals, and the chain outside the wheel
    ring = (*bracket, *reach)
    labels[ellipse_mask(solid.shape, ring, scale=LARGEST_CHAINRING) & solid] = UNKNOWN
    if parts.facing == 1:  # the chain is on a bike's right side
        stay = (tuple(bracket), hub)
        at_ring, at_sprockets = (share * np.array([0, reach[1]]) for share in (0.11, 0.05))
        runs = [(tuple(bracket + side * at_ring), tuple(hub + side * at_sprockets)) for side in (-1, 1)]
        labels[_strips([stay], 2 * LARGEST_CHAINRING, parts, solid.shape) & free & ~arms] = UNKNOWN
        labels[_strips(runs, CHAIN_WIDTH, parts, solid.shape) & free] = PART_IDS["drivetrain"]
        labels[_strips([stay], TUBE_WIDTH / 2, parts, solid.shape) & free] = PART_IDS["frame"]
        labels[ellipse_mask(solid.shape, (*hub, *reach), scale=SPROCKETS) & solid] = PART_IDS["drivetrain"]
    labels[ellipse_mask(solid.shape, ring, scale=CHAINRING) & solid] = PART_IDS["drivetrain"]


def _label_handlebar(labels: np.ndarray, solid: np.ndarray, parts: Parts) -> None:
    """The box holds the head tube's upper end as well: near the tubes it is unknown, and on their middle frame."""
    handlebar = box_mask(solid.shape, parts.boxes["handlebar"]) & solid
    if (wheel := parts.wheel("front_wheel")) is not None:
        handlebar &= ~ellipse_mask(solid.shape, wheel, scale=1.07)
    tubes = _pick(parts, ("head", "fork", "down_tube", "top_tube"))
    labels[handlebar] = PART_IDS["handlebar"]
    labels[handlebar & _strips(tubes, NEAR_HEAD, parts, solid.shape)] = UNKNOWN
    labels[handlebar & _strips(tubes, 0.8 * TUBE_WIDTH, parts, solid.shape)] = PART_IDS["frame"]


def _pick(parts: Parts, names: tuple[str, ...]) -> list[Line]:
    tubes = parts.tubes()
    return [tubes[name] for name in names if name in tubes]


def _strips(lines: list[Line], width: float, parts: Parts, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) bool, strips along lines; their width is a share of the wheel's diameter."""
    strips = np.zeros(shape, bool)
    for start, end in lines:
        strips |= line_mask(shape, start, end, width * parts.wheel_diameter)
    return strips
