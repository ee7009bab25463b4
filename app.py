"""The web page: a photo of a bicycle in, the verdict and the place of the damage out.

    python app.py
    python app.py --classifier runs/classifier/best --localizer runs/draem/best --port 8080

On a Hugging Face Space this file is the entry. The page is served first and the models load behind it, so the first
visitor sees a page at once; a photo sent in the meantime waits for them.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

MODEL_CARDS = Path(__file__).resolve().parent / "model_cards"
EMBEDDED_CLASSIFIER, EMBEDDED_LOCALIZER = MODEL_CARDS / "bike-classifier", MODEL_CARDS / "bike-draem"
DEFAULT_THRESHOLDS = {"damage_threshold": 0.4, "anomaly_threshold": 0.6}  # of a config that sets none: its class's
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
DONE, FAILED = 0, 1


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the page until interrupted; return the exit status."""
    arguments = parse_arguments(argv)
    try:
        thresholds = {
            "damage_threshold": read_threshold(arguments.classifier or EMBEDDED_CLASSIFIER, "damage_threshold"),
            "anomaly_threshold": read_threshold(arguments.localizer or EMBEDDED_LOCALIZER, "anomaly_threshold"),
        }
        serve(arguments, **thresholds)
    except KeyboardInterrupt:
        return DONE
    except Exception as error:  # the outermost frame: whatever went wrong is one line to the user
        if arguments.debug:
            raise
        print("Error:", " ".join(str(error).split()) or type(error).__name__, file=sys.stderr)
        return FAILED
    return DONE


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python app.py",
        description="Serve a web page that tells a damaged bike from an intact one, and shows where the damage is.",
        epilog="example: python app.py --port 8080",
    )
    parser.add_argument("--classifier", metavar="MODEL", help="folder or Hub id (default: the built-in weights)")
    parser.add_argument("--localizer", metavar="MODEL", help="folder or Hub id (default: the built-in weights)")
    parser.add_argument("--device", help="cpu, cuda, cuda:1, mps (default: the best there is)")
    parser.add_argument("--host", help="address to listen on; 0.0.0.0 for the whole network (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default: the first free one from 7860)")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser.parse_args(argv)


def read_threshold(model: str | Path, name: str) -> float:
    """A threshold of a model's own config, for the slider to start at: far quicker than loading the model.

    Args:
        model: folder or Hub id.
        name: damage_threshold or anomaly_threshold.

    Raises:
        FileNotFoundError: neither a model folder nor a Hub id.
    """
    config_path = Path(model) / "config.json"
    if not config_path.is_file():
        if Path(model).is_dir():
            raise FileNotFoundError(f"{model} holds no config.json: give the folder of a saved model")
        if not HUB_ID.fullmatch(str(model)):
            raise FileNotFoundError(f"{model} does not exist: give the folder of a saved model, or a Hub id owner/name")
        from huggingface_hub import hf_hub_download  # here: a local model does not need it

        config_path = hf_hub_download(str(model), "config.json")
    return json.loads(Path(config_path).read_text(encoding="utf-8")).get(name, DEFAULT_THRESHOLDS[name])


def serve(arguments: argparse.Namespace, damage_threshold: float, anomaly_threshold: float) -> None:
    """Open the page, load the models behind it, and wait."""
    from inspection.page.layout import build_page, launch_options  # here: --help and wrong usage need no gradio

    inspector: Future = Future()
    page = build_page(inspector, damage_threshold, anomaly_threshold)
    page.launch(
        server_name=arguments.host,
        server_port=arguments.port,
        prevent_thread_lock=True,  # the models load in this thread now
        quiet=True,
        **launch_options(),
    )
    print(f"Open {page.local_url} in a browser; Ctrl-C stops the server.", flush=True)
    from inspection.inspector import BikeInspector  # only now: it imports PyTorch

    inspector.set_result(
        BikeInspector.from_pretrained(
            classifier=arguments.classifier, localizer=arguments.localizer, device=arguments.device
        )
    )
    page.block_thread()


if __name__ == "__main__":
    raise SystemExit(main())
