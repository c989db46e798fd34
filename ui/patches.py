"""What changed between two trees of JSON values, so that a frame sends only that.

A patch is one of
- `[0, value]`: the value is replaced;
- `[1, keep, tail]`: the first `keep` characters of a text, or items of a list, stay, and `tail` follows;
- `[2, {key: patch}, [key]]`: of an object, or of a list of the same length, some members are patched, and
  some keys have gone.
`ui/static/frames.js` applies it. Packed arrays are texts, so a curve that grows costs what it grew by.
"""

from __future__ import annotations

from typing import Any

SHORT = 64
"""Texts and lists up to this length are replaced: a patch would be no shorter."""


def patch_of(old: Any, new: Any) -> list[Any] | None:
    """The patch that makes `new` of `old`; None where they are equal. Both are plain JSON values."""
    if isinstance(old, dict) and isinstance(new, dict):
        changed = {key: _member(old, key, value) for key, value in new.items()}
        changed = {key: patch for key, patch in changed.items() if patch is not None}
        gone = [key for key in old if key not in new]
        return [2, changed, gone] if changed or gone else None
    if type(old) is type(new) and old == new:
        return None
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and _nested(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [2, {str(i): patch for i, (a, b) in pairs if (patch := patch_of(a, b)) is not None}, []]
    if isinstance(new, str | list) and type(old) is type(new) and len(new) > SHORT:
        keep = _common(old, new)
        if keep > SHORT:
            return [1, keep, new[keep:]]
    return [0, new]


def _member(old: dict[str, Any], key: str, value: Any) -> list[Any] | None:
    return patch_of(old[key], value) if key in old else [0, value]


def _nested(values: list[Any]) -> bool:
    return any(isinstance(value, dict | list) for value in values)


def _common(old: Any, new: Any) -> int:
    """How many leading characters or items are equal, by halving."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
