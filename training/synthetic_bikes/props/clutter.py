"""Boxes, pallets, shelves, bags and spare tyres: what lies about in sheds, depots and back yards."""

from dataclasses import replace

import numpy as np

from training.synthetic_bikes.geometry import rotation_about
from training.synthetic_bikes.materials import MATERIALS, Material
from training.synthetic_bikes.noise import noise_3d
from training.synthetic_bikes.props.stage import Piece
from training.synthetic_bikes.shapes import box, sweep, turn

__all__ = ["bags", "boxes", "pallet", "planks", "shelf", "tyres", "workbench"]

UPRIGHT = np.array([0.0, 0.0, 1.0])


def boxes(rng: np.random.Generator) -> list[Piece]:
    """A small heap of cardboard boxes or crates."""
    pieces, height, count = [], 0.0, int(rng.integers(1, 4))
    wide = rng.uniform(0.35, 0.7)
    for _ in range(count):
        size = (wide, rng.uniform(0.3, 0.5), rng.uniform(0.2, 0.45))
        spin = rotation_about(UPRIGHT, rng.normal(0, 0.12))
        center = np.array([rng.normal(0, 0.03), rng.normal(0, 0.03), height + size[2] / 2])
        pieces.append(Piece(box(np.zeros(3), size).moved(center, spin), _carton(rng)))
        tape = box(np.zeros(3), (0.06, size[1] + 0.004, size[2] + 0.004)).moved(center, spin)
        pieces.append(Piece(tape, Material((0.52, 0.42, 0.28), roughness=0.35)))
        height, wide = height + size[2], wide * rng.uniform(0.7, 1.0)
    return pieces


def pallet(rng: np.random.Generator) -> list[Piece]:
    """A Euro pallet, leaning or lying is up to who sets it; here it lies."""
    wood = replace(MATERIALS["wood"], colour=tuple(np.array([0.55, 0.46, 0.35]) * rng.uniform(0.6, 1.1)))
    slats = [box(np.array([0, y, 0.135]), (1.2, 0.12, 0.02)) for y in np.linspace(-0.34, 0.34, 5)]
    blocks = [box(np.array([x, y, 0.06]), (0.14, 0.10, 0.12)) for x in (-0.53, 0, 0.53) for y in (-0.34, 0, 0.34)]
    return [Piece(mesh, wood) for mesh in slats + blocks]


def planks(rng: np.random.Generator) -> list[Piece]:
    """Boards that stand on end, to be tipped against a wall."""
    pieces = []
    for index in range(int(rng.integers(1, 5))):
        tall = rng.uniform(1.2, 2.3)
        mesh = box(np.array([index * 0.13, 0.02 * index, tall / 2]), (0.12, 0.025, tall))
        pieces.append(
            Piece(mesh, replace(MATERIALS["wood"], colour=tuple(np.array([0.5, 0.4, 0.3]) * rng.uniform(0.6, 1.2))))
        )
    return pieces


def shelf(rng: np.random.Generator) -> list[Piece]:
    """A metal shelf full of boxes, bins and odds and ends, 2 m tall."""
    metal = Material([(0.45, 0.47, 0.50), (0.14, 0.24, 0.45), (0.70, 0.38, 0.12)][rng.integers(3)], roughness=0.5)
    wide, pieces = rng.uniform(1.2, 2.2), []
    for x in (-wide / 2, wide / 2):
        pieces += [Piece(box(np.array([x, y, 1.0]), (0.045, 0.045, 2.0)), metal) for y in (-0.22, 0.22)]
    for height in (0.12, 0.75, 1.38, 1.98):
        pieces.append(Piece(box(np.array([0, 0, height]), (wide, 0.5, 0.035)), metal))
        x = -wide / 2 + 0.08
        while x < wide / 2 - 0.3 and height < 1.9:
            size = (rng.uniform(0.15, 0.45), rng.uniform(0.25, 0.42), rng.uniform(0.12, 0.45))
            if rng.random() < 0.8:
                center = np.array([x + size[0] / 2, rng.normal(0, 0.03), height + 0.018 + size[2] / 2])
                pieces.append(Piece(box(center, size), _carton(rng)))
            x += size[0] + rng.uniform(0.01, 0.12)
    return pieces


