"""The drivetrain: all of it gone, a crank gone, the chain off, the derailleur bent."""

import cv2
import numpy as np

from training.photo_damage.damage import Damage, Material, draw_hull, find_changes, put_in_front, soften, stack_rgba
from training.photo_damage.edits.cranks import find_crank, remove_crank
from training.photo_damage.edits.drivetrain import Drivetrain, find_drivetrain, put_instead, turn_rear_wheel
from training.photo_damage.edits.drivetrain_removal import remove_chain, remove_cranks
from training.photo_damage.edits.strands import bezier, draw_chain, hang_between, hang_over_ground, put_strand
from training.photo_damage.edits.windows import Window, cut_window, open_window, put_window_back
from training.photo_damage.layers import Layers
from training.photo_damage.parts import Parts, line_mask
from training.photo_damage.warps import move

__all__ = ["chain_hanging", "crank_missing", "derailleur_bent", "drivetrain_missing"]

FEWEST_CHANGED = 20  # pixels; fewer do not show
DERAILLEUR = (0.055, 0.055, 0.33, 0.14)  # wheels from the hub: its mount forward and down, its foot, its half width
MOST_TURNED = 75  # degrees


def drivetrain_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """Cranks, chainring and chain are gone, at times the derailleur too; the mask is the hull of what changed.

    The frame's tubes, the bracket's shell and the rear wheel are as they would be seen without them. None where the
    bike is not seen from the side, or the tubes at the bracket are not straight, or a chain guard hides them.
    """
    found = _open_drivetrain(layers, parts)
    if found is None or not _is_bare(found[1].alpha, found[3]):
        return None
    window, small, small_parts, drivetrain = found
    with_derailleur = bool(rng.random() < 0.5)
    rebuilt = remove_cranks(small, small_parts, drivetrain, with_derailleur, rng)
    if rebuilt is None:
        return None
    return _gone(layers, put_window_back(layers, rebuilt, window), "drivetrain_missing", 1.0)


