"""Pictures in JSON: grey values as compressed bytes, because a list of numbers would be eight times longer.

In Python, `np.frombuffer(zlib.decompress(base64.b64decode(p["zlib"])), np.uint8).reshape(p["shape"])`.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST = 4_000_000  # bytes of an array: a file may come from anybody


def packed(pictures: NDArray[np.uint8]) -> dict[str, Any]:
    """{"shape": [...], "zlib": base64}."""
    content = zlib.compress(np.ascontiguousarray(pictures, np.uint8).tobytes())
    return {"shape": list(pictures.shape), "zlib": base64.b64encode(content).decode("ascii")}


def unpacked(value: Any) -> NDArray[np.uint8]:
    """What `packed` made; a list or an array of grey values as it is. Raises ValueError."""
    if not isinstance(value, Mapping):
        return np.asarray(value, np.uint8)
    try:
        shape = [int(length) for length in value["shape"]]
        size = math.prod(shape)
        if min(shape, default=0) < 0 or size > LARGEST:
            raise ValueError(f"shape {shape}")
        content = zlib.decompressobj().decompress(base64.b64decode(value["zlib"]), size + 1)
        return np.frombuffer(content, np.uint8).reshape(shape)
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise ValueError("these are no packed pictures") from error
