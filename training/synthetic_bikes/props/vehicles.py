"""Other bikes, from this generator, and parked cars in simple shapes."""

from functools import lru_cache

import numpy as np

from training.synthetic_bikes.design import random_design
from training.synthetic_bikes.geometry import build_bike, rotation_about
from training.synthetic_bikes.materials import FINISHES, MATERIALS, PAINT_COLOURS, Material, find_material
from training.synthetic_bikes.props.stage import Piece
from training.synthetic_bikes.shapes import Mesh, box, turn

__all__ = ["car", "parked_bike"]

FLEET = 8  # bikes that may be parked; each is built once a process


def parked_bike(rng: np.random.Generator, lean: float = 0.0) -> list[Piece]:
    """Another bike, in its own paint, on its wheels; facing x or back, tipped by `lean` radians."""
    paint = str(rng.choice(sorted(PAINT_COLOURS)))
    finish = str(rng.choice(sorted(FINISHES)))
    tip = rotation_about(np.array([1.0, 0, 0]), -lean)
    rotation = rotation_about(np.array([0.0, 0, 1]), np.pi * rng.integers(2)) @ tip
    return [
        Piece(mesh.moved(np.zeros(3), rotation), find_material(mesh.material, paint, finish))
        for mesh in _fleet(int(rng.integers(FLEET)))
    ]


@lru_cache(maxsize=FLEET)
def _fleet(number: int) -> tuple[Mesh, ...]:
    """The meshes of a bike, joined by material: the many small pieces of one material are drawn as one."""
    rng = np.random.default_rng([number, 6])
    bike = build_bike(random_design(rng), rng)
    of_piece = np.array([piece.material for piece in bike.pieces])
    meshes = []
    for material in sorted(set(of_piece)):
        chosen = bike.triangles[(of_piece == material)[bike.piece]]
        used, triangles = np.unique(chosen, return_inverse=True)
        corners = bike.points[used], bike.normals[used], bike.uv[used]
        meshes.append(Mesh(*corners, triangles.reshape(-1, 3), material=material))
    return tuple(meshes)


def car(rng: np.random.Generator) -> list[Piece]:
    """A hatchback or an estate, along x, seen from its side."""
    colours = [(0.60, 0.61, 0.62), (0.12, 0.12, 0.13), (0.80, 0.80, 0.79), (0.28, 0.30, 0.33), (0.42, 0.07, 0.08),
               (0.10, 0.18, 0.36), (0.40, 0.38, 0.33)]  # fmt: skip
    paint = Material(colours[rng.integers(len(colours))], metallic=rng.choice([0.0, 0.5]), roughness=0.4, coat=1.0)
    long, tail = rng.uniform(3.8, 4.6), rng.uniform(0.30, 0.75)  # tail: how far back the roof runs
    bow, stern = -long / 2, long / 2
    # Stations along the car: x, height of the belt line, height of the roof, half-width.
    body = [(bow, 0.62, 0.70), (bow + 0.25, 0.74, 0.80), (bow + 1.0, 0.92, 0.84), (0.0, 0.96, 0.86),
            (stern - 0.4, 0.98, 0.84), (stern - 0.06, 0.92, 0.80), (stern, 0.70, 0.76)]  # fmt: skip
    roof = [(bow + 1.0, 0.93, 0.70), (bow + 1.65, 1.36, 0.62), (0.1, 1.46, 0.60), (stern - tail - 0.35, 1.42, 0.60),
            (stern - 0.12, 0.97, 0.68)]  # fmt: skip
    pieces = [Piece(_shell(body, 0.24), paint), Piece(_shell(roof, 0.90), MATERIALS["glass"])]
    top = [(x + 0.02, z + 0.015, half + 0.01) for x, z, half in roof[1:4]]
    pieces.append(Piece(_shell(top, 1.34), paint))
    for x in (0.15, stern - tail - 0.45):
        pieces.append(Piece(box(np.array([x, 0.0, 1.15]), (0.06, 1.36, 0.46)), MATERIALS["black_plastic"]))
    rim = Material((0.45, 0.46, 0.47), metallic=0.9, roughness=0.4)
    for x in (bow + 0.82, stern - 0.78):
        for y in (-0.76, 0.76):
            tyre = turn(np.array([(0.21, -0.1), (0.31, -0.1), (0.32, 0.0), (0.31, 0.1), (0.21, 0.1)]), 48)
            hub = turn(np.array([(0.01, -0.08), (0.22, -0.10), (0.22, 0.10), (0.01, 0.08)]), 48)
            arch = turn(np.array([(0.01, -0.105), (0.37, -0.105), (0.37, 0.105), (0.01, 0.105)]), 48)
            pieces.append(Piece(arch.moved(np.array([x, y * 0.99, 0.34])), MATERIALS["black_plastic"]))
            pieces.append(Piece(tyre.moved(np.array([x, y * 1.03, 0.32])), MATERIALS["tyre"]))
            pieces.append(Piece(hub.moved(np.array([x, y * 1.03, 0.32])), rim))
    for x, z, colour in ((bow + 0.09, 0.56, (0.62, 0.63, 0.64)), (stern - 0.07, 0.76, (0.42, 0.04, 0.04))):
        for y in (-0.61, 0.61):
            lamp = box(np.array([x, y, z]), (0.20, 0.28, 0.12))
            pieces.append(Piece(lamp, Material(colour, roughness=0.15, coat=1.0)))
    return pieces


def _shell(stations: list[tuple[float, float, float]], foot: float) -> Mesh:
    """A closed skin over cross-sections with rounded shoulders: (x, height, half-width) each, from `foot` upwards."""
    angle = np.linspace(0, np.pi, 17)
    power = 0.45  # of a squared-off ellipse
    across = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    upward = np.abs(np.sin(angle)) ** power
    knots = np.array(stations)
    x = np.interp(np.linspace(0, 1, 33), np.linspace(0, 1, len(knots)), knots[:, 0])
    top, half = (np.interp(x, knots[:, 0], knots[:, k]) for k in (1, 2))
    grid = np.stack(
        [
            np.broadcast_to(x[:, None], (33, 17)),
            half[:, None] * across[None],
            foot + (top - foot)[:, None] * upward[None],
        ],
        axis=2,
    )
    normals = np.cross(np.gradient(grid, axis=1), np.gradient(grid, axis=0))
    outward = grid - [0, 0, (foot + top.mean()) / 2]
    normals *= np.sign(np.sum(normals * outward, axis=2, keepdims=True))
    normals /= np.linalg.norm(normals, axis=2, keepdims=True) + 1e-9
    first = (np.arange(32)[:, None] * 17 + np.arange(16)[None]).ravel()
    triangles = np.concatenate(
        [np.stack([first, first + 1, first + 17], 1), np.stack([first + 1, first + 18, first + 17], 1)]
    )
    # Bow and stern are closed by fans.
    caps = [
        np.stack([np.full(15, start), start + np.arange(1, 16), start + np.arange(2, 17)], 1) for start in (0, 32 * 17)
    ]
    flat = grid.reshape(-1, 3)
    return Mesh(flat, normals.reshape(-1, 3), np.zeros((len(flat), 2)), np.concatenate([triangles, *caps]))
