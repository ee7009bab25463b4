"""Where the bike stands: studio, street, yard, rack, roadside, park, depot, workshop, snow, night."""

from training.synthetic_bikes.scenes.places import SCENES, random_scene
from training.synthetic_bikes.scenes.scene import Plane, Scene

__all__ = ["SCENES", "Plane", "Scene", "random_scene"]
