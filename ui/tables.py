"""Numbers as HTML: a strip of named numbers, and a table that needs no scrolling."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

import streamlit as st

STYLE = Path(__file__).parent / "static" / "tables.css"
"""The style sheet of both; a page that uses them adds it once."""


class Named(NamedTuple):
    """A number with its name; `colour` of the bar beside it, `about` as its tooltip."""

    name: str
    value: str
    about: str
    colour: str = "#7F7F7F"


def strip(items: Sequence[Named]) -> None:
    """The numbers side by side."""
    cells = "".join(
        f'<div style="--ink: {item.colour}" title="{escape(item.about)}">'
        f"<dt>{escape(item.name)}</dt><dd>{escape(item.value)}</dd></div>"
        for item in items
    )
    st.html(f'<dl class="numbers">{cells}</dl>')


def by_value(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, about: str, marked: Sequence[str] = ()
) -> None:
    """A table whose first column names the rows; cells that say one of `marked` stand out."""

    def cell(text: str) -> str:
        kind = ' class="marked"' if text in marked else ""
        return f"<td{kind}>{escape(text)}</td>"

    titles = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(map(cell, row[1:]))}</tr>' for row in rows
    )
    st.html(
        f'<table class="by-value" aria-label="{escape(about)}"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )
