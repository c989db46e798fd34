"""The words of the screen and docs/words.md agree; words that were hard to understand stay away."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gan_core.settings import field, field_names, trait
from gan_core.theory.objectives import OBJECTIVES
from ui import games_words, lab_words, live_words, minimax_words, saddle_words
from ui.run_words import words_of

PROJECT = Path(__file__).resolve().parents[1]
TABLES = (PROJECT / "docs" / "words.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLES.splitlines() if "|" in line]

# Modules whose texts reach a page, the command line or an error.
ON_SCREEN = [
    *PROJECT.glob("ui/**/*.py"), *PROJECT.glob("pages/*.py"), *PROJECT.glob("gan_core/*.py"),
    *PROJECT.glob("gan_core/settings/*.py"),
    *PROJECT.glob("gan_core/figures/**/*.py"), *PROJECT.glob("gan_core/parameters/*.py"),
    *PROJECT.glob("gan_core/engine/*.py"), PROJECT / "gan_core" / "theory" / "payoffs.py",
]  # fmt: skip
FORBIDDEN = re.compile(
    r"\bfakes\b|\bfake (image|digit|sample)s?\b|D\(fake\)|\bheads? for\b|\bway back\b|\bswings?\b|\bpulls?\b"
    r"|\bpulled\b|\bby heart\b|\bceiling\b|\bsolves nothing\b|\bcarry over\b|\bkeeps the optim|\bcreeps?\b"
    r"|\bbest repl(y|ies)\b|\bhow far each\b|\bcertainty\b",
    re.IGNORECASE,
)


def texts_of(source: str) -> Iterator[str]:
    """Every text with a space in it that is no docstring; a name or a key has none."""
    tree = ast.parse(source)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in alone else None
        if isinstance(text, str) and " " in text:
            yield text


@pytest.mark.parametrize("path", ON_SCREEN, ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_text_has_a_word_that_was_hard(path: Path) -> None:
    found = {text: match[0] for text in texts_of(path.read_text()) if (match := FORBIDDEN.search(text))}
    assert found == {}


def test_a_hard_word_is_found_in_a_text_and_not_in_a_docstring() -> None:
    source = '"""Both fakes swing."""\nx = f"D tells {name} from fake images"\ny = "d_pull"\n'
    assert [FORBIDDEN.search(text) is not None for text in texts_of(source)] == [False, True]


@pytest.mark.parametrize("name", field_names())
def test_every_setting_stands_in_the_table_as_the_page_calls_it(name: str) -> None:
    assert [str(field(name).title), f"`{name}`", trait(name, "unit") or "-"] in ROWS


OF_POINTS = {
    words.title
    for kind in ("plane", "line")
    for name, words in words_of(kind, OBJECTIVES["non_saturating"]).items()
    if name not in live_words.WORDS
}
"""Of the panels that only the toy page has."""


@pytest.mark.parametrize(
    ("page", "titles"),
    [
        ("Toy data", OF_POINTS),
        ("Live GAN", {words.title for words in live_words.WORDS.values()}),
        ("Games", {title for title, _, _ in games_words.WORDS.values()}),
        ("Minimax value", {words.title for words in minimax_words.WORDS.values()}),
        ("Saddle dynamics", {words.title for words in saddle_words.WORDS.values()}),
        ("Lab", {words.title for words in lab_words.WORDS.values()}),
    ],
)
def test_every_chart_stands_in_the_table_under_its_title(page: str, titles: set[str]) -> None:
    assert {row[1] for row in ROWS if row[0] == page} == titles


def test_every_term_says_what_it_means() -> None:
    terms = [row for row in ROWS if len(row) == 5][2:]  # the head and the rule below it
    assert len(terms) > 40
    assert all(meaning.endswith(".") for _, meaning, *_ in terms)
    assert len({term for term, *_ in terms}) == len(terms)
