"""A patch makes the new tree of the old one, in Python and in the browser's own code, and is short."""

from __future__ import annotations

import os
import random
import shutil
import string
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.ui.frames_received import patched
from ui.patches import SHORT, patch_of

FRAMES_JS = Path(__file__).resolve().parents[2] / "ui" / "static" / "frames.js"
LONG = "".join(random.Random(1).choices(string.ascii_letters, k=5000))  # noqa: S311

PAIRS: dict[str, tuple[Any, Any]] = {
    "nothing changed": ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}),
    "a number": ({"a": 1, "b": 2}, {"a": 1, "b": 3}),
    "true is not 1": ({"a": 1}, {"a": True}),
    "a key more and a key less": ({"a": 1, "b": 2}, {"b": 2, "c": [3]}),
    "a text that grows": ({"x": LONG}, {"x": LONG + "more"}),
    "a text that shrinks": ({"x": LONG}, {"x": LONG[:3000]}),
    "a list that grows": (list(range(500)), list(range(503))),
    "a short list": ([1, 2, 3], [1, 2, 4]),
    "objects in a list": ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 5}]),
    "a list of objects that grows": ([{"a": 1}], [{"a": 1}, {"a": 2}]),
    "null": ({"a": None}, {"a": 0}),
    "another kind": ({"a": [1]}, {"a": {"b": 1}}),
}


def tree(rng: random.Random, depth: int = 3) -> Any:
    """Something that JSON can hold."""
    kind = rng.randrange(7 if depth else 4)
    if kind == 0:
        return rng.choice([None, True, False, 0, 1])
    if kind == 1:
        return round(rng.random(), 3)
    if kind == 2:
        return LONG[: rng.choice([0, 3, SHORT, SHORT + 1, 300])] + rng.choice(["", "x"])
    if kind == 3:
        return [round(0.1 * i, 3) for i in range(rng.choice([0, 2, 70, 90]))]
    if kind == 4:
        return [tree(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {key: tree(rng, depth - 1) for key in rng.sample("abcdef", rng.randrange(5))}


def random_pairs() -> list[tuple[Any, Any]]:
    rng = random.Random(7)  # noqa: S311
    return [(tree(rng), tree(rng)) for _ in range(300)]


@pytest.mark.parametrize("name", PAIRS)
def test_a_patch_makes_the_new_of_the_old(name: str) -> None:
    old, new = PAIRS[name]
    made = patched(old, patch_of(old, new))
    assert orjson.dumps(made, option=orjson.OPT_SORT_KEYS) == orjson.dumps(new, option=orjson.OPT_SORT_KEYS)
    assert (patch_of(old, new) is None) == (name == "nothing changed")


def test_what_grows_costs_what_it_grew_by() -> None:
    patch = patch_of({"x": LONG, "y": list(range(500))}, {"x": LONG + "tail", "y": [*range(500), 7]})
    assert patch == [2, {"x": [1, 5000, "tail"], "y": [1, 500, [7]]}, []]


def test_the_browser_applies_what_python_finds() -> None:
    node = shutil.which("node")
    if node is None:
        assert not os.environ.get("CI"), "needs Node, and there is none here"
        pytest.skip("needs Node")
    pairs = [*PAIRS.values(), *random_pairs()]
    program = f"""
        const {{ patched, shifted, decode }} = await import({str(FRAMES_JS)!r});
        let text = "";
        for await (const part of process.stdin) text += part;
        const made = JSON.parse(text).map(([old, patch]) => patched(old, patch));
        const grey = [...shifted(new Uint8Array([250, 3]), new Uint8Array([10, 254]))];
        const bytes = new Uint8Array([9, 7, 0, 0, 0, 123, 34, 97, 34, 58, 49, 125, 5]);
        const {{ header, payload }} = decode(bytes.subarray(1));
        console.log(JSON.stringify([made, grey, header, [...payload]]));
    """
    done = subprocess.run(
        [node, "--input-type=module", "-e", program], check=True, capture_output=True,
        input=orjson.dumps([[old, patch_of(old, new)] for old, new in pairs]),
    )  # fmt: skip
    made, grey, header, payload = orjson.loads(done.stdout)
    assert made == [new for _, new in pairs]
    assert (grey, header, payload) == ([4, 1], {"a": 1}, [5])
