"""Make the scores of both models mean what their thresholds take them to mean, on photos they did not learn from."""

import bisect
import math
import sys

import cv2
import numpy as np
import torch
from torch import Tensor

from inspection.regions import MIN_AREA
from modeling import BikeClassifierForImageClassification, DraemForAnomalyLocalization

__all__ = [
    "FEWEST",
    "calibrate",
    "calibrate_evidence",
    "calibrate_localizer",
    "false_alarm_shift",
    "fit_map",
    "fit_temperature",
    "region_peak",
]

FEWEST = 20  # photos of a class: what fewer say of a temperature or of a rate of one in twenty is chance
TEMPERATURES = 0.05, 20.0  # the lowest and the highest
MARGIN = 1e-3  # log-odds below the threshold: more than rounding takes away
VERDICT_WEIGHT = 0.25  # of its log-odds in the map's; a half does no better
COLD = 0.05  # of the anomaly map: what a sound bike should show, nothing at all to the eye


def calibrate(
    model: BikeClassifierForImageClassification, logits: Tensor, labels: Tensor, max_false_alarm_rate: float
) -> tuple[dict[str, float], Tensor]:
    """Set the model's temperature, then shift its log-odds until intact photos rarely reach the damage threshold.

    Training shows as many damaged photos as intact ones; where the photos come from, most bikes are intact. A shift of
    the log-odds is what that change of prior asks for (Saerens et al., Neural Computation 2002, section 2.2), and it
    keeps the threshold where everyone expects it. Under FEWEST photos of a class nothing is changed; that, and scores
    that no temperature makes honest, it says.

    Args:
        logits: (N, 2), as the model gives them, at the temperature that it has.
        labels: (N,), 0 intact, 1 damaged.
        max_false_alarm_rate: of intact photos, in (0, 1).

    Returns:
        temperature, the model's own from now on, and shift, in log-odds, {} if nothing is changed; and the logits
        (N, 2) that it now gives.
    """
    intact, damaged = labels.bincount(minlength=2).tolist()
    if min(intact, damaged) < FEWEST:
        _say(
            f"{intact} intact and {damaged} damaged validation photos are too few to calibrate the scores on ({FEWEST} "
            "of each are needed): they stay as they were before"
        )
        return {}, logits
    correction = fit_temperature(logits, labels)
    if correction in TEMPERATURES:
        _say(
            f"the temperature stopped at its limit, {correction:g}: the scores hardly tell damaged from intact "
            "photos, so expect no damage to be found; train longer, or look at the data"
        )
    logits = logits / correction
    log_odds = logits[:, 1] - logits[:, 0]
    shift = false_alarm_shift(log_odds[labels == 0], max_false_alarm_rate, model.config.damage_threshold)
    model.config.temperature = temperature = model.config.temperature * correction
    step = torch.tensor([-0.5, 0.5]) * shift
    with torch.no_grad():  # the logits are divided by the temperature afterwards
        model.classifier.output.bias += (step * temperature).to(model.device)
    return {"temperature": temperature, "shift": shift}, logits + step


def false_alarm_shift(intact_log_odds: Tensor, max_false_alarm_rate: float, threshold: float) -> float:
    """What to add to the log-odds so that at most this share of intact photos reaches the threshold, and no more.

    Args:
        intact_log_odds: (N,), of photos of intact bikes.

    Returns:
        0 where no more reach it as it is; else what puts the first that is too many just below.

    >>> false_alarm_shift(torch.tensor([-3.0, -1.0, 0.5, 2.0]), max_false_alarm_rate=0.25, threshold=0.5)
    -0.501
    """
    allowed = math.floor(max_false_alarm_rate * len(intact_log_odds))
    first_refused = intact_log_odds.sort(descending=True).values[allowed].item()
    limit = _log_odds(threshold)
    return 0.0 if first_refused < limit else limit - MARGIN - first_refused


def calibrate_evidence(
    model: BikeClassifierForImageClassification,
    intact_peaks: Tensor,
    intact_levels: Tensor,
    intact_log_odds: Tensor,
    max_false_alarm_rate: float,
    threshold: float,
) -> dict[str, float]:
    """Set the scale and shift of the classifier's evidence where it joins the anomaly map, as `fit_map` finds them.

    The verdict joins the map too: it raises it on some bikes, and lowers it on most sound ones. On under FEWEST bikes
    nothing is changed, and it says so.

    Args:
        intact_peaks: (N,), the damage logit's `region_peak` on each intact bike.
        intact_levels: (N,), the median there.
        intact_log_odds: (N,), of damage, calibrated.
        max_false_alarm_rate: of intact bikes, in (0, 1).
        threshold: of the anomaly map, in (0, 1).

    Returns:
        evidence_scale, evidence_shift and verdict_weight; {} if nothing is changed.
    """
    if len(intact_peaks) < FEWEST:
        _say(
            f"a bike was found on {len(intact_peaks)} intact validation photos, too few to calibrate the evidence on "
            f"({FEWEST} are needed): it stays as it was before"
        )
        return {}
    lifts = VERDICT_WEIGHT * intact_log_odds
    scale, shift = fit_map(intact_peaks, intact_levels, max_false_alarm_rate, threshold, lifts)
    calibration = {"evidence_scale": scale, "evidence_shift": shift, "verdict_weight": VERDICT_WEIGHT}
    model.config.update(calibration)
    return calibration


