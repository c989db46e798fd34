"""A lesson's file in parts: headings with their text, TOML blocks, and the line of every key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from gan_core.lessons.records import LessonError
from gan_core.typed import listed, quoted

_PLACE = re.compile(r" \(at (?:line ([0-9]+), column [0-9]+|end of document)\)$")
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z_]+)\s*\]\]?\s*(?:#.*)?$")


class Section(NamedTuple):
    """A heading with the text under it, and its TOML block."""

    title: str
    line: int
    text: str
    block: list[str] | None
    block_line: int  # of the first line inside the fence


class File:
    """What all parts of one file need: its name, for every sentence."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wrong(self, line: int, reason: str) -> LessonError:
        return LessonError(f"{self.name}, line {line}: {reason.rstrip('.')}.")


class Table(NamedTuple):
    """A table of a block: its values, and in which line of the file each stands."""

    values: Mapping[str, Any]
    line: int
    lines: Mapping[str, int]

    def line_of(self, name: str) -> int:
        return self.lines.get(name, self.line)


def sections_of(file: File, lines: list[str]) -> list[Section]:
    """The title with its text first; then the sections."""
    found: list[Section] = []
    text: list[str] = []
    position = 0
    while position < len(lines):
        line, number = lines[position], position + 1
        if line.startswith("```"):
            if not found or line.strip() != "```toml":
                raise file.wrong(number, "only a block that begins with ```toml can stand here")
            position = _take_block(file, found, lines, position)
        elif line.startswith(("# ", "## ")):
            _end_text(found, text)
            if line.startswith("# ") == bool(found):
                what = "a lesson begins with one heading '# …'; its scenes have '## …'"
                raise file.wrong(number, what)
            found.append(Section(line.lstrip("# ").strip(), number, "", None, 0))
            position += 1
        else:
            if line.strip() and not found:
                raise file.wrong(number, "a lesson begins with its title: '# …'")
            text.append(line)
            position += 1
    if not found:
        raise file.wrong(1, "a lesson begins with its title: '# …'")
    _end_text(found, text)
    return found


def _end_text(found: list[Section], text: list[str]) -> None:
    if found:
        found[-1] = found[-1]._replace(text="\n".join(text).strip())
    text.clear()


def _take_block(file: File, found: list[Section], lines: list[str], fence: int) -> int:
    """The block that begins at `fence`, into the last section; the position after it."""
    for end in range(fence + 1, len(lines)):
        if lines[end].strip() == "```":
            break
    else:
        raise file.wrong(fence + 1, "this block has no end: a line with ``` alone")
    if len(found) == 1 or found[-1].block is not None:
        raise file.wrong(fence + 1, "there is one TOML block a scene, under its heading '## …'")
    found[-1] = found[-1]._replace(block=lines[fence + 1 : end], block_line=fence + 2)
    return end + 1


def loaded(file: File, section: Section) -> dict[str, Any]:
    if section.block is None:
        raise file.wrong(section.line, f"‘{section.title}’ has no ```toml block")
    try:
        return tomllib.loads("\n".join(section.block))
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        inside = int(place[1]) if place and place[1] else len(section.block)
        reason = _PLACE.sub("", str(error))
        line = section.block_line + inside - 1
        raise file.wrong(line, f"this is not TOML ({reason[0].lower()}{reason[1:]})") from None


def tables_of(section: Section, data: Mapping[str, Any]) -> dict[str, list[Table]]:
    """The block's own table under "", and all others by name, with the lines of their keys."""
    assert section.block is not None
    places: dict[str, list[tuple[int, dict[str, int]]]] = {"": [(section.block_line, {})]}
    here = places[""][0][1]
    for number, line in enumerate(section.block, section.block_line):
        header = _HEADER.match(line)
        if header:
            here = {}
            places.setdefault(header[1], []).append((number, here))
        elif key := re.match(r"\s*\"?([A-Za-z0-9_]+)\"?\s*=", line):
            here.setdefault(key[1], number)
    tables = {"": [Table(data, *places[""][0])]}
    for name, entry in data.items():
        items = entry if isinstance(entry, list) else [entry]
        if all(isinstance(item, dict) for item in items):
            at = places.get(name, [])
            inline: tuple[int, dict[str, int]] = (places[""][0][1].get(name, section.block_line), {})
            tables[name] = [Table(t, *(at[i] if i < len(at) else inline)) for i, t in enumerate(items)]
    return tables


def refuse_unknown(file: File, table: Table, names: Iterable[str], what: str) -> None:
    for name in table.values:
        if name not in names:
            raise file.wrong(
                table.line_of(name), f"{what} has no {quoted(name)}: it must be one of {listed(names)}"
            )


def text_of(file: File, table: Table, name: str, *, required: bool = False) -> str | None:
    text = table.values.get(name)
    if text is None and not required:
        return None
    if not isinstance(text, str) or not text.strip():
        raise file.wrong(table.line_of(name), f'{name} is missing: write {name} = "…"')
    return text.strip()
