"""The page as a visitor sees it: a real server, a real browser."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "datasets" / "bike-damage-sample" / "damaged" / "bike_1_000011.jpg"
WAIT_MILLISECONDS = 60_000  # at most; a busy machine is no failure

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium, page_server):
    """The page, ready; afterwards it is checked that nothing left the machine and no error was logged."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(WAIT_MILLISECONDS)
    foreign_requests, errors = [], []
    page.on("request", lambda request: foreign_requests.append(request.url) if is_foreign(request.url) else None)
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(page_server.url)
    page.wait_for_selector("#status .is-ready")
    yield page
    context.close()
    assert foreign_requests == []
    assert errors == []


def is_foreign(url: str) -> bool:
    return urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).hostname != "127.0.0.1"


def upload(page, path: Path) -> None:
    page.set_input_files("#photo input[type=file]", path)


def set_threshold(page, elem_id: str, value: float) -> None:
    field = page.locator(f"#{elem_id} input[type=number]")
    field.fill(str(value))
    field.press("Tab")


def test_a_photo_gets_its_verdict_with_overlay_and_regions(page):
    upload(page, EXAMPLE)
    page.wait_for_selector("#verdict .is-damaged")
    verdict = page.inner_text("#verdict")
    assert "DAMAGED" in verdict and "80%" in verdict and "damaged from 40%" in verdict
    overlay = page.wait_for_selector("#overlay img")
    page.wait_for_function("image => image.naturalWidth > 0", arg=overlay)
    assert overlay.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [480, 360]
    cells = page.locator("#regions tbody tr > *").all_inner_texts()
    assert cells == ["1", "frame", "0.70", "0.70", "100.0%", "0 0 480 360"]


def test_thresholds_change_the_result_and_no_network_runs_again(page, page_server):
    upload(page, EXAMPLE)
    page.wait_for_selector("#verdict .is-damaged")
    passes = page_server.network_passes()
    assert passes > 0
    set_threshold(page, "anomaly-threshold", 0.75)  # the map is 0.7 everywhere
    page.wait_for_selector("#regions tbody", state="detached")
    assert "No spot reaches the anomaly threshold" in page.inner_text("#verdict")
    set_threshold(page, "damage-threshold", 0.9)  # the probability is 0.8
    page.wait_for_selector("#verdict .is-intact")
    page.wait_for_selector("#overlay", state="hidden")
    page.check("#heat-on-intact input")
    page.wait_for_selector("#overlay img")
    assert page_server.network_passes() == passes


def test_a_bad_upload_is_named_in_one_line(page, bad_upload):
    path, reason = bad_upload
    upload(page, path)
    page.wait_for_selector("#verdict .is-error")
    assert f"{path.name} {reason}" in page.inner_text("#verdict .is-error p")


def test_an_example_is_inspected_and_cleared_away(page):
    page.locator("#examples button").first.click()
    page.wait_for_selector("#verdict .is-damaged")
    page.wait_for_selector("#overlay img")
    page.click("#photo button[aria-label='Remove Image']")
    page.wait_for_selector("#verdict .is-nothing")
    page.wait_for_selector("#overlay", state="hidden")


def test_a_photo_cleared_while_it_is_inspected_does_not_come_back(page):
    upload(page, EXAMPLE)
    page.click("#photo button[aria-label='Remove Image']")
    page.wait_for_timeout(3000)  # the networks of this test need far less
    assert page.is_visible("#verdict .is-nothing")
    assert page.locator("#photo img").count() == 0
    assert not page.is_visible("#overlay") and not page.is_visible("#report-button")


def test_report_and_overlay_are_downloaded_under_the_photos_name(page):
    upload(page, EXAMPLE)
    page.wait_for_selector("#verdict .is-damaged")
    with page.expect_download() as report:
        page.click("#report-button")
    assert report.value.suggested_filename == "bike_1_000011.report.json"
    assert json.loads(Path(report.value.path()).read_text())["photo"] == "bike_1_000011.jpg"
    with page.expect_download() as overlay:
        page.click("#overlay-button")
    assert overlay.value.suggested_filename == "bike_1_000011.overlay.jpg"


def test_nothing_is_wider_than_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    upload(page, EXAMPLE)
    page.wait_for_selector("#regions tbody")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