def calibrate_localizer(
    model: DraemForAnomalyLocalization, intact_peaks: Tensor, max_false_alarm_rate: float
) -> dict[str, float]:
    """Scale and shift the map's log-odds, as `fit_map` finds them: the focal loss leaves the map timid.

    Cold is the peak of a usual sound bike, not the median of its pixels: what the map makes of sound bikes would
    otherwise stand over the classifier's evidence, which the map joins, in all places where that is weak.

    Args:
        intact_peaks: (N,), the map's `region_peak` on each intact bike, in [0, 1].
        max_false_alarm_rate: of intact bikes, in (0, 1).

    Returns:
        map_scale and map_shift, in log-odds, added after scaling.
    """
    peaks = intact_peaks.double().clamp(1e-6, 1 - 1e-6).logit()
    scale, shift = fit_map(peaks, peaks, max_false_alarm_rate, model.config.anomaly_threshold)
    output = model.draem.discriminative.output
    with torch.no_grad():  # the intact class's channel, then the anomalous one's
        output.weight *= scale
        output.bias *= scale
        output.bias += torch.tensor([-0.5, 0.5], device=model.device) * shift
    return {"map_scale": scale, "map_shift": shift}


def region_peak(values: Tensor, bike: Tensor, bike_area: int) -> Tensor:
    """The highest level at which a map has a region on the bike; specks make none.

    Args:
        values: (h, w).
        bike: (h, w) bool, the bike and what is close around it, somewhere true.
        bike_area: pixels of the bike itself.
    """
    levels = values[bike].sort(descending=True).values
    fewest = max(1, math.ceil(MIN_AREA * bike_area))
    values, bike = values.numpy(), bike.numpy()

    def has_region(rank: int) -> bool:
        reached = ((values >= levels[rank].item()) & bike).astype(np.uint8)
        sizes = cv2.connectedComponentsWithStats(reached)[2][1:, cv2.CC_STAT_AREA]
        return bool(sizes.max(initial=0) >= fewest)

    return levels[bisect.bisect_left(range(len(levels) - 1), True, lo=fewest - 1, key=has_region)]


def fit_map(
    intact_peaks: Tensor,
    intact_levels: Tensor,
    max_false_alarm_rate: float,
    threshold: float,
    lifts: Tensor | float = 0.0,
) -> tuple[float, float]:
    """Scale and shift of a map's log-odds: cold on a sound bike, at the threshold on just this share of them.

    Args:
        intact_peaks: (N,), log-odds, the map's peak on each intact bike.
        intact_levels: (N,), log-odds, what is cold on each: their median becomes COLD.
        max_false_alarm_rate: of intact bikes, in (0, 1).
        threshold: of the map, above COLD and below 1.
        lifts: (N,), log-odds that each map gets on top after scale and shift; the scale is found without them.

    Returns:
        Scale, above 0, and shift, added after scaling.
    """
    highest = 1 - max_false_alarm_rate
    limit = torch.quantile(intact_peaks.double(), highest).item()
    level = intact_levels.double().median().item()
    scale = (_log_odds(threshold) - _log_odds(COLD)) / max(limit - level, 1e-3)  # a flat map has no scale
    lifted_limit = torch.quantile(scale * intact_peaks.double() + lifts, highest).item()
    return scale, _log_odds(threshold) - lifted_limit


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The temperature that makes probabilities honest: least cross-entropy, whatever the prior.

    An offset of the log-odds is fitted with it and forgotten: the shift for false alarms, which a model that was
    calibrated before has, says nothing of how steep the scores should be.

    Args:
        logits: (N, 2), at temperature 1.
        labels: (N,).

    Returns:
        Between TEMPERATURES.

    Source: Guo et al., ICML 2017, https://arxiv.org/abs/1706.04599, section 4.2; with the
    offset, Platt, "Probabilistic outputs for support vector machines", 1999.
    """
    log_temperature, offset = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_temperature, offset], max_iter=100, line_search_fn="strong_wolfe")
    log_odds = logits[:, 1] - logits[:, 0]

    def closure() -> Tensor:
        optimizer.zero_grad()
        scaled = log_odds / log_temperature.exp() + offset
        loss = torch.nn.functional.binary_cross_entropy_with_logits(scaled, labels.to(scaled))
        loss.backward()
        return loss

    optimizer.step(closure)
    return float(log_temperature.detach().double().exp().clamp(*TEMPERATURES))


def _log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _say(what: str) -> None:
    print(f"calibration: {what}", file=sys.stderr)
