"""Charts: one image, told in words, nothing that a strict content security policy refuses, drawn from what is shown."""

from __future__ import annotations

import re

import pytest

from api.dashboard.charts import Bar, draw_bars, draw_columns, spaced_ticks

BARS = (Bar("Trauma support", 1_235, "1,235"), Bar("Care <team> & more", 40, "40"), Bar("TRiM", 0, "fewer than 10"))


def drawn(kind: str, bars: tuple[Bar, ...] = BARS) -> str:
    if kind == "bars":
        return str(draw_bars("one", "Topics & places", bars))
    return str(draw_columns("one", "Topics & places", bars, spaced_ticks([bar.name for bar in bars])))


@pytest.mark.parametrize("kind", ["bars", "columns"])
def test_a_chart_is_one_named_image_without_styles_scripts_or_links(kind: str) -> None:
    chart = drawn(kind)
    assert re.match(
        r'<svg [^>]*role="img"[^>]*aria-labelledby="one-title"[^>]*aria-describedby="one-description"', chart
    )
    assert '<title id="one-title">Topics &amp; places</title>' in chart
    assert "The longest is Trauma support: 1,235. The shortest is TRiM: fewer than 10." in chart
    assert not re.search(r"\bstyle=|<style|<script|\bon\w+=|href|url\(|<image|aria-label=|aria-hidden", chart)
    assert chart.count("role=") == 1, "nothing inside is told by itself"


def test_every_bar_is_written_out() -> None:
    chart = drawn("bars")
    for words in ("Trauma support", "Care &lt;team&gt; &amp; more", "TRiM", "1,235", "40", "fewer than 10"):
        assert f">{words}</" in chart


def test_long_names_are_broken_into_lines_and_none_is_cut() -> None:
    name = "Occupational health: fast track for trauma after a serious incident at work"
    words = " ".join(re.findall(r"<tspan[^>]*>([^<]*)</tspan>", drawn("bars", (Bar(name, 5, "5"), *BARS))))
    assert name in re.sub(" +", " ", words)


@pytest.mark.parametrize("kind", ["bars", "columns"])
def test_nothing_is_drawn_when_every_figure_is_fewer_than_10(kind: str) -> None:
    assert drawn(kind, (Bar("TRiM", 0, "fewer than 10"), Bar("EAP", 0, "fewer than 10"))) == ""


def test_the_same_figures_give_the_same_drawing() -> None:
    first = drawn("bars")
    draw_bars.cache_clear()
    assert drawn("bars") == first


@pytest.mark.parametrize(("count", "written"), [(1, 1), (4, 4), (5, 3), (18, 4), (78, 4)])
def test_only_some_periods_are_written_below_the_columns(count: int, written: int) -> None:
    ticks = spaced_ticks([f"week {at}" for at in range(count)])
    assert len(ticks) == count and ticks[0] == "week 0" and sum(map(bool, ticks)) == written