def crank_missing(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """One crank arm is gone with its pedal, or broken off halfway; the mask is the hull of what changed.

    None where no arm stands clear of tubes and wheel.
    """
    found = _open_drivetrain(layers, parts)
    if found is None:
        return None
    window, small, small_parts, drivetrain = found
    crank = find_crank(small.alpha, small_parts, drivetrain)
    if crank is None:
        return None
    broken_halfway = bool(rng.random() < 0.35)
    rebuilt = remove_crank(small, crank, drivetrain, broken_halfway, rng)
    return _gone(layers, put_window_back(layers, rebuilt, window), "crank_missing", 0.5 if broken_halfway else 0.8)


def chain_hanging(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The chain sags to the ground, or is torn and hangs from chainring or sprockets; the mask is what changed.

    Where the bike shows its other side the chain hangs behind the frame. None where it is not seen from the side.
    """
    found = _open_drivetrain(layers, parts)
    if found is None:
        return None
    window, small, small_parts, drivetrain = found
    broken = layers
    if drivetrain.facing > 0 and _is_bare(small.alpha, drivetrain):
        broken = put_window_back(layers, remove_chain(small, small_parts, drivetrain, rng), window)
    points, slack = _hang_chain(drivetrain, rng)
    tone = float(rng.uniform(0.16, 0.42))
    broken = draw_chain(broken, points + window[:2], drivetrain.diameter, tone, behind=drivetrain.facing < 0)
    changes = find_changes(layers, broken)
    return Damage(broken, changes, "chain_hanging", "drivetrain", slack) if changes.sum() > FEWEST_CHANGED else None


def derailleur_bent(layers: Layers, parts: Parts, material: Material, rng: np.random.Generator) -> Damage | None:
    """The rear derailleur is turned into the spokes or forward, or hangs by its cable; the mask is what changed.

    None where the bike does not show its chain side, or nothing but spokes is where a derailleur would be.
    """
    found = _open_drivetrain(layers, parts)
    if found is None or found[3].facing < 0 or not _is_bare(found[1].alpha, found[3]):
        return None
    window, small, small_parts, drivetrain = found
    inside = _find_derailleur(small.alpha, small_parts, drivetrain)
    if inside is None:
        return None
    wheel = turn_rear_wheel(small, drivetrain, rng.uniform(150, 180))
    soft = soften(inside, 0.6)
    # What is left beside the thick pieces, such as the guide wheels' teeth, goes with them.
    reach = round(0.035 * drivetrain.diameter) | 1
    around = cv2.dilate(inside.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    around &= drivetrain.distance(inside.shape, drivetrain.hub) > 0.1
    around &= ~line_mask(inside.shape, *small_parts.tubes()["chain_stay"], 0.09 * drivetrain.diameter)
    piece = stack_rgba(small.colour, small.alpha * soft)
    rest = put_instead(small, wheel, soften(around, 0.8))
    rows, columns = np.nonzero(inside)
    top = rows <= rows.min() + 0.02 * drivetrain.size[1]
    mount = np.array([columns[top].mean(), rows[top].mean()])
    form = rng.choice(["inwards", "forward", "hanging"])
    degrees = float(rng.uniform(30, MOST_TURNED)) * (1 if form == "forward" else -1)
    shift = np.zeros(2)
    if form == "hanging":
        shift = drivetrain.size * (rng.uniform(-0.05, 0.08), rng.uniform(0.09, 0.16))
    rebuilt = put_in_front(move(piece, tuple(mount), tuple(shift), degrees), rest)
    if form == "hanging":
        slack = bezier(
            np.array([mount, mount + (0.05 * drivetrain.diameter, 0.02), mount + 0.6 * shift, mount + shift])
        )
        rebuilt = put_strand(rebuilt, slack, 0.008 * drivetrain.diameter, np.full(3, 0.08))
    broken = put_window_back(layers, rebuilt, window)
    changes = find_changes(layers, broken)
    severity = 1.0 if form == "hanging" else abs(degrees) / MOST_TURNED
    return Damage(broken, changes, "derailleur_bent", "drivetrain", severity) if changes.any() else None


def _gone(layers: Layers, broken: Layers, kind: str, severity: float) -> Damage | None:
    changes = find_changes(layers, broken)
    if changes.sum() < FEWEST_CHANGED:
        return None
    return Damage(broken, draw_hull(changes), kind, "drivetrain", severity)


def _open_drivetrain(layers: Layers, parts: Parts) -> tuple[Window, Layers, Parts, Drivetrain] | None:
    """The window around drivetrain and rear wheel, and what is in it; None where the bike is not seen from the side."""
    drivetrain = find_drivetrain(layers.alpha, parts)
    if drivetrain is None:
        return None
    points = np.array([drivetrain.bracket, drivetrain.hub])
    window = open_window(layers.alpha.shape, points, 0.53 * drivetrain.diameter)
    if window is None:
        return None
    drivetrain.bracket = drivetrain.bracket - window[:2]
    drivetrain.hub = drivetrain.hub - window[:2]
    return window, *cut_window(layers, parts, window), drivetrain


def _is_bare(alpha: np.ndarray, drivetrain: Drivetrain) -> bool:
    """Whether the rear wheel is where it is thought to be, and no chain guard hides what is before it."""
    return drivetrain.is_wheel_sure and not _has_chain_guard(alpha, drivetrain)


def _has_chain_guard(alpha: np.ndarray, drivetrain: Drivetrain) -> bool:
    """Whether the matte is solid above and below the stay between tyre and sprockets: there spokes show light."""
    share = []
    stay = (drivetrain.bracket - drivetrain.hub) / 0.6
    for forward in np.linspace(0.16, 0.38, 12):
        for across in np.linspace(-0.06, 0.06, 7):
            x, y = drivetrain.hub + stay * forward + drivetrain.size * (0, across)
            if 0 <= x < alpha.shape[1] and 0 <= y < alpha.shape[0]:
                share.append(alpha[int(y), int(x)] > 0.7)
    return bool(np.mean(share) > 0.85) if share else True


def _find_derailleur(alpha: np.ndarray, parts: Parts, drivetrain: Drivetrain) -> np.ndarray | None:
    """(H, W) bool, what is too thick for a spoke below the hub; None where that is no derailleur's size."""
    forward, down, foot, half_width = DERAILLEUR
    rows, columns = np.indices(alpha.shape, dtype=np.float32)
    ahead = (columns + 0.5 - drivetrain.hub[0]) / drivetrain.size[0] * drivetrain.facing
    below = (rows + 0.5 - drivetrain.hub[1]) / drivetrain.size[1]
    box = (np.abs(ahead - forward) < half_width) & (below > down) & (below < foot)
    box &= drivetrain.distance(alpha.shape, drivetrain.hub) > 0.1  # the sprockets stay
    box &= ~line_mask(alpha.shape, *parts.tubes()["chain_stay"], 0.11 * drivetrain.diameter)
    side = max(3, round(0.02 * drivetrain.diameter) | 1)
    thick = cv2.morphologyEx((alpha > 0.5).astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    thick &= box.astype(np.uint8)
    # The cage's narrow waist opens: joined again over that gap.
    gap = round(0.05 * drivetrain.diameter) | 1
    joined = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined & box.astype(np.uint8))
    if count < 2:
        return None
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    area, height = stats[best, cv2.CC_STAT_AREA], stats[best, cv2.CC_STAT_HEIGHT]
    if area < 0.004 * np.prod(drivetrain.size) or height < 0.1 * drivetrain.size[1]:
        return None
    at_the_front = (labels == best) & (ahead - forward > half_width - 0.015)
    if at_the_front.any() or area > 0.025 * np.prod(drivetrain.size):  # a stay or a stand
        return None
    whole = cv2.dilate(thick * (labels == best), np.ones((side, side), np.uint8)).astype(bool)
    return whole & box & (alpha > 0.05)


def _hang_chain(drivetrain: Drivetrain, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """(N, 2) points of the hanging chain, in pixels, and how bad that is, in (0, 1]."""
    at, hub, bracket, ring = drivetrain.at, drivetrain.hub, drivetrain.bracket, drivetrain.chainring
    ground = hub[1] + 0.5 * drivetrain.size[1]
    spread = 0.03 * drivetrain.size[1]
    form = rng.choice(["slack", "from_chainring", "from_sprockets"])
    if form == "slack":
        start, end = at(hub, 0.02, 0.07), at(bracket, rng.uniform(-0.3, 0.6) * ring, 0.85 * ring)
        sag = rng.uniform(0.14, 0.4) * drivetrain.size[1]
        points = hang_between(start, end, sag)
        return hang_over_ground(points, ground, spread, rng), float(min(1.0, sag / (0.4 * drivetrain.size[1])))
    if form == "from_chainring":
        over = np.linspace(-2.2, rng.uniform(-0.2, 0.5), 16)  # round the chainring's front, then straight down
        rim = np.stack([np.cos(over) * drivetrain.facing, np.sin(over)], axis=1) * ring * drivetrain.size + bracket
        return _let_fall(rim, ground, spread, drivetrain, rng), 0.9
    over = np.linspace(-1.8, -0.3, 10)
    rim = np.stack([np.cos(over) * drivetrain.facing, np.sin(over)], axis=1) * 0.055 * drivetrain.size + hub
    return _let_fall(rim, ground, spread, drivetrain, rng), 0.9


def _let_fall(
    rim: np.ndarray, ground: float, spread: float, drivetrain: Drivetrain, rng: np.random.Generator
) -> np.ndarray:
    """The points, and on from the last of them a chain that falls to or near the ground, where it may lie in bends."""
    top = rim[-1]
    fall = max(4.0, ground - top[1]) * rng.uniform(0.65, 1.0)
    sway = rng.normal(0, 0.025, 2) * drivetrain.diameter
    corners = [top, top + (sway[0], 0.4 * fall), top + (sway[1], 0.7 * fall), top + (sway[1], fall)]
    points = np.concatenate([rim, bezier(np.array(corners), 30)[1:]])
    if rng.random() < 0.6:
        reach = np.linspace(0, rng.uniform(0.1, 0.3), 20)[1:, None] * drivetrain.size * (rng.choice([-1, 1]), 0)
        bends = spread * np.sin(np.linspace(0, rng.uniform(4, 9), 19))[:, None] * (0, 1)
        points[-1, 1] = ground - spread
        points = np.concatenate([points, (points[-1, 0], ground - 0.5 * spread) + reach + 0.5 * bends])
    return points
