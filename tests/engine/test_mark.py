"""What a process was doing can be read after its death."""

from __future__ import annotations

from pathlib import Path

from gan_core.engine.mark import SIZE, Mark, Place


def test_the_other_side_reads_what_was_set_last(tmp_path: Path) -> None:
    web = Mark.create(tmp_path / "mark")
    trainer = Mark(tmp_path / "mark")
    assert web.read() is None
    trainer.set("a-long-name", "step", 123_456)
    trainer.set("b_c", "open", 7)
    assert web.read() == Place("b_c", "open", 7)
    (tmp_path / "mark").unlink()  # whoever deletes the folder does not cut the two off
    trainer.set("d", "step", 8)
    assert web.read() == Place("d", "step", 8)
    trainer.clear()
    assert web.read() is None


def test_a_name_that_is_too_long_is_nobodys(tmp_path: Path) -> None:
    mark = Mark.create(tmp_path / "mark")
    mark.set("x" * SIZE, "step", 1)
    assert mark.read() is None
