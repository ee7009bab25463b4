"""Take the README's picture of the page, from the real app with the built-in weights.

python -m tests.browser.screenshot docs/screenshot.png
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "datasets" / "bike-damage-sample" / "damaged" / "bike_1_000026.jpg"
VIEWPORT = {"width": 1280, "height": 1040}
WAIT_MILLISECONDS = 60_000


def main(argv: list[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        print("Error: no Chromium found: install it", file=sys.stderr)
        return 1
    command = [sys.executable, "app.py", "--port", str(arguments.port)]
    server = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    try:
        if not server.stdout.readline():  # the line with the address
            return 1  # the app has said why
        take(executable, f"http://127.0.0.1:{arguments.port}", arguments.photo, arguments.picture)
    finally:
        server.terminate()
        server.wait()
    return 0


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshot", description=__doc__.splitlines()[0])
    parser.add_argument("picture", type=Path, help="PNG to write")
    parser.add_argument("--photo", type=Path, default=EXAMPLE, help="photo to inspect (default: %(default)s)")
    parser.add_argument("--port", type=int, default=7877, help="free port for the server (default: %(default)s)")
    return parser.parse_args(argv)


def take(executable: str, url: str, photo: Path, picture: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=VIEWPORT, device_scale_factor=2)
        page.set_default_timeout(WAIT_MILLISECONDS)
        page.goto(url)
        page.wait_for_selector("#status .is-ready")
        page.set_input_files("#photo input[type=file]", photo)
        page.wait_for_selector("#verdict .card:not(.is-nothing)")
        page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
        picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    raise SystemExit(main())
