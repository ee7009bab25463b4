"""Whole bikes of all types: they stand, hold together and are named."""

import numpy as np
import pytest

from training.synthetic_bikes.design import BIKE_TYPES, random_design
from training.synthetic_bikes.geometry import PARTS, Bike, build_bike
from training.synthetic_bikes.names import NAMES
from training.synthetic_bikes.shapes import Mesh

SEEDS = 2
CELL = 0.008  # metres; points sampled on two pieces that touch share such a cell
MOST_TRIANGLES = 150_000


@pytest.fixture(scope="module", params=sorted(BIKE_TYPES))
def bikes(request) -> list[Bike]:
    return [draw_bike(seed, request.param) for seed in range(SEEDS)]


def draw_bike(seed: int, bike_type: str) -> Bike:
    rng = np.random.default_rng([seed, 8])
    return build_bike(random_design(rng, bike_type), rng)


def sample_points(piece: Mesh) -> np.ndarray:
    """Corners and insides of all triangles, the larger the more of them."""
    corners = piece.points[piece.triangles]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    points = [piece.points]
    for shortest, next_size, cuts in ((0, 0.012, 2), (0.012, 0.06, 6), (0.06, np.inf, 30)):
        weights = np.array([(a, b, cuts - a - b) for a in range(cuts + 1) for b in range(cuts + 1 - a)]) / cuts
        chosen = corners[(longest >= shortest) & (longest < next_size)]
        points.append(np.einsum("kb,nbd->nkd", weights, chosen).reshape(-1, 3))
    return np.concatenate(points)


