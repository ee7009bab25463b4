"""Which triangle does each pixel show? The picture of triangles is drawn on the processor, without antialiasing.

That one picture holds everything: part labels are exact, and position, normal and texture coordinates follow from
where the pixel's ray meets its triangle. Fine pixels of one piece within a pixel are shaded once, as a fragment.
No graphics card, no OpenGL: compiled with Numba, without its fast mathematics, every machine draws the same.
"""

from dataclasses import dataclass
from typing import Protocol

import numba
import numpy as np

from training.synthetic_bikes.interpolation import interpolate
from training.synthetic_bikes.scanlines import row_span

__all__ = ["Body", "Camera", "Rasteriser", "Surface"]

NEAREST = 0.15  # metres from the eye where drawing begins


class Body(Protocol):
    """What can be drawn: points, rest_points, normals (N, 3), uv (N, 2); triangles (M, 3); piece, is_hidden (M,)."""

    points: np.ndarray
    rest_points: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    triangles: np.ndarray
    piece: np.ndarray
    is_hidden: np.ndarray


@dataclass(frozen=True)
class Camera:
    """A pinhole camera. field_of_view: degrees, vertical; roll: degrees, the horizon's tilt."""

    position: np.ndarray
    target: np.ndarray
    field_of_view: float = 40.0
    roll: float = 0.0

    def axes(self) -> np.ndarray:
        """(3, 3): rows right, up, ahead."""
        ahead = (self.target - self.position) / np.linalg.norm(self.target - self.position)
        right = np.cross(ahead, [0.0, 0.0, 1.0] if abs(ahead[2]) < 0.999 else [0.0, 1.0, 0.0])
        right /= np.linalg.norm(right)
        up = np.cross(right, ahead)
        cosine, sine = np.cos(np.radians(self.roll)), np.sin(np.radians(self.roll))
        return np.stack([cosine * right + sine * up, cosine * up - sine * right, ahead])

    def rays(self, width: int, height: int) -> np.ndarray:
        """(height, width, 3) unit directions through the pixel centres."""
        right, up, ahead = self.axes()
        scale = np.tan(np.radians(self.field_of_view / 2)) * 2 / height
        x = (np.arange(width) + 0.5 - width / 2) * scale
        y = (height / 2 - np.arange(height) - 0.5) * scale
        rays = ahead + x[None, :, None] * right + y[:, None, None] * up
        return rays / np.linalg.norm(rays, axis=2, keepdims=True)

    def project(self, points: np.ndarray, width: int, height: int) -> np.ndarray:
        """Pixel coordinates (N, 2) of points (N, 3)."""
        local = (points - self.position) @ self.axes().T
        scale = height / (2 * np.tan(np.radians(self.field_of_view / 2)))
        flat = local[:, :2] / local[:, 2:] * scale
        return np.stack([width / 2 + flat[:, 0], height / 2 - flat[:, 1]], axis=1)


@dataclass
class Surface:
    """What a body's pixels show, one row a fragment: a piece within a pixel.

    pixel: flat index into the picture; triangle: one that the fragment shows; point, rest_point (as built), normal,
    view (from the eye): (K, 3); uv (K, 2). Of the fine pixels, one row each: fine_pixel, flat index into the fine
    picture, fine_triangle, and fine_fragment, the row of the fragment it belongs to.
    """

    pixel: np.ndarray
    triangle: np.ndarray
    point: np.ndarray
    rest_point: np.ndarray
    normal: np.ndarray
    view: np.ndarray
    uv: np.ndarray
    fine_pixel: np.ndarray
    fine_triangle: np.ndarray
    fine_fragment: np.ndarray


