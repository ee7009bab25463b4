"""A real server of app.py with tiny models whose answers are known, and a real Chromium."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from PIL import Image

from modeling import (
    BikeClassifierConfig,
    BikeClassifierForImageClassification,
    BikeImageProcessor,
    DraemConfig,
    DraemForAnomalyLocalization,
)

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "datasets" / "bike-damage-sample" / "damaged" / "bike_1_000011.jpg"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
PROBABILITY, MAP_VALUE = 0.8, 0.7  # what the tiny models say of every photo: of damage, and at every pixel
SMALL_CANVAS = {"height": 64, "width": 96}
START_SECONDS = 120  # of the server; under ten on an idle machine

# app.py as `python app.py` runs it, with a line in its log for each pass of a network.
COUNTED_APP = """
import runpy, sys, torch
def log(module, *_):
    if type(module).__name__ in ("BikeClassifierForImageClassification", "DraemForAnomalyLocalization"):
        print("network pass:", type(module).__name__, flush=True)
torch.nn.modules.module.register_module_forward_hook(log)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass
class PageServer:
    url: str
    log: Path

    def network_passes(self) -> int:
        return self.log.read_text().count("network pass:")


@pytest.fixture(scope="session")
def known_models(tmp_path_factory) -> tuple[Path, Path]:
    """Folders of a classifier and a localizer whose last layers ignore the photo.

    The classifier gives DAMAGED the probability PROBABILITY and takes every pixel for the frame; the localizer's map
    is MAP_VALUE everywhere. So one region is the whole photo, at every threshold up to MAP_VALUE.
    """
    folder = tmp_path_factory.mktemp("known_models")
    classifier = BikeClassifierForImageClassification(BikeClassifierConfig(decoder_width=8, hidden_size=8))
    localizer = DraemForAnomalyLocalization(DraemConfig(reconstructive_width=4, discriminative_width=4))
    map_output = localizer.draem.discriminative.output
    with torch.no_grad():
        for layer in (classifier.classifier.output, classifier.part_head, classifier.damage_head, map_output):
            layer.weight.zero_()
            layer.bias.zero_()
        classifier.classifier.output.bias[1] = torch.logit(torch.tensor(PROBABILITY))
        classifier.part_head.bias[1] = 10
        map_output.bias[1] = torch.logit(torch.tensor(MAP_VALUE))
    classifier.save_pretrained(folder / "classifier")
    BikeImageProcessor(size=SMALL_CANVAS).save_pretrained(folder / "classifier")
    localizer.save_pretrained(folder / "localizer")
    BikeImageProcessor(size=SMALL_CANVAS, image_mean=(0, 0, 0), image_std=(1, 1, 1)).save_pretrained(
        folder / "localizer"
    )
    return folder / "classifier", folder / "localizer"


@pytest.fixture(scope="session")
def page_server(known_models, tmp_path_factory) -> PageServer:
    """app.py in a process of its own on a free loopback port, ready."""
    classifier, localizer = known_models
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("page_server") / "log.txt"
    options = ["--classifier", classifier, "--localizer", localizer, "--device", "cpu", "--port", str(port)]
    with log.open("w") as log_file:
        process = subprocess.Popen(
            [sys.executable, "-c", COUNTED_APP, "app.py", *map(str, options)],
            cwd=REPOSITORY,
            stdout=log_file,
            stderr=subprocess.STDOUT,
        )
    server = PageServer(f"http://127.0.0.1:{port}", log)
    try:
        wait_until_serving(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_until_serving(server: PageServer, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"app.py ended with {process.returncode}:\n{server.log.read_text()}")
        try:
            with urllib.request.urlopen(server.url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)  # between two tries, not in place of a condition
    pytest.fail(f"app.py did not serve within {START_SECONDS} s:\n{server.log.read_text()}")


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium; the tests that need it are skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        pytest.skip(f"no Chromium found: looked for {', '.join(CHROMIUM_NAMES)}")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


BAD_UPLOADS = {  # file name: the message's reason
    "truncated.jpg": "is damaged or truncated",
    "empty.jpg": "is empty (0 bytes)",
    "text.jpg": "is not an image we can read",
    "pixel.png": "is 1x1",
}


@pytest.fixture(params=BAD_UPLOADS)
def bad_upload(request, tmp_path) -> tuple[Path, str]:
    """A file that is no photo, and the reason the user should read."""
    path = tmp_path / request.param
    if path.suffix == ".png":
        Image.new("RGB", (1, 1)).save(path)
    else:
        whole = EXAMPLE.read_bytes()
        path.write_bytes({"truncated": whole[: len(whole) // 2], "empty": b"", "text": b"no image"}[path.stem])
    return path, BAD_UPLOADS[request.param]
