"""Hoops, wheel holders, poles, bollards, bins, benches and trees: what bikes lean on and hide behind."""

from dataclasses import replace

import numpy as np

from training.synthetic_bikes.materials import MATERIALS, Material
from training.synthetic_bikes.props.stage import Piece
from training.synthetic_bikes.shapes import box, smooth_path, straight, sweep, turn

__all__ = ["bench", "bin_", "bollard", "hoop", "pole", "railing", "tree", "wheel_holder"]

METALS = (
    MATERIALS["galvanised"],
    MATERIALS["steel"],
    Material((0.10, 0.11, 0.11), roughness=0.5, coat=0.5),
    Material((0.12, 0.22, 0.17), roughness=0.5, coat=0.5),
)


def hoop(rng: np.random.Generator) -> list[Piece]:
    """A Sheffield stand: an upturned U, 75 cm tall; it stands along x."""
    wide, tall = rng.uniform(0.30, 0.42), rng.uniform(0.70, 0.85)
    corner = 0.12 if rng.random() < 0.6 else tall * 0.45
    path = [(-wide, 0, 0), (-wide, 0, tall - corner), (-wide + 0.3 * corner, 0, tall - 0.3 * corner)]
    path += [(-wide + corner, 0, tall), (wide - corner, 0, tall)]
    path += [(wide - 0.3 * corner, 0, tall - 0.3 * corner), (wide, 0, tall - corner), (wide, 0, 0)]
    mesh = sweep(smooth_path(np.array(path, float), 48), rng.uniform(0.020, 0.028))
    return [Piece(mesh, METALS[rng.integers(len(METALS))])]


def wheel_holder(rng: np.random.Generator, places: int = 5) -> list[Piece]:
    """A low rack of small loops, one wheel to a loop; it runs along x."""
    metal, pitch, pieces = METALS[rng.integers(len(METALS))], rng.uniform(0.32, 0.45), []
    for index in range(places):
        x = (index - (places - 1) / 2) * pitch
        for offset in (-0.035, 0.035):
            path = [(x + offset, -0.2, 0.04), (x + offset, -0.17, 0.30), (x + offset, 0.0, 0.42),
                    (x + offset, 0.17, 0.30), (x + offset, 0.2, 0.04)]  # fmt: skip
            pieces.append(Piece(sweep(smooth_path(np.array(path), 24), 0.007, sides=8, up=(1.0, 0, 0)), metal))
    reach = pitch * places / 2
    pieces += [
        Piece(straight(np.array([-reach, y, 0.04]), np.array([reach, y, 0.04]), 0.014), metal) for y in (-0.2, 0.2)
    ]
    return pieces


def pole(rng: np.random.Generator) -> list[Piece]:
    """A post of a sign or a lamp."""
    radius, tall = rng.choice([0.03, 0.038, 0.055, 0.09]), rng.uniform(2.6, 4.5)
    pieces = [Piece(straight(np.zeros(3), np.array([0, 0, tall]), radius), METALS[rng.integers(len(METALS))])]
    if radius < 0.05 and rng.random() < 0.6:
        colour = [(0.70, 0.10, 0.10), (0.10, 0.22, 0.55), (0.80, 0.80, 0.78)][rng.integers(3)]
        plate = box(np.array([0.0, -radius - 0.01, tall - 0.4]), (0.45, 0.01, 0.45))
        pieces.append(Piece(plate, Material(colour, roughness=0.4, coat=0.5)))
    return pieces


def bollard(rng: np.random.Generator) -> list[Piece]:
    radius, tall = rng.uniform(0.05, 0.11), rng.uniform(0.7, 1.05)
    shades = (*METALS, MATERIALS["stone"], Material((0.55, 0.10, 0.09), roughness=0.5))
    return [Piece(straight(np.zeros(3), np.array([0, 0, tall]), radius), shades[rng.integers(len(shades))])]


