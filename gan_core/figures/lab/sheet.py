"""Sheets of pictures in a chart: small pictures side by side as one image, a place of the axes for each."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

SIDE, GAP = 28, 2
"""Pixels of a picture's side in the sheet, and between two of them."""


def sheet_trace(
    pictures: Grey, *, x: float = 0.0, y: float = 0.0, cell: float = 1.0, smooth: bool = True,
    count: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Pictures [rows, columns, height, width] as an image.

    The first one has its centre at (x, y), its neighbours theirs `cell` farther to the right and below: y is
    the axis of rows, which points down. Gaps show the page, and so do places beyond the first `count`, column
    by column. `smooth`: without visible pixels.
    """
    sheet = with_gaps(pictures, count)
    pixel = cell * pictures.shape[0] / sheet.shape[0]
    return {
        "type": "image",
        "source": png(sheet),
        "x0": x - cell / 2 + pixel / 2,
        "y0": y - cell / 2 + pixel / 2,
        "dx": pixel,
        "dy": pixel,
        "zsmooth": "fast" if smooth else False,
        "hoverinfo": "skip",
    }


def with_gaps(pictures: Grey, count: int | None = None) -> Grey:
    """One image of grey value and opacity, [rows * pitch, columns * pitch, 2], with clear gaps."""
    rows, columns, height, width = pictures.shape
    larger = max(1, SIDE // height)
    cells = np.zeros((rows, columns, height * larger + GAP, width * larger + GAP, 2), np.uint8)
    inside = slice(GAP // 2, -(GAP // 2))
    cells[:, :, inside, inside, 0] = pictures.repeat(larger, 2).repeat(larger, 3)
    cells[:, :, inside, inside, 1] = 255
    if count is not None:
        places = np.arange(rows * columns).reshape(columns, rows).T
        cells[places >= count] = 0
    return cells.transpose(0, 2, 1, 3, 4).reshape(rows * cells.shape[2], -1, 2)


def png(image: Grey) -> str:
    """Grey values with opacity [height, width, 2] as a PNG in a data address; lossless.

    Source: PNG specification, colour type 4, filter 0.
    """
    height, width, _ = image.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), image.reshape(height, -1)], axis=1)
    content = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 4, 0, 0, 0)),
            (b"IDAT", zlib.compress(lines.tobytes())),
            (b"IEND", b""),
        )
    )
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + content).decode("ascii")


def hover_trace(texts: list[list[str]]) -> dict[str, Any]:
    """What the pointer says over each picture of a sheet at (0, 0) with cells of 1; [rows][columns]."""
    places = [(column, row) for row, line in enumerate(texts) for column in range(len(line))]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "pictures",
        "x": [column for column, _ in places],
        "y": [row for _, row in places],
        "text": [text for line in texts for text in line],
        "marker": {"size": 24, "opacity": 0},
        "hovertemplate": "%{text}<extra></extra>",
    }
