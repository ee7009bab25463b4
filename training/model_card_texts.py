"""The words of the model cards; the figures go where the braces are."""

__all__ = ["CLASSIFIER_TEXT", "LOCALIZER_TEXT", "NAMES"]

CLASSIFIER_TEXT = """\
# {name}

Says whether the bicycle in a photo is **INTACT** or **DAMAGED**, and which pixels belong to which part of it: stage 1
of bike-defect-detection. A `{backbone}` of timm with a classification head that pools over the bike alone, and a
decoder that draws its parts.

```python
from transformers import pipeline

classify = pipeline("image-classification", model="{path}", trust_remote_code=True)
classify("bike.jpg")  # DAMAGED from a score of {threshold:g} up
```

Both stages together, with regions and an overlay: `BikeInspector.from_pretrained("{path}").inspect("bike.jpg")`, from
`inspection.inspector` of the project.

## Figures

On the {split} split, {intact} intact and {damaged} damaged photos of bikes that training never saw, at the threshold of
{threshold:g}. `python -m training.evaluate` computed them; the intervals are of the bootstrap.

| | | 95% interval |
|---|---|---|
{figures}

Called DAMAGED, by where the photo was taken or composed (`untouched`: a real photo as it was taken; `home`: the bike
taken out and put back; `composed`: put into another place):

| scene | intact photos | false alarms | damaged photos | found |
|---|---|---|---|---|
{scenes}
{kinds}{no_bike}
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
networks {reconstructive_width} and {discriminative_width} channels wide where the paper's are 128 and 64: it paints the
photo as if the bike were intact, then marks what changed. On the photo its map is joined, by the higher of the two,
with the evidence of stage 1's classifier, which learned from photos of damage.

```python
from inspection.inspector import BikeInspector

inspection = BikeInspector.from_pretrained(localizer="{path}").inspect("bike.jpg", always_localize=True)
inspection.regions, inspection.overlay()
```

## Figures

On the {split} split, {intact} intact and {damaged} damaged photos of bikes that training never saw, over whole photos,
what lies off the bike's mask counted as 0, at the threshold of {threshold:g}. The map is the one that users see, both
networks' together; the line that says so is of this network alone.
`python -m training.evaluate` computed them; the intervals are of the bootstrap, photo by photo.

| | | 95% interval |
|---|---|---|
{figures}
{kinds}
## How it fails

{failures}

## Data, and what to beware of

{note}

## Training

{training}
"""

NAMES = {
    "auroc": "AUROC",
    "average_precision": "average precision",
    "recall": "damaged photos found",
    "precision": "right, of those called damaged",
    "f1": "F1",
    "best_f1": "best F1 at any threshold",
    "best_threshold": "the threshold of it",
    "false_alarm_rate": "false alarms on intact photos",
    "accuracy": "accuracy",
    "ece": "expected calibration error",
    "bike_found_rate": "photos in which the bike was found",
    "pixel_ap": "pixel average precision",
    "pixel_auroc": "pixel AUROC",
    "aupro": "AUPRO (to 0.3)",
    "draem_pixel_ap": "pixel average precision of DRAEM alone",
    "iou": "mean IoU of the marked area with the defect",
    "hit_rate": "damaged photos with a region on the defect",
    "clean_rate": "intact photos without any region",
    "found_and_located": "verdict right and a region on the defect",
    "false_regions": "regions on an intact photo, on average",
}
