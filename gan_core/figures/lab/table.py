"""Quality of generated digits as a table: each number beside what real digits reach."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from gan_core.figures.lab.notes import Found, finite, said
from gan_core.figures.style import FONT, Figure


class Row(NamedTuple):
    """One measure: its name and direction, its fields, and where real digits are."""

    title: str
    field: str
    real: str | None  # the field of the value of real digits
    digits: int
    better: str


ROWS = (
    Row("FID", "fid", "fid_floor", 1, "lower"),
    Row("KID", "kid", "kid_floor", 3, "lower"),
    Row("Classes hit, of 10", "classes_hit", None, 0, "higher"),
    Row("KL of classes to uniform (nats)", "kl_to_uniform", "kl_real", 3, "lower"),
    Row("Classifier score, 1 to 10", "classifier_score", "score_real", 2, "higher"),
    Row("Precision", "precision", "precision_real", 2, "higher"),
    Row("Recall", "recall", "recall_real", 2, "higher"),
    Row("Parzen log-likelihood (nats)", "parzen", "parzen_real", 0, "higher"),
    Row("Read as asked", "right_class", None, 2, "higher"),
)


def table_figure(found: Found) -> Figure:
    """Rows of measures; columns: G, its average, real digits in the place of generated ones."""
    rows = [row for row in ROWS if row.field in found]
    columns: list[list[str]] = [
        [f"{row.title} <i>({row.better})</i>" for row in rows],
        [said(found[row.field], row.digits) for row in rows],
        [said(found.get(f"{row.field}_ema"), row.digits) for row in rows],
        [_real(row, found) for row in rows],
    ]
    clear = {"color": "rgba(0,0,0,0)"}
    cells: dict[str, Any] = {
        "fill": clear,
        "height": 24,
        "line": {"color": "#7F7F7F", "width": 0.5},
        "align": ["left", "right", "right", "right"],
        "font": {"size": FONT + 1},
    }
    return {
        "data": [
            {
                "type": "table",
                "columnwidth": [3.4, 1, 1.1, 1.4],
                "header": cells | {"values": ["better when", "G", "averaged G", "real digits"]},
                "cells": cells | {"values": columns},
            }
        ],
        "layout": {
            "margin": {"l": 6, "r": 6, "t": 6, "b": 0},
            "font": {"size": FONT + 1},
            "uirevision": "keep",
            "showlegend": False,
            "annotations": [],
            "xaxis": {},
            "yaxis": {},
        },
    }


def _real(row: Row, found: Found) -> str:
    if row.field == "kid":  # a standard deviation around 0
        return f"0 ± {said(found['kid_floor'], row.digits)}"
    if row.field == "classes_hit":
        return "10"
    value = finite(found.get(row.real or ""))
    return said(value, row.digits) if math.isfinite(value) else "–"
