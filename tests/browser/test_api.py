"""The endpoint for programs, called as its users do, on the server the browser tests use."""

from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "datasets" / "bike-damage-sample" / "damaged" / "bike_1_000011.jpg"


@pytest.fixture(scope="module")
def client(page_server, tmp_path_factory):
    client = Client(page_server.url, download_files=str(tmp_path_factory.mktemp("downloads")), verbose=False)
    yield client
    client.close()


def test_one_endpoint_is_public_and_its_parameters_are_named_and_typed(client):
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(endpoints) == {"/inspect"}
    parameters = {p["parameter_name"]: p["python_type"]["type"] for p in endpoints["/inspect"]["parameters"]}
    assert set(parameters) == {"photo", "damage_threshold", "anomaly_threshold"}
    assert parameters["damage_threshold"].startswith("float")


def test_inspect_returns_the_report_and_the_overlay(client):
    report, overlay = client.predict(handle_file(EXAMPLE), api_name="/inspect")
    assert list(report) == [
        "photo",
        "width",
        "height",
        "bike_found",
        "verdict",
        "probability",
        "regions",
        "error",
        "seconds",
    ]
    assert (report["photo"], report["verdict"], report["probability"]) == (EXAMPLE.name, "DAMAGED", 0.8)
    assert [region["box"] for region in report["regions"]] == [[0, 0, 480, 360]]
    with Image.open(overlay) as picture:
        assert picture.size == (480, 360)


def test_thresholds_of_the_call_decide(client):
    report, _ = client.predict(handle_file(EXAMPLE), damage_threshold=0.9, api_name="/inspect")
    assert (report["verdict"], report["regions"]) == ("INTACT", [])


def test_a_large_photos_overlay_comes_at_screen_size(client, tmp_path):
    Image.new("RGB", (3200, 2000), "gray").save(tmp_path / "large.jpg")
    report, overlay = client.predict(handle_file(tmp_path / "large.jpg"), api_name="/inspect")
    assert (report["width"], report["height"]) == (3200, 2000)
    with Image.open(overlay) as picture:
        assert picture.size == (1600, 1000)


def test_a_bad_photo_is_an_error_of_one_line(client, bad_upload, page_server):
    path, reason = bad_upload
    with pytest.raises(AppError) as error:
        client.predict(handle_file(path), api_name="/inspect")
    assert f"{path.name} {reason}" in str(error.value)
    assert "\n" not in str(error.value)
    assert "Traceback" not in page_server.log.read_text()


def test_a_threshold_outside_0_to_1_is_refused(client):
    with pytest.raises(AppError, match="use a number in"):
        client.predict(handle_file(EXAMPLE), damage_threshold=1.5, api_name="/inspect")
