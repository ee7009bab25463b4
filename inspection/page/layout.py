"""The page's components, where they stand, and which event runs what."""

from concurrent.futures import Future
from pathlib import Path

import gradio as gr

from inspection.page.handlers import HIDDEN, PageHandlers
from inspection.page.texts import FOOTER, HEADER, describe_models, describe_nothing

__all__ = ["build_page", "launch_options"]

SAMPLE = Path(__file__).resolve().parents[2] / "datasets" / "bike-damage-sample"
EXAMPLES = ("bike_1_000011", "bike_1_000026", "bike_1_000031", "bike_1_000040")  # pairs of SAMPLE
STYLE = Path(__file__).with_name("style.css")
TITLE = "Bike defect detection"
KEEP_SECONDS = 3600  # uploaded photos, and what was made of them
SYSTEM_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
CODE_FONTS = ("ui-monospace", "SF Mono", "Menlo", "Consolas", "monospace")
JPEG = "jpeg"  # pictures on their way to the browser: encoded ten times as fast as the default, WebP

# A hidden download button is clicked for the user once the file is made: a photo is drawn in full only on demand.
CLICK_DOWNLOAD = "() => document.querySelector('#{} a, a#{}, button#{}')?.click()"


def launch_options() -> dict:
    """What else launch() needs for this page: its style, without a font or script from elsewhere."""
    theme = gr.themes.Default(
        primary_hue="indigo",
        neutral_hue="slate",
        radius_size="lg",
        font=[gr.themes.Font(name) for name in SYSTEM_FONTS],
        font_mono=[gr.themes.Font(name) for name in CODE_FONTS],
    ).set(  # the default's small print is too faint to read
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        button_secondary_background_fill="*neutral_100",
        button_secondary_background_fill_dark="*neutral_700",
        button_large_text_size="*text_md",
        button_large_text_weight="500",
        button_large_padding="10px 16px",
    )
    return {"theme": theme, "css_paths": STYLE, "footer_links": ["api", "settings"], "ssr_mode": False}


