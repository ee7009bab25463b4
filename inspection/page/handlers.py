"""What the page does: inspect a photo, judge it anew by other thresholds, write the downloads, answer the API."""

import json
from concurrent.futures import Future
from io import BytesIO
from pathlib import Path

import gradio as gr
from gradio import processing_utils, utils

from inspection.page.texts import describe_error, describe_models, describe_nothing, describe_regions, describe_verdict
from inspection.page.view import PhotoView
from inspection.photo import PhotoError

__all__ = ["PageHandlers"]

QUALITY = 92  # JPEG, of the overlay to download
HIDDEN = "hidden"  # in place, unseen: what is not there yet (False) is built late, and may show what was cleared since


class PageHandlers:
    """The page's events; the order of what they return is that of `shown` in layout.build_page."""

    def __init__(self, inspector: Future):
        self.inspector = inspector  # gives a BikeInspector

    def inspect(self, path: str | None, damage_threshold: float, anomaly_threshold: float, heat_on_intact: bool):
        """Run the networks on a new photo."""
        if path is None:
            return self.clear()
        try:
            view = self._view(path, damage_threshold, anomaly_threshold)
        except PhotoError as error:
            return self._show_message(describe_error(str(error)))
        return self._show(view, heat_on_intact)

    def settle(self, path: str | None, view: PhotoView | None):
        """After an inspection: a photo that was removed meanwhile takes its result along.

        Removing cancels an inspection, but not one that the browser is only about to send.
        """
        if path is None:
            return [gr.skip(), *self.clear()]
        # The preview takes the upload's place: shown for every format, upright, and never a hundred megapixels.
        return [view.preview if view else None, *self.keep()]

    def judge(self, view: PhotoView | None, damage_threshold: float, anomaly_threshold: float, heat_on_intact: bool):
        """Apply other thresholds to what the networks said before."""
        if view is None:
            return self.keep()
        return self._show(view.with_thresholds(damage_threshold, anomaly_threshold), heat_on_intact)

    def clear(self):
        """Back to the page without a photo."""
        return self._show_message(describe_nothing())

    def keep(self):
        """The page as it is."""
        return [gr.skip()] * len(self.clear())

    def write_report(self, view: PhotoView | None, heat_on_intact: bool) -> str:
        report = json.dumps(_kept(view).to_dict(heat_on_intact), indent=2) + "\n"
        return _write_download(view.name, "report.json", report.encode())

    def write_overlay(self, view: PhotoView | None, heat_on_intact: bool) -> str:
        encoded = BytesIO()
        _kept(view).inspection.overlay().save(encoded, format="JPEG", quality=QUALITY)
        return _write_download(view.name, "overlay.jpg", encoded.getvalue())

    def wait_for_models(self) -> str:
        self.inspector.result()
        return describe_models(is_ready=True)

    def inspect_for_api(
        self, photo: str | None, damage_threshold: float | None = None, anomaly_threshold: float | None = None
    ):
        """Tell whether the bicycle in a photo is damaged, and where.

        Args:
            photo: the photo's file, as it is; any common format.
            damage_threshold: DAMAGED from this probability up, 0 to 1; none takes the classifier's own.
            anomaly_threshold: damage where the map is this high, 0 to 1; none takes the localizer's own.

        Returns:
            The inspection as JSON, and the photo with heat and numbered regions, at most 1600 pixels a side.
        """
        if photo is None:
            raise gr.Error("photo is missing: give an image file", print_exception=False)
        try:
            view = self._view(photo, damage_threshold, anomaly_threshold)
        except ValueError as error:  # a PhotoError too
            raise gr.Error(str(error), print_exception=False) from error
        return view.to_dict(heat_on_intact=False), view.overlay() if view.has_heat(on_intact=False) else view.preview

    def _view(self, path: str, damage_threshold: float | None, anomaly_threshold: float | None) -> PhotoView:
        name = Path(path).name
        try:
            inspection = self.inspector.result().inspect(
                path, always_localize=True, damage_threshold=damage_threshold, anomaly_threshold=anomaly_threshold
            )
        except PhotoError as error:  # its folder on the server means nothing to the user
            raise PhotoError(str(error).replace(path, name)) from error
        return PhotoView.of(name, inspection)

    def _show(self, view: PhotoView, heat_on_intact: bool):
        has_heat = view.has_heat(heat_on_intact)
        overlay = view.overlay() if has_heat else None
        return [
            view,
            describe_verdict(view.inspection, has_heat),
            gr.Tabs(visible=has_heat or HIDDEN),
            overlay,
            (view.preview, overlay) if has_heat else None,
            describe_regions(view.inspection) if has_heat else "",
            gr.Row(visible=True),
            gr.Button(visible=has_heat or HIDDEN),
        ]

    def _show_message(self, message: str):
        hidden = [gr.Tabs(visible=HIDDEN), None, None, "", gr.Row(visible=HIDDEN), gr.Button(visible=HIDDEN)]
        return [None, message, *hidden]


def _kept(view: PhotoView | None) -> PhotoView:
    if view is None:  # after an hour without a click
        raise gr.Error("This photo is no longer kept: send it again", print_exception=False)
    return view


def _write_download(photo_name: str, ending: str, content: bytes) -> str:
    """A file in gradio's own cache, which deletes it in time."""
    name = f"{Path(photo_name).stem}.{ending}"
    return processing_utils.save_bytes_to_cache(content, name, utils.get_upload_folder())
