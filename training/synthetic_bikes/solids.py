"""Solids beside the tubes of `shapes`: pillows, shells of several copies, and what is made of many small blocks."""

import numpy as np

from training.synthetic_bikes.shapes import Mesh, grid_triangles, join

__all__ = ["copies", "outward_frames", "pillow"]


def copies(mesh: Mesh, rotations: np.ndarray, offsets: np.ndarray) -> Mesh:
    """One mesh of many copies: teeth, links, knobs.

    Args:
        rotations: (K, 3, 3), for column vectors.
        offsets: (K, 3), added after the rotation.
    """
    points = np.einsum("kij,nj->kni", rotations, mesh.points) + np.asarray(offsets)[:, None]
    normals = np.einsum("kij,nj->kni", rotations, mesh.normals)
    count, size = len(points), len(mesh.points)
    triangles = mesh.triangles[None] + size * np.arange(count)[:, None, None]
    return Mesh(
        points.reshape(-1, 3), normals.reshape(-1, 3), np.tile(mesh.uv, (count, 1)), triangles.reshape(-1, 3),
        mesh.part, mesh.material, mesh.name,
    )  # fmt: skip


def outward_frames(angles: np.ndarray) -> np.ndarray:
    """(K, 3, 3): rotations about y that turn x to each angle, from ahead upwards."""
    cosine, sine, zero = np.cos(angles), np.sin(angles), np.zeros_like(angles)
    one = np.ones_like(angles)
    return np.stack([cosine, zero, -sine, zero, one, zero, sine, zero, cosine], axis=1).reshape(-1, 3, 3)


def pillow(center: np.ndarray, size: tuple[float, float, float], squareness: float = 0.4, segments: int = 20) -> Mesh:
    """A superellipsoid: a ball at squareness 1, a box with soft edges towards 0.

    Args:
        size: whole length, width, height.
        segments: around; half as many from top to bottom.
    """
    polar = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)[:, None]
    around = np.linspace(0, 2 * np.pi, segments + 1)[None]

    def power(values: np.ndarray, exponent: float) -> np.ndarray:
        return np.sign(values) * np.abs(values) ** exponent

    def surface(exponent: float) -> np.ndarray:
        flat = power(np.cos(polar), exponent)
        parts = flat * power(np.cos(around), exponent), flat * power(np.sin(around), exponent)
        return np.stack(np.broadcast_arrays(*parts, power(np.sin(polar), exponent)), axis=2)

    half = np.asarray(size) / 2
    normals = surface(2 - squareness) / half + 1e-9 * surface(1.0)
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    uv = np.stack(np.broadcast_arrays(polar * half[2], around / (2 * np.pi)), axis=2)
    points = surface(squareness) * half + np.asarray(center, float)
    triangles = grid_triangles(segments // 2 + 1, segments + 1, False)
    return join([Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), triangles)])
