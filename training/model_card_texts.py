"""The words of the model cards; the figures go where the braces are."""

__all__ = ["CLASSIFIER_TEXT", "LOCALIZER_TEXT", "NAMES", "SCENES"]

CLASSIFIER_TEXT = """\
# {name}

Says whether the bicycle in a photo is **INTACT** or **DAMAGED**: stage 1 of bike-defect-detection. A `{backbone}` of
timm with a classification head that pools over the bike alone. {parts}

```python
from transformers import pipeline

classify = pipeline("image-classification", model="{path}", trust_remote_code=True)
classify("bike.jpg")  # DAMAGED from a score of {threshold:g} up
```

Both stages together, with regions and an overlay, by `inspection.inspector` of the project:

```python
BikeInspector.from_pretrained("{path}").inspect("bike.jpg").overlay()
```

## Figures

{measured_on} Verdicts are at the threshold of {threshold:g}. {how}

| | | 95% interval |
|---|---|---|
{figures}
{plots}{scenes}{kinds}{no_bike}
## How it fails

{failures}

## Data, and what to beware of

{note}

## Training

{training}
"""

LOCALIZER_TEXT = """\
# {name}

Shows **where** on a bicycle the damage is: stage 2 of bike-defect-detection. DRAEM (Zavrtanik et al., ICCV 2021), its
networks {reconstructive_width} and {discriminative_width} channels wide where the paper's are 128 and 64: it paints
the photo as if the bike were intact, then marks what changed. On the photo its map is joined, by the higher of the two,
with the evidence of stage 1's classifier, which learned from photos of damage; then stage 1's verdict raises or lowers
all of its odds.

```python
from inspection.inspector import BikeInspector

inspection = BikeInspector.from_pretrained(localizer="{path}").inspect("bike.jpg", always_localize=True)
inspection.regions, inspection.overlay()
```

## Figures

{measured_on} The map is the one that users see, both networks' together, the other being `{classifier}`; a line that
says so is of this network alone. Of sound pixels those on the bike count, as stage 1 finds it, and of defects all of
them: what lies off the bike found is missed. Regions are found at the threshold of {threshold:g}. {how}

| | | 95% interval |
|---|---|---|
{figures}
{plots}{kinds}
## How it fails

{failures}

## Data, and what to beware of

{note}

## Training

{training}
"""

NAMES = {
    "auroc": "AUROC",
    "auroc_within_bikes": "AUROC among the photos of one bike, mean over the bikes",
    "average_precision": "average precision",
    "recall": "damaged photos found",
    "precision": "right, of those called damaged",
    "f1": "F1",
    "best_f1": "best F1, at a threshold chosen on these very photos",
    "best_threshold": "that threshold",
    "false_alarm_rate": "false alarms on intact photos",
    "accuracy": "accuracy",
    "ece": "expected calibration error",
    "bike_found_rate": "photos in which the bike was found",
    "bike_iou": "the bike as found, against the labels: intersection over union",
    "part_mean_iou": "its parts and the background likewise, mean",
    "bike_on_mask": "share of the bike that lies on its mask",
    "pixel_ap": "pixel average precision",
    "pixel_auroc": "pixel AUROC",
    "aupro": "AUPRO (to 0.3)",
    "draem_pixel_ap": "pixel average precision of DRAEM alone",
    "iou": "mean IoU of the marked area with the defect",
    "hit_rate": "damaged photos with a region on the defect",
    "defect_on_bike": "share of the defect that lies on the bike's mask, off which nothing is marked",
    "clean_rate": "intact photos without any region",
    "found_and_located": "verdict right and a region on the defect",
    "false_regions": "regions on an intact photo, on average",
}

# Of the damage editor; what other scenes are, the data's owner says.
SCENES = {
    "untouched": "a real photo as it was taken",
    "home": "the bike taken out and put back",
    "composed": "put into another place",
    "retouched": "damaged with a photo editor's tools",
}
