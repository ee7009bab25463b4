"""A rasteriser, and light worked out coarsely: masks and labels do not depend on it."""

from functools import partial

import pytest

from training.synthetic_bikes import render
from training.synthetic_bikes.lighting import Shadows
from training.synthetic_bikes.raster import Rasteriser


@pytest.fixture(scope="session")
def rasteriser():
    return Rasteriser()


@pytest.fixture(autouse=True)
def coarse_light(monkeypatch):
    """A few small shadow maps: a picture in a fraction of the time."""
    coarse = partial(Shadows, key_samples=2, sky_samples=4, key_size=96, sky_size=96)
    monkeypatch.setattr(render, "Shadows", coarse)
