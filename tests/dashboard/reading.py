"""Reads figures out of what people get: the tables of a page, a CSV file, a spreadsheet."""

from __future__ import annotations

import csv
import io
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Rows = list[tuple[str, str]]


class Tables(HTMLParser):
    """Every table of a page: its caption, and the two cells of each row of its body."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, Rows] = {}
        self._caption, self._cells, self._text, self._inside = "", list[str](), "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("caption", "td", "th"):
            self._inside, self._text = tag, ""
        elif tag == "tr":
            self._cells = []

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside and tag == "caption":
            self._caption = self._text.strip()
            self.found[self._caption] = []
        elif tag == self._inside:
            self._cells.append(self._text.strip())
        elif tag == "tr" and len(self._cells) == 2:
            self.found[self._caption].append((self._cells[0], self._cells[1]))
        if tag in ("caption", "td", "th"):
            self._inside = ""


def tables_of(page: str) -> dict[str, Rows]:
    """Caption to rows (name, figure as it is written), without the header row."""
    return {caption: rows[1:] for caption, rows in Tables(page).found.items()}


def rows_of_csv(text: str) -> Rows:
    """Name and figure of each row."""
    read = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    at = [name for name in read[0] if name not in ("Period", "Made up")] if read else []
    return [(row[at[0]], row[at[1]]) for row in read]


def rows_of_sheets(content: bytes) -> dict[str, list[list[str]]]:
    """Sheet name to its rows of cells, as text; empty cells are left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        texts = [
            "".join(part.text or "" for part in one.iter(f"{SHEET}t"))
            for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        names = [
            one.attrib["name"] for one in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")
        ]
        sheets = {}
        for number, name in enumerate(names, start=1):
            root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            sheets[name] = [[_cell(cell, texts) for cell in row if len(cell)] for row in root.iter(f"{SHEET}row")]
        return sheets


def _cell(cell: ElementTree.Element, texts: list[str]) -> str:
    assert cell.find(f"{SHEET}f") is None, "a formula"
    value = (cell.findtext(f"{SHEET}v") or "").removesuffix(".0")
    return texts[int(value)] if cell.get("t") == "s" else value
