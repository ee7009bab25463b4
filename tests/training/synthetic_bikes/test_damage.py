import numpy as np
import pytest

from training.photo_damage.edits import EDITS
from training.synthetic_bikes.damage import DAMAGES, GROUPS, Wreck, break_bike
from training.synthetic_bikes.design import BIKE_TYPES, random_design
from training.synthetic_bikes.geometry import build_bike


def build(bike_type, **design):
    rng = np.random.default_rng(4)
    return build_bike(random_design(rng, bike_type, **design), rng)


@pytest.fixture(scope="module")
def bikes():
    """A bike that has all that each kind of damage needs, built when asked for."""
    built = {}

    def bike_for(kind):
        damage = DAMAGES[kind]
        bike_type = next(iter(damage.bike_types), "trekking")
        key = (bike_type, *damage.design.items())
        if key not in built:
            built[key] = build(bike_type, **damage.design)
        return built[key]

    return bike_for


@pytest.mark.parametrize(("kind", "part"), [(kind, part) for kind in DAMAGES for part in DAMAGES[kind].parts])
def test_every_kind_changes_what_it_says_and_nothing_else(bikes, kind, part):
    bike = bikes(kind)
    wreck = break_bike(bike, [kind], 1, np.random.default_rng(1), part)
    damage, broken, intact = wreck.damages[0], wreck.bike, wreck.intact
    assert (damage.kind, damage.part) == (kind, part) and 0 < damage.severity <= 1
    assert np.isfinite(broken.points).all() and np.isfinite(broken.normals).all()
    moved = np.any(broken.points != intact.points, axis=1)
    assert not (moved & ~broken.points_of(damage.affected)).any()
    assert not ((broken.is_hidden != intact.is_hidden) & ~damage.affected).any()
    assert moved.any() or (broken.is_hidden != intact.is_hidden).any() or damage.wear is not None
    assert damage.gone or not kind.endswith("_missing")
    # Nothing digs into the ground; a flat tyre stands where the sound one stood.
    assert broken.points[broken.points_of(~broken.is_hidden), 2].min() > -0.012 - (kind == "tyre_flat")


def test_intact_bike_is_not_touched(bikes):
    bike = bikes("tube_snapped")
    before = bike.points.copy(), len(bike.triangles), len(bike.pieces)
    break_bike(bike, ["tube_snapped", "chain_hanging", "tyre_flat"], 3, np.random.default_rng(2))
    assert np.array_equal(bike.points, before[0]) and not bike.is_hidden.any()
    assert (len(bike.triangles), len(bike.pieces)) == before[1:]


def test_intact_twin_of_a_cut_up_bike_has_the_same_shape(bikes):
    bike = bikes("tube_bent")
    wreck = break_bike(bike, ["tube_bent"], 1, np.random.default_rng(3))
    twin = wreck.intact
    assert len(twin.triangles) > len(bike.triangles)
    assert area(twin) == pytest.approx(area(bike), rel=1e-9)


def area(bike) -> float:
    a, b, c = (bike.points[bike.triangles[~bike.is_hidden, k]] for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def test_several_damages_befall_different_pieces(bikes):
    bike = bikes("wheel_buckled")
    wreck = break_bike(
        bike, ["wheel_buckled", "saddle_torn", "saddle_missing", "handlebar_bent"], 3, np.random.default_rng(5)
    )
    assert [damage.kind for damage in wreck.damages] == ["wheel_buckled", "saddle_torn", "handlebar_bent"]
    bent = [damage.affected for damage in wreck.damages if damage.wear is None]
    assert not np.logical_and(*bent).any()


def test_more_severe_is_more_out_of_shape(bikes):
    bike = bikes("wheel_buckled")
    far = []
    for severity in (0.2, 0.9):
        wreck = break_bike(bike, ["wheel_buckled"], 1, np.random.default_rng(6), "front_wheel", (severity, severity))
        assert wreck.damages[0].severity == severity
        far.append(np.abs(wreck.bike.points - wreck.intact.points).max())
    assert far[1] > 1.5 * far[0]


def test_damage_that_nobody_sees_is_tried_again_and_then_given_up(bikes):
    tried = []

    def hides(wreck: Wreck) -> bool:
        tried.append(wreck.damages[-1].kind)
        return False

    bike = bikes("saddle_torn")
    assert break_bike(bike, ["saddle_torn", "rust"], 1, np.random.default_rng(0), shows=hides) is None
    assert set(tried) == {"saddle_torn"} and len(tried) > 1


@pytest.mark.parametrize(
    ("kind", "part", "message"),
    [
        pytest.param("melted", None, "no kind of damage is named 'melted': choose from basket_crushed", id="kind"),
        pytest.param("wheel_oval", "saddle", "wheel_oval cannot befall saddle: choose from front_wheel", id="part"),
    ],
)
def test_impossible_damage_is_refused(kind, part, message):
    with pytest.raises(ValueError, match=message):
        break_bike(None, [kind], 1, np.random.default_rng(0), part)


def test_kinds_of_types_that_exist():
    assert all(set(kind.bike_types) <= set(BIKE_TYPES) for kind in DAMAGES.values())
    assert sorted(DAMAGES) == sorted(name for names in GROUPS.values() for name in names)
    assert len(set(DAMAGES) & set(EDITS)) > 25  # names are shared with the photo editor


@pytest.mark.slow
@pytest.mark.parametrize("bike_type", sorted(BIKE_TYPES))
def test_every_kind_can_befall_every_type_that_recipes_give_it(bike_type):
    for kind, damage in DAMAGES.items():
        if bike_type in (damage.bike_types or BIKE_TYPES):
            bike = build(bike_type, **damage.design)
            assert break_bike(bike, [kind], 1, np.random.default_rng(1)) is not None, kind
