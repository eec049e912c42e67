"""Downloads: a table as CSV, and tables as an accessible spreadsheet made with the statistics service's own library."""

from __future__ import annotations

import csv
import io
import warnings
from datetime import datetime
from functools import lru_cache

from api.dashboard.kinds import COUNTED
from api.dashboard.sections import Section
from api.usage.rules import Figure

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
MADE_UP = "Made up"
HOW_PROTECTED = (
    "A small random number is added once to every count when its period is over, and the exact count is deleted.",
    "Figures are sums of these, rounded to the nearest 5. A figure from 0 to 9 is given as “fewer than 10”.",
    "Sites with few staff are counted together with others of their region. No figure is about a person.",
)
FIXED_DATE = datetime(2000, 1, 1)


def as_csv(section: Section, made_up: str | None) -> str:
    """The table with a header row. Figures are plain numbers or "fewer than 10"; UTF-8 with a mark, so that Excel reads it."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    extra = [MADE_UP] if made_up else []
    writer.writerow(
        ["Period", section.heading, COUNTED, *extra] if not section.over_time else [section.heading, COUNTED, *extra]
    )
    for name, figure in _rows(section):
        cells = [plain_cell(name), _number(figure), *(["yes"] if made_up else [])]
        writer.writerow(cells if section.over_time else [section.scope, *cells])
    return "\ufeff" + file.getvalue()


def plain_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text


@lru_cache(maxsize=64)
def as_spreadsheet(title: str, sections: tuple[Section, ...], made_up: str | None) -> bytes:
    """A workbook: cover, contents, notes, and a sheet for each table. The same figures give the same bytes."""
    import gptables
    import pandas

    sheets = {}
    for number, section in enumerate(sections, start=1):
        rows = _rows(section)
        table = pandas.DataFrame(
            {section.heading: [plain_cell(name) for name, _ in rows], COUNTED: [_number(figure) for _, figure in rows]}
        )
        sheets[f"Table {number}"] = gptables.GPTable(
            table=table,
            table_name=f"table_{number}",
            title=f"{section.title.replace('$$', '')}$$protected$$",
            subtitles=[section.scope, *([made_up] if made_up else [])],
            instructions="This sheet has one table. What the figures mean is on the sheet Notes.",
            legend=list(section.notes),
            source="Source: Handrail",
            index_columns={2: 0},
        )
    cover = gptables.Cover(
        title=title,
        intro=[*([made_up] if made_up else []), "Conversations that staff had with Handrail, counted without names."],
        about=list(HOW_PROTECTED),
        contact=["The page “How these figures are protected” of the dashboard says more."],
    )
    notes = pandas.DataFrame({"Note reference": ["protected"], "Note text": [" ".join(HOW_PROTECTED)]})
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        workbook = gptables.produce_workbook(
            file,
            sheets=sheets,
            cover=cover,
            notes_table=notes,
            workbook_options={"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True},
        )
        workbook.set_properties({"title": title, "author": "Handrail", "created": FIXED_DATE})
        workbook.close()
    return file.getvalue()


def _rows(section: Section) -> list[tuple[str, Figure]]:
    rows = [(line.name, line.figure) for line in section.lines]
    if section.together is not None and len(rows) > 1:
        rows.append(("Total", section.together))
    return rows


def _number(figure: Figure) -> int | str:
    return figure.value if figure.value is not None else str(figure)