class Rasteriser:
    """Draws one body from any camera."""

    _body: Body | None = None

    def load(self, body: Body) -> None:
        """Take the triangles of the body that are not hidden."""
        self._body = body

    def close(self) -> None:
        """Let go of the body."""
        self._body = None

    def draw(self, camera: Camera, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """The triangle (height, width) that each pixel shows, int, -1 where none; and how far ahead it lies, metres."""
        shown = np.flatnonzero(~self._body.is_hidden)
        triangles, nearness = np.full((height, width), -1, np.int32), np.zeros((height, width), np.float32)
        scale = height / (2 * np.tan(np.radians(camera.field_of_view / 2)))
        _draw(
            np.asarray(self._body.points, float), self._body.triangles, shown, np.asarray(camera.position, float),
            camera.axes(), scale, triangles, nearness,
        )  # fmt: skip
        with np.errstate(divide="ignore"):
            return triangles, 1 / nearness

    def surface(self, camera: Camera, triangles: np.ndarray, fineness: int = 1) -> Surface:
        """Position, normal and the rest of what the picture of triangles (height, width) shows of this body.

        Args:
            triangles: as `draw` returns it, through the same camera.
            fineness: so many fine pixels make the side of a pixel.
        """
        height, width = triangles.shape
        fine_pixel = np.flatnonzero(triangles >= 0)
        fine_triangle = triangles.ravel()[fine_pixel]
        row, column = fine_pixel // width // fineness, fine_pixel % width // fineness
        pixel = row * (width // fineness) + column
        pieces = int(self._body.piece.max()) + 1
        keys, first, fragment = np.unique(
            pixel * pieces + self._body.piece[fine_triangle], return_index=True, return_inverse=True
        )
        right, up, ahead = camera.axes()
        scale = np.tan(np.radians(camera.field_of_view / 2)) * 2 / height
        x, y = (fine_pixel % width + 0.5 - width / 2) * scale, (height / 2 - fine_pixel // width - 0.5) * scale
        corner = ahead, right, up
        sums = interpolate(self._body, camera.position, corner, x, y, fine_triangle, fragment, len(keys))
        point, rest_point, normal = (sums[:, k : k + 3] for k in (0, 3, 6))
        view = point - camera.position
        view /= np.linalg.norm(view, axis=1, keepdims=True)
        normal = normal / (np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12)
        # Thin plates are seen from both sides: the normal always faces the eye.
        normal *= -np.sign(np.sum(normal * view, axis=1, keepdims=True) + 1e-12)
        return Surface(
            keys // pieces, fine_triangle[first], point, rest_point, normal, view, sums[:, 9:11], fine_pixel,
            fine_triangle, fragment,
        )  # fmt: skip


@numba.njit(cache=True)
def _draw(
    points: np.ndarray,
    triangles: np.ndarray,
    shown: np.ndarray,
    eye: np.ndarray,
    axes: np.ndarray,
    scale: float,
    pictured: np.ndarray,
    nearness: np.ndarray,
) -> None:
    """Fill pictured with the nearest triangle and nearness with 1 / metres ahead; both linear in the picture."""
    height, width = pictured.shape
    places = np.empty((len(points), 3))
    for index in range(len(points)):
        x, y, z = points[index, 0] - eye[0], points[index, 1] - eye[1], points[index, 2] - eye[2]
        ahead = axes[2, 0] * x + axes[2, 1] * y + axes[2, 2] * z
        # A triangle that reaches behind the eye is left out whole: no scene has one in view.
        near = 1 / ahead if ahead > NEAREST else -1.0
        places[index, 0] = width / 2 + (axes[0, 0] * x + axes[0, 1] * y + axes[0, 2] * z) * near * scale
        places[index, 1] = height / 2 - (axes[1, 0] * x + axes[1, 1] * y + axes[1, 2] * z) * near * scale
        places[index, 2] = near
    for number in shown:
        i, j, k = triangles[number, 0], triangles[number, 1], triangles[number, 2]
        ax, ay, az, bz, cz = places[i, 0], places[i, 1], places[i, 2], places[j, 2], places[k, 2]
        if min(az, bz, cz) <= 0:
            continue
        bx, by, cx, cy = places[j, 0], places[j, 1], places[k, 0], places[k, 1]
        first_x, last_x = max(np.ceil(min(ax, bx, cx) - 0.5), 0), min(max(ax, bx, cx) - 0.5, width - 1)
        first_y, last_y = max(np.ceil(min(ay, by, cy) - 0.5), 0), min(max(ay, by, cy) - 0.5, height - 1)
        bx, by, cx, cy = bx - ax, by - ay, cx - ax, cy - ay
        area = bx * cy - cx * by
        if first_x > last_x or first_y > last_y or area == 0:
            continue
        for row in range(int(first_y), int(last_y) + 1):
            y = row + 0.5 - ay
            first, last = row_span(y, bx, by, cx, cy, area, ax, int(first_x), int(last_x))
            for column in range(first, last + 1):
                x = column + 0.5 - ax
                share_b, share_c = (x * cy - cx * y) / area, (bx * y - x * by) / area
                if share_b >= 0 and share_c >= 0 and share_b + share_c <= 1:
                    near = az + share_b * (bz - az) + share_c * (cz - az)
                    if near > nearness[row, column]:
                        nearness[row, column], pictured[row, column] = near, number