def group_touching(points: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """(P,): the lowest number among all pieces that a piece holds together with.

    Two touch if points (N, 3) of both are in one cell of a grid, or of one that lies half a cell further.
    """
    pairs = []
    for shift in np.ndindex(2, 2, 2):
        cell = np.floor(points / CELL + np.array(shift) / 2).astype(np.int64) + 4000
        key = (cell[:, 0] * 8000 + cell[:, 1]) * 8000 + cell[:, 2]
        order = np.lexsort([owner, key])
        is_pair = (np.diff(key[order]) == 0) & (np.diff(owner[order]) > 0)
        pairs.append(np.stack([owner[order][:-1][is_pair], owner[order][1:][is_pair]]))
    first, second = np.unique(np.concatenate(pairs, axis=1), axis=1)
    group = np.arange(owner.max() + 1)
    while (group[first] != group[second]).any():
        lowest = np.minimum(group[first], group[second])
        np.minimum.at(group, first, lowest)
        np.minimum.at(group, second, lowest)
    return group


def test_both_wheels_stand_on_the_ground_and_nothing_is_below_it(bikes):
    for bike in bikes:
        lowest = {part: bike.points[bike.points_of(bike.triangles_of(part))][:, 2].min() for part in PARTS}
        # A tyre's knobs press into the ground a little.
        assert lowest["front_wheel"] == pytest.approx(0, abs=3.5e-3)
        assert lowest["rear_wheel"] == pytest.approx(lowest["front_wheel"], abs=1e-3)
        assert min(lowest.values()) > -3.5e-3


def test_a_stand_reaches_the_ground(bikes):
    for bike in bikes:
        stand = bike.triangles_of(names=("kickstand",))
        if stand.any():
            assert bike.points[bike.points_of(stand)][:, 2].min() < 0.012


def test_no_piece_floats(bikes):
    for bike in bikes[:1]:
        samples = [sample_points(piece) for piece in bike.pieces]
        owner = np.repeat(np.arange(len(samples)), [len(each) for each in samples])
        group = group_touching(np.concatenate(samples), owner)
        loose = {f"{p.name} of {p.material}" for p, mine in zip(bike.pieces, group, strict=True) if mine != group[0]}
        assert not loose, f"on {bike.design.bike_type}"


def test_wheels_are_free_of_the_frame(bikes):
    """No tube, stay or blade runs through a tyre."""
    for bike in bikes:
        design = bike.design
        names = ("down_tube", "seat_tube", "chainstay", "seatstay", "left_fork", "right_fork", "fork_crown", "mudguard")
        for axle in (bike.layout.front_axle, bike.layout.rear_axle):
            middle = design.wheel_radius - design.tyre_radius
            for piece in bike.pieces:
                if piece.part == "frame" and any(piece.name.endswith(name) for name in names):
                    points = sample_points(piece) - axle
                    across = np.hypot(np.hypot(points[:, 0], points[:, 2]) - middle, points[:, 1])
                    assert across.min() > 0.97 * design.tyre_radius, f"{piece.name} on {design.bike_type}"


def test_chain_lies_on_ring_and_sprocket(bikes):
    for bike in bikes:
        chain = next(piece for piece in bike.pieces if piece.name == "chain")
        assert np.abs(chain.points[:, 1] - bike.design.chain_line).max() < 0.006
        from_crank = np.linalg.norm((chain.points - bike.layout.bottom_bracket)[:, [0, 2]], axis=1)
        assert from_crank.min() == pytest.approx(bike.design.ring_radius, abs=0.008)


def test_pedals_are_at_the_ends_of_opposite_cranks(bikes):
    for bike in bikes:
        sides = []
        for side in ("left", "right"):
            points = bike.points[bike.points_of(bike.triangles_of(names=(f"{side}_pedal",)))]
            sides.append(((points.min(0) + points.max(0)) / 2 - bike.layout.bottom_bracket)[[0, 2]])
        assert np.allclose(sides[0], -sides[1], atol=0.02)
        assert np.linalg.norm(sides[0]) == pytest.approx(bike.design.crank_length, abs=0.02)


def test_pads_of_rim_brakes_meet_the_rim(bikes):
    for bike in bikes:
        design = bike.design
        if design.brakes != "rim" or not design.has_front_brake:
            continue
        for name, axle in (("front_brake", bike.layout.front_axle), ("rear_brake", bike.layout.rear_axle)):
            pads = [p for p in bike.pieces if p.name == name and p.material == "rubber"]
            assert len(pads) == 2
            for pad in pads:
                middle = pad.points.mean(axis=0) - axle
                assert np.hypot(middle[0], middle[2]) == pytest.approx(design.rim_radius - 0.007, abs=0.009)
                assert abs(middle[1]) < design.tyre_radius + 0.012


def test_every_piece_has_a_name_of_its_part_and_a_normal_at_each_point(bikes):
    for bike in bikes:
        for piece in bike.pieces:
            assert piece.name in NAMES[piece.part], f"{piece.name} of {piece.part}"
        assert set(np.unique(bike.part_ids)) == set(PARTS.values())
        assert np.isfinite(bike.points).all() and bike.triangles.max() == len(bike.points) - 1
        assert np.allclose(np.linalg.norm(bike.normals, axis=1), 1, atol=0.02)
        assert len(bike.triangles) < MOST_TRIANGLES


def test_what_the_design_says_is_built(bikes):
    pieces = {"has_mudguards": "mudguard", "has_rack": "rack", "has_basket": "basket", "has_child_seat": "child_seat",
              "has_chain_guard": "chain_guard", "has_stand": "kickstand", "has_lamps": "lamp", "has_bell": "bell",
              "has_bottle": "bottle", "has_frame_lock": "frame_lock", "has_reflectors": "reflector", "has_pegs": "peg",
              "has_stabilisers": "stabiliser"}  # fmt: skip
    distractors = {"panniers": "pannier", "quick_release": "quick_release"}
    for bike in bikes:
        for field, name in pieces.items():
            assert bike.triangles_of(names=(name,)).any() == getattr(bike.design, field), name
        for carried in bike.design.distractors:
            assert bike.triangles_of(names=(distractors.get(carried, carried),)).any(), carried


def test_same_seed_gives_the_same_points_bit_for_bit(bikes):
    bike = bikes[0]
    again = draw_bike(0, bike.design.bike_type)
    assert np.array_equal(bike.points, again.points) and np.array_equal(bike.triangles, again.triangles)
    assert not np.array_equal(bike.points[:100], bikes[1].points[:100])
