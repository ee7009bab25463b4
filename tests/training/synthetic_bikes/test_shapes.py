import numpy as np
import pytest

from training.synthetic_bikes.shapes import box, join, plate, smooth_path, straight, sweep, turn
from training.synthetic_bikes.solids import copies, outward_frames, pillow

CLOSED = {
    "straight": straight([0, 0, 0], [0.2, 0.1, 0.3], 0.02),
    "ring": turn(np.array([[0.30, -0.01], [0.30, 0.01], [0.27, 0.01], [0.27, -0.01]])),
    "box": box([0.1, 0.2, 0.3], (0.1, 0.2, 0.3)),
    "pillow": pillow(np.array([0.1, 0, 0]), (0.2, 0.1, 0.3)),
}


def volume(mesh) -> float:
    """By the divergence theorem: positive where triangles wind outwards."""
    a, b, c = (mesh.points[mesh.triangles[:, k]] for k in range(3))
    return float(abs(np.sum(a * np.cross(b, c)) / 6))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("straight", np.pi * 0.02**2 * np.sqrt(0.14), id="cylinder"),
        pytest.param("ring", np.pi * (0.30**2 - 0.27**2) * 0.02, id="ring"),
        pytest.param("box", 0.1 * 0.2 * 0.3, id="box"),
    ],
)
def test_solids_have_the_volume_of_what_they_stand_for(name, expected):
    # A tube of 14 sides has 3% less than a cylinder.
    assert volume(CLOSED[name]) == pytest.approx(expected, rel=0.04)


@pytest.mark.parametrize("name", sorted(CLOSED))
def test_normals_are_of_length_one_and_point_away_from_the_triangles_back(name):
    mesh = CLOSED[name]
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-6)
    corners = mesh.points[mesh.triangles]
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.linalg.norm(face, axis=1)
    is_real = size > 1e-8  # triangles at poles and ends have no area
    agreement = np.sum(face * mesh.normals[mesh.triangles].mean(axis=1), axis=1)[is_real] / size[is_real]
    assert np.all(agreement > 0.5) or np.all(agreement < -0.5)


def test_tube_keeps_its_radius_around_a_bend():
    path = smooth_path(np.array([[0, 0, 0], [0.3, 0, 0.1], [0.5, 0.2, 0.1]]), 30)
    tube = sweep(path, 0.02, sides=12)
    distance = np.linalg.norm(tube.points.reshape(30, 13, 3) - path[:, None], axis=2)
    assert np.allclose(distance, 0.02)


def test_smooth_path_goes_through_its_corners():
    corners = np.array([[0, 0, 0], [1, 0, 2], [3, 1, 2], [4, 4, 4.0]])
    path = smooth_path(corners, 31)
    assert np.allclose(path[::10], corners, atol=1e-6)


def test_uv_measures_metres_along_a_tube():
    assert straight([0, 0, 0], [0, 0, 0.4], 0.01).uv[:, 0].max() == pytest.approx(0.4, abs=1e-3)


def test_copies_are_the_same_piece_elsewhere():
    tooth = box([0.1, 0, 0], (0.01, 0.002, 0.004))
    ring = copies(tooth, outward_frames(np.array([0, np.pi / 2])), np.zeros((2, 3)))
    assert len(ring.triangles) == 2 * len(tooth.triangles)
    assert np.allclose(ring.points[24:].mean(axis=0), [0, 0, 0.1])  # a quarter turn from ahead is up
    assert ring.triangles.max() == len(ring.points) - 1


def test_joined_meshes_keep_their_triangles():
    one, two = CLOSED["box"], CLOSED["ring"]
    both = join([one, two])
    assert np.array_equal(both.points[both.triangles[-1]], two.points[two.triangles[-1]])
    assert len(both.triangles) == len(one.triangles) + len(two.triangles)


def test_plate_is_as_thick_as_asked_and_where_asked():
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]])
    mesh = plate(square, 0.02, 0.5)
    assert mesh.points[:, 1].min() == pytest.approx(0.49) and mesh.points[:, 1].max() == pytest.approx(0.51)
