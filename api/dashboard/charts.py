"""Charts as accessible SVG, drawn on the server by Altair and vl-convert, without script or style attributes.

The table beside a chart holds the figures; the drawing is one image with a title and a description. A chart is as wide as a
small phone, in units of which 13 are the size of text, so that it can be read on a phone and grows with the page.
Colours come from the style sheet, so that forced colours and print can change them. The libraries are loaded with the first chart:
they take seconds and 160 MB, which nobody who only chats should wait for.
"""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

WIDTH = 340
TEXT = 13
LINE = 17
NAME_LETTERS = 46
ROOM_FOR_LABEL = 90
SVG = "http://www.w3.org/2000/svg"
DROPPED = {"role", "aria-label", "aria-roledescription", "aria-hidden", "pointer-events", "opacity", "font-family"}


@dataclass(frozen=True)
class Bar:
    """One bar: `value` is its length (0 when the figure is "fewer than 10"), `label` what is written beside it."""

    name: str
    value: int
    label: str


@lru_cache(maxsize=2048)
def draw_bars(chart_id: str, title: str, bars: tuple[Bar, ...]) -> Markup:
    """Bars one below the other, each with its name above it and its figure beside it. Empty when there is no bar to see."""
    if not any(bar.value for bar in bars):
        return Markup()
    wrapped = [textwrap.wrap(bar.name, NAME_LETTERS) or [""] for bar in bars]
    lines = max(map(len, wrapped))
    stand_in = "\n".join("x" * lines)
    rows = [{"at": str(at), "name": stand_in, "value": bar.value, "label": "x"} for at, bar in enumerate(bars)]
    root = _drawn(_bars_chart(lines), rows)
    _write(root, "layer_1_marks", [[""] * (lines - len(name)) + name for name in wrapped])
    _write(root, "layer_2_marks", [[bar.label] for bar in bars])
    return _as_image(root, chart_id, title, _described(bars))


@lru_cache(maxsize=2048)
def draw_columns(chart_id: str, title: str, bars: tuple[Bar, ...], ticks: tuple[str, ...]) -> Markup:
    """Columns side by side, for periods in order; `ticks` holds what is written below each ("" for nothing)."""
    if not any(bar.value for bar in bars):
        return Markup()
    rows = [
        {"at": f"{at:03}", "value": bar.value, "tick": tick}
        for at, (bar, tick) in enumerate(zip(bars, ticks, strict=True))
    ]
    return _as_image(_drawn(_columns_chart(), rows), chart_id, title, _described(bars))


def spaced_ticks(names: Sequence[str], most: int = 4) -> tuple[str, ...]:
    """`names` with most of them left out, so that at most `most` are written; the first always is."""
    every = -(-len(names) // most)
    return tuple(name if at % every == 0 else "" for at, name in enumerate(names))


@cache
def _bars_chart(lines: int) -> dict[str, Any]:
    import altair as alt

    step = lines * LINE + 32
    middle_of_bar = step / 2 - 16
    middle_of_name = middle_of_bar - 18 - (lines - 1) * LINE
    place = alt.Chart(alt.NamedData(name="rows")).encode(y=alt.Y("at:N", sort=None, axis=None))
    length = alt.X("value:Q", axis=None, scale=alt.Scale(range=[0, WIDTH - ROOM_FOR_LABEL], zero=True))
    bars = place.mark_bar(height=16, yOffset=middle_of_bar).encode(x=length)
    names = place.mark_text(
        align="left", baseline="middle", fontSize=TEXT, lineBreak="\n", lineHeight=LINE, yOffset=middle_of_name
    ).encode(x=alt.value(0), text="name:N")
    labels = place.mark_text(
        align="left", baseline="middle", fontSize=TEXT, fontWeight="bold", xOffset=5, yOffset=middle_of_bar
    ).encode(x=length, text="label:N")
    return _compiled((bars + names + labels).properties(width=WIDTH, height=alt.Step(step)))


@cache
def _columns_chart() -> dict[str, Any]:
    import altair as alt

    height = 190
    place = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("at:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0.2, paddingOuter=0.1))
    )
    axis = alt.Axis(title=None, tickCount=4, format=",d", labelFontSize=TEXT, domain=False, ticks=False, labelPadding=6)
    columns = place.mark_bar().encode(y=alt.Y("value:Q", axis=axis, scale=alt.Scale(zero=True)))
    ticks = place.mark_text(align="left", baseline="top", fontSize=TEXT, dy=6, xOffset=-4).encode(
        y=alt.value(height), text="tick:N"
    )
    return _compiled((columns + ticks).properties(width=WIDTH - 50, height=height))


def _compiled(chart: Any) -> dict[str, Any]:
    import vl_convert

    whole = chart.configure(font="Arial", background="transparent", padding=2, aria=False).configure_view(stroke=None)
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(whole.to_dict())
    return compiled


def _drawn(chart: dict[str, Any], rows: list[dict[str, Any]]) -> ElementTree.Element:
    import vl_convert

    filled = copy.deepcopy(chart)
    next(data for data in filled["data"] if data["name"] == "rows")["values"] = rows
    return ElementTree.fromstring(vl_convert.vega_to_svg(filled))


def _write(root: ElementTree.Element, layer: str, texts: Sequence[Sequence[str]]) -> None:
    """Put the lines of each text where one letter a line stands in for them.

    Measuring every letter is most of the time that a drawing takes, and where these texts begin does not depend on their width.
    """
    group = next(one for one in root.iter(f"{{{SVG}}}g") if layer in one.get("class", "").split())
    for element, lines in zip(group.iter(f"{{{SVG}}}text"), texts, strict=True):
        for place, line in zip(list(element) or [element], lines, strict=True):
            place.text = line


def _described(bars: Sequence[Bar]) -> str:
    most, least = max(bars, key=lambda bar: bar.value), min(bars, key=lambda bar: bar.value)
    if len(bars) == 1:
        return f"A bar chart with one bar: {most.name}, {most.label}."
    return (
        f"A bar chart with {len(bars)} bars. The longest is {most.name}: {most.label}. "
        f"The shortest is {least.name}: {least.label}. The table holds every figure."
    )


def _as_image(root: ElementTree.Element, chart_id: str, title: str, description: str) -> Markup:
    """The drawing as one image to a screen reader, with nothing in it that a strict content security policy refuses."""
    _cleaned(root)
    root.attrib = {"viewBox": root.attrib["viewBox"], "class": "app-chart__image", "role": "img"}
    root.attrib |= {"aria-labelledby": f"{chart_id}-title", "aria-describedby": f"{chart_id}-description"}
    for at, (tag, words) in enumerate((("title", title), ("desc", description))):
        told = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": f"{chart_id}-{'description' if at else 'title'}"})
        told.text = words
        root.insert(at, told)
    ElementTree.register_namespace("", SVG)
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _cleaned(element: ElementTree.Element) -> None:
    for declaration in element.attrib.pop("style", "").split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            element.attrib.setdefault(name.strip(), value.strip())
    for child in list(element):
        invisible = child.get("opacity") == "0" or child.get("display") == "none" or child.get("class") == "background"
        if invisible:
            element.remove(child)
        else:
            _cleaned(child)
    for name in DROPPED & element.attrib.keys():
        del element.attrib[name]
