"""Which triangle does each pixel show? PyVista draws every triangle in its own flat colour, without antialiasing.

That one picture holds everything: part labels are exact, and position, normal and texture coordinates follow from
where the pixel's ray meets its triangle. Depth pictures from the lamps give the shadows.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from training.synthetic_bikes.geometry import Bike

__all__ = ["Camera", "Rasteriser", "Surface"]

HOW_TO_INSTALL = (
    "rendering bikes needs PyVista and an offscreen OpenGL: `pip install 'bike-defect-detection[synthetic]'`, and on "
    "Debian or Ubuntu `apt-get install libegl1 libosmesa6 libgl1`"
)


@dataclass(frozen=True)
class Camera:
    """A pinhole camera, or with `height_m` a parallel one that shows so many metres from bottom to top."""

    position: np.ndarray
    target: np.ndarray
    field_of_view: float = 40.0  # degrees, vertical
    height_m: float | None = None

    def axes(self) -> np.ndarray:
        """(3, 3): rows right, up, ahead."""
        ahead = (self.target - self.position) / np.linalg.norm(self.target - self.position)
        right = np.cross(ahead, [0.0, 0.0, 1.0] if abs(ahead[2]) < 0.999 else [0.0, 1.0, 0.0])
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(right, ahead), ahead])

    def rays(self, width: int, height: int) -> np.ndarray:
        """(height, width, 3) unit directions through the pixel centres, of the pinhole camera."""
        right, up, ahead = self.axes()
        scale = np.tan(np.radians(self.field_of_view / 2)) * 2 / height
        x = (np.arange(width) + 0.5 - width / 2) * scale
        y = (height / 2 - np.arange(height) - 0.5) * scale
        rays = ahead + x[None, :, None] * right + y[:, None, None] * up
        return rays / np.linalg.norm(rays, axis=2, keepdims=True)

    def project(self, points: np.ndarray, width: int, height: int) -> np.ndarray:
        """Pixel coordinates (N, 2) of points (N, 3), by the pinhole."""
        local = (points - self.position) @ self.axes().T
        scale = height / (2 * np.tan(np.radians(self.field_of_view / 2)))
        flat = local[:, :2] / local[:, 2:] * scale
        return np.stack([width / 2 + flat[:, 0], height / 2 - flat[:, 1]], axis=1)


@dataclass
class Surface:
    """What the bike's pixels show. All arrays have one row a pixel of the bike.

    pixel: flat index into the picture; triangle: index; point, rest_point (as built), normal, view (from the eye):
    (K, 3); uv (K, 2).
    """

    pixel: np.ndarray
    triangle: np.ndarray
    point: np.ndarray
    rest_point: np.ndarray
    normal: np.ndarray
    view: np.ndarray
    uv: np.ndarray


class Rasteriser:
    """Draws one bike (or its twin) from any camera."""

    def __init__(self) -> None:
        """
        Raises:
            RuntimeError: PyVista is not installed, or cannot be loaded.
        """
        try:
            import pyvista
        except ImportError as error:
            raise RuntimeError(f"{HOW_TO_INSTALL} ({error})") from error
        self._pyvista = pyvista
        self._plotter = pyvista.Plotter(off_screen=True, window_size=(64, 64), lighting="none")
        self._plotter.disable_anti_aliasing()
        self._plotter.set_background("black")
        self._plotter.render_window.SetMultiSamples(0)
        self._actor = None

    def close(self) -> None:
        """Let go of the window; nothing can be drawn afterwards."""
        self._plotter.close()

    def load(self, bike: "Bike") -> None:
        """Take the triangles of the bike that are not hidden."""
        if self._actor is None:
            self._plotter.screenshot(return_img=True)  # depth is empty until a window has once been shown
        else:
            self._plotter.remove_actor(self._actor, render=False)
        self._bike = bike
        shown = np.flatnonzero(~bike.is_hidden)
        faces = np.column_stack([np.full(len(shown), 3), bike.triangles[shown]]).ravel()
        mesh = self._pyvista.PolyData(bike.points, faces)
        number = shown + 1  # 0 is the background
        mesh.cell_data["number"] = np.stack([number >> 16, (number >> 8) & 255, number & 255], axis=1).astype(np.uint8)
        self._actor = self._plotter.add_mesh(
            mesh, scalars="number", rgb=True, lighting=False, preference="cell", render=False, reset_camera=False
        )

    def triangles(self, camera: Camera, width: int, height: int) -> np.ndarray:
        """(height, width) int: the triangle each pixel shows, -1 where none."""
        self._aim(camera, width, height)
        self._plotter.render()  # a screenshot alone would show the last picture
        colour = self._plotter.screenshot(return_img=True).astype(np.int64)
        return (colour[..., 0] << 16 | colour[..., 1] << 8 | colour[..., 2]) - 1

    def depth(self, camera: Camera, size: int) -> np.ndarray:
        """(size, size) metres from a parallel camera along its view; infinite where there is no bike."""
        import vtkmodules.util.numpy_support as numpy_support
        from vtkmodules.vtkCommonCore import vtkFloatArray

        near, far = self._aim(camera, size, size)
        self._plotter.render()
        values = vtkFloatArray()
        self._plotter.render_window.GetZbufferData(0, 0, size - 1, size - 1, values)
        share = numpy_support.vtk_to_numpy(values).reshape(size, size)[::-1]
        return np.where(share < 1, near + share * (far - near), np.inf).astype(np.float32)

    def surface(self, camera: Camera, width: int, height: int) -> Surface:
        """Position, normal and the rest of every pixel that shows the bike."""
        shown = self.triangles(camera, width, height).ravel()
        pixel = np.flatnonzero(shown >= 0)
        triangle, rays = shown[pixel], camera.rays(width, height).reshape(-1, 3)[pixel]
        corners = self._bike.triangles[triangle]
        a, b, c = (self._bike.points[corners[:, k]] for k in range(3))
        # Where the ray meets the triangle's plane, in barycentric coordinates (Möller and Trumbore, 1997).
        edge_b, edge_c, origin = b - a, c - a, camera.position - a
        p = np.cross(rays, edge_c)
        scale = np.sum(edge_b * p, axis=1)
        scale = np.where(np.abs(scale) < 1e-14, 1e-14, scale)
        q = np.cross(origin, edge_b)
        share_b = np.clip(np.sum(origin * p, axis=1) / scale, 0, 1)
        share_c = np.clip(np.sum(rays * q, axis=1) / scale, 0, 1 - share_b)
        shares = np.stack([1 - share_b - share_c, share_b, share_c], axis=1)

        def mix(values: np.ndarray) -> np.ndarray:
            return sum(shares[:, k : k + 1] * values[corners[:, k]] for k in range(3))

        normal = mix(self._bike.normals)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
        # Thin plates are seen from both sides: the normal always faces the eye.
        normal *= -np.sign(np.sum(normal * rays, axis=1, keepdims=True) + 1e-12)
        return Surface(
            pixel, triangle, mix(self._bike.points), mix(self._bike.rest_points), normal, rays, mix(self._bike.uv)
        )

    def _aim(self, camera: Camera, width: int, height: int) -> tuple[float, float]:
        """Set the window and the camera; returns the nearest and farthest distance drawn."""
        self._plotter.window_size = (width, height)
        view = self._plotter.camera
        distance = float(np.linalg.norm(camera.target - camera.position))
        near, far = max(distance - 2.5, 0.05), distance + 2.5
        view.position, view.focal_point = tuple(camera.position), tuple(camera.target)
        view.up = tuple(camera.axes()[1])
        view.parallel_projection = camera.height_m is not None
        if camera.height_m is None:
            view.view_angle = camera.field_of_view
        else:
            view.parallel_scale = camera.height_m / 2
        view.clipping_range = (near, far)
        return near, far
