"""What every place is built from: the bike to stand there, the camera's side, and the surfaces to choose from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.synthetic_bikes.geometry import Bike, rotation_about
from training.synthetic_bikes.grounds import GROUNDS
from training.synthetic_bikes.patchwork import over_plinth, painted
from training.synthetic_bikes.props.stage import Stage
from training.synthetic_bikes.textures import Texture, picture_texture
from training.synthetic_bikes.walls import WALLS

__all__ = ["Site"]

PLINTH_SHARE = {"plaster": 0.5, "brick": 0.25, "concrete": 0.15, "planks": 0.2, "shop_window": 0.0}
PAINTED_SHARE, UNPAINTED = 0.2, ("hedge", "shop_window", "rubble")
PICTURE_SHARE = 0.4  # of walls and grounds that are pictures, where pictures are given


@dataclass
class Site:
    """side: the camera's side of the bike, +1 or -1 along y; wall, ground: names that replace drawn ones.

    laid: name of the ground drawn last, "picture" where it is one.
    """

    rng: np.random.Generator
    side: float
    bike: Bike
    stage: Stage
    pictures: tuple[Path, ...] = ()
    wall: str | None = None
    ground: str | None = None
    laid: str = ""

    def draw_wall(self, *names: str) -> Texture:
        """One of these walls, each as likely as it is often named, or a picture of a texture; as people left it."""
        wall, name = self._draw(self.wall, WALLS, names)
        if self.rng.random() < PLINTH_SHARE.get(name, 0.0):
            wall = over_plinth(wall, self.rng)
        if name not in UNPAINTED and self.rng.random() < PAINTED_SHARE:
            wall = painted(wall, self.rng, "graffiti" if self.rng.random() < 0.65 else "posters")
        return wall

    def draw_ground(self, *names: str) -> Texture:
        ground, self.laid = self._draw(self.ground, GROUNDS, names)
        return ground

    def lean_on_wall(self) -> tuple[float, float]:
        """Radians that the bike is tipped away from the camera, and how far behind it the wall then is, metres."""
        if self.bike.design.has_stand:
            return 0.0, self.rng.uniform(0.45, 1.6)
        tipped = np.radians(self.rng.uniform(3.5, 7.0))
        return tipped, self.reach(tipped) + 0.01

    def reach(self, tipped: float) -> float:
        """How far the bike reaches away from the camera when so tipped, metres."""
        points = self.bike.points @ rotation_about(np.array([1.0, 0.0, 0.0]), self.side * tipped).T
        return float((points[:, 1] * -self.side).max())

    def _draw(self, chosen: str | None, makers: dict, names: tuple[str, ...]) -> tuple[Texture, str]:
        if chosen is None and self.pictures and self.rng.random() < PICTURE_SHARE:
            return picture_texture(self.pictures[self.rng.integers(len(self.pictures))], self.rng), "picture"
        name = chosen or str(self.rng.choice(names))
        return makers[name](self.rng), name
