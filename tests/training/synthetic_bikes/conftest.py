"""A rasteriser where OpenGL works, and light worked out coarsely: masks and labels do not depend on it."""

import subprocess
import sys
from functools import partial

import pytest

from training.synthetic_bikes import render, scene
from training.synthetic_bikes.lighting import Shadows

NEEDS_OPENGL = "offscreen OpenGL does not work here: on Debian or Ubuntu, apt-get install libegl1 libosmesa6 libgl1"
DRAW_SOMETHING = """
import numpy, pyvista
plotter = pyvista.Plotter(off_screen=True, window_size=(32, 32), lighting="none")
plotter.add_mesh(pyvista.Plane(), color="white", lighting=False)
assert plotter.screenshot(return_img=True).max() > 0
"""


@pytest.fixture(scope="session")
def opengl():
    """Skips where nothing can be drawn; tried in a process of its own, as a missing OpenGL can end the process."""
    pytest.importorskip("pyvista", reason="rendering needs PyVista: pip install 'bike-defect-detection[synthetic]'")
    tried = subprocess.run([sys.executable, "-c", DRAW_SOMETHING], capture_output=True, timeout=300)
    if tried.returncode != 0:
        pytest.skip(NEEDS_OPENGL)


@pytest.fixture(scope="session")
def rasteriser(opengl):
    from training.synthetic_bikes.raster import Rasteriser

    rasteriser = Rasteriser()
    yield rasteriser
    rasteriser.close()


@pytest.fixture(autouse=True)
def coarse_light(monkeypatch):
    """A few small shadow maps: a picture in a tenth of the time."""
    monkeypatch.setattr(render, "Shadows", partial(Shadows, key_samples=2, sky_samples=4, size=96))
    monkeypatch.setattr(scene, "GRID", 0.05)