def build_page(inspector: Future, damage_threshold: float, anomaly_threshold: float) -> gr.Blocks:
    """Lay the page out and connect it.

    Args:
        inspector: gives the BikeInspector once the models are loaded; the page is usable before.
        damage_threshold: where the first slider starts, in [0, 1].
        anomaly_threshold: where the second slider starts, in [0, 1].
    """
    handlers = PageHandlers(inspector)
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(KEEP_SECONDS, KEEP_SECONDS)) as page:
        _api_endpoint(handlers)  # first: gradio gives a name to whoever asks first, and private events take names too
        view = gr.State(time_to_live=KEEP_SECONDS)
        gr.HTML(HEADER, elem_id="header")
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=5, min_width=320, elem_id="photo-column"):
                photo = _photo_input("Photo of a bicycle", elem_id="photo", height=340)
                examples = _examples(photo)
                with gr.Group(elem_id="settings"):
                    sliders = _threshold_sliders(damage_threshold, anomaly_threshold)
                    heat_on_intact = gr.Checkbox(label="Show the heatmap on intact bikes too", elem_id="heat-on-intact")
            with gr.Column(scale=6, min_width=320, elem_id="result-column"):
                verdict = gr.HTML(
                    describe_nothing(),
                    elem_id="verdict",
                    js_on_load="element.setAttribute('aria-live', 'polite')",
                )
                with gr.Tabs(visible=HIDDEN, elem_id="pictures") as pictures:
                    with gr.Tab("Where"):
                        overlay = gr.Image(
                            format=JPEG,
                            show_label=False,
                            buttons=["fullscreen"],
                            elem_id="overlay",
                            alt_text="The photo with heat and numbers where damage was found",
                        )
                    with gr.Tab("Compare"):
                        comparison = gr.ImageSlider(
                            format=JPEG, show_label=False, buttons=["fullscreen"], elem_id="comparison"
                        )
                regions = gr.HTML(elem_id="regions")
                with gr.Row(visible=HIDDEN, elem_id="downloads") as downloads:
                    report_button = gr.Button("Download report (JSON)", elem_id="report-button")
                    overlay_button = gr.Button("Download overlay (full size)", elem_id="overlay-button")
                report_file = gr.DownloadButton(visible="hidden", elem_id="report-file")
                overlay_file = gr.DownloadButton(visible="hidden", elem_id="overlay-file")
        status = gr.HTML(describe_models(is_ready=False), elem_id="status")
        gr.HTML(FOOTER, elem_id="about")

        rules = [*sliders, heat_on_intact]
        shown = [view, verdict, pictures, overlay, comparison, regions, downloads, overlay_button]
        inspect = {
            "fn": handlers.inspect,
            "inputs": [photo, *rules],
            "outputs": shown,
            "show_progress_on": verdict,
            "api_visibility": "private",
        }
        settle = {
            "fn": handlers.settle,
            "inputs": [photo, view],
            "outputs": [photo, *shown],
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        inspections = [photo.input(**inspect), examples.load_input_event.then(**inspect)]
        for inspection in inspections:
            inspection.then(**settle)
        photo.clear(
            handlers.clear,
            outputs=shown,
            show_progress="hidden",
            api_visibility="private",
            cancels=inspections,
        )
        gr.on(
            [rule.input for rule in rules],
            handlers.judge,
            inputs=[view, *rules],
            outputs=shown,
            show_progress="hidden",
            trigger_mode="always_last",
            api_visibility="private",
        )
        for button, file, make in [
            (report_button, report_file, handlers.write_report),
            (overlay_button, overlay_file, handlers.write_overlay),
        ]:
            click = CLICK_DOWNLOAD.replace("{}", file.elem_id)
            button.click(make, [view, heat_on_intact], file, api_visibility="private").success(None, js=click)
        page.load(handlers.wait_for_models, outputs=status, show_progress="hidden", api_visibility="private")
    return page


def _photo_input(label: str, **options) -> gr.Image:
    """A gr.Image that hands over the file as it was uploaded, whatever it holds.

    Its own preprocess opens the file first, so a broken one fails there, as a traceback. Replaced on the object: a
    subclass would make gradio write a .pyi file beside this one.
    """
    photo = gr.Image(type="filepath", image_mode=None, format=JPEG, label=label, buttons=[], **options)
    photo.preprocess = lambda payload: payload and payload.path
    return photo


def _examples(photo: gr.Image) -> gr.Examples:
    pictures = [SAMPLE / folder / f"{name}.jpg" for name in EXAMPLES for folder in ("damaged", "intact")]
    return gr.Examples(
        [[str(path)] for path in pictures],
        photo,
        label="No photo at hand? Try one of these",
        elem_id="examples",
        cache_examples=False,
        api_visibility="private",
    )


def _threshold_sliders(damage_threshold: float, anomaly_threshold: float) -> list[gr.Slider]:
    return [
        gr.Slider(
            0,
            1,
            damage_threshold,
            step=0.01,
            label="Damage threshold",
            info="The bike counts as damaged from this probability up. Lower finds more, and raises more false alarms.",
            elem_id="damage-threshold",
        ),
        gr.Slider(
            0,
            1,
            anomaly_threshold,
            step=0.01,
            label="Anomaly threshold",
            info="A spot counts as damage where the heatmap is at least this high. Lower marks more and larger spots.",
            elem_id="anomaly-threshold",
        ),
    ]


def _api_endpoint(handlers: PageHandlers) -> None:
    """/inspect, for programs: components that are never seen give its parameters and results their types."""
    gr.Button(visible=False).click(
        handlers.inspect_for_api,
        inputs=[
            _photo_input("photo", visible=False),
            gr.Number(None, label="damage_threshold", visible=False),
            gr.Number(None, label="anomaly_threshold", visible=False),
        ],
        outputs=[gr.JSON(label="inspection", visible=False), gr.Image(label="overlay", format=JPEG, visible=False)],
        api_name="inspect",
    )
