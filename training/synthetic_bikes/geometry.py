"""A whole bike as one list of triangles, each tagged with its piece, part and material.

How to find what belongs to what. Each mesh that the bike is built of is one piece: `bike.piece` (M,) gives each
triangle's index into `bike.pieces`, so one spoke, one pedal or one stay of a mudguard can be moved or hidden by itself.
Each piece has

- `part`: one of the six of the data contract, in PARTS: what `bike.part_ids` and the part masks show;
- `name`: what it is, one of names.NAMES: "top_tube", "left_fork", "spoke", "left_crank", "rear_mudguard".

A name begins with its side or end and ends in what the thing is. Ask for the end alone and you get all of them:
`bike.triangles_of(names=("mudguard",))` is both mudguards with their stays, `("front_mudguard",)` one of them,
`bike.triangles_of("rear_wheel", ("spoke",))` the spokes of one wheel, all pieces of their own. Not every bike has
everything (a folding bike has no top tube): `bike.names` says what this one has. A name that no bike has is an error.
Accessories and distractors (panniers, a helmet on the bar) are pieces too, of the part that they are fixed to.
"""

from dataclasses import dataclass, replace

import numpy as np

from training.synthetic_bikes.accessories import build_frame_accessories, build_front_accessories
from training.synthetic_bikes.brakes import build_frame_cables, build_front_brake, build_rear_brake
from training.synthetic_bikes.decals import build_decals
from training.synthetic_bikes.distractors import build_distractors
from training.synthetic_bikes.drivetrain import build_drivetrain
from training.synthetic_bikes.fork import build_fork
from training.synthetic_bikes.frame import build_frame
from training.synthetic_bikes.handlebar import build_handlebar
from training.synthetic_bikes.layout import Layout
from training.synthetic_bikes.levers import build_levers
from training.synthetic_bikes.livery import with_second_paint
from training.synthetic_bikes.measures import BikeDesign
from training.synthetic_bikes.names import PARTS, check_names, is_called
from training.synthetic_bikes.saddle import build_saddle
from training.synthetic_bikes.shapes import Mesh
from training.synthetic_bikes.wheels import build_wheel

__all__ = ["PARTS", "Bike", "build_bike", "rotation_about"]


@dataclass
class Bike:
    """The bike's triangles. Damage moves points or hides triangles; their order never changes, so that twins compare.

    points, rest_points (as built), normals (N, 3); uv (N, 2); triangles (M, 3); piece (M,) into `pieces`;
    is_hidden (M,) bool. `pieces` keeps of each mesh its part, material and name.
    """

    design: BikeDesign
    layout: Layout
    points: np.ndarray
    rest_points: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    triangles: np.ndarray
    piece: np.ndarray
    is_hidden: np.ndarray
    pieces: list[Mesh]

    def copy(self) -> "Bike":
        """A twin to damage: what damage may change is copied, the rest shared."""
        return replace(self, points=self.points.copy(), normals=self.normals.copy(), is_hidden=self.is_hidden.copy())

    def triangles_of(self, part: str | None = None, names: tuple[str, ...] = ()) -> np.ndarray:
        """(M,) bool: the triangles of the part, or of the pieces of these names, or of both at once.

        Raises:
            ValueError: no piece of any bike is called so.
        """
        check_names(names)
        fits = [
            (part is None or piece.part == part) and (not names or any(is_called(piece.name, name) for name in names))
            for piece in self.pieces
        ]
        return np.array(fits)[self.piece]

    @property
    def names(self) -> frozenset[str]:
        """What this bike has, by the names of its pieces."""
        return frozenset(piece.name for piece in self.pieces)

    def points_of(self, triangles: np.ndarray) -> np.ndarray:
        """(N,) bool: the points of the triangles (M,) bool. Pieces share no points."""
        chosen = np.zeros(len(self.points), bool)
        chosen[self.triangles[triangles].ravel()] = True
        return chosen

    @property
    def part_ids(self) -> np.ndarray:
        """(M,) uint8, as in PARTS."""
        return np.array([PARTS[piece.part] for piece in self.pieces], np.uint8)[self.piece]


def build_bike(design: BikeDesign, rng: np.random.Generator) -> Bike:
    """The bike standing upright on z = 0, facing +x, its bottom bracket at x = 0, not yet steered (see steering.py)."""
    layout = Layout(design)
    carried = build_distractors(design, layout)
    turning = build_fork(design, layout) + build_handlebar(design, layout) + build_levers(design, layout)
    turning += build_front_brake(design, layout) + build_front_accessories(design, layout) + carried.turning
    turning += build_wheel(design, layout.front_axle, "front_wheel", rng)
    frame = build_frame(design, layout)
    meshes = frame + build_decals(design, frame) + turning
    meshes += build_rear_brake(design, layout) + build_frame_cables(design, layout)
    meshes += build_frame_accessories(design, layout) + carried.fixed
    meshes += build_wheel(design, layout.rear_axle, "rear_wheel", rng)
    meshes += build_saddle(design, layout) + build_drivetrain(design, layout)
    meshes = with_second_paint(meshes, design)
    starts = np.cumsum([0] + [len(mesh.points) for mesh in meshes[:-1]])
    triangles = np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts, strict=True)])
    points = np.concatenate([mesh.points for mesh in meshes])
    return Bike(
        design=design,
        layout=layout,
        points=points,
        rest_points=points.copy(),
        normals=np.concatenate([mesh.normals for mesh in meshes]),
        uv=np.concatenate([mesh.uv for mesh in meshes]),
        triangles=triangles,
        piece=np.repeat(np.arange(len(meshes)), [len(mesh.triangles) for mesh in meshes]),
        is_hidden=np.zeros(len(triangles), bool),
        pieces=meshes,
    )


def rotation_about(axis: np.ndarray, angle: float) -> np.ndarray:
    """(3, 3) for column vectors, right-handed about the axis, angle in radians (Rodrigues' formula)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
