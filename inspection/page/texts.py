"""The page's words, as HTML: verdicts in plain language, the table of regions, messages."""

from html import escape

__all__ = [
    "FOOTER",
    "HEADER",
    "describe_error",
    "describe_models",
    "describe_nothing",
    "describe_regions",
    "describe_verdict",
]

# 24x24 outlines; a verdict is told by its word and its shape, not by colour alone.
ICONS = {
    "bike": '<circle cx="5.5" cy="16.5" r="4"/><circle cx="18.5" cy="16.5" r="4"/>'
    '<path d="M5.5 16.5 9 8.5h6.5l3 8M9 8.5l3.2 8 3.3-8M12.2 16.5H5.5M7.4 6.5h3M9 8.5 8.4 6.5M15.5 8.5 14.8 5.5h2.7"/>',
    "intact": '<path d="M5 12.5 10 17.5 19.5 7"/>',
    "damaged": '<path d="M12 4 2.5 20.5h19zM12 10v5M12 17.6v.4"/>',
    "unknown": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
    "error": '<path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8zM12 7v6M12 16.4v.4"/>',
}


def icon(name: str) -> str:
    return f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{ICONS[name]}</svg>'


HEADER = f"""
<header>
  {icon("bike")}
  <div>
    <h1>Is this bike damaged?</h1>
    <p>Give a photo of a bicycle. You get a verdict, and where it is damaged, the spots to look at.</p>
  </div>
</header>"""

FOOTER = """
<p>The verdict can be wrong. Take it as a hint where to look, not as a safety check.</p>"""


def describe_models(is_ready: bool) -> str:
    if is_ready:
        return '<p class="is-ready">Models are ready.</p>'
    return "<p>Models are loading. You can choose a photo already; it will be looked at as soon as they are ready.</p>"


def describe_nothing() -> str:
    return _card(
        "nothing",
        "bike",
        "No photo yet",
        "<p>Upload, paste or take a photo, or try an example. A side view with the whole bicycle works best.</p>"
        "<ol><li>The first network finds the bicycle and its parts, and says how probable damage is.</li>"
        "<li>The second paints the bicycle as if it were intact, and marks where the photo differs.</li>"
        "<li>You see the verdict, the marked spots, and the threshold each was judged by.</li></ol>",
    )


def describe_error(message: str) -> str:
    return _card("error", "error", "This photo cannot be used", f"<p>{escape(_sentence(message))}</p>")


def describe_verdict(inspection, has_heat: bool) -> str:
    """The verdict, how sure it is, the threshold that decided, and what follows."""
    if not inspection.bike_found:
        return _card(
            "unknown",
            "unknown",
            "No bicycle found",
            "<p>Nothing in this photo looks like a bicycle, so there is nothing to judge. "
            "Try a photo that shows the whole bicycle from the side.</p>",
        )
    name = inspection.verdict.lower()
    sentence = f"<p>{certainty(inspection.verdict, inspection.probability)} {_next_step(inspection, has_heat)}</p>"
    meter = _meter(inspection.probability, inspection.damage_threshold)
    return _card(name, name, inspection.verdict, sentence + meter)


def certainty(verdict: str, probability: float) -> str:
    """The probability of damage in words; it is calibrated, so the words may follow it.

    >>> certainty("INTACT", 0.03)
    'Almost certainly intact.'
    >>> certainty("DAMAGED", 0.45)
    'Possibly damaged.'
    """
    word = verdict.lower()
    of_verdict = probability if verdict == "DAMAGED" else 1 - probability
    degrees = ((0.9, "Almost certainly"), (0.7, "Probably"), (0.0, "Possibly"))
    return next(f"{degree} {word}." for least, degree in degrees if of_verdict >= least)


def describe_regions(inspection) -> str:
    """A table of the regions, numbered as on the overlay."""
    if not inspection.regions:
        return ""
    rows = "".join(_region_row(number, region) for number, region in enumerate(inspection.regions, start=1))
    titles = {
        "score": "mean of the heatmap over the region",
        "peak": "its maximum there",
        "of bike": "share of the bike's area",
        "box": "left, top, right, bottom in pixels of the photo",
    }
    heads = "".join(f'<th scope="col" title="{title}">{name}</th>' for name, title in titles.items())
    return (
        '<div class="table"><table><caption>Regions, the most damage first</caption><thead><tr>'
        f'<th scope="col">no.</th><th scope="col">part</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _region_row(number: int, region) -> str:
    x0, y0, x1, y1 = region.box
    box = f"<span>{x0} {y0}</span> <span>{x1} {y1}</span>"  # breaks in the middle on a phone
    cells = (f"{region.score:.2f}", f"{region.peak:.2f}", _percent(region.area, 1), box)
    numbers = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{number}</th><td>{escape(_part_name(region.part))}</td>{numbers}</tr>'


def _next_step(inspection, has_heat: bool) -> str:
    count = len(inspection.regions)
    if inspection.verdict == "INTACT" and not has_heat:
        return "No damage to point at."
    if not count:
        return "No spot reaches the anomaly threshold: lower it to see weaker ones."
    parts = list(dict.fromkeys(_part_name(region.part) for region in inspection.regions if region.part))
    on_parts = f" on the {_join(parts)}" if parts else ""
    return f"{count} {'region' if count == 1 else 'regions'} to look at{on_parts}."


def _meter(probability: float, threshold: float) -> str:
    """A bar from 0 to 100% with a tick at the threshold; its label leans inwards near the ends."""
    percent, tick = _percent(probability), _percent(threshold)
    lean = "start" if threshold < 0.2 else "end" if threshold > 0.8 else "middle"
    return (
        f'<div class="meter-head"><span>Probability of damage</span><strong>{percent}</strong></div>'
        f'<div class="meter" role="meter" aria-label="Probability of damage" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{100 * probability:.0f}"><span class="fill" style="width:{100 * probability:.1f}%"></span>'
        f'<span class="tick" style="left:{100 * threshold:.1f}%"></span></div>'
        f'<div class="meter-foot"><span class="lean-{lean}" style="left:{100 * threshold:.1f}%">'
        f"damaged from {tick}</span></div>"
    )


def _card(kind: str, icon_name: str, title: str, body: str) -> str:
    role = "alert" if kind == "error" else "group"
    heading = f'<div class="card-head">{icon(icon_name)}<h2>{title}</h2></div>'
    return f'<section class="card is-{kind}" role="{role}" aria-label="Verdict">{heading}{body}</section>'


def _percent(fraction: float, digits: int = 0) -> str:
    """A percentage that says 0% or 100% only where it is.

    >>> _percent(0.9996), _percent(0.93), _percent(0.0004), _percent(0.0123, 1)
    ('> 99%', '93%', '< 1%', '1.2%')
    """
    step = 10.0**-digits
    if fraction > 0 and 100 * fraction < step / 2:
        return f"< {step:.{digits}f}%"
    if fraction < 1 and 100 - 100 * fraction < step / 2:
        return f"> {100 - step:.{digits}f}%"
    return f"{100 * fraction:.{digits}f}%"


def _part_name(part: str | None) -> str:
    return part.replace("_", " ") if part else "not known"


def _join(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _sentence(message: str) -> str:
    line = " ".join(message.split())
    return line if line.endswith(".") else f"{line}."
