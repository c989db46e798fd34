"""Runs on disk: written whole, read with care, deleted with undo, and nothing else deleted."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_core import checkpoint, library
from gan_core.history import EVALUATION_WIDTHS, STEP_WIDTHS, History
from gan_core.library import LibraryError, Meta
from gan_core.run_folder import MARK, read_meta, refuse_foreign
from gan_core.settings import Settings
from tests.game import digits_frame, new_trainer, play, tiny
from tests.test_old_folders import FORMAT_1


def recorded(steps: int, *, since: int = 1) -> History:
    """A history of so many steps, an evaluation and a picture each, with numbers that tell steps apart."""
    history = History()
    number = np.arange(since, steps + 1, dtype=float)
    history.steps.extend({name: number / 7 if name != "step" else number for name in STEP_WIDTHS})
    block = {
        name: np.tile(number[:, None], width) if width else number
        for name, width in EVALUATION_WIDTHS.items()
    }
    history.evaluations.extend(block)
    for step in range(since, steps + 1):
        digits = np.full((64, 784), step % 256, np.uint8)
        history.film.append(digits_frame(step, digits, np.full(64, 0.5), np.full(16, 0.5)))
    return history


def checkpoints(folder: Path, *steps: int) -> None:
    for step in steps:
        (folder / library.CHECKPOINTS / f"{step:012d}").mkdir(parents=True)


def saved(root: Path, name: str = "one", *, steps: int = 4, **meta: Any) -> Path:
    folder = library.folder_of(root, name)
    library.save(folder, Meta(name=name, step=steps, **meta), tiny(seed=3), recorded(steps))
    checkpoints(folder, steps)
    return folder


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    before = time.time()
    said: dict[str, Any] = {"title": "First try", "owner": "ab12", "lone": (2, 3), "wants_to_play": True}
    said["state"] = "playing"
    folder = saved(tmp_path, **said)
    run = library.read(folder)
    assert run.meta.model_dump(include={*said, "name", "step"}) == said | {"name": "one", "step": 4}
    assert before <= run.meta.saved <= time.time()
    assert run.settings == tiny(seed=3)
    assert run.history.steps.columns["step"].tolist() == [1, 2, 3, 4]
    assert run.history.steps.columns["d_loss"][2] == pytest.approx(3 / 7)
    assert [frame.step for frame in run.history.film.frames] == [1, 2, 3, 4]
    assert run.history.film.frames[2]["digits"][0, 0] == 3
    assert run.checkpoint == folder / "checkpoints" / "000000000004"
    refuse_foreign(folder)


@pytest.mark.parametrize(
    ("steps", "kept", "chosen"),
    [
        (10, (4, 8), 8), (10, (4, 8, 12), 8), (10, (10,), 10), (10, (12, 14), 12), (0, (0,), 0),
    ],
)  # fmt: skip
def test_the_run_goes_on_from_the_newest_checkpoint_its_records_reach_to(
    steps: int, kept: tuple[int, ...], chosen: int, tmp_path: Path
) -> None:
    library.save(tmp_path / "run", Meta(name="run"), tiny(), recorded(steps))
    checkpoints(tmp_path / "run", *kept)
    run = library.read(tmp_path / "run")
    assert run.checkpoint is not None
    assert (run.checkpoint.name, run.meta.step) == (f"{chosen:012d}", chosen)
    assert run.history.steps.columns["step"].tolist() == list(range(1, min(steps, chosen) + 1))
    assert run.history.evaluations.columns["step"].tolist() == list(range(1, min(steps, chosen) + 1))
    assert len(run.history.film.frames) == min(steps, chosen)


def test_a_run_that_was_killed_before_its_first_checkpoint_begins_at_step_0(tmp_path: Path) -> None:
    library.save(tmp_path / "run", Meta(name="run"), tiny(), History())
    run = library.read(tmp_path / "run")
    assert (run.checkpoint, run.meta.step, len(run.history.steps)) == (None, 0, 0)
    checkpoints(tmp_path / "run", 300)  # of the game before: nothing of this one is recorded
    assert library.read(tmp_path / "run").checkpoint is None


def test_records_without_any_checkpoint_are_a_sentence(tmp_path: Path) -> None:
    library.save(tmp_path / "run", Meta(name="run"), tiny(), recorded(5))
    with pytest.raises(LibraryError, match="run holds no run that can be opened: it holds no checkpoint"):
        library.read(tmp_path / "run")


class Killed(BaseException):
    """The process ends here."""


def killed_at(count: int, act: Callable[[], None]) -> bool:
    """Do `act` in a process that is killed at its `count`-th rename; whether it came to that."""
    real, calls = os.replace, 0

    def replace(source: Any, target: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == count:
            raise Killed
        real(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", replace)
        try:
            act()
        except Killed:
            return True
    return False


def test_killed_at_any_rename_the_run_opens_as_it_was_or_as_it_is(tmp_path: Path) -> None:
    folder, count = saved(tmp_path, steps=4), 1
    checkpoints(folder, 6)
    meta = read_meta(folder).model_copy(update={"step": 6})
    while killed_at(count, lambda: library.save(folder, meta, tiny(seed=3), recorded(6))):
        run = library.read(folder)
        assert run.meta.step == len(run.history.steps) == run.history.steps.columns["step"][-1]
        assert run.meta.step in (4, 6)
        assert run.history.evaluations.columns["step"][-1] in (4, run.meta.step)
        library.save(folder, meta.model_copy(update={"step": 4}), tiny(seed=3), recorded(4))
        count += 1
    assert library.read(folder).meta.step == 6
    assert count > 6
    assert not list(folder.rglob("*.part"))


def test_the_records_of_two_games_are_never_read_as_one(tmp_path: Path) -> None:
    count, folder = 1, saved(tmp_path, steps=4, game=1)
    new = Meta(name="one", game=2)
    while killed_at(count, lambda: library.save(folder, new, tiny(seed=9), History())):
        with pytest.raises(LibraryError, match=r"its meta\.json is missing"):
            library.read(folder)
        library.save(folder, new.model_copy(update={"game": 1}), tiny(seed=3), recorded(4))
        count += 1
    run = library.read(folder)
    assert (run.settings.seed, len(run.history.steps), run.checkpoint) == (9, 0, None)


def test_a_real_game_goes_on_from_what_was_saved(tmp_path: Path) -> None:
    trainer = new_trainer()
    play(trainer, 4)
    library.save(tmp_path / "run", Meta(name="run"), trainer.settings, recorded(5))
    checkpoint.save(trainer, tmp_path / "run" / library.CHECKPOINTS / f"{4:012d}")
    run = library.read(tmp_path / "run")
    assert run.checkpoint is not None
    assert checkpoint.load(run.checkpoint).steps_done == 4 == run.meta.step
    checkpoint.save(trainer, tmp_path / "run" / "kept" / "17")  # a game that was left for another one
    refuse_foreign(tmp_path / "run")


def test_a_save_interrupted_between_two_renames_still_counts(tmp_path: Path) -> None:
    folder = saved(tmp_path, steps=4)
    kept = folder / library.CHECKPOINTS / "000000000004"
    kept.rename(kept.with_suffix(".old"))
    assert library.read(folder).checkpoint == kept.with_suffix(".old")


def test_a_folder_of_format_1_opens(tmp_path: Path) -> None:
    run = library.open_folder(FORMAT_1)
    assert (run.meta.format, run.meta.step, run.checkpoint) == (1, 300, FORMAT_1)
    assert len(run.history.steps) == 300
    assert run.settings.seed == 4
    with pytest.raises(LibraryError, match=r"meta\.json"):
        library.read(FORMAT_1)


# --- What strangers bring


def damaged(name: str, text: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_text(text)

    return damage


def with_meta(**values: Any) -> Callable[[Path], None]:
    return damaged("meta.json", json.dumps({"marker": MARK, "format": 2} | values))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "no meta": lambda folder: (folder / "meta.json").unlink(),
    "meta is a list": damaged("meta.json", "[]"),
    "meta is nested too deeply": damaged("meta.json", "[" * 200_000),
    "meta of somebody else": with_meta(marker="notes"),
    "meta without a mark": damaged("meta.json", '{"format": 2}'),
    "meta of format 0": with_meta(format=0),
    "a step without end": damaged("meta.json", f'{{"marker": "{MARK}", "format": 2, "step": Infinity}}'),
    "saved at no time": damaged("meta.json", f'{{"marker": "{MARK}", "format": 2, "saved": NaN}}'),
    "a step below zero": with_meta(step=-1),
    "a title that is a number": with_meta(title=7),
    "a state of many lines": with_meta(state="playing\n"),
    "settings nested too deeply": damaged("settings.json", "[" * 200_000),
    "settings out of range": damaged("settings.json", '{"smoothing": 3}'),
    "history is words": damaged("history.parquet", "words"),
    "no evaluations": lambda folder: (folder / "evaluations.parquet").unlink(),
    "a frame is words": damaged("film/000000000002.npz", "words"),
    "changes are words": damaged("changes.json", "words"),
    "a state that is no state": damaged("state.json", '{"steps_done": Infinity}'),
    "ten gigabytes": lambda folder: os.truncate(folder / "history.parquet", 10**10),
    "ten gigabytes of settings": lambda folder: os.truncate(folder / "settings.json", 10**10),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_is_refused_in_a_sentence(damage: str, tmp_path: Path) -> None:
    folder = saved(tmp_path)
    DAMAGES[damage](folder)
    with pytest.raises(LibraryError) as caught:
        library.read(folder)
    said = str(caught.value)
    assert said.endswith(".")
    assert "\n" not in said
    assert str(tmp_path) not in said
    assert len(library.list_runs(tmp_path)) in (0, 1)  # and the list is not disturbed


def test_a_newer_format_is_said(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    with_meta(format=3, what="nobody knows yet")(folder)
    for read in (library.read, library.open_folder):
        with pytest.raises(LibraryError, match=r"newer version of this app .format 3, this one reads"):
            read(folder)
    assert library.list_runs(tmp_path) == []


def test_a_title_is_one_line_of_letters(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    assert library.rename(folder, " Two\n words\x1b[31m ").title == "Two words[31m"
    assert library.rename(folder, "x" * 200).title == "x" * 80
    assert library.read(folder).meta.title == "x" * 80


def test_saving_again_keeps_the_title_that_a_person_gave(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    library.rename(folder, "Lesson 3")
    library.save(folder, Meta(name="one", step=5), tiny(seed=3), recorded(5))
    assert library.read(folder).meta.title == "Lesson 3"
    assert library.rename(folder, "").title == ""


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../one", "a/b", "/etc", "a.b", "ä", "one\n", "x" * 65, ".trash"]
)
def test_a_name_that_leaves_the_root_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="is not a name of a run"):
        library.folder_of(tmp_path, name)
    with pytest.raises(LibraryError, match="is not a name of a run"):
        library.undelete(tmp_path, name)


def test_the_list_is_newest_first_and_passes_over_what_is_foreign(tmp_path: Path) -> None:
    assert library.list_runs(tmp_path / "nowhere") == []
    for name in ("first", "second", "third"):
        saved(tmp_path, name)
    library.save(tmp_path / "first", Meta(name="first"), tiny(), recorded(1))
    (tmp_path / "thesis").mkdir()
    (tmp_path / "file").write_text("a file")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "meta.json").write_text("{")
    (tmp_path / "link").symlink_to(tmp_path / "second")
    assert [meta.name for meta in library.list_runs(tmp_path)] == ["first", "third", "second"]


def test_the_roots_are_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GAN_DATA_DIR", str(tmp_path))
    assert library.runs_root() == tmp_path / "runs"
    monkeypatch.delenv("GAN_DATA_DIR")
    assert library.data_root().name == "gan-equilibrium-explorer"
    monkeypatch.setenv("GAN_LIBRARY_MB", "20")
    assert library.limit_bytes() == 20_000_000
    monkeypatch.setenv("GAN_LIBRARY_MB", "1e3")
    with pytest.raises(LibraryError, match="GAN_LIBRARY_MB = '1e3' does not fit"):
        library.limit_bytes()


# --- Deleting


def test_a_deleted_run_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = saved(tmp_path, title="mine")
    library.delete(folder)
    assert (folder.exists(), library.list_runs(tmp_path)) == (False, [])
    assert library.undelete(tmp_path, "one").title == "mine"
    assert library.read(folder).meta.step == 4
    with pytest.raises(LibraryError, match="no deleted run called one"):
        library.undelete(tmp_path, "one")


def test_the_last_deleted_of_a_name_comes_back_and_never_over_another(tmp_path: Path) -> None:
    for title in ("old", "new"):
        library.delete(saved(tmp_path, title=title))
    folder = saved(tmp_path, title="newest")
    with pytest.raises(LibraryError, match="There is a run called one again"):
        library.undelete(tmp_path, "one")
    library.delete(folder)
    assert [library.undelete(tmp_path, "one").title, folder.exists()] == ["newest", True]


@pytest.mark.parametrize(
    "stranger",
    [
        "thesis.txt", "film/thesis.txt", "checkpoints/thesis/chapter.txt", "kept/thesis",
        "checkpoints/000000000004/notes.txt",
    ],
)  # fmt: skip
def test_a_run_with_anything_else_in_it_is_never_deleted(stranger: str, tmp_path: Path) -> None:
    folder = saved(tmp_path)
    (folder / stranger).parent.mkdir(exist_ok=True)
    (folder / stranger).write_text("years of work")
    with pytest.raises(LibraryError, match=f"one holds {stranger.rpartition('/')[0] or stranger}"):
        library.delete(folder)
    assert library.bound(tmp_path, 0) == []
    assert (folder / stranger).read_text() == "years of work"


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "root", saved(tmp_path, "elsewhere")
    saved(root)
    (root / "link").symlink_to(elsewhere)
    (root / "one" / "film" / "000000000009.npz").symlink_to(elsewhere / "settings.json")
    (root / library.TRASH).symlink_to(tmp_path / "trash")
    for name in ("link", "one"):
        with pytest.raises(LibraryError, match=r"is a link|holds film/000000000009\.npz"):
            library.delete(root / name)
    assert library.bound(root, 0) == []
    assert library.read(elsewhere).meta.step == 4


def test_over_the_limit_the_oldest_unnamed_go_that_nobody_holds(tmp_path: Path) -> None:
    for name, title in (("oldest", ""), ("named", "keep me"), ("held", ""), ("newer", ""), ("newest", "")):
        saved(tmp_path, name, title=title)
    library.delete(saved(tmp_path, "deleted", title="named, but deleted"))
    (tmp_path / "thesis").mkdir()
    size = sum(path.stat().st_size for path in (tmp_path / "newest").rglob("*") if path.is_file())
    assert library.bound(tmp_path, 20 * size) == []
    gone = library.bound(tmp_path, 4 * size + 1000, held={"held"})
    assert [name.partition(".")[0] for name in gone] == ["deleted", "oldest"]
    assert library.bound(tmp_path, 0, held={"held"}) == ["newer", "newest"]
    assert {path.name for path in tmp_path.iterdir()} == {"held", "named", "thesis", library.TRASH}


def test_the_trash_is_emptied_after_a_week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library.delete(saved(tmp_path))
    (tmp_path / library.TRASH / "thesis.123").mkdir()
    assert library.bound(tmp_path, 10**9) == []
    monkeypatch.setattr(library, "TRASH_SECONDS", -1.0)
    assert [name.partition(".")[0] for name in library.bound(tmp_path, 10**9)] == ["one"]
    assert [path.name for path in (tmp_path / library.TRASH).iterdir()] == ["thesis.123"]


def test_the_fields_of_settings_are_all_kept(tmp_path: Path) -> None:
    settings = Settings().replace(smoothing=0.75, generator_activation="elu", seed=2**31 - 1)
    library.save(tmp_path / "run", Meta(name="run"), settings, History())
    assert library.read(tmp_path / "run").settings == settings
