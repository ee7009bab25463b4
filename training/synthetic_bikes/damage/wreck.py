"""A bike on its way to being a wreck: the broken twin, and what is needed to put the intact one beside it.

Both twins keep the same triangles. What a damage needs finer is cut into smaller triangles for both; what it adds (a
hanging strand, the mouth of a torn tube) the intact twin hides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from training.synthetic_bikes.geometry import Bike
from training.synthetic_bikes.shapes import Mesh
from training.synthetic_bikes.wear import Wear

__all__ = ["Damage", "Wreck"]


@dataclass
class Damage:
    """kind, part and severity in (0, 1], as metadata.jsonl has them.

    affected (M,) bool: triangles that it hid, moved, wore or added. gone: groups of triangles (M,) bool that are no
    longer there, whose hulls are the mask; placed: groups that are elsewhere as a whole, whose hulls in both places
    are. wear: a layer on the surface. sink: metres that an axle went down. is_hull: what lies between the changed
    pixels, as between bent spokes, belongs to the mask.
    """

    kind: str
    part: str
    severity: float
    affected: np.ndarray
    gone: Sequence[np.ndarray] = ()
    placed: Sequence[np.ndarray] = ()
    wear: Wear | None = None
    sink: tuple[str, float] | None = None
    is_hull: bool = False


@dataclass
class Wreck:
    """bike: the broken twin; damages: what befell it.

    hidden_before (M,) bool: what the intact twin does not show; normals_before (N, 3): its normals.
    """

    bike: Bike
    hidden_before: np.ndarray = field(init=False)
    normals_before: np.ndarray = field(init=False)
    damages: list[Damage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bike = self.bike.copy()
        self.bike.rest_points = self.bike.rest_points.copy()
        self.hidden_before = self.bike.is_hidden.copy()
        self.normals_before = self.bike.normals.copy()

    def copy(self) -> "Wreck":
        """One to try a damage on."""
        twin = Wreck(self.bike, list(self.damages))
        twin.hidden_before, twin.normals_before = self.hidden_before.copy(), self.normals_before.copy()
        return twin

    @property
    def intact(self) -> Bike:
        """The twin before anything befell it, with the same triangles."""
        return replace(
            self.bike, points=self.bike.rest_points, normals=self.normals_before, is_hidden=self.hidden_before
        )

    @property
    def claimed(self) -> np.ndarray:
        """(M,) bool: triangles that some damage has already befallen."""
        return np.any([_pad(damage.affected, len(self.hidden_before)) for damage in self.damages] or [self._none()], 0)

    def find(self, part: str | None = None, names: tuple[str, ...] = ()) -> np.ndarray:
        """(M,) bool: triangles that show, as Bike.triangles_of chooses them."""
        return self.bike.triangles_of(part, names) & ~self.bike.is_hidden

    def hide(self, triangles: np.ndarray) -> None:
        """Take triangles (M,) bool away from the broken twin."""
        self.bike.is_hidden |= triangles

    def move(self, triangles: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> None:
        """Put the points of the triangles (M,) bool elsewhere; normals follow from the new surface.

        Args:
            change: takes and returns points (K, 3).
        """
        bike = self.bike
        moved = bike.points_of(triangles)
        start, normals = bike.points[moved], bike.normals[moved]
        bike.points[moved] = change(start)
        # The normal turns with two short steps along the surface.
        side = np.cross(normals, np.where(np.abs(normals[:, 2:]) < 0.9, [[0.0, 0, 1]], [[1.0, 0, 0]]))
        side /= np.linalg.norm(side, axis=1, keepdims=True) + 1e-12
        step = 5e-4
        ahead = [change(start + step * d) - bike.points[moved] for d in (side, np.cross(normals, side))]
        turned = np.cross(*ahead)
        size = np.linalg.norm(turned, axis=1, keepdims=True)
        bike.normals[moved] = np.where(size > 1e-9, turned / np.maximum(size, 1e-12), normals)

    def refine(self, triangles: np.ndarray, longest: float) -> np.ndarray:
        """Cut triangles (M,) bool into smaller ones until no edge is longer than `longest` metres.

        Returns:
            (M',) bool: the small ones; the large ones are hidden in both twins.
        """
        bike = self.bike
        rows = np.flatnonzero(triangles)
        values = np.concatenate([bike.points, bike.rest_points, bike.normals, self.normals_before, bike.uv], axis=1)
        corners, parent = values[bike.triangles[rows]], rows  # (K, 3, 14); (K,) which triangle each was cut from
        for _ in range(6):
            edge = np.linalg.norm((corners - np.roll(corners, -1, axis=1))[..., :3], axis=2)
            longest_edge = edge.argmax(axis=1)
            is_long = edge.max(axis=1) > longest
            if not is_long.any():
                break
            # Halve each too long triangle across its longest edge.
            turned = np.stack([corners[np.arange(len(corners)), (longest_edge + k) % 3] for k in range(3)], axis=1)
            a, b, c = (turned[is_long, k] for k in range(3))
            middle = (a + b) / 2
            halves = np.concatenate([np.stack([a, middle, c], 1), np.stack([middle, b, c], 1)])
            corners = np.concatenate([corners[~is_long], halves])
            parent = np.concatenate([parent[~is_long], parent[is_long], parent[is_long]])
        flat = corners.reshape(-1, values.shape[1])
        self.hidden_before |= triangles
        self.hide(triangles)
        self.damages = [_inherit(damage, len(triangles), parent) for damage in self.damages]
        return self._append(flat, np.arange(len(flat)).reshape(-1, 3), bike.piece[parent], hidden_before=False)

    def add(self, meshes: Sequence[Mesh]) -> np.ndarray:
        """Put in what the intact twin does not have; returns its triangles (M',) bool."""
        added = self._none()
        for mesh in meshes:
            self.bike.pieces = [*self.bike.pieces, mesh]
            values = np.concatenate([mesh.points, mesh.points, mesh.normals, mesh.normals, mesh.uv], axis=1)
            piece = np.full(len(mesh.triangles), len(self.bike.pieces) - 1)
            new = self._append(values, mesh.triangles, piece, hidden_before=True)
            added = _pad(added, len(new)) | new
        return added

    def pad(self, triangles: np.ndarray) -> np.ndarray:
        """Triangles chosen earlier, made as long as the bike's list is now."""
        return _pad(triangles, len(self.hidden_before))

    def settle(self) -> None:
        """Let both twins go down where a tyre has lost its air, and give all damages the same length."""
        bike = self.bike
        self.damages = [_change(damage, self.pad) for damage in self.damages]
        for damage in self.damages:
            if damage.sink is not None:
                axle, metres = damage.sink
                front, rear = bike.layout.front_axle[0], bike.layout.rear_axle[0]
                for points in (bike.points, bike.rest_points):
                    share = (points[:, 0] - rear) / (front - rear)
                    points[:, 2] -= metres * (share if axle == "front_wheel" else 1 - share)

    def _append(self, values: np.ndarray, triangles: np.ndarray, piece: np.ndarray, hidden_before: bool) -> np.ndarray:
        bike, count = self.bike, len(self.bike.points)
        columns = np.split(values, [3, 6, 9, 12], axis=1)
        self.normals_before = np.concatenate([self.normals_before, columns.pop(3)])
        names = ("points", "rest_points", "normals", "uv")
        self.bike = replace(
            bike,
            **{name: np.concatenate([getattr(bike, name), more]) for name, more in zip(names, columns, strict=True)},
            triangles=np.concatenate([bike.triangles, triangles + count]),
            piece=np.concatenate([bike.piece, piece]),
            is_hidden=_pad(bike.is_hidden, len(bike.is_hidden) + len(triangles)),
        )
        more = np.full(len(triangles), hidden_before)
        before, self.hidden_before = len(self.hidden_before), np.concatenate([self.hidden_before, more])
        return np.arange(len(self.hidden_before)) >= before

    def _none(self) -> np.ndarray:
        return np.zeros(len(self.hidden_before), bool)


def _change(damage: Damage, change: Callable[[np.ndarray], np.ndarray]) -> Damage:
    """The same damage with all its lists of triangles changed."""
    wear = damage.wear and replace(damage.wear, triangles=change(damage.wear.triangles))
    gone, placed = ([change(group) for group in groups] for groups in (damage.gone, damage.placed))
    return replace(damage, affected=change(damage.affected), gone=gone, placed=placed, wear=wear)


def _inherit(damage: Damage, count: int, parent: np.ndarray) -> Damage:
    """Of `count` triangles some were cut up: what befell them befalls the small ones that follow."""

    def extend(triangles: np.ndarray) -> np.ndarray:
        whole = _pad(triangles, count)
        return np.concatenate([whole, whole[parent]])

    return _change(damage, extend)


def _pad(triangles: np.ndarray, count: int) -> np.ndarray:
    return np.concatenate([triangles, np.zeros(count - len(triangles), bool)])