def bin_(rng: np.random.Generator) -> list[Piece]:
    """A wheeled household bin, or a round one."""
    colour = [(0.16, 0.17, 0.18), (0.13, 0.26, 0.17), (0.14, 0.20, 0.36), (0.42, 0.28, 0.16), (0.60, 0.50, 0.12)]
    plastic = Material(colour[rng.integers(5)], roughness=0.55)
    if rng.random() < 0.3:
        return [Piece(straight(np.zeros(3), np.array([0, 0, 0.85]), 0.21, 0.26, sides=24), plastic)]
    body = straight(np.zeros(3), np.array([0, 0, 0.92]), 0.30, 0.38, sides=4)
    square = np.array([[np.sqrt(0.5), -np.sqrt(0.5), 0], [np.sqrt(0.5), np.sqrt(0.5), 0], [0, 0, 1]])
    body = _flat(body.moved(np.zeros(3), square))
    lid = box(np.array([0, -0.02, 0.96]), (0.60, 0.62, 0.06))
    wheels = [turn(np.array([(0.02, -0.03), (0.10, -0.03), (0.10, 0.03), (0.02, 0.03)]), 24) for _ in range(2)]
    quarter = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0, 0, 1.0]])
    feet = [wheel.moved(np.array([x, 0.24, 0.10]), quarter) for wheel, x in zip(wheels, (-0.26, 0.26), strict=True)]
    return [Piece(body, plastic), Piece(lid, plastic), *(Piece(foot, MATERIALS["rubber"]) for foot in feet)]


def bench(rng: np.random.Generator) -> list[Piece]:
    wood, metal = replace(MATERIALS["wood"], roughness=rng.uniform(0.6, 0.9)), METALS[rng.integers(len(METALS))]
    slats = [box(np.array([0, y, 0.45]), (1.7, 0.09, 0.035)) for y in (-0.16, -0.05, 0.06, 0.17)]
    slats += [box(np.array([0, 0.25 + 0.03 * k, 0.60 + 0.13 * k]), (1.7, 0.03, 0.10)) for k in range(3)]
    legs = [box(np.array([x, y, 0.22]), (0.05, 0.05, 0.44)) for x in (-0.7, 0.7) for y in (-0.18, 0.2)]
    return [Piece(mesh, wood) for mesh in slats] + [Piece(mesh, metal) for mesh in legs]


def railing(rng: np.random.Generator, long: float = 5.0) -> list[Piece]:
    """An iron fence, along x."""
    metal, tall, pitch = METALS[rng.integers(len(METALS))], rng.uniform(0.9, 1.4), rng.uniform(0.10, 0.16)
    pieces = [
        Piece(straight(np.array([-long / 2, 0, z]), np.array([long / 2, 0, z]), 0.018, sides=8), metal)
        for z in (0.12, tall - 0.08)
    ]
    for x in np.arange(-long / 2, long / 2, pitch):
        pieces.append(Piece(straight(np.array([x, 0, 0.02]), np.array([x, 0, tall]), 0.008, sides=6), metal))
    return pieces


def tree(rng: np.random.Generator) -> list[Piece]:
    """A trunk; the crown is above the picture."""
    heights = np.linspace(0, 5.0, 24)
    lean = np.cumsum(rng.normal(0, 0.012, (24, 2)), axis=0)
    path = np.column_stack([lean - lean[0], heights])
    radius = rng.uniform(0.09, 0.24) * (1 + 0.7 * np.exp(-heights / 0.22)) * (1 - 0.05 * heights)
    return [Piece(sweep(path, radius * (1 + rng.normal(0, 0.02, 24)), sides=20), MATERIALS["bark"])]


def _flat(mesh):
    """The same with one normal a face."""
    corners = mesh.points[mesh.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    outward = np.sum(normal * (corners.mean(axis=1) - mesh.points.mean(axis=0)), axis=1, keepdims=True)
    normal *= np.where(outward < 0, -1.0, 1.0)
    count = len(mesh.triangles)
    return replace(
        mesh,
        points=corners.reshape(-1, 3),
        normals=np.repeat(normal, 3, axis=0),
        uv=mesh.uv[mesh.triangles].reshape(-1, 2),
        triangles=np.arange(3 * count).reshape(count, 3),
    )
