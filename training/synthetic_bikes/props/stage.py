"""A stage on which things are set about the bike, and the one body that they make."""

from dataclasses import dataclass, field, replace

import numpy as np

from training.synthetic_bikes.geometry import rotation_about
from training.synthetic_bikes.materials import Material
from training.synthetic_bikes.shapes import Mesh

__all__ = ["Piece", "Props", "Stage"]


@dataclass
class Piece:
    """One shape of one material. Its own axes: x to the camera's right, y away from the camera, z up; metres.

    is_plant: it grows, and is as clean at its foot as above.
    """

    mesh: Mesh
    material: Material
    is_plant: bool = False


@dataclass
class Props:
    """The surroundings' triangles, as raster.Body has them; materials and is_plant have one row a piece."""

    points: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    triangles: np.ndarray
    piece: np.ndarray
    materials: list[Material]
    is_plant: np.ndarray

    @property
    def rest_points(self) -> np.ndarray:
        return self.points

    @property
    def is_hidden(self) -> np.ndarray:
        return np.zeros(len(self.triangles), bool)


@dataclass
class Stage:
    """side: the camera's side of the bike, +1 or -1 along y."""

    side: float
    _pieces: list[Piece] = field(default_factory=list)

    def place(self, pieces: list[Piece], across: float, away: float, turn: float = 0.0, tip: float = 0.0) -> None:
        """Set pieces down on the ground.

        Args:
            across, away: metres to the camera's right, and away from the camera, from the bike's bottom bracket.
            turn: radians about the upright axis; tip: radians backwards, about the foot.
        """
        rotation = rotation_about(np.array([0.0, 0.0, 1.0]), turn) @ rotation_about(np.array([1.0, 0.0, 0.0]), -tip)
        # Half a turn, or none: the stage is never mirrored, so bikes keep their chain on the right.
        to_world = np.diag([-self.side, -self.side, 1.0])
        for piece in pieces:
            mesh = piece.mesh.moved(np.array([across, away, 0.0]), rotation).moved(np.zeros(3), to_world)
            self._pieces.append(replace(piece, mesh=mesh))

    def body(self) -> Props | None:
        """All that was placed, as one body; None where nothing was."""
        if not self._pieces:
            return None
        meshes = [piece.mesh for piece in self._pieces]
        starts = np.cumsum([0] + [len(mesh.points) for mesh in meshes[:-1]])
        return Props(
            points=np.concatenate([mesh.points for mesh in meshes]),
            normals=np.concatenate([mesh.normals for mesh in meshes]),
            uv=np.concatenate([mesh.uv for mesh in meshes]),
            triangles=np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts, strict=True)]),
            piece=np.repeat(np.arange(len(meshes)), [len(mesh.triangles) for mesh in meshes]),
            materials=[piece.material for piece in self._pieces],
            is_plant=np.array([piece.is_plant for piece in self._pieces]),
        )