def workbench(rng: np.random.Generator) -> list[Piece]:
    wood, steel = MATERIALS["wood"], Material((0.30, 0.32, 0.34), roughness=0.5)
    pieces = [Piece(box(np.array([0, 0, 0.88]), (1.8, 0.6, 0.06)), wood)]
    pieces += [
        Piece(box(np.array([x, y, 0.43]), (0.07, 0.07, 0.86)), steel) for x in (-0.8, 0.8) for y in (-0.25, 0.25)
    ]
    pieces.append(Piece(box(np.array([0.45, 0, 0.62]), (0.5, 0.5, 0.42)), Material((0.50, 0.10, 0.09), roughness=0.4)))
    for _ in range(int(rng.integers(3, 8))):
        size = rng.uniform(0.05, 0.25, 3)
        center = np.array([rng.uniform(-0.8, 0.8), rng.uniform(-0.2, 0.2), 0.91 + size[2] / 2])
        pieces.append(Piece(box(center, tuple(size)), _carton(rng)))
    return pieces


def bags(rng: np.random.Generator) -> list[Piece]:
    """Full rubbish bags, or sacks."""
    sheet = [Material((0.05, 0.05, 0.055), roughness=0.3, coat=0.5), Material((0.45, 0.42, 0.36), roughness=0.9),
             Material((0.12, 0.22, 0.42), roughness=0.35, coat=0.4)][rng.integers(3)]  # fmt: skip
    pieces = []
    for _ in range(int(rng.integers(1, 4))):
        heights = np.linspace(0, 1, 28)
        radius = np.sqrt(np.clip(1 - (2 * heights - 0.85) ** 2 / 1.33, 0.002, 1)) * rng.uniform(0.18, 0.28)
        path = np.column_stack([np.zeros(28), np.zeros(28), heights * rng.uniform(0.35, 0.6)])
        mesh = sweep(path, radius, sides=40)
        lumps = 1 + 0.07 * noise_3d(mesh.points, 0.16, rng, 2)
        mesh = replace(mesh, points=mesh.points * np.stack([lumps, lumps, np.ones_like(lumps)], axis=1))
        mesh = replace(mesh, normals=_creased(mesh.normals, mesh.points, rng))
        pieces.append(Piece(mesh.moved(np.array([rng.normal(0, 0.25), rng.normal(0, 0.15), 0.0])), sheet))
    return pieces


def tyres(rng: np.random.Generator) -> list[Piece]:
    """Spare bicycle tyres in a heap."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    section = np.column_stack([0.31 + 0.022 * np.cos(angle), 0.022 * np.sin(angle)])
    flat = rotation_about(np.array([1.0, 0, 0]), np.pi / 2)
    return [
        Piece(turn(section, 60).moved(np.array([rng.normal(0, 0.03), rng.normal(0, 0.03), 0.025 + 0.045 * k]), flat),
              MATERIALS["tyre"])
        for k in range(int(rng.integers(1, 6)))
    ]  # fmt: skip


def _carton(rng: np.random.Generator) -> Material:
    if rng.random() < 0.65:
        return replace(MATERIALS["cardboard"], colour=tuple(np.array([0.60, 0.47, 0.33]) * rng.uniform(0.65, 1.1)))
    colours = [(0.70, 0.70, 0.68), (0.15, 0.25, 0.42), (0.45, 0.12, 0.11), (0.20, 0.21, 0.22), (0.30, 0.42, 0.30)]
    return Material(colours[rng.integers(5)], roughness=0.6)


def _creased(normals: np.ndarray, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Normals as on crumpled sheet."""
    bent = normals + 0.4 * np.stack([noise_3d(points, 0.07, rng, 3) for _ in range(3)], axis=1)
    return bent / np.linalg.norm(bent, axis=1, keepdims=True)
