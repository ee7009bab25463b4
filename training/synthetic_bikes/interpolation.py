"""What lies between a triangle's corners: position, normal and texture where rays meet it, averaged by fragment."""

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from training.synthetic_bikes.raster import Body

__all__ = ["interpolate"]


def interpolate(
    body: "Body",
    eye: np.ndarray,
    axes: tuple[np.ndarray, np.ndarray, np.ndarray],
    x: np.ndarray,
    y: np.ndarray,
    triangle: np.ndarray,
    fragment: np.ndarray,
    count: int,
) -> np.ndarray:
    """Means over each fragment's rays.

    Args:
        eye: (3,), where all rays start.
        axes: ahead, right, up, (3,) each; ray k runs along ahead + x[k] * right + y[k] * up.
        triangle: (F,), that each ray meets.
        fragment: (F,), 0 to count - 1.

    Returns:
        (count, 11): point, point as built, normal (not of unit length), and u, v of the fragment's first ray.
    """
    corners = np.concatenate([body.points, body.rest_points, body.normals, body.uv], axis=1)
    return _interpolate(
        corners, body.triangles, np.asarray(eye, float), np.stack(axes), x, y, triangle, fragment, count
    )


@numba.njit(cache=True)
def _interpolate(
    corners: np.ndarray,
    triangles: np.ndarray,
    eye: np.ndarray,
    axes: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    triangle: np.ndarray,
    fragment: np.ndarray,
    count: int,
) -> np.ndarray:
    sums, number = np.zeros((count, 11)), np.zeros(count)
    value = np.zeros(11)
    for k in range(len(x)):
        corner = triangles[triangle[k]]
        a, b, c = corners[corner[0]], corners[corner[1]], corners[corner[2]]
        ray = axes[0] + x[k] * axes[1] + y[k] * axes[2]
        # Where the ray meets the triangle's plane, in barycentric coordinates (Möller and Trumbore, 1997).
        bx, by, bz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
        cx, cy, cz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
        ox, oy, oz = eye[0] - a[0], eye[1] - a[1], eye[2] - a[2]
        px, py, pz = ray[1] * cz - ray[2] * cy, ray[2] * cx - ray[0] * cz, ray[0] * cy - ray[1] * cx
        qx, qy, qz = oy * bz - oz * by, oz * bx - ox * bz, ox * by - oy * bx
        scale = bx * px + by * py + bz * pz
        if abs(scale) < 1e-14:
            scale = 1e-14
        share_b = min(max((ox * px + oy * py + oz * pz) / scale, 0.0), 1.0)
        share_c = min(max((ray[0] * qx + ray[1] * qy + ray[2] * qz) / scale, 0.0), 1.0 - share_b)
        for j in range(11):
            value[j] = a[j] + share_b * (b[j] - a[j]) + share_c * (c[j] - a[j])
        # Normals on the two sides of a thin plate must not cancel.
        away = value[6] * ray[0] + value[7] * ray[1] + value[8] * ray[2]
        for j in range(6):
            sums[fragment[k], j] += value[j]
        for j in range(6, 9):
            sums[fragment[k], j] += -value[j] if away > 0 else value[j]
        if number[fragment[k]] == 0:  # texture runs around a tube and starts again: it has no mean
            sums[fragment[k], 9], sums[fragment[k], 10] = value[9], value[10]
        number[fragment[k]] += 1
    for k in range(count):
        for j in range(9):
            sums[k, j] /= number[k]
    return sums
